//! HTTP for balancers, people and Prometheus: availability, status, metrics. Read-only.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Requests under way at the end get this long.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(1);

/// What the content of `/metrics` is called.
const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where a balancer asks.
pub const AVAILABILITY_PATH: &str = "/api/v5/load_rebalance/availability_check";

/// What the node tells. Called for each request, by several at once; it must not wait for anything.
pub trait HealthView: Send + Sync + 'static {
    /// Whether balancers are to send clients here.
    fn available(&self) -> bool;

    /// The body of `/status`: an object.
    fn status(&self) -> Value;

    /// The body of `/metrics`, in the OpenMetrics format.
    fn metrics_text(&self) -> String;
}

type View = State<Arc<dyn HealthView>>;

/// Serves until `shutdown` completes; requests under way then get a second.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    view: Arc<dyn HealthView>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (ended, end) = oneshot::channel();
    let shutdown = async move {
        shutdown.await;
        let _ = ended.send(());
    };
    let overdue = async move {
        match end.await {
            Ok(()) => tokio::time::sleep(SHUTDOWN_GRACE).await,
            // The server itself has ended, and tells so.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = axum::serve(listener, router(view)).with_graceful_shutdown(shutdown) => served,
        () = overdue => Ok(()),
    }
}

fn router(view: Arc<dyn HealthView>) -> Router {
    Router::new()
        .route(AVAILABILITY_PATH, only_get(get(availability)))
        .route("/status", only_get(get(status)))
        .route("/metrics", only_get(get(metrics)))
        .fallback(not_found)
        .with_state(view)
}

fn only_get(route: MethodRouter<Arc<dyn HealthView>>) -> MethodRouter<Arc<dyn HealthView>> {
    route.fallback(method_not_allowed)
}

async fn availability(State(view): View) -> Response {
    if view.available() {
        Json(json!({})).into_response()
    } else {
        refusal(
            StatusCode::SERVICE_UNAVAILABLE,
            "NODE_EVACUATING",
            "Node Evacuating",
        )
    }
}

async fn status(State(view): View) -> Json<Value> {
    Json(view.status())
}

async fn metrics(State(view): View) -> Response {
    (
        [(header::CONTENT_TYPE, METRICS_CONTENT_TYPE)],
        view.metrics_text(),
    )
        .into_response()
}

async fn not_found(uri: Uri) -> Response {
    let message = format!(
        "there is no {}; there are {AVAILABILITY_PATH}, /status and /metrics",
        uri.path()
    );
    refusal(StatusCode::NOT_FOUND, "NOT_FOUND", &message)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let message = format!("{} takes GET, not {method}", uri.path());
    let refusal = refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        &message,
    );
    ([(header::ALLOW, "GET,HEAD")], refusal).into_response()
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({ "code": code, "message": message }))).into_response()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::*;

    const BOUND: Duration = Duration::from_secs(10);

    #[derive(Default)]
    struct Fake {
        unavailable: AtomicBool,
    }

    impl HealthView for Fake {
        fn available(&self) -> bool {
            !self.unavailable.load(Ordering::Relaxed)
        }

        fn status(&self) -> Value {
            json!({ "node_name": "n1", "connections": 3 })
        }

        fn metrics_text(&self) -> String {
            "emqxd_connections 3\n# EOF\n".to_owned()
        }
    }

    struct Running {
        address: SocketAddr,
        view: Arc<Fake>,
        stop: oneshot::Sender<()>,
        server: JoinHandle<io::Result<()>>,
    }

    async fn start() -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let view = Arc::new(Fake::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, Arc::clone(&view) as _, async move {
            let _ = stopped.await;
        }));
        Running {
            address,
            view,
            stop,
            server,
        }
    }

    /// Status line and headers, and the body.
    async fn ask(address: SocketAddr, method: &str, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(BOUND, stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_ascii_lowercase(), body.to_owned())
    }

    #[tokio::test]
    async fn a_balancer_is_told_whether_to_send_clients_here() {
        let running = start().await;
        let (head, body) = ask(running.address, "GET", AVAILABILITY_PATH).await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert_eq!(body, "{}");
        running.view.unavailable.store(true, Ordering::Relaxed);
        let (head, body) = ask(running.address, "GET", AVAILABILITY_PATH).await;
        assert!(head.starts_with("http/1.1 503"), "{head}");
        assert!(head.contains("content-type: application/json"), "{head}");
        assert_eq!(
            body,
            r#"{"code":"NODE_EVACUATING","message":"Node Evacuating"}"#
        );
    }

    #[tokio::test]
    async fn status_and_metrics_are_told() {
        let running = start().await;
        let (head, body) = ask(running.address, "GET", "/status").await;
        assert!(head.starts_with("http/1.1 200"), "{head}");
        let status: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(status["node_name"], "n1");
        let (head, body) = ask(running.address, "GET", "/metrics").await;
        assert!(
            head.contains("content-type: application/openmetrics-text; version=1.0.0"),
            "{head}"
        );
        assert_eq!(body, "emqxd_connections 3\n# EOF\n");
        let (head, body) = ask(running.address, "HEAD", "/metrics").await;
        assert!(
            head.starts_with("http/1.1 200") && body.is_empty(),
            "{head}"
        );
    }

    #[tokio::test]
    async fn other_paths_and_methods_are_refused_in_json() {
        let running = start().await;
        let (head, body) = ask(running.address, "GET", "/api/v5/nothing").await;
        assert!(head.starts_with("http/1.1 404"), "{head}");
        let refusal: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(refusal["code"], "NOT_FOUND");
        assert!(
            refusal["message"]
                .as_str()
                .unwrap()
                .contains("/api/v5/nothing")
        );
        let (head, body) = ask(running.address, "POST", "/status").await;
        assert!(
            head.starts_with("http/1.1 405") && head.contains("allow: get,head"),
            "{head}"
        );
        let refusal: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(refusal["code"], "METHOD_NOT_ALLOWED");
    }

    #[tokio::test]
    async fn it_ends_when_told_although_a_client_lingers() {
        let running = start().await;
        let mut lingering = TcpStream::connect(running.address).await.unwrap();
        lingering
            .write_all(b"GET /status HTTP/1.1\r\n")
            .await
            .unwrap();
        // Served after that connection was accepted.
        ask(running.address, "GET", "/status").await;
        running.stop.send(()).unwrap();
        timeout(BOUND, running.server)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert!(TcpStream::connect(running.address).await.is_err());
    }
}

//! For balancers and monitors, over HTTP: whether the node takes connections, its state, its metrics.

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use tokio::net::TcpListener;

/// What the pages show.
pub trait HealthView: Send + Sync + 'static {
    /// Whether clients should be sent here.
    fn available(&self) -> bool;
    /// For `GET /status`.
    fn status(&self) -> serde_json::Value;
    /// For `GET /metrics`.
    fn metrics_text(&self) -> String;
}

/// Serves until `stop` completes.
///
/// # Errors
/// When the server fails.
pub async fn serve(
    listener: TcpListener,
    view: Arc<dyn HealthView>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new()
        .route("/api/v5/load_rebalance/availability_check", get(availability_check))
        .route("/status", get(status))
        .route("/metrics", get(metrics))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(view);
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

async fn availability_check(State(view): State<Arc<dyn HealthView>>) -> Response {
    if view.available() {
        return Json(json!({})).into_response();
    }
    let body = json!({"code": "NODE_EVACUATING", "message": "Node Evacuating"});
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}

async fn status(State(view): State<Arc<dyn HealthView>>) -> Response {
    Json(view.status()).into_response()
}

async fn metrics(State(view): State<Arc<dyn HealthView>>) -> Response {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], view.metrics_text()).into_response()
}

async fn not_found() -> Response {
    let body = json!({"code": "NOT_FOUND", "message":
        "pages: /status, /metrics, /api/v5/load_rebalance/availability_check"});
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

async fn method_not_allowed() -> Response {
    let body = json!({"code": "METHOD_NOT_ALLOWED", "message": "use GET"});
    (StatusCode::METHOD_NOT_ALLOWED, Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[derive(Default)]
    struct View(AtomicBool);

    impl HealthView for View {
        fn available(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
        fn status(&self) -> serde_json::Value {
            json!({"state": "serving"})
        }
        fn metrics_text(&self) -> String {
            "emqxd_connections 1\n".to_owned()
        }
    }

    async fn request(address: std::net::SocketAddr, line: &str) -> String {
        let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("writes");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("reads");
        answer
    }

    #[tokio::test]
    async fn answers_each_page() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let address = listener.local_addr().expect("bound");
        let view = Arc::new(View::default());
        tokio::spawn(serve(listener, Arc::clone(&view) as Arc<dyn HealthView>, std::future::pending()));
        let check = "GET /api/v5/load_rebalance/availability_check";
        let refused = request(address, check).await;
        assert!(refused.starts_with("HTTP/1.1 503") && refused.contains("NODE_EVACUATING"), "{refused}");
        view.0.store(true, Ordering::Relaxed);
        assert!(request(address, check).await.starts_with("HTTP/1.1 200"));
        assert!(request(address, "GET /status").await.contains("serving"));
        assert!(request(address, "GET /metrics").await.contains("emqxd_connections 1"));
        assert!(request(address, "GET /nothing").await.starts_with("HTTP/1.1 404"));
        assert!(request(address, "POST /status").await.starts_with("HTTP/1.1 405"));
    }
}

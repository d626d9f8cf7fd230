//! Byte streams to a broker over every transport, for the raw clients: TCP, TLS, WebSocket over either.

use std::io;

use futures_util::{SinkExt, StreamExt};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Bytes in both directions.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Bytes that may be under way inside of the process.
const BUFFER_BYTES: usize = 64 << 10;

/// TCP.
pub async fn tcp(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// TLS over TCP. That the Server refuses the client's certificate shows at the first read with TLS 1.3.
pub async fn tls(
    address: &str,
    server_name: &str,
    connector: &TlsConnector,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(server_name.to_owned()).expect("a host name");
    connector.connect(name, tcp(address).await?).await
}

/// A WebSocket with sub-protocol `mqtt` over a stream; shows every frame.
pub async fn websocket<S: Stream>(stream: S, path: &str) -> Result<WebSocketStream<S>, Error> {
    websocket_with(stream, path, "mqtt").await
}

/// A WebSocket with any sub-protocol over a stream.
pub async fn websocket_with<S: Stream>(
    stream: S,
    path: &str,
    sub_protocol: &'static str,
) -> Result<WebSocketStream<S>, Error> {
    let mut request = format!("ws://localhost{path}").into_client_request()?;
    request.headers_mut().insert(
        "Sec-WebSocket-Protocol",
        HeaderValue::from_static(sub_protocol),
    );
    let (socket, response) = tokio_tungstenite::client_async(request, stream).await?;
    assert_eq!(
        response.headers().get("Sec-WebSocket-Protocol"),
        Some(&HeaderValue::from_static("mqtt")),
        "[MQTT-6.0.0-4]"
    );
    Ok(socket)
}

/// A WebSocket as a byte stream: what is written goes into binary frames.
pub fn bytes_of<S: Stream + 'static>(mut socket: WebSocketStream<S>) -> DuplexStream {
    let (inner, outer) = tokio::io::duplex(BUFFER_BYTES);
    tokio::spawn(async move {
        let (mut from, mut to) = tokio::io::split(inner);
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            tokio::select! {
                read = from.read(&mut buffer) => match read {
                    Ok(count) if count > 0 => {
                        let message = Message::binary(buffer[..count].to_vec());
                        if socket.send(message).await.is_err() {
                            return;
                        }
                    }
                    _ => {
                        // The client has let go; the Server may have too.
                        let _ = socket.close(None).await;
                        return;
                    }
                },
                message = socket.next() => match message {
                    Some(Ok(Message::Binary(bytes))) => {
                        if to.write_all(&bytes).await.is_err() {
                            return;
                        }
                    }
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return,
                },
            }
        }
    });
    outer
}

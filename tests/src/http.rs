//! Asks a node over HTTP as a load balancer does: one request, one connection.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a load balancer asks.
pub const AVAILABILITY_CHECK: &str = "/api/v5/load_rebalance/availability_check";
/// An answer gets that long.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Status code and body of a GET.
pub async fn get(address: SocketAddr, path: &str) -> io::Result<(u16, String)> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let exchange = async {
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let answer = tokio::time::timeout(TIMEOUT, exchange).await??;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let code = head
        .split_whitespace()
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| io::Error::other(format!("no HTTP answer: {head:?}")))?;
    Ok((code, body.to_owned()))
}

/// Status code of the availability check; 0 when nobody answers.
pub async fn availability(address: SocketAddr) -> u16 {
    get(address, AVAILABILITY_CHECK)
        .await
        .map_or(0, |(code, _)| code)
}

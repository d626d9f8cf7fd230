//! Carries the bytes of one TCP connection over another transport.

use std::io;

use rustls::pki_types::ServerName;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

use super::{Endpoint, Result, Transport};
use crate::streams::{self, Stream};

/// WebSocket path of MQTT.
const PATH: &str = "/mqtt";

/// `host:port` where TCP leads to this endpoint: its own, or that of a relay for one connection.
pub(super) async fn address(endpoint: &Endpoint) -> Result<String> {
    if endpoint.transport == Transport::Tcp {
        return Ok(format!("{}:{}", endpoint.host, endpoint.port));
    }
    let outer = open(endpoint)
        .await
        .map_err(|error| format!("{endpoint:?}: {error}"))?;
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    tokio::spawn(relay(listener, outer));
    Ok(address.to_string())
}

async fn relay(listener: TcpListener, mut outer: Box<dyn Stream>) {
    if let Ok((mut inner, _)) = listener.accept().await {
        // It ends as either side ends, in whichever way; the test looks at what has arrived.
        let _ = copy_bidirectional(&mut inner, &mut outer).await;
    }
}

async fn open(endpoint: &Endpoint) -> io::Result<Box<dyn Stream>> {
    let stream = TcpStream::connect((endpoint.host.as_str(), endpoint.port)).await?;
    stream.set_nodelay(true)?;
    let stream: Box<dyn Stream> = match &endpoint.trust {
        None => Box::new(stream),
        Some(trust) => {
            let name = ServerName::try_from(endpoint.host.clone()).map_err(io::Error::other)?;
            let connector = TlsConnector::from(trust.config.clone());
            Box::new(connector.connect(name, stream).await?)
        }
    };
    Ok(match endpoint.transport {
        Transport::Tcp | Transport::Tls => stream,
        Transport::Ws | Transport::Wss => {
            let socket = streams::websocket(stream, PATH)
                .await
                .map_err(io::Error::other)?;
            Box::new(streams::bytes_of(socket))
        }
    })
}

//! How a link reaches its peer: over TCP, where data streams are bare and control streams are gRPC. A simulation has a
//! network of its own.

use std::io;
use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use emqx_proto::peer::v1::peer_service_client::PeerServiceClient;
use emqx_proto::peer::v1::{ControlResponses, DataHello};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};

use crate::cluster::peer_link::{CONNECT_TIMEOUT, CallStream, OPEN_TIMEOUT};
use crate::cluster::{
    KEEPALIVE_INTERVAL, KEEPALIVE_TIMEOUT, RECEIVED_MESSAGE_BYTES_MAX, handshake,
};

/// What a data stream needs of its connection.
pub(crate) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A connection for a data stream.
pub(crate) type DataConnection = Box<dyn Connection>;

/// Answers to them; ends with the control stream.
pub(crate) type Answers = BoxStream<'static, anyhow::Result<ControlResponses>>;

/// Opens connections to peers.
pub(crate) trait Dialer: Send + Sync + 'static {
    /// One for a data stream.
    ///
    /// # Errors
    /// When the peer cannot be reached in time.
    fn data(&self, to: SocketAddr) -> BoxFuture<'_, anyhow::Result<DataConnection>>;

    /// One with a control stream.
    ///
    /// # Errors
    /// When the peer cannot be reached in time, or refuses.
    fn control(
        &self,
        to: SocketAddr,
        hello: DataHello,
        requests: CallStream,
    ) -> BoxFuture<'_, anyhow::Result<Answers>>;
}

/// Over TCP.
pub(crate) struct Tcp;

impl Dialer for Tcp {
    fn data(&self, to: SocketAddr) -> BoxFuture<'_, anyhow::Result<DataConnection>> {
        async move {
            let socket = connected(TcpStream::connect(to), to).await?;
            socket.set_nodelay(true)?;
            Ok(Box::new(socket) as DataConnection)
        }
        .boxed()
    }

    fn control(
        &self,
        to: SocketAddr,
        hello: DataHello,
        requests: CallStream,
    ) -> BoxFuture<'_, anyhow::Result<Answers>> {
        async move {
            let mut client = dial(to).await?;
            let mut request = Request::new(requests);
            handshake::introduce(&mut request, &hello);
            let response = opened(client.control(request)).await?;
            let answers = response.into_inner();
            Ok(answers.map(|batch| batch.map_err(readable)).boxed())
        }
        .boxed()
    }
}

async fn dial(to: SocketAddr) -> anyhow::Result<PeerServiceClient<Channel>> {
    let channel = Endpoint::from_shared(format!("http://{to}"))?
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(8 << 20)
        .initial_connection_window_size(16 << 20)
        .connect()
        .await
        .with_context(|| format!("cannot connect to {to}"))?;
    Ok(PeerServiceClient::new(channel)
        .max_decoding_message_size(RECEIVED_MESSAGE_BYTES_MAX)
        .max_encoding_message_size(RECEIVED_MESSAGE_BYTES_MAX))
}

/// Waits for a connection.
async fn connected(
    connecting: impl Future<Output = io::Result<TcpStream>>,
    to: SocketAddr,
) -> anyhow::Result<TcpStream> {
    match timeout(CONNECT_TIMEOUT, connecting).await {
        Ok(socket) => socket.with_context(|| format!("cannot connect to {to}")),
        Err(_) => bail!("cannot connect to {to} in time"),
    }
}

/// Waits for the peer to open a stream.
async fn opened<T>(
    opening: impl Future<Output = Result<Response<T>, Status>>,
) -> anyhow::Result<Response<T>> {
    match timeout(OPEN_TIMEOUT, opening).await {
        Ok(response) => response.map_err(readable),
        Err(_) => bail!("the peer did not open the stream in time"),
    }
}

/// A status prints its metadata and internals; people need the code and the text.
fn readable(status: Status) -> anyhow::Error {
    anyhow::anyhow!("{}: {}", status.code(), status.message())
}

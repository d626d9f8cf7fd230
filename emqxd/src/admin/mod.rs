//! What operators ask for, over gRPC: any node answers for the whole cluster.
//!
//! A request that concerns another node is carried there over the peer link (`fan_out`) and served by `local`, the
//! same code as for the node itself.

pub mod client;
pub mod cluster;
pub mod control;
pub mod data;
mod data_item;
pub mod error;
pub mod fan_out;
pub mod listener;
pub mod local;
pub mod node;
pub mod operation;
pub mod report;
pub mod session;
pub mod session_page;

use std::future::Future;
use std::sync::Arc;

use emqx_proto::admin::v1::client_service_server::ClientServiceServer;
use emqx_proto::admin::v1::cluster_service_server::ClusterServiceServer;
use emqx_proto::admin::v1::data_service_server::DataServiceServer;
use emqx_proto::admin::v1::listener_service_server::ListenerServiceServer;
use emqx_proto::admin::v1::node_service_server::NodeServiceServer;
use emqx_proto::admin::v1::operation_service_server::OperationServiceServer;
use emqx_proto::admin::v1::session_service_server::SessionServiceServer;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;

use crate::node::broker::Broker;

/// A Retained Message may be as large as a packet.
const DATA_PART_BYTES_MAX: usize = 64 << 20;

/// Serves until `stop` completes.
///
/// # Errors
/// When the server fails.
pub async fn serve(
    listener: TcpListener,
    broker: Arc<Broker>,
    stop: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    Server::builder()
        .tcp_nodelay(true)
        .add_service(ClusterServiceServer::new(cluster::ClusterApi::new(
            Arc::clone(&broker),
        )))
        .add_service(ClientServiceServer::new(client::ClientApi::new(
            Arc::clone(&broker),
        )))
        .add_service(
            DataServiceServer::new(data::DataApi::new(Arc::clone(&broker)))
                .max_decoding_message_size(DATA_PART_BYTES_MAX),
        )
        .add_service(ListenerServiceServer::new(listener::ListenerApi::new(
            Arc::clone(&broker),
        )))
        .add_service(NodeServiceServer::new(node::NodeApi::new(Arc::clone(
            &broker,
        ))))
        .add_service(SessionServiceServer::new(session::SessionApi::new(
            Arc::clone(&broker),
        )))
        .add_service(OperationServiceServer::new(operation::OperationApi::new(
            broker,
        )))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop)
        .await
}

//! A client's way in: from an accepted socket through what lies below MQTT and the CONNECT to a connection that serves.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::connection;
use super::ending::{close_down, linger};
use super::handshake::{self, Entrance};
use super::listener::Place;
use super::opening::{self, Opened};
use super::reader::Reader;
use super::socket::{Peer, Socket};
use super::transport::{Channel, Transport};
use crate::node::broker::Broker;

/// Takes an accepted socket in, and has it served when its client was let in.
pub async fn serve(socket: Socket, peer: Peer, place: Place, broker: Arc<Broker>) {
    let listener = Arc::clone(place.listener());
    let live = listener.live();
    let limits = &broker.config.limits;
    let connect_timeout = match live.settings.connect_timeout {
        Duration::ZERO => limits.connect_timeout,
        own => own,
    };
    let deadline = Instant::now() + connect_timeout;
    let opened = if opening::is_open(listener.kind, &live) {
        Opened::Done(Transport::Direct(Channel::Plain(socket)), peer)
    } else {
        // Boxed, and given back before MQTT begins: what handshakes need is not kept meanwhile.
        tokio::select! {
            opened = Box::pin(opening::open(socket, peer, listener.kind, &live, deadline)) => opened,
            () = listener.is_given_up() => return,
        }
    };
    let (mut transport, peer) = match opened {
        Opened::Done(transport, peer) => (transport, peer),
        Opened::Failed(mut channel, peer, reason) => {
            listener.note_handshake_failure();
            if let Some(held_back) = listener.may_log() {
                tracing::info!(listener = %listener.name, %peer, reason, held_back, "closed before MQTT began");
            }
            linger(channel.socket_mut()).await;
            return;
        }
    };
    let maximum_packet_size = match live.settings.maximum_packet_size {
        0 => limits.maximum_packet_size,
        own => own,
    };
    drop(live);
    let mut reader = Reader::new(maximum_packet_size, limits.properties);
    let entrance = Entrance {
        peer,
        place: &place,
        deadline,
        maximum_packet_size,
    };
    let established = tokio::select! {
        biased;
        established = handshake::establish(&mut transport, entrance, &mut reader, &broker) => established,
        () = listener.is_given_up() => return,
    };
    drop(listener);
    let established = match established {
        Ok(Some(established)) => established,
        Ok(None) => {
            close_down(&mut transport).await;
            return;
        }
        Err(error) => {
            tracing::debug!(%peer, %error, "lost before CONNECT was answered");
            // A client that broke a rule of the transport is told so.
            close_down(&mut transport).await;
            return;
        }
    };
    // A task of its own: the hand-shake's larger state is not kept for the life of an idle connection.
    connection::start(transport, place, reader, established, broker);
}

//! A client's side of its Network Connection: packets out and in.

use std::sync::Arc;

use bytes::{Buf as _, BytesMut};
use tokio::io::Interest;

use super::virtual_stream::VirtualStream;
use crate::packet::{Decoder, Packet, ProtocolVersion, encode};

/// What all clients speak.
pub(super) const V5: ProtocolVersion = ProtocolVersion::V5;

/// What has been sent and received of it.
pub(super) struct Connection {
    /// Which of all clients' connections.
    pub(super) number: u64,
    pub(super) node: usize,
    pub(super) stream: Arc<VirtualStream>,
    pub(super) decoder: Decoder,
    pub(super) received: BytesMut,
    pub(super) unsent: BytesMut,
    /// Does not read for now.
    pub(super) is_paused: bool,
}

impl Connection {
    pub(super) fn send(&mut self, packet: &Packet) {
        encode(packet, V5, &mut self.unsent);
        self.flush();
    }

    fn flush(&mut self) {
        while !self.unsent.is_empty()
            && let Ok(count) = self.stream.try_write(&self.unsent)
        {
            self.unsent.advance(count);
        }
    }

    /// Waits until something comes or goes. False at the end of the connection.
    pub(super) async fn progress(&mut self) -> bool {
        let mut interest = if self.is_paused {
            None
        } else {
            Some(Interest::READABLE)
        };
        if !self.unsent.is_empty() {
            interest = Some(interest.map_or(Interest::WRITABLE, |it| it | Interest::WRITABLE));
        }
        let Some(interest) = interest else {
            return std::future::pending().await;
        };
        let Ok(ready) = self.stream.ready(interest).await else {
            return false;
        };
        if ready.is_writable() {
            if self.stream.is_broken() {
                return false;
            }
            self.flush();
        }
        !ready.is_readable() || self.stream.read_into(&mut self.received).await
    }

    pub(super) fn next_packet(&mut self) -> Option<Packet> {
        let mut bytes = self.received.clone().freeze();
        let packet = self
            .decoder
            .decode(&mut bytes)
            .expect("the Server sends MQTT")?;
        let taken = self.received.len() - bytes.len();
        self.received.advance(taken);
        Some(packet)
    }
}

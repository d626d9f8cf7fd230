//! The server's end of a connection: encodes as `emqxd`'s writer does, and reads everything back as the client would.

use std::collections::{BTreeMap, BTreeSet};

use bytes::{Bytes, BytesMut};
use emqxd::message::Message;
use emqxd::packet::{
    ClientId, Decoder, Packet, PacketId, ProtocolVersion, QoS, Sender, encode, encoded_len,
};
use emqxd::session::{OutgoingPublish, Transmit};

/// The largest packet that the client takes when it has not said so.
const UNLIMITED: usize = usize::MAX;

/// The server's end of a connection.
#[derive(Debug)]
pub struct Wire {
    version: ProtocolVersion,
    maximum_packet_size: usize,
    /// Bytes that may be put in before it is full; the last packet may exceed it.
    pub room: usize,
    /// The client's.
    pub receive_maximum: usize,
    sent: Vec<Packet>,
    /// Messages of QoS 1 and 2 sent on this connection and not acknowledged.
    outstanding: BTreeMap<PacketId, QoS>,
    /// Those of QoS 2 that the client has said it has.
    received: BTreeSet<PacketId>,
    /// Topics that aliases stand for.
    aliases: BTreeMap<u16, String>,
    /// Messages that came, by publisher and payload, as they came.
    pub arrived: Vec<(Option<ClientId>, Bytes)>,
}

impl Default for Wire {
    fn default() -> Self {
        Self::new(ProtocolVersion::V5, None)
    }
}

impl Wire {
    /// For a client of this version.
    pub fn new(version: ProtocolVersion, maximum_packet_size: Option<u32>) -> Self {
        Self {
            version,
            maximum_packet_size: maximum_packet_size.map_or(UNLIMITED, |bytes| bytes as usize),
            room: 0,
            receive_maximum: usize::from(u16::MAX),
            sent: Vec::new(),
            outstanding: BTreeMap::new(),
            received: BTreeSet::new(),
            aliases: BTreeMap::new(),
            arrived: Vec::new(),
        }
    }

    /// The client sends this.
    pub fn acknowledged(&mut self, packet: &Packet) {
        match packet {
            Packet::PubAck(ack) | Packet::PubComp(ack) => {
                self.outstanding.remove(&ack.packet_id);
                self.received.remove(&ack.packet_id);
            }
            Packet::PubRec(ack) if ack.reason_code.is_error() => {
                self.outstanding.remove(&ack.packet_id);
            }
            Packet::PubRec(ack)
                if self.outstanding.get(&ack.packet_id) == Some(&QoS::ExactlyOnce) =>
            {
                self.received.insert(ack.packet_id);
            }
            _ => {}
        }
    }

    /// What was sent since the last call.
    pub fn take(&mut self) -> Vec<Packet> {
        std::mem::take(&mut self.sent)
    }

    fn read_back(&mut self, bytes: BytesMut) -> &Packet {
        assert!(
            bytes.len() <= self.maximum_packet_size,
            "larger than the client's Maximum Packet Size [MQTT-3.1.2-24]"
        );
        self.room = self.room.saturating_sub(bytes.len());
        let mut decoder = Decoder::new(Sender::Server, u32::MAX);
        decoder.set_version(self.version);
        let mut bytes = bytes.freeze();
        match decoder.decode(&mut bytes) {
            Ok(Some(packet)) if bytes.is_empty() => self.sent.push(packet),
            other => panic!("the client reads {other:?}"),
        }
        &self.sent[self.sent.len() - 1]
    }

    fn topic_of(&mut self, publish: &OutgoingPublish<'_>) -> String {
        let alias = publish.topic_alias.map(u16::from);
        match (publish.topic_known, alias) {
            (true, Some(alias)) => self.aliases[&alias].clone(),
            (true, None) => panic!("neither topic nor alias"),
            (false, alias) => {
                let topic = publish.message.topic.to_string();
                if let Some(alias) = alias {
                    self.aliases.insert(alias, topic.clone());
                }
                topic
            }
        }
    }

    fn is_allowed(&mut self, publish: &OutgoingPublish<'_>) {
        assert_eq!(publish.packet_id.is_some(), publish.qos > QoS::AtMostOnce);
        let Some(packet_id) = publish.packet_id else {
            return;
        };
        let before = self.outstanding.insert(packet_id, publish.qos);
        assert_eq!(
            before, None,
            "{packet_id} is under way twice on one connection"
        );
        assert!(
            self.outstanding.len() <= self.receive_maximum,
            "the client's Receive Maximum [MQTT-3.3.4-9]"
        );
        assert!(
            !self.received.contains(&packet_id),
            "sent again after PUBREC [MQTT-4.3.3-6]"
        );
    }
}

impl Transmit for Wire {
    fn has_room(&self) -> bool {
        self.room > 0
    }

    fn packet(&mut self, packet: &Packet) {
        let mut bytes = BytesMut::new();
        if encoded_len(packet, self.version) > self.maximum_packet_size {
            // The connection ends in such a case; the test goes on without the packet.
            return;
        }
        encode(packet, self.version, &mut bytes);
        self.read_back(bytes);
    }

    fn publish(&mut self, publish: &OutgoingPublish<'_>) -> bool {
        let message: &Message = publish.message;
        let parts = publish.parts();
        if parts.encoded_len(self.version) > self.maximum_packet_size {
            return false;
        }
        let mut bytes = BytesMut::new();
        parts.encode_header(self.version, &mut bytes);
        bytes.extend_from_slice(&message.payload);
        assert_eq!(bytes.len(), parts.encoded_len(self.version));
        self.is_allowed(publish);
        let topic = self.topic_of(publish);
        assert_eq!(topic, message.topic.as_str(), "the alias stands for it");
        let Packet::Publish(read) = self.read_back(bytes) else {
            panic!("a PUBLISH is read as something else");
        };
        assert_eq!(read.payload, message.payload);
        assert_eq!(
            (read.qos, read.retain, read.dup),
            (publish.qos, publish.retain, publish.dup)
        );
        self.arrived
            .push((message.publisher.clone(), message.payload.clone()));
        true
    }
}

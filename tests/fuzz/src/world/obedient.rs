//! A client that follows the rules: it answers every packet as it must.

use std::collections::BTreeSet;

use emqxd::packet::{Acknowledgement, Packet, PacketId, QoS};

/// A client that follows the rules.
#[derive(Debug, Default)]
pub struct Obedient {
    /// QoS 2 messages that it has and that are not released.
    unreleased: BTreeSet<PacketId>,
    /// Its own messages that are not completely acknowledged.
    pub under_way: BTreeSet<PacketId>,
    /// PINGRESPs that came.
    pub pings_answered: usize,
    /// SUBACKs that came.
    pub subscribed: usize,
}

impl Obedient {
    /// The answer to a packet of the server.
    pub fn answer(&mut self, packet: &Packet) -> Option<Packet> {
        match packet {
            Packet::Publish(publish) => {
                let packet_id = publish.packet_id?;
                let ack = Acknowledgement::success(packet_id);
                if publish.qos == QoS::AtLeastOnce {
                    return Some(Packet::PubAck(ack));
                }
                self.unreleased.insert(packet_id);
                Some(Packet::PubRec(ack))
            }
            Packet::PubRel(pubrel) => {
                self.unreleased.remove(&pubrel.packet_id);
                Some(Packet::PubComp(Acknowledgement::success(pubrel.packet_id)))
            }
            Packet::PubRec(pubrec) => {
                Some(Packet::PubRel(Acknowledgement::success(pubrec.packet_id)))
            }
            Packet::PubAck(ack) | Packet::PubComp(ack) => {
                self.under_way.remove(&ack.packet_id);
                None
            }
            Packet::PingResp => {
                self.pings_answered += 1;
                None
            }
            Packet::SubAck(_) => {
                self.subscribed += 1;
                None
            }
            _ => None,
        }
    }
}

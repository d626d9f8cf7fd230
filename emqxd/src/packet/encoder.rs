//! From packets to the bytes to send, in the shortest form.

use bytes::{BufMut, BytesMut};

use super::{
    Packet, ProtocolVersion, acknowledgement, auth, connack, connect, disconnect, publish,
    subscribe, unsubscribe, variable_byte_integer,
};

/// First byte of a packet other than PUBLISH.
const fn first_byte(packet: &Packet) -> u8 {
    match packet {
        Packet::Connect(_) => 1 << 4,
        Packet::ConnAck(_) => 2 << 4,
        Packet::Publish(_) => 3 << 4,
        Packet::PubAck(_) => 4 << 4,
        Packet::PubRec(_) => 5 << 4,
        Packet::PubRel(_) => 6 << 4 | 2,
        Packet::PubComp(_) => 7 << 4,
        Packet::Subscribe(_) => 8 << 4 | 2,
        Packet::SubAck(_) => 9 << 4,
        Packet::Unsubscribe(_) => 10 << 4 | 2,
        Packet::UnsubAck(_) => 11 << 4,
        Packet::PingReq => 12 << 4,
        Packet::PingResp => 13 << 4,
        Packet::Disconnect(_) => 14 << 4,
        Packet::Auth(_) => 15 << 4,
    }
}

fn body_len(packet: &Packet, version: ProtocolVersion) -> usize {
    match packet {
        Packet::Connect(connect) => connect::body_len(connect, version),
        Packet::ConnAck(connack) => connack::body_len(connack, version),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            acknowledgement::body_len(ack, version)
        }
        Packet::Subscribe(subscribe) => subscribe::body_len(subscribe, version),
        Packet::SubAck(suback) => subscribe::suback_len(suback, version),
        Packet::Unsubscribe(unsubscribe) => unsubscribe::body_len(unsubscribe, version),
        Packet::UnsubAck(unsuback) => unsubscribe::unsuback_len(unsuback, version),
        Packet::Disconnect(disconnect) => disconnect::body_len(disconnect, version),
        Packet::Auth(auth) => auth::body_len(auth),
        Packet::Publish(_) | Packet::PingReq | Packet::PingResp => 0,
    }
}

/// Bytes that `encode` appends.
pub fn encoded_len(packet: &Packet, version: ProtocolVersion) -> usize {
    if let Packet::Publish(publish) = packet {
        return publish::parts(publish).encoded_len(version);
    }
    let body = body_len(packet, version);
    1 + variable_byte_integer::len(u32::try_from(body).unwrap_or(u32::MAX)) + body
}

/// Appends the packet. What a version does not have (properties, Reason Codes) is left out or mapped.
pub fn encode(packet: &Packet, version: ProtocolVersion, out: &mut BytesMut) {
    if let Packet::Publish(publish) = packet {
        publish::parts(publish).encode_header(version, out);
        out.extend_from_slice(&publish.payload);
        return;
    }
    let body = body_len(packet, version);
    out.reserve(5 + body);
    out.put_u8(first_byte(packet));
    variable_byte_integer::write(
        u32::try_from(body).unwrap_or(variable_byte_integer::VALUE_MAX),
        out,
    );
    match packet {
        Packet::Connect(connect) => connect::write(connect, version, out),
        Packet::ConnAck(connack) => connack::write(connack, version, out),
        Packet::PubAck(ack) | Packet::PubRec(ack) | Packet::PubRel(ack) | Packet::PubComp(ack) => {
            acknowledgement::write(ack, version, out);
        }
        Packet::Subscribe(subscribe) => subscribe::write(subscribe, version, out),
        Packet::SubAck(suback) => subscribe::write_suback(suback, version, out),
        Packet::Unsubscribe(unsubscribe) => unsubscribe::write(unsubscribe, version, out),
        Packet::UnsubAck(unsuback) => unsubscribe::write_unsuback(unsuback, version, out),
        Packet::Disconnect(disconnect) => disconnect::write(disconnect, version, out),
        Packet::Auth(auth) => auth::write(auth, out),
        Packet::Publish(_) | Packet::PingReq | Packet::PingResp => {}
    }
}

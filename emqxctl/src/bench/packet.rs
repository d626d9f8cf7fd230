//! Writes the few MQTT packets that a load consists of, into a buffer that many share. Pure.

use super::mark::{MARK_BYTES, Mark};

/// Version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// MQTT 3.1
    V3_1,
    /// MQTT 3.1.1
    V3_1_1,
    /// MQTT 5.0
    V5,
}

/// First bytes of packets, without flags.
pub(super) mod kind {
    pub(in super::super) const CONNACK: u8 = 0x20;
    pub(in super::super) const PUBLISH: u8 = 0x30;
    pub(in super::super) const PUBACK: u8 = 0x40;
    pub(in super::super) const PUBREC: u8 = 0x50;
    /// With the flags that it always has.
    pub(in super::super) const PUBREL: u8 = 0x62;
    pub(in super::super) const PUBCOMP: u8 = 0x70;
    pub(in super::super) const SUBACK: u8 = 0x90;
    pub(in super::super) const DISCONNECT: u8 = 0xE0;
}

/// PINGREQ
pub(super) const PINGREQ: [u8; 2] = [0xC0, 0];
/// DISCONNECT with success, the same in all versions.
pub(super) const DISCONNECT: [u8; 2] = [0xE0, 0];

/// What a CONNECT says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connect<'a> {
    pub(super) version: Version,
    pub(super) client_id: &'a str,
    pub(super) clean_start: bool,
    pub(super) keep_alive_s: u16,
    /// Only in 5.0.
    pub(super) session_expiry_interval_s: u32,
    pub(super) username: Option<&'a str>,
    pub(super) password: Option<&'a str>,
}

impl Connect<'_> {
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut body = Vec::with_capacity(64);
        let (name, level) = match self.version {
            Version::V3_1 => ("MQIsdp", 3),
            Version::V3_1_1 => ("MQTT", 4),
            Version::V5 => ("MQTT", 5),
        };
        text(&mut body, name);
        let flag = |is_set: bool, bit: u8| u8::from(is_set) << bit;
        let flags = flag(self.clean_start, 1)
            | flag(self.password.is_some(), 6)
            | flag(self.username.is_some(), 7);
        body.extend([level, flags]);
        body.extend(self.keep_alive_s.to_be_bytes());
        if self.version == Version::V5 {
            if self.session_expiry_interval_s == 0 {
                body.push(0);
            } else {
                body.extend([5, 0x11]);
                body.extend(self.session_expiry_interval_s.to_be_bytes());
            }
        }
        text(&mut body, self.client_id);
        for part in [self.username, self.password].into_iter().flatten() {
            text(&mut body, part);
        }
        frame(out, 0x10, &body);
    }
}

/// SUBSCRIBE to one Topic Filter.
pub(super) fn subscribe(
    out: &mut Vec<u8>,
    version: Version,
    packet_id: u16,
    filter: &str,
    qos: u8,
) {
    let mut body = packet_id.to_be_bytes().to_vec();
    if version == Version::V5 {
        body.push(0);
    }
    text(&mut body, filter);
    body.push(qos);
    frame(out, 0x82, &body);
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP with success.
pub(super) fn acknowledge(out: &mut Vec<u8>, kind: u8, packet_id: u16) {
    let [high, low] = packet_id.to_be_bytes();
    out.extend_from_slice(&[kind, 2, high, low]);
}

/// A PUBLISH of which only the Packet Identifier and the mark change.
#[derive(Debug, Clone)]
pub(super) struct PublishTemplate {
    bytes: Vec<u8>,
    packet_id_at: Option<usize>,
    payload_at: usize,
}

impl PublishTemplate {
    /// `payload_bytes` is at least [`MARK_BYTES`].
    pub(super) fn new(
        version: Version,
        topic: &str,
        qos: u8,
        retain: bool,
        payload_bytes: usize,
    ) -> Self {
        let mut body = Vec::with_capacity(topic.len() + payload_bytes + 8);
        text(&mut body, topic);
        let packet_id_at = (qos > 0).then_some(body.len());
        if qos > 0 {
            body.extend([0, 0]);
        }
        if version == Version::V5 {
            body.push(0);
        }
        let payload_at = body.len();
        body.resize(payload_at + payload_bytes.max(MARK_BYTES), b'.');
        let mut bytes = Vec::new();
        frame(
            &mut bytes,
            kind::PUBLISH | qos << 1 | u8::from(retain),
            &body,
        );
        let header = bytes.len() - body.len();
        Self {
            bytes,
            packet_id_at: packet_id_at.map(|at| header + at),
            payload_at: header + payload_at,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>, packet_id: u16, mark: Mark) {
        let begin = out.len();
        out.extend_from_slice(&self.bytes);
        if let Some(at) = self.packet_id_at {
            out[begin + at..begin + at + 2].copy_from_slice(&packet_id.to_be_bytes());
        }
        if let Some(payload) = out[begin + self.payload_at..].first_chunk_mut() {
            mark.write(payload);
        }
    }
}

fn text(body: &mut Vec<u8>, text: &str) {
    // Longer texts are refused where they are typed.
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    body.extend(length.to_be_bytes());
    body.extend_from_slice(&text.as_bytes()[..length.into()]);
}

fn frame(out: &mut Vec<u8>, first: u8, body: &[u8]) {
    out.push(first);
    let mut length = body.len();
    loop {
        let digit = (length % 128) as u8;
        length /= 128;
        out.push(digit | if length > 0 { 0x80 } else { 0 });
        if length == 0 {
            break;
        }
    }
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_is_as_the_specification_draws_it() {
        let connect = Connect {
            version: Version::V5,
            client_id: "c",
            clean_start: true,
            keep_alive_s: 300,
            session_expiry_interval_s: 7,
            username: Some("u"),
            password: None,
        };
        let mut out = Vec::new();
        connect.write(&mut out);
        assert_eq!(
            out,
            b"\x10\x16\0\x04MQTT\x05\x82\x01\x2c\x05\x11\0\0\0\x07\0\x01c\0\x01u"
        );
        out.clear();
        let old = Connect {
            version: Version::V3_1,
            session_expiry_interval_s: 0,
            username: None,
            ..connect
        };
        old.write(&mut out);
        assert_eq!(out, b"\x10\x0f\0\x06MQIsdp\x03\x02\x01\x2c\0\x01c");
    }

    #[test]
    fn a_template_changes_in_two_places() {
        let template = PublishTemplate::new(Version::V5, "t", 1, false, 200);
        let mark = Mark {
            publisher: 1,
            sequence: 2,
            intended_at: 3,
        };
        let mut out = b"before".to_vec();
        template.write(&mut out, 0x0102, mark);
        let packet = &out[6..];
        // Two bytes of length: 3 of the topic, 2 of the identifier, 1 of the properties and the payload.
        assert_eq!(packet[..9], *b"\x32\xce\x01\0\x01t\x01\x02\0");
        assert_eq!(packet.len(), 3 + 206);
        assert_eq!(Mark::read(&packet[9..]), Some(mark));
    }
}

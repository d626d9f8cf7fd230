//! Reads the packets of a Server in place: no more of them than a load needs to know. Pure.

use super::packet::{Version, kind};

/// A packet of the Server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// CONNACK
    Connack {
        session_present: bool,
        code: u8,
        properties: &'a [u8],
    },
    /// SUBACK with its Reason Code.
    Suback { code: u8 },
    /// PUBLISH; the Packet Identifier is 0 at QoS 0.
    Publish {
        qos: u8,
        retain: bool,
        dup: bool,
        packet_id: u16,
        payload: &'a [u8],
    },
    /// PUBACK, PUBREC, PUBREL or PUBCOMP by its first byte.
    Acknowledgement { kind: u8, packet_id: u16, code: u8 },
    /// DISCONNECT
    Disconnect { code: u8, properties: &'a [u8] },
    /// Anything else, such as PINGRESP.
    Other,
}

/// What came is not MQTT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

/// The first packet and how many bytes it has; `None` while it is not whole.
pub(super) fn first(
    bytes: &[u8],
    version: Version,
) -> Result<Option<(Packet<'_>, usize)>, Malformed> {
    let Some((&first, rest)) = bytes.split_first() else {
        return Ok(None);
    };
    let Some((length, rest)) = variable(rest)? else {
        return Ok(None);
    };
    let Some(body) = rest.get(..length) else {
        return Ok(None);
    };
    let size = bytes.len() - rest.len() + length;
    Ok(Some((packet(first, body, version)?, size)))
}

fn packet(first: u8, body: &[u8], version: Version) -> Result<Packet<'_>, Malformed> {
    let is_5 = version == Version::V5;
    let code_at = |at: usize| body.get(at).copied().unwrap_or(0);
    let packet_id = || Ok(u16::from_be_bytes(*body.first_chunk().ok_or(Malformed)?));
    Ok(match first & 0xF0 {
        kind::CONNACK => {
            let [flags, code] = *body.first_chunk().ok_or(Malformed)?;
            Packet::Connack {
                session_present: flags & 1 != 0,
                code,
                properties: if is_5 { properties(&body[2..])?.0 } else { &[] },
            }
        }
        kind::PUBLISH => {
            let qos = first >> 1 & 3;
            let (topic, rest) = body.split_first_chunk().ok_or(Malformed)?;
            let mut rest = rest
                .get(usize::from(u16::from_be_bytes(*topic))..)
                .ok_or(Malformed)?;
            let mut packet_id = 0;
            if qos > 0 {
                let (id, behind) = rest.split_first_chunk().ok_or(Malformed)?;
                packet_id = u16::from_be_bytes(*id);
                rest = behind;
            }
            if is_5 {
                rest = properties(rest)?.1;
            }
            Packet::Publish {
                qos,
                retain: first & 1 != 0,
                dup: first & 8 != 0,
                packet_id,
                payload: rest,
            }
        }
        kind::PUBACK | kind::PUBREC | 0x60 | kind::PUBCOMP => Packet::Acknowledgement {
            kind: first,
            packet_id: packet_id()?,
            code: if is_5 { code_at(2) } else { 0 },
        },
        kind::SUBACK => Packet::Suback {
            code: *body.last().ok_or(Malformed)?,
        },
        kind::DISCONNECT => Packet::Disconnect {
            code: code_at(0),
            properties: match body.get(1..) {
                Some(rest) if is_5 && !rest.is_empty() => properties(rest)?.0,
                _ => &[],
            },
        },
        _ => Packet::Other,
    })
}

/// Properties, and what is behind them.
fn properties(bytes: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let (length, rest) = variable(bytes)?.ok_or(Malformed)?;
    rest.split_at_checked(length).ok_or(Malformed)
}

/// A Variable Byte Integer, and what is behind it; `None` while it is not whole.
fn variable(bytes: &[u8]) -> Result<Option<(usize, &[u8])>, Malformed> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(4).enumerate() {
        value |= usize::from(byte & 0x7F) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((value, &bytes[index + 1..])));
        }
    }
    if bytes.len() < 4 {
        Ok(None)
    } else {
        Err(Malformed)
    }
}

/// Receive Maximum among the properties of a CONNACK.
pub(super) fn receive_maximum(properties: &[u8]) -> Option<u16> {
    let value = find(properties, 0x21)?;
    Some(u16::from_be_bytes(*value.first_chunk()?))
}

/// Server Reference among the properties of a CONNACK or DISCONNECT.
pub(super) fn server_reference(properties: &[u8]) -> Option<&str> {
    std::str::from_utf8(find(properties, 0x1C)?.get(2..)?).ok()
}

/// The value of the first property with this identifier.
fn find(mut properties: &[u8], wanted: u8) -> Option<&[u8]> {
    while let Some((&identifier, rest)) = properties.split_first() {
        let text = |at: usize| {
            let length = rest.get(at..at + 2)?.first_chunk().copied()?;
            Some(2 + usize::from(u16::from_be_bytes(length)))
        };
        // By the table of section 2.2.2.2, without those of packets that no Server sends.
        let length = match identifier {
            0x24 | 0x25 | 0x28 | 0x29 | 0x2A => 1,
            0x13 | 0x21 | 0x22 => 2,
            0x11 | 0x27 => 4,
            0x12 | 0x15 | 0x16 | 0x1A | 0x1C | 0x1F => text(0)?,
            0x26 => {
                let name = text(0)?;
                name + text(name)?
            }
            _ => return None,
        };
        let (value, behind) = rest.split_at_checked(length)?;
        if identifier == wanted {
            return Some(value);
        }
        properties = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn packets_are_read_where_they_lie() {
        let bytes = b"\x3a\x09\0\x01t\0\x07\0abc\xd0\0";
        let (packet, size) = first(bytes, Version::V5).unwrap().unwrap();
        assert_eq!(size, 11);
        assert_eq!(
            packet,
            Packet::Publish {
                qos: 1,
                retain: false,
                dup: true,
                packet_id: 7,
                payload: b"abc"
            }
        );
        assert_eq!(
            first(&bytes[11..], Version::V5),
            Ok(Some((Packet::Other, 2)))
        );
        for end in 0..11 {
            assert_eq!(first(&bytes[..end], Version::V5), Ok(None), "{end}");
        }
        assert_eq!(
            first(b"\x62\x02\x01\x02", Version::V3_1_1),
            Ok(Some((
                Packet::Acknowledgement {
                    kind: kind::PUBREL,
                    packet_id: 0x0102,
                    code: 0
                },
                4
            )))
        );
    }

    #[test]
    fn properties_are_found_behind_others() {
        let properties = b"\x21\0\x14\x26\0\x01a\0\x02bc\x1c\0\x03h:1\x24\x01";
        assert_eq!(receive_maximum(properties), Some(20));
        assert_eq!(server_reference(properties), Some("h:1"));
        assert_eq!(server_reference(b"\x1c\0\x09h"), None);
        let bytes = b"\xe0\x08\x9c\x06\x1c\0\x03h:1";
        let (packet, _) = first(bytes, Version::V5).unwrap().unwrap();
        let Packet::Disconnect { code, properties } = packet else {
            panic!("{packet:?}");
        };
        assert_eq!((code, server_reference(properties)), (0x9C, Some("h:1")));
    }

    proptest! {
        #[test]
        fn any_bytes_may_come(bytes: Vec<u8>, is_5: bool) {
            let version = if is_5 { Version::V5 } else { Version::V3_1_1 };
            if let Ok(Some((_, size))) = first(&bytes, version) {
                prop_assert!(size >= 2 && size <= bytes.len());
            }
            let _ = (receive_maximum(&bytes), server_reference(&bytes));
        }
    }
}

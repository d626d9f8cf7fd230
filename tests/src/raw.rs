//! A thin MQTT client that shows every packet: for thousands of connections, for timing, and for what no
//! well-behaved library would send or show.

use std::io;

use bytes::{Buf, Bytes, BytesMut};
use emqxctl::demo::link::Protocol;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::streams::{self, Stream};

/// A packet from the Server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packet {
    /// CONNACK
    ConnAck {
        /// Session Present.
        session_present: bool,
        /// Reason Code, or return code of 3.1.1.
        code: u8,
        /// MQTT 5.0.
        server_reference: Option<String>,
    },
    /// PUBLISH
    Publish {
        /// Topic Name.
        topic: String,
        /// 0, 1 or 2.
        qos: u8,
        /// DUP
        dup: bool,
        /// 0 with QoS 0.
        packet_id: u16,
        /// Payload.
        payload: Bytes,
    },
    /// PUBACK
    PubAck {
        /// Packet Identifier.
        packet_id: u16,
    },
    /// SUBACK
    SubAck {
        /// One for each Topic Filter.
        codes: Vec<u8>,
    },
    /// DISCONNECT of MQTT 5.0
    Disconnect {
        /// Reason Code.
        code: u8,
        /// Where to go instead.
        server_reference: Option<String>,
    },
    /// Any other.
    Other {
        /// First byte.
        kind: u8,
        /// Everything after the fixed header.
        body: Bytes,
    },
}

/// What a CONNECT says.
#[derive(Debug, Clone)]
pub struct Connect<'a> {
    /// Client Identifier.
    pub client_id: &'a str,
    /// Version.
    pub protocol: Protocol,
    /// Clean Start, or Clean Session.
    pub clean_start: bool,
    /// Seconds; MQTT 5.0.
    pub session_expiry_interval_s: u32,
    /// Seconds.
    pub keep_alive_s: u16,
}

impl<'a> Connect<'a> {
    /// A client whose Session outlives its connection by an hour.
    pub const fn persistent(client_id: &'a str, protocol: Protocol) -> Self {
        Self {
            client_id,
            protocol,
            clean_start: false,
            session_expiry_interval_s: 3600,
            keep_alive_s: 300,
        }
    }

    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut body = vec![0, 4, b'M', b'Q', b'T', b'T'];
        body.push(if self.protocol == Protocol::V5 { 5 } else { 4 });
        body.push(if self.clean_start { 0b10 } else { 0 });
        body.extend(self.keep_alive_s.to_be_bytes());
        if self.protocol == Protocol::V5 {
            body.extend([5, 0x11]);
            body.extend(self.session_expiry_interval_s.to_be_bytes());
        }
        push_text(&mut body, self.client_id);
        packet(0x10, &body)
    }
}

/// SUBSCRIBE with one Topic Filter.
pub fn subscribe(protocol: Protocol, packet_id: u16, topic_filter: &str, qos: u8) -> Vec<u8> {
    subscribe_all(protocol, packet_id, &[topic_filter], qos)
}

/// SUBSCRIBE with several Topic Filters.
pub fn subscribe_all(
    protocol: Protocol,
    packet_id: u16,
    topic_filters: &[impl AsRef<str>],
    qos: u8,
) -> Vec<u8> {
    let mut body = packet_id.to_be_bytes().to_vec();
    if protocol == Protocol::V5 {
        body.push(0);
    }
    for filter in topic_filters {
        push_text(&mut body, filter.as_ref());
        body.push(qos);
    }
    packet(0x82, &body)
}

/// PUBLISH with QoS 1.
pub fn publish(protocol: Protocol, packet_id: u16, topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    push_text(&mut body, topic);
    body.extend(packet_id.to_be_bytes());
    if protocol == Protocol::V5 {
        body.push(0);
    }
    body.extend(payload);
    packet(0x32, &body)
}

/// PUBACK with success.
pub fn puback(packet_id: u16) -> [u8; 4] {
    let [high, low] = packet_id.to_be_bytes();
    [0x40, 2, high, low]
}

/// PINGREQ
pub const PINGREQ: [u8; 2] = [0xC0, 0];

/// A packet of any kind: first byte, Remaining Length, body.
pub fn packet(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind];
    let mut length = body.len();
    loop {
        let digit = (length % 128) as u8;
        length /= 128;
        bytes.push(if length > 0 { digit | 0x80 } else { digit });
        if length == 0 {
            break;
        }
    }
    bytes.extend(body);
    bytes
}

/// Appends a UTF-8 string with its length.
pub fn push_text(body: &mut Vec<u8>, text: &str) {
    body.extend((text.len() as u16).to_be_bytes());
    body.extend(text.as_bytes());
}

/// A connection that shows every packet.
pub struct RawClient {
    stream: Box<dyn Stream>,
    buffer: BytesMut,
    protocol: Protocol,
}

impl RawClient {
    /// Opens the Network Connection and sends nothing yet.
    pub async fn open(address: &str, protocol: Protocol) -> io::Result<Self> {
        Ok(Self::over(streams::tcp(address).await?, protocol))
    }

    /// Over any stream, such as those of [`streams`].
    pub fn over(stream: impl Stream + 'static, protocol: Protocol) -> Self {
        Self {
            stream: Box::new(stream),
            buffer: BytesMut::new(),
            protocol,
        }
    }

    /// Sends any bytes.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// The next packet; `None` at the end of the connection, in good order or not. Can be cancelled
    /// without loss.
    pub async fn receive(&mut self) -> io::Result<Option<Packet>> {
        let Some((kind, body)) = self.frame().await? else {
            return Ok(None);
        };
        parse(kind, body, self.protocol)
            .map(Some)
            .ok_or_else(|| malformed("packet"))
    }

    /// The next packet as its first byte and what follows the fixed header; otherwise as [`Self::receive`].
    pub async fn frame(&mut self) -> io::Result<Option<(u8, Bytes)>> {
        loop {
            if let Some(frame) = take_frame(&mut self.buffer)? {
                return Ok(Some(frame));
            }
            match self.stream.read_buf(&mut self.buffer).await {
                Ok(0) => return Ok(None),
                Ok(_) => {}
                // Also TLS that ends without saying so.
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof
                    ) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// As [`Self::frame`], of what has been read already.
    pub fn frame_at_hand(&mut self) -> io::Result<Option<(u8, Bytes)>> {
        take_frame(&mut self.buffer)
    }

    /// Reads on to the end of the connection: Reason Code and Server Reference of a DISCONNECT, if there
    /// is one. rumqttc does not show the short form of that packet, which has no properties.
    pub async fn last_words(&mut self) -> io::Result<Option<(u8, Option<String>)>> {
        while let Some(packet) = self.receive().await? {
            if let Packet::Disconnect {
                code,
                server_reference,
            } = packet
            {
                return Ok(Some((code, server_reference)));
            }
        }
        Ok(None)
    }

    /// Opens a connection and sends a CONNECT that must be accepted; returns also Session Present.
    pub async fn accepted(address: &str, connect: &Connect<'_>) -> io::Result<(Self, bool)> {
        let mut client = Self::open(address, connect.protocol).await?;
        match client.connect(connect).await? {
            Some(Packet::ConnAck {
                session_present,
                code: 0,
                ..
            }) => Ok((client, session_present)),
            other => Err(io::Error::other(format!(
                "CONNECT was answered by {other:?}"
            ))),
        }
    }

    /// Sends a CONNECT and returns the answer.
    pub async fn connect(&mut self, connect: &Connect<'_>) -> io::Result<Option<Packet>> {
        self.send(&connect.encode()).await?;
        self.receive().await
    }
}

/// Takes a whole packet from the front of the buffer: its first byte and what follows the fixed header.
pub(crate) fn take_frame(buffer: &mut BytesMut) -> io::Result<Option<(u8, Bytes)>> {
    let mut length = 0;
    let mut header = 1;
    loop {
        let Some(&digit) = buffer.get(header) else {
            return Ok(None);
        };
        length |= usize::from(digit & 0x7F) << (7 * (header - 1));
        header += 1;
        if digit & 0x80 == 0 {
            break;
        }
        if header > 4 {
            return Err(malformed("Remaining Length"));
        }
    }
    if buffer.len() < header + length {
        return Ok(None);
    }
    let kind = buffer[0];
    let mut body = buffer.split_to(header + length).freeze();
    body.advance(header);
    Ok(Some((kind, body)))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("malformed {what} from the server"),
    )
}

/// `None` when the packet is shorter than it must be.
fn parse(kind: u8, mut body: Bytes, protocol: Protocol) -> Option<Packet> {
    let is_v5 = protocol == Protocol::V5;
    Some(match kind >> 4 {
        2 => {
            let session_present = body.try_get_u8().ok()? & 1 == 1;
            let code = body.try_get_u8().ok()?;
            let server_reference = if is_v5 {
                server_reference(&mut body)?
            } else {
                None
            };
            Packet::ConnAck {
                session_present,
                code,
                server_reference,
            }
        }
        3 => {
            let qos = (kind >> 1) & 3;
            let topic = take_text(&mut body)?;
            let packet_id = if qos > 0 { body.try_get_u16().ok()? } else { 0 };
            if is_v5 {
                let length = take_variable_integer(&mut body)?;
                take(&mut body, length)?;
            }
            Packet::Publish {
                topic,
                qos,
                dup: kind & 8 != 0,
                packet_id,
                payload: body,
            }
        }
        4 => Packet::PubAck {
            packet_id: body.try_get_u16().ok()?,
        },
        9 => {
            body.try_get_u16().ok()?;
            if is_v5 {
                let length = take_variable_integer(&mut body)?;
                take(&mut body, length)?;
            }
            Packet::SubAck {
                codes: body.to_vec(),
            }
        }
        14 => {
            let code = if body.is_empty() { 0 } else { body.get_u8() };
            let server_reference = if body.is_empty() {
                None
            } else {
                server_reference(&mut body)?
            };
            Packet::Disconnect {
                code,
                server_reference,
            }
        }
        _ => Packet::Other { kind, body },
    })
}

/// Reads properties and keeps the Server Reference.
fn server_reference(body: &mut Bytes) -> Option<Option<String>> {
    let length = take_variable_integer(body)?;
    let mut properties = take(body, length)?;
    let mut found = None;
    while properties.has_remaining() {
        match properties.get_u8() {
            0x1C => found = Some(take_text(&mut properties)?),
            // One byte.
            0x01 | 0x17 | 0x19 | 0x24 | 0x25 | 0x28 | 0x29 | 0x2A => {
                take(&mut properties, 1)?;
            }
            // Two bytes.
            0x13 | 0x21 | 0x22 | 0x23 => {
                take(&mut properties, 2)?;
            }
            // Four bytes.
            0x02 | 0x11 | 0x18 | 0x27 => {
                take(&mut properties, 4)?;
            }
            // A pair of strings.
            0x26 => {
                take_text(&mut properties)?;
                take_text(&mut properties)?;
            }
            // A string or binary data.
            0x12 | 0x15 | 0x16 | 0x1A | 0x1F => {
                let length = usize::from(properties.try_get_u16().ok()?);
                take(&mut properties, length)?;
            }
            _ => return None,
        }
    }
    Some(found)
}

fn take(body: &mut Bytes, length: usize) -> Option<Bytes> {
    (body.len() >= length).then(|| body.split_to(length))
}

pub(crate) fn take_text(body: &mut Bytes) -> Option<String> {
    let length = usize::from(body.try_get_u16().ok()?);
    String::from_utf8(take(body, length)?.to_vec()).ok()
}

pub(crate) fn take_variable_integer(body: &mut Bytes) -> Option<usize> {
    let mut value = 0;
    for shift in [0, 7, 14, 21] {
        let digit = body.try_get_u8().ok()?;
        value |= usize::from(digit & 0x7F) << shift;
        if digit & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], protocol: Protocol) -> Option<Packet> {
        let mut buffer = BytesMut::from(bytes);
        let (kind, body) = take_frame(&mut buffer).unwrap()?;
        assert!(buffer.is_empty());
        parse(kind, body, protocol)
    }

    #[test]
    fn a_reference_is_found_among_other_properties() {
        let mut properties = vec![
            0x21, 0, 9, 0x1F, 0, 2, b'n', b'o', 0x26, 0, 1, b'a', 0, 1, b'b',
        ];
        properties.extend([0x1C, 0, 3, b'x', b':', b'1', 0x24, 1]);
        let mut body = vec![0, 0x9C, properties.len() as u8];
        body.extend(&properties);
        assert_eq!(
            read(&packet(0x20, &body), Protocol::V5),
            Some(Packet::ConnAck {
                session_present: false,
                code: 0x9C,
                server_reference: Some("x:1".to_owned()),
            })
        );
    }

    #[test]
    fn short_forms_are_read() {
        let short = |bytes: &[u8]| read(bytes, Protocol::V5);
        let disconnect = |code| {
            Some(Packet::Disconnect {
                code,
                server_reference: None,
            })
        };
        assert_eq!(short(&[0xE0, 0]), disconnect(0));
        assert_eq!(short(&[0xE0, 1, 0x8B]), disconnect(0x8B));
        assert_eq!(short(&[0xE0, 2, 0x9C, 0]), disconnect(0x9C));
        assert_eq!(short(&[0xE0, 2, 0x9C]), None);
    }

    #[test]
    fn a_publish_of_either_version_is_read() {
        for protocol in [Protocol::V3_1_1, Protocol::V5] {
            let payload = vec![7; 300];
            let bytes = publish(protocol, 0x1234, "a/b", &payload);
            assert_eq!(read(&bytes[..bytes.len() - 1], protocol), None);
            let Some(Packet::Publish {
                topic,
                packet_id,
                payload: read_payload,
                dup: false,
                qos: 1,
            }) = read(&bytes, protocol)
            else {
                panic!("{bytes:?}");
            };
            assert_eq!((topic.as_str(), packet_id), ("a/b", 0x1234));
            assert_eq!(read_payload, payload);
        }
    }
}

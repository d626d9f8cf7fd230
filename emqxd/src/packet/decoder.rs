//! From received bytes to packets [MQTT-2.1].

use bytes::Bytes;

use super::acknowledgement::Kind;
use super::wire::Input;
use super::{
    DecodeError, Packet, PropertyLimits, ProtocolVersion, acknowledgement, auth, connack, connect,
    disconnect, publish, subscribe, unsubscribe, variable_byte_integer,
};

/// Whose packets are decoded: each side may send only some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    /// As a Server hears them.
    Client,
    /// As a Client hears them.
    Server,
}

/// Decodes the packets of one Network Connection.
#[derive(Debug, Clone, Copy)]
pub struct Decoder {
    sender: Sender,
    version: Option<ProtocolVersion>,
    maximum_packet_size: u32,
    property_limits: PropertyLimits,
}

/// Type and flags of a packet: the first byte.
#[derive(Debug, Clone, Copy)]
struct FirstByte(u8);

impl FirstByte {
    const fn packet_type(self) -> u8 {
        self.0 >> 4
    }

    const fn flags(self) -> u8 {
        self.0 & 0x0F
    }

    /// [MQTT-2.1.3-1]
    fn check_flags(self, version: ProtocolVersion) -> Result<(), DecodeError> {
        let valid = match self.packet_type() {
            3 => true,
            // 3.1 gives these QoS 1, and DUP when they are sent again.
            6 | 8 | 10 if version == ProtocolVersion::V3_1 => self.flags() & 0x07 == 2,
            6 | 8 | 10 => self.flags() == 2,
            _ if version == ProtocolVersion::V3_1 => true,
            _ => self.flags() == 0,
        };
        if valid {
            Ok(())
        } else {
            Err(DecodeError::Malformed("reserved flags of the fixed header"))
        }
    }
}

impl Decoder {
    /// For packets of `sender`, none larger than `maximum_packet_size` bytes in all.
    pub const fn new(sender: Sender, maximum_packet_size: u32) -> Self {
        Self {
            sender,
            version: None,
            maximum_packet_size,
            property_limits: PropertyLimits::NONE,
        }
    }

    /// The same, with limits for properties.
    #[must_use]
    pub const fn with_property_limits(self, property_limits: PropertyLimits) -> Self {
        Self {
            property_limits,
            ..self
        }
    }

    /// Known after the CONNECT, or when set.
    pub const fn version(&self) -> Option<ProtocolVersion> {
        self.version
    }

    /// For the client's side, which knows what it asked for.
    pub const fn set_version(&mut self, version: ProtocolVersion) {
        self.version = Some(version);
    }

    /// Bytes of the whole packet at the front; `None` while its fixed header is not complete.
    ///
    /// # Errors
    /// When its length is malformed, or larger than allowed.
    pub fn frame_len(&self, buffer: &[u8]) -> Result<Option<usize>, DecodeError> {
        Ok(self.frame(buffer)?.map(|(header, body)| header + body))
    }

    fn frame(&self, buffer: &[u8]) -> Result<Option<(usize, usize)>, DecodeError> {
        let Some(first) = buffer.first() else {
            return Ok(None);
        };
        self.check_type(first >> 4)?;
        let Some((length, count)) = variable_byte_integer::read(&buffer[1..])? else {
            return Ok(None);
        };
        let header = 1 + count;
        let size = u64::from(length) + header as u64;
        if size > u64::from(self.maximum_packet_size) {
            return Err(DecodeError::TooLarge {
                size,
                max: self.maximum_packet_size,
            });
        }
        Ok(Some((
            header,
            usize::try_from(length).unwrap_or(usize::MAX),
        )))
    }

    /// Whether a packet of this type may come now. The first byte is enough to tell, however long the packet says
    /// that it is.
    fn check_type(&self, packet_type: u8) -> Result<(), DecodeError> {
        let Some(version) = self.version else {
            return match (self.sender, packet_type) {
                (Sender::Client, 1) | (Sender::Server, _) => Ok(()),
                // [MQTT-3.1.0-1]
                (Sender::Client, _) => Err(DecodeError::Protocol("the first packet is no CONNECT")),
            };
        };
        let allowed = match packet_type {
            3..=7 => true,
            8 | 10 | 12 => self.sender == Sender::Client,
            2 | 9 | 11 | 13 => self.sender == Sender::Server,
            14 => self.sender == Sender::Client || version == ProtocolVersion::V5,
            15 => version == ProtocolVersion::V5,
            // [MQTT-3.1.0-2]
            1 => return Err(DecodeError::Protocol("a second CONNECT")),
            _ => return Err(DecodeError::Malformed("packet type 0")),
        };
        if allowed {
            Ok(())
        } else {
            Err(DecodeError::Protocol(
                "a packet that this side may not send",
            ))
        }
    }

    /// Takes one packet off the front; `None`, and nothing taken, while it is not complete.
    ///
    /// # Errors
    /// When the bytes are no packet that may come there. The connection cannot go on then [MQTT-4.13.1-1].
    pub fn decode(&mut self, buffer: &mut Bytes) -> Result<Option<Packet>, DecodeError> {
        let Some((header, body)) = self.frame(buffer)? else {
            return Ok(None);
        };
        if buffer.len() < header + body {
            return Ok(None);
        }
        let mut packet = buffer.split_to(header + body);
        let first = FirstByte(packet[0]);
        let input = Input::limited(packet.split_off(header), self.property_limits);
        self.packet(first, input).map(Some)
    }

    fn packet(&mut self, first: FirstByte, mut input: Input) -> Result<Packet, DecodeError> {
        let Some(version) = self.version else {
            return self.connect(first, input);
        };
        let packet_type = first.packet_type();
        first.check_flags(version)?;
        let input_ref = &mut input;
        Ok(match packet_type {
            2 => Packet::ConnAck(Box::new(connack::read(version, input_ref)?)),
            3 => {
                let publish = publish::read(first.flags(), version, self.sender, input)?;
                return Ok(Packet::Publish(publish));
            }
            4 => Packet::PubAck(acknowledgement::read(Kind::Received, version, input_ref)?),
            5 => Packet::PubRec(acknowledgement::read(Kind::Received, version, input_ref)?),
            6 => Packet::PubRel(acknowledgement::read(Kind::Released, version, input_ref)?),
            7 => Packet::PubComp(acknowledgement::read(Kind::Released, version, input_ref)?),
            8 => Packet::Subscribe(subscribe::read(version, input_ref)?),
            9 => Packet::SubAck(subscribe::read_suback(version, input_ref)?),
            10 => Packet::Unsubscribe(unsubscribe::read(version, input_ref)?),
            11 => Packet::UnsubAck(unsubscribe::read_unsuback(version, input_ref)?),
            12 => {
                input.finish()?;
                Packet::PingReq
            }
            13 => {
                input.finish()?;
                Packet::PingResp
            }
            14 => Packet::Disconnect(disconnect::read(version, self.sender, input_ref)?),
            _ => Packet::Auth(auth::read(input_ref)?),
        })
    }

    fn connect(&mut self, first: FirstByte, mut input: Input) -> Result<Packet, DecodeError> {
        if self.sender == Sender::Server {
            return Err(DecodeError::Protocol(
                "a Server's packet before the version is known",
            ));
        }
        let version = connect::read_version(&mut input)?;
        // From here on a refusal can be worded for that version.
        self.version = Some(version);
        if first.flags() != 0 && version != ProtocolVersion::V3_1 {
            return Err(DecodeError::Malformed("reserved flags of the fixed header"));
        }
        Ok(Packet::Connect(Box::new(connect::read(
            version, &mut input,
        )?)))
    }
}

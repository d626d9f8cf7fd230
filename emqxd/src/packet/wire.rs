//! The data types that packets are made of [MQTT-1.5]: a reader that never goes past its packet, and writers.

use std::num::NonZeroU16;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use bytestring::ByteString;

use super::{DecodeError, PacketId, PropertyLimits, variable_byte_integer};

/// Reads the rest of one packet.
#[derive(Debug)]
pub(super) struct Input {
    bytes: Bytes,
    property_limits: PropertyLimits,
}

impl Input {
    pub(super) const fn new(bytes: Bytes) -> Self {
        Self {
            bytes,
            property_limits: PropertyLimits::NONE,
        }
    }

    /// For a packet of a client.
    pub(super) const fn limited(bytes: Bytes, property_limits: PropertyLimits) -> Self {
        Self {
            bytes,
            property_limits,
        }
    }

    pub(super) const fn property_limits(&self) -> PropertyLimits {
        self.property_limits
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn need(&self, count: usize) -> Result<(), DecodeError> {
        if self.bytes.len() < count {
            return Err(DecodeError::Malformed("the packet ends too early"));
        }
        Ok(())
    }

    pub(super) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.need(1)?;
        Ok(self.bytes.get_u8())
    }

    pub(super) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.need(2)?;
        Ok(self.bytes.get_u16())
    }

    pub(super) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.need(4)?;
        Ok(self.bytes.get_u32())
    }

    pub(super) fn variable(&mut self) -> Result<u32, DecodeError> {
        let (value, count) = variable_byte_integer::read(&self.bytes)?
            .ok_or(DecodeError::Malformed("the packet ends too early"))?;
        self.bytes.advance(count);
        Ok(value)
    }

    pub(super) fn take(&mut self, count: usize) -> Result<Bytes, DecodeError> {
        self.need(count)?;
        Ok(self.bytes.split_to(count))
    }

    pub(super) fn rest(self) -> Bytes {
        self.bytes
    }

    /// Binary Data [MQTT-1.5.6].
    pub(super) fn binary(&mut self) -> Result<Bytes, DecodeError> {
        let count = self.u16()?;
        self.take(usize::from(count))
    }

    /// UTF-8 Encoded String [MQTT-1.5.4-1, MQTT-1.5.4-2].
    pub(super) fn string(&mut self) -> Result<ByteString, DecodeError> {
        let bytes = self.binary()?;
        if bytes.contains(&0) {
            return Err(DecodeError::Malformed("a string contains U+0000"));
        }
        ByteString::try_from(bytes).map_err(|_| DecodeError::Malformed("a string is not UTF-8"))
    }

    /// A string that names something: a topic, a User Name. Control characters in it are refused, which a receiver
    /// may do [MQTT-1.5.4]: names end up in logs and on terminals.
    pub(super) fn name(&mut self) -> Result<ByteString, DecodeError> {
        let name = self.string()?;
        if has_control_character(&name) {
            return Err(DecodeError::Malformed(
                "a name contains a control character",
            ));
        }
        Ok(name)
    }

    /// [MQTT-2.2.1-3]
    pub(super) fn packet_id(&mut self) -> Result<PacketId, DecodeError> {
        NonZeroU16::new(self.u16()?).ok_or(DecodeError::Malformed("the Packet Identifier is 0"))
    }

    /// Part of the packet with a length of its own in front.
    pub(super) fn section(&mut self) -> Result<Self, DecodeError> {
        let count = self.variable()?;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        Ok(Self::limited(self.take(count)?, self.property_limits))
    }

    pub(super) fn finish(&self) -> Result<(), DecodeError> {
        if !self.is_empty() {
            return Err(DecodeError::Malformed(
                "the packet is longer than its content",
            ));
        }
        Ok(())
    }
}

/// Whether a text contains one of U+0000 to U+001F and U+007F to U+009F.
pub(super) fn has_control_character(text: &str) -> bool {
    // Few texts contain a byte that can be part of one: look closer only then.
    let suspicious = |byte: u8| byte < 0x20 || byte == 0x7F || byte == 0xC2;
    text.bytes().any(suspicious) && text.contains(char::is_control)
}

/// Writes Binary Data or a string; what is longer than its length field can say is cut off.
pub(super) fn write_bytes(bytes: &[u8], out: &mut BytesMut) {
    let count = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    out.put_u16(count);
    out.extend_from_slice(&bytes[..usize::from(count)]);
}

/// Bytes that `write_bytes` takes.
pub(super) fn bytes_len(bytes: &[u8]) -> usize {
    2 + bytes.len().min(usize::from(u16::MAX))
}

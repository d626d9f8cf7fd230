//! Variable Byte Integer [MQTT-1.5.5].

use bytes::{BufMut, BytesMut};

use super::DecodeError;

/// Greatest value that four bytes hold.
pub const VALUE_MAX: u32 = 268_435_455;

/// Reads one from the front: its value and how many bytes it took; `None` when more bytes are needed.
///
/// # Errors
/// When it does not end after four bytes, or is longer than its value needs [MQTT-1.5.5-1].
pub fn read(bytes: &[u8]) -> Result<Option<(u32, usize)>, DecodeError> {
    let mut value = 0;
    for (place, &byte) in bytes.iter().take(4).enumerate() {
        value |= u32::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            if byte == 0 && place > 0 {
                return Err(DecodeError::Malformed(
                    "a Variable Byte Integer is longer than needed",
                ));
            }
            return Ok(Some((value, place + 1)));
        }
    }
    if bytes.len() >= 4 {
        return Err(DecodeError::Malformed(
            "a Variable Byte Integer has more than four bytes",
        ));
    }
    Ok(None)
}

/// Writes one; the value is at most [`VALUE_MAX`].
pub fn write(mut value: u32, out: &mut BytesMut) {
    debug_assert!(value <= VALUE_MAX);
    loop {
        let byte = (value & 0x7F) as u8;
        value >>= 7;
        if value == 0 {
            out.put_u8(byte);
            return;
        }
        out.put_u8(byte | 0x80);
    }
}

/// Bytes that the value takes.
pub const fn len(value: u32) -> usize {
    match value {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes_at_every_boundary() {
        for value in [0, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, VALUE_MAX] {
            let mut out = BytesMut::new();
            write(value, &mut out);
            assert_eq!(out.len(), len(value));
            assert_eq!(read(&out), Ok(Some((value, out.len()))));
            assert_eq!(read(&out[..out.len() - 1]), Ok(None));
        }
    }

    #[test]
    fn refuses_what_is_too_long() {
        assert!(read(&[0x80, 0x80, 0x80, 0x80]).is_err());
        assert!(read(&[0x80, 0x00]).is_err());
    }
}

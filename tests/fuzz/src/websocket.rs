//! WebSocket: any bytes as a handshake, and any bytes as frames, against the RFC written out plainly.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};

use bytes::Bytes;
use emqxd::net::websocket::WebSocket;
use emqxd::net::websocket_handshake::{Answer, answer};

use crate::memory;

/// The first byte says what the rest is.
const HANDSHAKE: u8 = 0b0000_0001;
/// The client takes nothing that is sent to it.
const IS_DEAF: u8 = 0b0000_0010;

/// Frames, or a request that is to become a WebSocket.
pub fn websocket(input: &[u8]) {
    let Some((&how, bytes)) = input.split_first() else {
        return;
    };
    if how & HANDSHAKE != 0 {
        handshake(bytes);
        return;
    }
    let is_deaf = how & IS_DEAF != 0;
    let expected = by_the_rfc(bytes);
    for piece in [bytes.len().max(1), usize::from(how >> 2) + 1] {
        let heard = memory::within(32_768 + 8 * bytes.len(), || hear(bytes, piece, is_deaf));
        assert_eq!(heard, expected, "in pieces of {piece}");
    }
}

/// What has been decided stays, however much more comes.
fn handshake(bytes: &[u8]) {
    let mut decided: Option<Answer> = None;
    for length in 0..=bytes.len() {
        let now = answer(&bytes[..length], "/mqtt");
        match &decided {
            None if now != Answer::Incomplete => decided = Some(now),
            None => {}
            Some(before) => assert_eq!(*before, now, "after {length} bytes"),
        }
    }
}

/// How a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Open,
    Closed,
    Violation,
}

/// A client in memory.
struct Client {
    pieces: VecDeque<Vec<u8>>,
    is_deaf: bool,
    sent: Vec<u8>,
}

impl Read for Client {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.pieces.front_mut() else {
            return Err(ErrorKind::WouldBlock.into());
        };
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        piece.drain(..count);
        if piece.is_empty() {
            self.pieces.pop_front();
        }
        Ok(count)
    }
}

impl Write for Client {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_deaf {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.sent.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What the server makes of it: payload, and how it ends.
fn hear(bytes: &[u8], piece: usize, is_deaf: bool) -> (Vec<u8>, End) {
    let client = Client {
        pieces: bytes.chunks(piece).map(<[u8]>::to_vec).collect(),
        is_deaf,
        sent: Vec::new(),
    };
    let mut socket = WebSocket::new(client, Bytes::new());
    let mut payload = Vec::new();
    let mut buffer = [0; 1_024];
    let end = loop {
        match socket.read(&mut buffer) {
            Ok(0) => break End::Closed,
            Ok(count) => payload.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::InvalidData => break End::Violation,
            Err(_) if socket.inner().pieces.is_empty() && !socket.has_more() => break End::Open,
            Err(_) => {}
        }
        // Pongs leave with what else is to be written.
        let _ = socket.flush();
    };
    if end != End::Open {
        socket.close();
        let _ = socket.flush();
    }
    (payload, end)
}

/// RFC 6455, sections 5.2 to 5.5, and [MQTT-6.0.0-1].
fn by_the_rfc(mut bytes: &[u8]) -> (Vec<u8>, End) {
    let mut payload = Vec::new();
    let mut in_message = false;
    loop {
        let [first, second, rest @ ..] = bytes else {
            return (payload, End::Open);
        };
        let (is_final, opcode) = (first & 0x80 != 0, first & 0x0F);
        let (width, short) = match second & 0x7F {
            126 => (2, 0),
            127 => (8, 0),
            short => (0, u64::from(short)),
        };
        let is_masked = second & 0x80 != 0;
        let header = width + if is_masked { 4 } else { 0 };
        if rest.len() < header {
            return (payload, End::Open);
        }
        let length = rest[..width]
            .iter()
            .fold(short, |length, byte| length << 8 | u64::from(*byte));
        let is_control = opcode >= 8;
        let is_known = matches!(opcode, 0 | 2 | 8 | 9 | 10);
        let goes_on = is_control || (opcode == 0) == in_message;
        let fits = !is_control || (is_final && length <= 125);
        if first & 0x70 != 0 || !is_known || !is_masked || length >> 63 != 0 || !goes_on || !fits {
            return (payload, End::Violation);
        }
        let mask = &rest[width..header];
        let body = &rest[header..];
        let count = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(body.len());
        let unmasked = body[..count].iter().zip(mask.iter().cycle());
        let unmasked: Vec<u8> = unmasked.map(|(byte, key)| byte ^ key).collect();
        let is_whole = count as u64 == length;
        if !is_control {
            in_message = !is_final;
            payload.extend(unmasked);
        } else if opcode == 8 && is_whole {
            let end = match unmasked[..] {
                [] => End::Closed,
                [high, low, ..] => match u16::from_be_bytes([high, low]) {
                    1000..=1003 | 1007..=1014 | 3000..=4999 => End::Closed,
                    _ => End::Violation,
                },
                [_] => End::Violation,
            };
            return (payload, end);
        }
        if !is_whole {
            return (payload, End::Open);
        }
        bytes = &body[count..];
    }
}

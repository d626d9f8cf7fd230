//! The frames of a WebSocket as a byte stream: payloads of binary frames in, binary frames out.
//!
//! MQTT does not care where frames and messages begin [MQTT-6.0.0-2], so none is ever put together: payload is handed
//! on as it comes, and a message may be of any size and in any number of pieces. Works over anything that reads and
//! writes; with the handshake ([`super::websocket_handshake`]) done before.

use std::io::{self, Cursor, Read, Write};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use tungstenite::protocol::frame::FrameHeader;
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};

/// Longest header of a frame, bytes.
const HEADER_BYTES_MAX: usize = 14;

/// Longest payload of a Ping, Pong or Close, bytes (RFC 6455, 5.5).
const CONTROL_BYTES_MAX: u64 = 125;

/// Largest frame that is sent, bytes of payload: it is copied behind its header, so that both leave at once.
const FRAME_BYTES_MAX: usize = 16 << 10;

/// A buffer up to this size is kept when it is empty.
const KEPT_BYTES_MAX: usize = 1 << 10;

/// Which rule the client has broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    /// [MQTT-6.0.0-1]
    #[error("a WebSocket text frame, and MQTT is in binary ones")]
    Text,
    /// RFC 6455.
    #[error("a malformed WebSocket frame: {0}")]
    Frame(&'static str),
}

impl Violation {
    /// For the Close frame (RFC 6455, 7.4.1).
    const fn close_code(self) -> u16 {
        match self {
            Self::Text => 1003,
            Self::Frame(_) => 1002,
        }
    }
}

/// A frame that is being received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    Binary,
    Control(Control),
}

/// The server's side of a WebSocket after its handshake.
#[derive(Debug)]
pub struct WebSocket<S> {
    inner: S,
    /// What came behind the handshake.
    unread: Bytes,
    header: [u8; HEADER_BYTES_MAX],
    header_len: usize,
    frame: Option<Frame>,
    /// Payload of the frame that has not come yet, bytes.
    left: u64,
    /// Turned so that its first byte is for the next byte of payload.
    mask: [u8; 4],
    /// Payload of the control frame that is being received.
    control: Vec<u8>,
    /// A message is under way whose last frame has not begun.
    in_message: bool,
    violation: Option<Violation>,
    is_ended: bool,
    out: BytesMut,
    /// The latest Ping that waits for its Pong; earlier ones need none (RFC 6455, 5.5.3).
    pong: Option<Vec<u8>>,
    close_code: u16,
    close_sent: bool,
}

impl<S> WebSocket<S> {
    /// Over a stream whose handshake is done; `unread` came with it.
    pub fn new(inner: S, unread: Bytes) -> Self {
        Self {
            inner,
            unread,
            header: [0; HEADER_BYTES_MAX],
            header_len: 0,
            frame: None,
            left: 0,
            mask: [0; 4],
            control: Vec::new(),
            in_message: false,
            violation: None,
            is_ended: false,
            out: BytesMut::new(),
            pong: None,
            close_code: 1000,
            close_sent: false,
        }
    }

    /// The stream below.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// The stream below.
    pub const fn inner_mut(&mut self) -> &mut S {
        &mut self.inner
    }

    /// Whether a read brings something although the stream below has nothing.
    pub const fn has_more(&self) -> bool {
        !self.unread.is_empty() || self.violation.is_some() || self.is_ended
    }

    /// Puts a Close frame behind everything that was written; once.
    pub fn close(&mut self) {
        if !self.close_sent {
            self.close_sent = true;
            self.pong = None;
            let code = self.close_code.to_be_bytes();
            self.put_frame(OpCode::Control(Control::Close), &code);
        }
    }

    fn put_frame(&mut self, opcode: OpCode, payload: &[u8]) {
        let header = FrameHeader {
            opcode,
            ..FrameHeader::default()
        };
        // A buffer takes everything.
        let _ = header.format(payload.len() as u64, &mut (&mut self.out).writer());
        self.out.extend_from_slice(payload);
    }

    /// Takes frames apart in place: returns how many bytes of payload stand at the front of `bytes` then.
    fn unframe(&mut self, bytes: &mut [u8]) -> usize {
        let mut from = 0;
        let mut to = 0;
        while from < bytes.len() && !self.is_ended {
            let taken = match self.frame {
                None => self.take_header(&bytes[from..]),
                Some(frame) => {
                    let left = usize::try_from(self.left).unwrap_or(usize::MAX);
                    let count = left.min(bytes.len() - from);
                    self.left -= count as u64;
                    if frame == Frame::Binary {
                        bytes.copy_within(from..from + count, to);
                        self.unmask(&mut bytes[to..to + count]);
                        to += count;
                    } else {
                        let begin = self.control.len();
                        let mut control = std::mem::take(&mut self.control);
                        control.extend_from_slice(&bytes[from..from + count]);
                        self.unmask(&mut control[begin..]);
                        self.control = control;
                    }
                    Ok(count)
                }
            };
            let ended = match (taken, self.frame) {
                (Ok(count), frame) => {
                    from += count;
                    match frame {
                        Some(frame) if self.left == 0 => self.end_frame(frame),
                        _ => Ok(()),
                    }
                }
                (Err(violation), _) => Err(violation),
            };
            if let Err(violation) = ended {
                self.violation = Some(violation);
                self.close_code = violation.close_code();
                self.is_ended = true;
            }
        }
        to
    }

    /// Takes bytes of a header; when it is whole, its frame begins.
    fn take_header(&mut self, bytes: &[u8]) -> Result<usize, Violation> {
        let mut taken = 0;
        loop {
            let needed = match self.header_len {
                0 | 1 => 2,
                _ => {
                    let length = match self.header[1] & 0x7F {
                        126 => 2,
                        127 => 8,
                        _ => 0,
                    };
                    2 + length + if self.header[1] & 0x80 == 0 { 0 } else { 4 }
                }
            };
            if needed == self.header_len {
                self.begin_frame()?;
                return Ok(taken);
            }
            let count = (needed - self.header_len).min(bytes.len() - taken);
            if count == 0 {
                return Ok(taken);
            }
            self.header[self.header_len..self.header_len + count]
                .copy_from_slice(&bytes[taken..taken + count]);
            self.header_len += count;
            taken += count;
        }
    }

    fn begin_frame(&mut self) -> Result<(), Violation> {
        let header = &self.header[..self.header_len];
        let parsed = FrameHeader::parse(&mut Cursor::new(header));
        self.header_len = 0;
        let Ok(Some((header, length))) = parsed else {
            return Err(Violation::Frame("its opcode is not known"));
        };
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Violation::Frame("it uses an extension"));
        }
        let Some(mask) = header.mask else {
            return Err(Violation::Frame("it is not masked"));
        };
        if length >> 63 != 0 {
            return Err(Violation::Frame("its length is no number"));
        }
        let frame = match header.opcode {
            OpCode::Data(Data::Text) => return Err(Violation::Text),
            OpCode::Data(data) => {
                if (data == Data::Continue) != self.in_message {
                    return Err(Violation::Frame("its message does not go on like that"));
                }
                self.in_message = !header.is_final;
                Frame::Binary
            }
            OpCode::Control(control) => {
                if !header.is_final || length > CONTROL_BYTES_MAX {
                    return Err(Violation::Frame("a control frame is whole and short"));
                }
                Frame::Control(control)
            }
        };
        self.frame = Some(frame);
        self.mask = mask;
        self.left = length;
        Ok(())
    }

    fn end_frame(&mut self, frame: Frame) -> Result<(), Violation> {
        self.frame = None;
        let Frame::Control(control) = frame else {
            return Ok(());
        };
        let payload = std::mem::take(&mut self.control);
        match control {
            Control::Ping => self.pong = Some(payload),
            Control::Close => {
                match payload.first_chunk::<2>() {
                    Some(code) => {
                        let code = u16::from_be_bytes(*code);
                        if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                            return Err(Violation::Frame("its close code is not one"));
                        }
                        self.close_code = code;
                    }
                    None if payload.is_empty() => {}
                    None => return Err(Violation::Frame("its close code is not one")),
                }
                self.is_ended = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn unmask(&mut self, payload: &mut [u8]) {
        let mut wide = [0; 16];
        for (index, byte) in wide.iter_mut().enumerate() {
            *byte = self.mask[index % 4];
        }
        let mut blocks = payload.chunks_exact_mut(16);
        for block in &mut blocks {
            for (byte, key) in block.iter_mut().zip(wide) {
                *byte ^= key;
            }
        }
        let rest = blocks.into_remainder();
        for (byte, key) in rest.iter_mut().zip(wide) {
            *byte ^= key;
        }
        self.mask.rotate_left(rest.len() % 4);
    }
}

impl<S: Write> WebSocket<S> {
    /// Writes what waits until there is none.
    fn push(&mut self) -> io::Result<()> {
        loop {
            while !self.out.is_empty() {
                match self.inner.write(&self.out)? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    count => self.out.advance(count),
                }
            }
            match self.pong.take() {
                Some(payload) if !self.close_sent => {
                    self.put_frame(OpCode::Control(Control::Pong), &payload);
                }
                _ => break,
            }
        }
        if self.out.capacity() > KEPT_BYTES_MAX {
            self.out = BytesMut::new();
        }
        Ok(())
    }
}

impl<S: Read> Read for WebSocket<S> {
    /// Payload of binary frames. 0 after the client's Close and at the end of the stream below; `WouldBlock` also when
    /// only other frames came; `InvalidData` when the client broke a [rule](Violation).
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(violation) = self.violation {
            return Err(io::Error::new(io::ErrorKind::InvalidData, violation));
        }
        if self.is_ended || buffer.is_empty() {
            return Ok(0);
        }
        let count = if self.unread.is_empty() {
            self.inner.read(buffer)?
        } else {
            let count = self.unread.len().min(buffer.len());
            self.unread.copy_to_slice(&mut buffer[..count]);
            count
        };
        if count == 0 {
            self.is_ended = true;
            return Ok(0);
        }
        match self.unframe(&mut buffer[..count]) {
            // What ended it is told by the next read.
            0 => Err(io::ErrorKind::WouldBlock.into()),
            payload => Ok(payload),
        }
    }
}

impl<S: Write> Write for WebSocket<S> {
    /// Takes bytes for one frame; they leave by this call or by the next flush.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push()?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let count = bytes.len().min(FRAME_BYTES_MAX);
        self.put_frame(OpCode::Data(Data::Binary), &bytes[..count]);
        match self.push() {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(count),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push()?;
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests;

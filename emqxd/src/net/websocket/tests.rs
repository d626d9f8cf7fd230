//! Frames in any form over a stream in memory.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// Hands out what is given to it in pieces, and takes a few bytes at a time.
#[derive(Debug, Default)]
struct Memory {
    pieces: VecDeque<Vec<u8>>,
    written: Vec<u8>,
    /// Bytes that are taken before the stream blocks.
    room: usize,
}

impl Read for Memory {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.pieces.front_mut() else {
            return Err(io::ErrorKind::WouldBlock.into());
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

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.room);
        if count == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.room -= count;
        self.written.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const MASK: [u8; 4] = [0xA1, 0x5E, 0x00, 0xFF];

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(0x80 | length as u8),
        length @ 126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(MASK);
    bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(a, b)| a ^ b));
    bytes
}

fn over(pieces: impl IntoIterator<Item = Vec<u8>>) -> WebSocket<Memory> {
    let memory = Memory {
        pieces: pieces.into_iter().collect(),
        room: usize::MAX,
        ..Memory::default()
    };
    WebSocket::new(memory, Bytes::new())
}

/// Everything that can be read, and how it ended: `None` when more may come.
fn read_all(socket: &mut WebSocket<Memory>) -> (Vec<u8>, Option<io::Result<()>>) {
    let mut all = Vec::new();
    let mut buffer = [0; 300];
    loop {
        match socket.read(&mut buffer) {
            Ok(0) => return (all, Some(Ok(()))),
            Ok(count) => all.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if socket.inner.pieces.is_empty() && !socket.has_more() {
                    return (all, None);
                }
            }
            Err(error) => return (all, Some(Err(error))),
        }
    }
}

fn violation(pieces: impl IntoIterator<Item = Vec<u8>>) -> (Vec<u8>, String, u16) {
    let mut socket = over(pieces);
    let (all, Some(Err(error))) = read_all(&mut socket) else {
        panic!("it is accepted")
    };
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    (all, error.to_string(), socket.close_code)
}

#[test]
fn payload_is_what_is_in_the_frames_however_they_are_cut() {
    let packets: Vec<u8> = (0..1_000_u16).map(|number| number as u8).collect();
    let mut bytes = frame(0x02, &packets[..1]);
    bytes.extend(frame(0x00, &[]));
    bytes.extend(frame(0x89, b"still there?"));
    bytes.extend(frame(0x80, &packets[1..200]));
    bytes.extend(frame(0x82, &packets[200..]));
    for size in [1, 2, 3, 7, 100, 5_000] {
        let mut socket = over(bytes.chunks(size).map(<[u8]>::to_vec));
        let (all, end) = read_all(&mut socket);
        assert!(end.is_none());
        assert_eq!(all, packets, "{size}");
        socket.flush().unwrap();
        assert_eq!(
            socket.inner.written,
            [&[0x8A, 12], &b"still there?"[..]].concat()
        );
    }
}

#[test]
fn a_frame_longer_than_any_buffer_passes_through() {
    let payload = vec![7; 200_000];
    let mut socket = over([frame(0x82, &payload)]);
    assert_eq!(read_all(&mut socket).0, payload);
}

#[test]
fn what_came_with_the_handshake_is_read_first() {
    let mut socket = over([frame(0x82, b"b")]);
    socket.unread = Bytes::from(frame(0x82, b"a"));
    assert!(socket.has_more());
    assert_eq!(read_all(&mut socket).0, b"ab");
}

#[test]
fn a_text_frame_ends_it_after_what_came_before() {
    let (all, why, code) = violation([[frame(0x82, b"ok"), frame(0x81, b"text")].concat()]);
    assert_eq!((all.as_slice(), code), (&b"ok"[..], 1003));
    assert!(why.contains("text frame"), "{why}");
}

#[test]
fn broken_frames_end_it() {
    let unmasked = vec![0x82, 1, b'x'];
    let reserved = frame(0xC2, b"x");
    let unknown = frame(0x83, b"x");
    let fragmented_ping = frame(0x09, b"x");
    let long_ping = frame(0x89, &[0; 126]);
    let no_beginning = frame(0x80, b"x");
    let no_end = [frame(0x02, b""), frame(0x82, b"x")].concat();
    let short_close = frame(0x88, &[3]);
    let bad_close = frame(0x88, &[0, 1]);
    let endless = vec![
        0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0,
    ];
    for wrong in [
        unmasked,
        reserved,
        unknown,
        fragmented_ping,
        long_ping,
        no_beginning,
        no_end,
        short_close,
        bad_close,
        endless,
    ] {
        let (all, why, code) = violation([wrong.clone()]);
        assert_eq!((all.len(), code), (0, 1002), "{wrong:?}");
        assert!(why.contains("malformed WebSocket frame"), "{why}");
    }
}

#[test]
fn a_close_is_answered_and_nothing_is_read_behind_it() {
    let mut socket = over([[frame(0x88, &[0x0F, 0xA0]), frame(0x82, b"late")].concat()]);
    let (all, end) = read_all(&mut socket);
    assert!(all.is_empty() && matches!(end, Some(Ok(()))));
    socket.close();
    socket.close();
    socket.flush().unwrap();
    assert_eq!(socket.inner.written, [0x88, 2, 0x0F, 0xA0]);
}

#[test]
fn frames_leave_whole_however_little_is_taken() {
    let mut socket = over([frame(0x89, b"1"), frame(0x89, b"2")]);
    socket.inner.room = 0;
    let message = vec![9; FRAME_BYTES_MAX + 10];
    assert_eq!(socket.write(&message).unwrap(), FRAME_BYTES_MAX);
    assert_eq!(read_all(&mut socket).0, b"");
    for _ in 0..FRAME_BYTES_MAX + 4 {
        let blocked = socket.write(&message[FRAME_BYTES_MAX..]).unwrap_err();
        assert_eq!(blocked.kind(), io::ErrorKind::WouldBlock);
        socket.inner.room = 1;
    }
    socket.inner.room = usize::MAX;
    assert_eq!(socket.write(&message[FRAME_BYTES_MAX..]).unwrap(), 10);
    socket.close();
    socket.flush().unwrap();
    let mut expected = vec![0x82, 126, 0x40, 0];
    expected.extend(&message[..FRAME_BYTES_MAX]);
    // Only the latest Ping gets its Pong.
    expected.extend([0x8A, 1, b'2', 0x82, 10]);
    expected.extend([9; 10]);
    expected.extend([0x88, 2, 0x03, 0xE8]);
    assert_eq!(socket.inner.written, expected);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 0..8)) {
        let sum: usize = pieces.iter().map(Vec::len).sum();
        let mut socket = over(pieces);
        let (all, _) = read_all(&mut socket);
        prop_assert!(all.len() <= sum);
        socket.close();
        socket.flush().unwrap();
    }

    #[test]
    fn any_cut_gives_the_same_payload(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..6),
        cut in 1_usize..50,
    ) {
        let bytes: Vec<u8> = payloads.iter().flat_map(|payload| frame(0x82, payload)).collect();
        let mut socket = over(bytes.chunks(cut).map(<[u8]>::to_vec));
        prop_assert_eq!(read_all(&mut socket).0, payloads.concat());
    }
}

//! Retained Messages: many are written, then all are delivered to a new subscriber to `#`.

use std::io::Read;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use emqxctl::demo::link::Protocol;
use serde::Serialize;

use super::cost::Cost;
use crate::blocking_client::{BlockingClient, kind};
use crate::raw::{Connect, PINGREQ, packet, puback, push_text};

/// They write in turn.
const PUBLISHERS: u64 = 10;

/// Messages that each publisher has under way.
const WINDOW: u64 = 100;

/// Messages of which a topic level has all.
const BRANCH: u64 = 1_000;

/// A broker that needs longer to write is given up.
const WRITE_WITHIN: Duration = Duration::from_secs(120);

/// When nothing more comes for so long, nothing will.
const SILENCE: Duration = Duration::from_secs(5);

/// Read at once.
const READ_BYTES: usize = 256 << 10;

/// What comes before the numbers in a Topic Name.
const PREFIX: &str = "retained/";

/// What it cost to write them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Written {
    /// Retained Messages.
    pub messages: u64,
    /// Until the last was acknowledged.
    pub seconds: f64,
    /// CPU seconds of the broker.
    pub cpu_s: f64,
    /// Resident memory of the broker for each, bytes.
    pub bytes_each: f64,
}

/// What it cost to deliver them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Delivered {
    /// Retained Messages that came, each counted once.
    pub messages: u64,
    /// Further copies.
    pub duplicated: u64,
    /// From the SUBSCRIBE to the last message.
    pub seconds: f64,
    /// CPU seconds of the broker.
    pub cpu_s: f64,
}

/// Writes so many, in a closed loop. QoS 0 is answered by a PINGRESP behind each window.
///
/// # Errors
/// When the broker ends a connection, answers otherwise, or takes too long.
pub fn write(address: SocketAddr, pid: u32, count: u64, qos: u8) -> anyhow::Result<Written> {
    let mut publishers = (0..PUBLISHERS)
        .map(|number| connect(address, &format!("writer-{number}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let before = Cost::of(pid).context("the broker has ended")?;
    let began = Instant::now();
    let mut next = 0;
    while next < count {
        let mut under_way = Vec::new();
        for publisher in &mut publishers {
            let end = count.min(next + WINDOW);
            let mut bytes = Vec::new();
            for (packet_id, number) in (1..).zip(next..end) {
                bytes.extend(publish(number, packet_id, qos));
            }
            if qos == 0 {
                bytes.extend(PINGREQ);
            }
            publisher.send(&bytes)?;
            under_way.push(end - next);
            next = end;
        }
        for (publisher, messages) in publishers.iter_mut().zip(under_way) {
            if qos == 0 {
                publisher.expect(kind::PINGRESP)?;
            } else {
                for _ in 0..messages {
                    publisher.expect(kind::PUBACK)?;
                }
            }
        }
        ensure!(
            began.elapsed() < WRITE_WITHIN,
            "only {next} of {count} were written after {WRITE_WITHIN:?}"
        );
    }
    let seconds = began.elapsed().as_secs_f64();
    let used = Cost::of(pid).context("the broker has ended")? - before;
    Ok(Written {
        messages: count,
        seconds,
        cpu_s: used.cpu.as_secs_f64(),
        bytes_each: used.resident as f64 / count as f64,
    })
}

/// Subscribes to `#` and reads until all have come, or nothing comes any more.
///
/// # Errors
/// When the broker ends the connection.
pub fn deliver(
    address: SocketAddr,
    pid: u32,
    client_id: &str,
    count: u64,
    qos: u8,
) -> anyhow::Result<Delivered> {
    let mut client = connect(address, client_id)?;
    client.socket_mut().set_read_timeout(Some(SILENCE))?;
    let mut seen = Seen::new(count);
    let mut buffer = vec![0; READ_BYTES];
    let mut filled = 0;
    let before = Cost::of(pid).context("the broker has ended")?;
    let began = Instant::now();
    let mut last_at = began;
    client.send(&crate::raw::subscribe(Protocol::V3_1_1, 1, "#", qos))?;
    while seen.messages < count && last_at.elapsed() < SILENCE {
        let read = match client.socket_mut().read(&mut buffer[filled..]) {
            Ok(0) => anyhow::bail!("the broker closed after {} messages", seen.messages),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error.into()),
        };
        filled += read;
        let mut acknowledgements = Vec::new();
        let before = seen.messages;
        let taken = seen.take(&buffer[..filled], &mut acknowledgements);
        if seen.messages > before {
            last_at = Instant::now();
        }
        client.send(&acknowledgements)?;
        buffer.copy_within(taken..filled, 0);
        filled -= taken;
        ensure!(
            filled < buffer.len(),
            "a packet is too large to be one of ours"
        );
    }
    let used = Cost::of(pid).context("the broker has ended")? - before;
    Ok(Delivered {
        messages: seen.messages,
        duplicated: seen.duplicated,
        seconds: (last_at - began).as_secs_f64(),
        cpu_s: used.cpu.as_secs_f64(),
    })
}

fn connect(address: SocketAddr, client_id: &str) -> anyhow::Result<BlockingClient> {
    let connect = Connect {
        client_id,
        protocol: Protocol::V3_1_1,
        clean_start: true,
        session_expiry_interval_s: 0,
        keep_alive_s: 600,
    };
    Ok(BlockingClient::connect(address, &connect)?)
}

/// Payload: the number as text.
fn publish(number: u64, packet_id: u16, qos: u8) -> Vec<u8> {
    let mut body = Vec::with_capacity(64);
    push_text(&mut body, &format!("{PREFIX}{}/{number}", number / BRANCH));
    if qos > 0 {
        body.extend(packet_id.to_be_bytes());
    }
    body.extend(format!("{number:016}").as_bytes());
    packet(0x31 | qos << 1, &body)
}

/// Which have come.
struct Seen {
    by_number: Vec<bool>,
    messages: u64,
    duplicated: u64,
}

impl Seen {
    fn new(count: u64) -> Self {
        Self {
            // As many as fit into memory, which the broker has to do as well.
            by_number: vec![false; usize::try_from(count).unwrap_or(usize::MAX)],
            messages: 0,
            duplicated: 0,
        }
    }

    /// Takes whole packets and tells how many bytes they had.
    fn take(&mut self, bytes: &[u8], acknowledgements: &mut Vec<u8>) -> usize {
        let mut taken = 0;
        while let Some((first, body, size)) = first_packet(&bytes[taken..]) {
            taken += size;
            if first >> 4 == 3 {
                self.publish(first, body, acknowledgements);
            }
        }
        taken
    }

    fn publish(&mut self, first: u8, body: &[u8], acknowledgements: &mut Vec<u8>) {
        let Some((length, rest)) = body.split_first_chunk() else {
            return;
        };
        let Some((topic, rest)) = rest.split_at_checked(u16::from_be_bytes(*length).into()) else {
            return;
        };
        if (first >> 1) & 3 == 1
            && let Some(packet_id) = rest.first_chunk()
        {
            acknowledgements.extend(puback(u16::from_be_bytes(*packet_id)));
        }
        // Those of others that come meanwhile are not retained.
        if first & 1 == 0 {
            return;
        }
        let number = std::str::from_utf8(topic).ok().and_then(|topic| {
            let (_, number) = topic.strip_prefix(PREFIX)?.split_once('/')?;
            number.parse::<usize>().ok()
        });
        match number.and_then(|number| self.by_number.get_mut(number)) {
            Some(seen) if *seen => self.duplicated += 1,
            Some(seen) => {
                *seen = true;
                self.messages += 1;
            }
            None => {}
        }
    }
}

/// The first byte of a packet, what follows its fixed header, and how many bytes it has; `None` until it is whole.
fn first_packet(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (&first, rest) = bytes.split_first()?;
    let mut length = 0;
    for (at, digit) in rest.iter().take(4).enumerate() {
        length |= usize::from(digit & 0x7F) << (7 * at);
        if digit & 0x80 == 0 {
            let body = rest.get(at + 1..at + 1 + length)?;
            return Some((first, body, 2 + at + length));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_counts_once_and_only_when_retained() {
        let mut bytes = Vec::new();
        for number in [0, 2, 2, 1_999, 2_000] {
            bytes.extend(publish(number, 7, 1));
        }
        let mut live = publish(1, 7, 0);
        live[0] &= !1;
        bytes.extend(live);
        let whole = bytes.len();
        bytes.extend(&publish(3, 7, 1)[..10]);
        let mut seen = Seen::new(2_000);
        let mut acknowledgements = Vec::new();
        assert_eq!(seen.take(&bytes, &mut acknowledgements), whole);
        assert_eq!((seen.messages, seen.duplicated), (3, 1));
        assert_eq!(acknowledgements, puback(7).repeat(5));
    }

    #[test]
    fn a_long_packet_is_whole_only_with_its_last_byte() {
        let bytes = packet(0x31, &[1; 300]);
        assert_eq!(first_packet(&bytes[..302]), None);
        assert_eq!(first_packet(&bytes), Some((0x31, &[1; 300][..], 303)));
    }
}

//! One client of a load: it connects, subscribes, and then sends and receives as fast as the socket takes it, many
//! packets with each call of the system.

use std::collections::{HashMap, HashSet};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::frame::{self, Packet};
use super::load::Pace;
use super::mark::Mark;
use super::opening::{Opening, PACKET_IDS_MAX};
use super::packet::{self, Connect, PublishTemplate, kind};
use super::sequence::{Receipt, Sequence};
use super::tally::{Publisher, Shared, Signal, bump};

/// Bytes that wait to be written, above which nothing is published.
const OUT_BYTES_MAX: usize = 64 << 10;

/// Turns of reading and writing before other clients get their chance.
const TURNS_MAX: usize = 8;

/// What a client does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Idle,
    Subscriber,
    Publisher,
}

/// Client and its Network Connection.
pub(super) struct Client {
    shared: Rc<Shared>,
    signal: Rc<Signal>,
    stream: TcpStream,
    /// What is to be written, and how much of it has been.
    out: Vec<u8>,
    written: usize,
    /// DISCONNECT is the last of it.
    is_leaving: bool,
    /// The beginning of a packet that is not whole yet.
    partial: Vec<u8>,
    publishing: Option<Publishing>,
    subscribing: Subscribing,
}

/// What a publisher has under way.
struct Publishing {
    index: u32,
    template: PublishTemplate,
    free_ids: Vec<u16>,
    /// By Packet Identifier: when the message was to be sent.
    intended_at: Vec<u64>,
}

/// What a subscriber has seen.
#[derive(Default)]
struct Subscribing {
    places: HashMap<u32, usize>,
    sequences: Vec<(u32, Sequence)>,
    /// The last one used.
    last: usize,
    /// QoS 2 messages that are not released.
    unreleased: HashSet<u16>,
}

impl Client {
    /// Connects, and subscribes when that is its role. `began_at` is when it was to begin.
    pub(super) async fn open(
        shared: Rc<Shared>,
        role: Role,
        index: u32,
        place: u64,
        began_at: u64,
    ) -> Result<Self, String> {
        let load = &shared.load;
        let number = load.start_number + index;
        let kind_name = match role {
            Role::Idle => "idle",
            Role::Subscriber => "sub",
            Role::Publisher => "pub",
        };
        let client_id = format!("{}-{kind_name}-{number}", load.prefix);
        let target = load.targets[(place % load.targets.len() as u64) as usize];
        let source = load.sources.of(place);
        let mut opening = Opening::dial(target, source, load.version).await?;
        let mut out = Vec::with_capacity(64);
        let connect = Connect {
            version: load.version,
            client_id: &client_id,
            clean_start: load.clean_start,
            keep_alive_s: load.keep_alive_s,
            session_expiry_interval_s: load.session_expiry_interval_s,
            username: load.username.as_deref(),
            password: load.password.as_deref(),
        };
        connect.write(&mut out);
        let receive_maximum = opening.connect(&out).await?.receive_maximum;
        let now = shared.clock.now();
        shared.connect.borrow_mut().record(began_at, now);
        let username = load.username.as_deref();
        if role == Role::Subscriber {
            let filter = load.filter.fill(number, &client_id, username);
            out.clear();
            packet::subscribe(&mut out, load.version, 1, &filter, load.qos);
            opening.subscribe(&out).await?;
        }
        let mut signal = Rc::new(Signal::default());
        let mut publishing = None;
        if role == Role::Publisher {
            let topic = load.topic.fill(number, &client_id, username);
            let ids = match load.pace {
                _ if load.qos == 0 => 0,
                Pace::Open { .. } => receive_maximum,
                Pace::Closed { window } => {
                    receive_maximum.min(u16::try_from(window).unwrap_or(PACKET_IDS_MAX))
                }
            };
            signal = Rc::clone(&shared.publishers[index as usize].signal);
            publishing = Some(Publishing {
                index,
                template: PublishTemplate::new(
                    load.version,
                    &topic,
                    load.qos,
                    load.retain,
                    load.payload_bytes,
                ),
                free_ids: (1..=ids).rev().collect(),
                intended_at: vec![0; usize::from(ids) + 1],
            });
        }
        shared.signals.borrow_mut().push(Rc::clone(&signal));
        bump(&shared.tally.connected);
        Ok(Self {
            signal,
            stream: opening.stream,
            out: Vec::new(),
            written: 0,
            is_leaving: false,
            partial: opening.bytes,
            publishing,
            subscribing: Subscribing::default(),
            shared,
        })
    }

    /// Lives until it is told to go or its connection ends, which is counted.
    pub(super) async fn live(mut self) {
        let ended = std::future::poll_fn(|cx| self.poll(cx)).await;
        if let Err(cause) = ended {
            bump(&self.shared.tally.closed);
            self.shared.blame(cause);
        }
        let missing: u64 = self
            .subscribing
            .sequences
            .iter()
            .map(|(_, s)| s.missing())
            .sum();
        let gaps = &self.shared.gaps;
        gaps.set(gaps.get() + missing);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        self.signal.register(cx);
        for _ in 0..TURNS_MAX {
            if self.signal.leave.get() {
                if !self.is_leaving {
                    self.is_leaving = true;
                    self.out.extend_from_slice(&packet::DISCONNECT);
                }
                // Nobody asks any more how that went.
                let _ = ready!(self.poll_flush(cx));
                return Poll::Ready(Ok(()));
            }
            if self.signal.ping.replace(false) {
                self.out.extend_from_slice(&packet::PINGREQ);
            }
            let is_starved = self.publish();
            let is_flushed = match self.poll_flush(cx) {
                Poll::Ready(result) => result.map(|()| true).map_err(|e| e.to_string())?,
                Poll::Pending => false,
            };
            if self.poll_read(cx)?.is_pending() && (is_starved || !is_flushed) {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Puts what may be published into the buffer. Tells whether nothing more is to be published now.
    fn publish(&mut self) -> bool {
        let Some(publishing) = &mut self.publishing else {
            return true;
        };
        let shared = &self.shared;
        let publisher = &shared.publishers[publishing.index as usize];
        let now = shared.clock.now();
        while self.out.len() < OUT_BYTES_MAX {
            if !shared.may_send(publisher) {
                publisher.waits.set(true);
                return true;
            }
            let mut packet_id = 0;
            if shared.load.qos > 0 {
                // An acknowledgement brings one back, which is read anyway.
                let Some(id) = publishing.free_ids.pop() else {
                    return true;
                };
                packet_id = id;
            }
            let sequence = publisher.sent.get();
            let intended_at = match shared.load.pace {
                Pace::Open { per_sec } => shared.due_at(per_sec, publishing.index, sequence),
                Pace::Closed { .. } => now,
            };
            publishing.intended_at[usize::from(packet_id)] = intended_at;
            let mark = Mark {
                publisher: shared.load.start_number + publishing.index,
                sequence,
                intended_at,
            };
            publishing.template.write(&mut self.out, packet_id, mark);
            bump(&publisher.sent);
            bump(&shared.tally.sent);
        }
        false
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.out.len() {
            let rest = &self.out[self.written..];
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            self.written += written;
        }
        self.written = 0;
        self.out.clear();
        Poll::Ready(Ok(()))
    }

    /// Reads once and takes all packets that are whole.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Result<Poll<()>, String> {
        let shared = Rc::clone(&self.shared);
        let mut scratch = shared.scratch.borrow_mut();
        let mut buffer = ReadBuf::new(&mut scratch);
        match Pin::new(&mut self.stream).poll_read(cx, &mut buffer) {
            Poll::Pending => return Ok(Poll::Pending),
            Poll::Ready(result) => result.map_err(|error| error.to_string())?,
        }
        let come = buffer.filled();
        if come.is_empty() {
            return Err("the server closed the connection".to_owned());
        }
        let now = shared.clock.now();
        if self.partial.is_empty() {
            let taken = self.take(come, now)?;
            self.partial.extend_from_slice(&come[taken..]);
        } else {
            let mut bytes = std::mem::take(&mut self.partial);
            bytes.extend_from_slice(come);
            let taken = self.take(&bytes, now)?;
            bytes.drain(..taken);
            self.partial = bytes;
        }
        Ok(Poll::Ready(()))
    }

    /// Takes whole packets and tells how many bytes they had.
    fn take(&mut self, bytes: &[u8], now: u64) -> Result<usize, String> {
        let version = self.shared.load.version;
        let mut taken = 0;
        while let Some((packet, size)) =
            frame::first(&bytes[taken..], version).map_err(|_| "the server sent no MQTT")?
        {
            taken += size;
            match packet {
                Packet::Publish {
                    qos,
                    retain,
                    packet_id,
                    payload,
                    ..
                } => self.on_publish(qos, retain, packet_id, payload, now),
                Packet::Acknowledgement {
                    kind,
                    packet_id,
                    code,
                } => self.on_acknowledgement(kind, packet_id, code, now),
                Packet::Disconnect { code, properties } => {
                    let mut cause = format!("the server disconnected, reason code 0x{code:02X}");
                    if let Some(elsewhere) = frame::server_reference(properties) {
                        cause.push_str(&format!(", to {elsewhere}"));
                    }
                    return Err(cause);
                }
                Packet::Connack { .. } | Packet::Suback { .. } | Packet::Other => {}
            }
        }
        Ok(taken)
    }

    fn on_publish(&mut self, qos: u8, retain: bool, packet_id: u16, payload: &[u8], now: u64) {
        match qos {
            0 => {}
            1 => packet::acknowledge(&mut self.out, kind::PUBACK, packet_id),
            _ => {
                packet::acknowledge(&mut self.out, kind::PUBREC, packet_id);
                if !self.subscribing.unreleased.insert(packet_id) {
                    // Sent again because the PUBREC was late; that is no second message.
                    return;
                }
            }
        }
        let shared = &self.shared;
        let mark = Mark::read(payload).filter(|_| !retain);
        let Some(mark) = mark else {
            bump(&shared.tally.foreign);
            return;
        };
        let is_own = shared.load.copies.is_some();
        bump(&shared.tally.received);
        shared.tally.last_at.set(now);
        match self.subscribing.receive(mark, is_own) {
            Receipt::First => {}
            Receipt::Reordered => bump(&shared.tally.reordered),
            Receipt::Duplicate => {
                bump(&shared.tally.duplicated);
                return;
            }
        }
        shared.latency.borrow_mut().record(mark.intended_at, now);
        let index = mark.publisher.wrapping_sub(shared.load.start_number);
        if let Some(publisher) = shared.publishers.get(index as usize) {
            bump(&publisher.arrived);
            shared.came_back(publisher);
        }
    }

    fn on_acknowledgement(&mut self, kind: u8, packet_id: u16, code: u8, now: u64) {
        match kind {
            kind::PUBREL => {
                self.subscribing.unreleased.remove(&packet_id);
                packet::acknowledge(&mut self.out, kind::PUBCOMP, packet_id);
                return;
            }
            kind::PUBREC if code < 0x80 => {
                packet::acknowledge(&mut self.out, kind::PUBREL, packet_id);
                return;
            }
            _ => {}
        }
        let shared = &self.shared;
        let Some(publishing) = &mut self.publishing else {
            return;
        };
        // An identifier that was never used would be the Server's fault.
        let Some(&intended_at) = publishing.intended_at.get(usize::from(packet_id)) else {
            return;
        };
        publishing.free_ids.push(packet_id);
        let publisher: &Publisher = &shared.publishers[publishing.index as usize];
        bump(&publisher.acknowledged);
        bump(if code < 0x80 {
            &shared.tally.acknowledged
        } else {
            &shared.tally.refused
        });
        shared.tally.last_at.set(now);
        shared.acknowledgement.borrow_mut().record(intended_at, now);
    }
}

impl Subscribing {
    /// `from_zero`: the publisher's first message was sent when this subscriber was there.
    fn receive(&mut self, mark: Mark, from_zero: bool) -> Receipt {
        let is_last = self
            .sequences
            .get(self.last)
            .is_some_and(|(publisher, _)| *publisher == mark.publisher);
        if !is_last {
            let next = self.sequences.len();
            self.last = *self.places.entry(mark.publisher).or_insert(next);
            if self.last == next {
                let first = if from_zero { 0 } else { mark.sequence };
                self.sequences
                    .push((mark.publisher, Sequence::starting_at(first)));
            }
        }
        self.sequences[self.last].1.receive(mark.sequence)
    }
}

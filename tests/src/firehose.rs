//! One publisher that sends without pause, one subscriber that reads, and many that never do, all on one topic: how
//! long messages take to the one that reads, and how much memory the others cost.
//!
//! Threads and blocking sockets, so that nothing but the node is between a message and its arrival.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use emqxctl::demo::link::Protocol;
use socket2::{Domain, Socket, Type};

use crate::blocking_client::BlockingClient;
use crate::raw::{Connect, packet, push_text};
use crate::{resident, unique};

/// A client that never reads asks its system to hold this much for it; the system has a least of its own.
const STALLED_RECEIVE_BUFFER: usize = 4 << 10;

/// As over Ethernet: over loopback, where segments have 64 KiB, the system would hold megabytes for each of them.
const SEGMENT_BYTES: u32 = 1_448;

/// Sent to the clients that never read before anything is measured, so that their sockets are full: messages, and bytes
/// of each.
const FILL: (usize, usize) = (40, 16 << 10);

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub struct Firehose {
    /// Messages a second, evenly.
    pub rate: u32,
    /// Bytes of each.
    pub payload: usize,
    /// For this long.
    pub time: Duration,
}

impl Firehose {
    /// In all.
    pub fn messages(self) -> u64 {
        (self.time.as_secs_f64() * f64::from(self.rate)) as u64
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Messages that were sent.
    pub sent: u64,
    /// Messages that arrived at the subscriber that reads, in order and each once.
    pub received: u64,
    /// From before the send to after the receipt.
    pub p50: Duration,
    /// The same.
    pub p99: Duration,
    /// Highest resident memory of the node meanwhile, bytes.
    pub resident_max: u64,
    /// CPU time of the node for each message.
    pub cpu: Duration,
}

/// Connects with a clean Session. `receive_buffer`: see [`STALLED_RECEIVE_BUFFER`].
fn connect(
    address: SocketAddr,
    name: &str,
    receive_buffer: Option<usize>,
) -> io::Result<BlockingClient> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes)?;
        socket.set_tcp_mss(SEGMENT_BYTES)?;
    }
    let connect = Connect {
        client_id: &unique(name),
        protocol: Protocol::V3_1_1,
        clean_start: true,
        session_expiry_interval_s: 0,
        keep_alive_s: 0,
    };
    BlockingClient::over(socket, address, &connect)
}

/// Subscribers that never read, and whose sockets and queues of so many messages are full.
///
/// # Errors
/// When the node does not take one.
pub fn stalled(
    address: SocketAddr,
    topic: &str,
    count: usize,
    queue_messages: usize,
) -> io::Result<Vec<BlockingClient>> {
    let subscribe = |_| {
        let mut peer = connect(address, "stalled", Some(STALLED_RECEIVE_BUFFER))?;
        peer.subscribe(&[topic], 0)?;
        Ok(peer)
    };
    let peers = (0..count).map(subscribe).collect::<io::Result<_>>()?;
    let mut publisher = connect(address, "filler", None)?;
    let (messages, bytes) = FILL;
    for _ in 0..messages {
        publisher.send(&message(topic, &vec![0; bytes]))?;
        // Answered once the message is routed.
        publisher.settle()?;
    }
    for _ in 0..queue_messages {
        publisher.send(&message(topic, b"x"))?;
    }
    publisher.settle()?;
    Ok(peers)
}

/// Publishes to the topic and times what arrives at one subscriber.
///
/// # Errors
/// When the node ends a connection or does not answer.
pub fn run(address: SocketAddr, pid: u32, topic: &str, firehose: Firehose) -> io::Result<Outcome> {
    let mut subscriber = connect(address, "healthy", None)?;
    subscriber.subscribe(&[topic], 0)?;
    let mut publisher = connect(address, "firehose", None)?;
    let cpu_before = resident::cpu_time(pid).unwrap_or_default();
    let began = Instant::now();
    let done = Arc::new(AtomicBool::new(false));
    let sent = firehose.messages();
    let receiving = thread::spawn({
        let header = packet_header(topic, firehose.payload);
        move || receive(&mut subscriber, header, firehose.payload, began, sent)
    });
    let watching = thread::spawn({
        let done = Arc::clone(&done);
        move || {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(resident::bytes(pid).unwrap_or(0));
                thread::sleep(Duration::from_millis(20));
            }
            most
        }
    });
    let published = publish(&mut publisher, topic, firehose, began);
    let received = receiving.join().map_err(|_| thread_failed())?;
    done.store(true, Ordering::Relaxed);
    let resident_max = watching.join().map_err(|_| thread_failed())?;
    published?;
    // It is still served.
    publisher.settle()?;
    let mut latencies = received?;
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = (latencies.len() as f64 * share) as usize;
        let nanos = latencies.get(index.min(latencies.len().saturating_sub(1)));
        Duration::from_nanos(nanos.copied().unwrap_or(0))
    };
    let cpu = resident::cpu_time(pid).unwrap_or_default() - cpu_before;
    Ok(Outcome {
        cpu: cpu / u32::try_from(sent.max(1)).unwrap_or(u32::MAX),
        sent,
        received: latencies.len() as u64,
        p50: at(0.5),
        p99: at(0.99),
        resident_max,
    })
}

fn thread_failed() -> io::Error {
    io::Error::other("a thread of the test failed")
}

fn message(topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    push_text(&mut body, topic);
    body.extend(payload);
    packet(0x30, &body)
}

/// Bytes before the payload.
fn packet_header(topic: &str, payload: usize) -> usize {
    message(topic, &vec![0; payload]).len() - payload
}

fn publish(
    publisher: &mut BlockingClient,
    topic: &str,
    firehose: Firehose,
    began: Instant,
) -> io::Result<()> {
    let mut payload = vec![0; firehose.payload.max(16)];
    let interval = Duration::from_secs(1) / firehose.rate.max(1);
    for number in 0..firehose.messages() {
        let due = began + interval * u32::try_from(number).unwrap_or(u32::MAX);
        let early = due.saturating_duration_since(Instant::now());
        if !early.is_zero() {
            thread::sleep(early);
        }
        let nanos = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        payload[..8].copy_from_slice(&number.to_be_bytes());
        payload[8..16].copy_from_slice(&nanos.to_be_bytes());
        publisher.send(&message(topic, &payload))?;
    }
    Ok(())
}

/// Reads messages until all that were sent have come: nanoseconds that each took.
fn receive(
    subscriber: &mut BlockingClient,
    header: usize,
    payload: usize,
    began: Instant,
    sent: u64,
) -> io::Result<Vec<u64>> {
    let mut latencies = Vec::new();
    let mut packet = vec![0; header + payload];
    while (latencies.len() as u64) < sent {
        subscriber.socket_mut().read_exact(&mut packet)?;
        let now = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let field = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&packet[header + at..header + at + 8]);
            u64::from_be_bytes(bytes)
        };
        if field(0) != latencies.len() as u64 {
            return Err(io::Error::other(format!(
                "message {} came in place of {}",
                field(0),
                latencies.len()
            )));
        }
        latencies.push(now.saturating_sub(field(8)));
    }
    Ok(latencies)
}

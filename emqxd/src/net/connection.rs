//! One Network Connection: a task that carries bytes between a transport and a Session.

use std::collections::VecDeque;
use std::io::{self, Read as _};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::Interest;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};

use super::handshake::{self, Entrance, Established};
use super::intake::{Intake, SLICE_BYTES};
use super::listener::Place;
use super::opening::{self, Opened};
use super::reader::{Read, Reader};
use super::socket::{Peer, Socket};
use super::transport::Transport;
use super::writer::Writer;
use crate::memory_pressure::Pressure;
use crate::metrics::DisconnectCause;
use crate::node::broker::Broker;
use crate::node::publish::AckWait;
use crate::node::session_cell::{Close, SessionHandle};
use crate::packet::{
    Disconnect, DisconnectProperties, Packet, PacketId, ProtocolVersion, ReasonCode,
};
use crate::session::{Action, Detach, Transmit};
use crate::time::Timestamp;

/// A client that takes no bytes is still read up to this many, so that one that writes all before it reads is not
/// starved; then it must take some.
const READ_WHILE_BLOCKED_BYTES_MAX: usize = 1 << 20;

/// Reads of a connection that is about to be displaced, at most: the client may go on sending.
const READS_BEFORE_DISPLACED_MAX: usize = 16;

/// So many bytes of a packet that is not complete count as a sign of life.
const PROGRESS_BYTES: usize = 1_000;

/// After messages for this many Sessions, others of the worker have their turn: one read can bring thousands of
/// messages, each for thousands of Sessions.
const RECEIVERS_BEFORE_YIELD: usize = 1_000;

/// The last packet gets this long to leave.
const LAST_FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

/// After our side is shut, what the client still sends is read and dropped for this long: closing a socket with
/// unread bytes resets it, and the client could lose our DISCONNECT.
const LINGER_TIMEOUT: Duration = Duration::from_secs(2);

/// A new Subscription is acknowledged when the peers know it, or after this.
const INTEREST_TIMEOUT: Duration = Duration::from_secs(1);

/// With no Keep Alive and no timer in the Session.
const FAR: Duration = Duration::from_secs(24 * 3600);

/// How a connection ended.
#[derive(Debug)]
enum End {
    /// DISCONNECT received.
    ByClient,
    /// The socket failed or was closed by the client.
    Lost,
    /// The client broke a rule of TLS or WebSocket.
    Broken(String),
    /// A broken rule: DISCONNECT with this code in 5.0.
    Fault(ReasonCode, String),
    /// Asked to: eviction, kick.
    Asked(Close),
    /// Another connection serves the Session, here or on another node.
    Displaced,
}

/// Serves an accepted socket until it ends.
pub async fn serve(socket: Socket, peer: Peer, place: Place, broker: Arc<Broker>) {
    let listener = Arc::clone(place.listener());
    let live = listener.live();
    let limits = &broker.config.limits;
    let connect_timeout = match live.settings.connect_timeout {
        Duration::ZERO => limits.connect_timeout,
        own => own,
    };
    let deadline = Instant::now() + connect_timeout;
    // Boxed, and given back before MQTT begins: what handshakes need is not kept by a connection that serves.
    let opened = tokio::select! {
        opened = Box::pin(opening::open(socket, peer, listener.kind, &live, deadline)) => opened,
        () = listener.is_given_up() => return,
    };
    let (mut transport, peer) = match opened {
        Opened::Done(transport, peer) => (transport, peer),
        Opened::Failed(mut channel, peer, reason) => {
            listener.note_handshake_failure();
            if let Some(held_back) = listener.may_log() {
                tracing::info!(listener = %listener.name, %peer, reason, held_back, "closed before MQTT began");
            }
            linger(channel.socket_mut()).await;
            return;
        }
    };
    let maximum_packet_size = match live.settings.maximum_packet_size {
        0 => limits.maximum_packet_size,
        own => own,
    };
    drop(live);
    let mut reader = Reader::new(maximum_packet_size, limits.properties);
    let entrance = Entrance {
        peer,
        place: &place,
        deadline,
        maximum_packet_size,
    };
    let established = tokio::select! {
        established = handshake::establish(&mut transport, entrance, &mut reader, &broker) => established,
        () = listener.is_given_up() => return,
    };
    drop(listener);
    let established = match established {
        Ok(Some(established)) => established,
        Ok(None) => {
            close_down(&mut transport).await;
            return;
        }
        Err(error) => {
            tracing::debug!(%peer, %error, "lost before CONNECT was answered");
            // A client that broke a rule of the transport is told so.
            close_down(&mut transport).await;
            return;
        }
    };
    // A task of its own: the hand-shake's larger state is not kept for the life of an idle connection.
    tokio::spawn(run(transport, peer, place, reader, established, broker));
}

async fn run(
    transport: Transport,
    peer: Peer,
    place: Place,
    reader: Reader,
    established: Established,
    broker: Arc<Broker>,
) {
    let Established {
        opened,
        writer,
        packets,
        fault,
        keep_alive,
    } = established;
    let mut connection = Connection {
        session: opened.session,
        number: opened.connection,
        transport,
        reader,
        writer,
        pending: VecDeque::new(),
        keep_alive,
        last_received: broker.clock.now(),
        unfinished: 0,
        read_while_blocked: 0,
        intake: Intake::default(),
        displacing: None,
        broker,
        _place: place,
    };
    let end = connection.serve(packets, fault).await;
    connection.finish(peer, end).await;
}

struct Connection {
    session: SessionHandle,
    number: u64,
    transport: Transport,
    reader: Reader,
    writer: Writer,
    /// Messages of this client that peers have not acknowledged, oldest first.
    pending: VecDeque<(PacketId, ReasonCode, AckWait)>,
    keep_alive: Option<Duration>,
    last_received: Timestamp,
    /// Bytes since then.
    unfinished: usize,
    read_while_blocked: usize,
    intake: Intake,
    /// Dropped when all that the client has sent is taken in, and after the connection is closed.
    displacing: Option<oneshot::Sender<()>>,
    broker: Arc<Broker>,
    _place: Place,
}

impl Connection {
    async fn serve(
        &mut self,
        mut packets: Vec<Packet>,
        fault: Option<crate::packet::DecodeError>,
    ) -> End {
        if let Err(end) = self.handle(&mut packets).await {
            return end;
        }
        if let Some(fault) = fault {
            return self.fault(&fault);
        }
        drop(packets);
        loop {
            let more = match self.transmit() {
                Ok(more) => more,
                Err(end) => return end,
            };
            if self.displacing.is_some() {
                if let Err(end) = self.hear_out().await {
                    return end;
                }
                continue;
            }
            if more && !self.writer.is_blocked() {
                // A long queue: let others of this worker have their turn.
                tokio::task::yield_now().await;
                continue;
            }
            if let Err(end) = self.wait().await {
                return end;
            }
        }
    }

    /// Waits for something to happen, and takes in what can be read.
    async fn wait(&mut self) -> Result<(), End> {
        // Listens before it looks, so that a displacement cannot slip through in between.
        let session = self.session.clone();
        let mut rung = pin!(session.rung());
        rung.as_mut().enable();
        let is_held = self.intake.waits(&self.broker);
        let deadline = Instant::from_std(self.broker.clock.instant_of(self.deadline()?));
        let blocked = self.writer.is_blocked();
        let interest = if !blocked {
            Interest::READABLE
        } else if is_held || self.read_while_blocked > READ_WHILE_BLOCKED_BYTES_MAX {
            Interest::WRITABLE
        } else {
            Interest::READABLE | Interest::WRITABLE
        };
        tokio::select! {
            () = self.intake.turn(&session), if is_held => {
                self.last_received = self.broker.clock.now();
                return self.read().await;
            }
            ready = self.transport.ready(interest), if blocked || !is_held => {
                let ready = ready.map_err(|_| End::Lost)?;
                if ready.is_readable() || ready.is_read_closed() {
                    return self.read().await;
                }
            }
            () = rung => {}
            () = sleep_until(deadline) => return self.timeout(),
        }
        Ok(())
    }

    fn deadline(&self) -> Result<Timestamp, End> {
        let now = self.broker.clock.now();
        let session = {
            let state = self.session.lock();
            if state.connection != self.number {
                return Err(End::Displaced);
            }
            state.session.poll_timeout()
        };
        let silent = self.silent_until();
        let far = now + FAR;
        Ok(session.unwrap_or(far).min(silent.unwrap_or(far)))
    }

    /// When Keep Alive runs out. It does not while the client is not read: it may have sent something.
    fn silent_until(&self) -> Option<Timestamp> {
        let limit = self.keep_alive.filter(|_| !self.intake.is_waiting())?;
        Some(self.last_received + limit)
    }

    fn timeout(&mut self) -> Result<(), End> {
        let now = self.broker.clock.now();
        if self.silent_until().is_some_and(|until| until <= now) {
            // [MQTT-3.1.2-22]
            return Err(End::Fault(
                ReasonCode::KeepAliveTimeout,
                "Keep Alive timeout".to_owned(),
            ));
        }
        let mut actions = Vec::new();
        self.session
            .lock()
            .session
            .handle_timeout(now, &mut actions);
        for action in actions {
            self.broker.carry_out(&self.session, action);
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<(), End> {
        let mut packets = Vec::new();
        let is_short = self.broker.memory.pressure() > Pressure::None;
        self.reader.set_slices(is_short.then_some(SLICE_BYTES));
        let read = self.reader.read(&mut self.transport, &mut packets);
        self.took(read, packets).await.map(drop)
    }

    /// Takes in what the client has sent so far: another connection is about to take its place.
    async fn hear_out(&mut self) -> Result<(), End> {
        for _ in 0..READS_BEFORE_DISPLACED_MAX {
            let mut packets = Vec::new();
            let read = self.reader.read_now(&mut self.transport, &mut packets);
            if !self.took(read, packets).await? {
                break;
            }
        }
        self.displacing = None;
        Ok(())
    }

    /// Handles what a read brought. Returns whether it brought something.
    async fn took(
        &mut self,
        read: io::Result<Read>,
        mut packets: Vec<Packet>,
    ) -> Result<bool, End> {
        match read {
            Ok(Read::Nothing) => Ok(false),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(End::Broken(error.to_string()))
            }
            Ok(Read::Closed) | Err(_) => Err(End::Lost),
            Ok(Read::Bytes(count)) => {
                self.note_heard(count, !packets.is_empty());
                self.broker.metrics.bytes_received.add(count as u64);
                let is_publish = |packet: &Packet| matches!(packet, Packet::Publish(_));
                let publishes = self.reader.is_in_publish() || packets.iter().any(is_publish);
                self.intake.note(publishes);
                if self.writer.is_blocked() {
                    self.read_while_blocked += count;
                }
                self.handle(&mut packets).await?;
                Ok(true)
            }
            Ok(Read::Fault(fault)) => {
                self.handle(&mut packets).await?;
                Err(self.fault(&fault))
            }
        }
    }

    /// Keep Alive is about packets, not bytes: a client that sends a byte now and then does not keep its connection
    /// [MQTT-3.1.2-22]. A large packet that goes on arriving does.
    fn note_heard(&mut self, bytes: usize, is_packet: bool) {
        self.unfinished += bytes;
        if is_packet || self.unfinished >= PROGRESS_BYTES {
            self.unfinished = 0;
            self.last_received = self.broker.clock.now();
        }
    }

    fn fault(&self, fault: &crate::packet::DecodeError) -> End {
        self.broker.metrics.malformed_packets.inc();
        End::Fault(fault.reason_code(), fault.to_string())
    }

    /// Gives packets to the Session and carries out what it asks for.
    async fn handle(&mut self, packets: &mut Vec<Packet>) -> Result<(), End> {
        if packets.is_empty() {
            return Ok(());
        }
        let now = self.broker.clock.now();
        let mut actions = Vec::new();
        let mut violation = None;
        self.broker
            .metrics
            .packets_received
            .add(packets.len() as u64);
        {
            let mut state = self.session.lock();
            if state.connection != self.number {
                return Err(End::Displaced);
            }
            for packet in packets.drain(..) {
                if let Err(broken) = state.session.handle_packet(packet, now, &mut actions) {
                    violation = Some(broken);
                    break;
                }
            }
        }
        let mut closing = false;
        let mut interest = AckWait::default();
        let mut done = Vec::new();
        let mut receivers = 0;
        for action in actions {
            match action {
                Action::Route(inbound) => {
                    if receivers >= RECEIVERS_BEFORE_YIELD {
                        receivers = 0;
                        tokio::task::yield_now().await;
                    }
                    let routed = self.broker.publish(inbound.message, Some(&self.session));
                    receivers += routed.receivers;
                    if let Some(packet_id) = inbound.packet_id {
                        if routed.wait.is_empty() && self.pending.is_empty() {
                            done.push((packet_id, routed.code));
                        } else {
                            routed.wait.notify(&self.session);
                            self.pending
                                .push_back((packet_id, routed.code, routed.wait));
                        }
                    }
                }
                Action::Subscribed {
                    filter,
                    options,
                    identifier,
                    existed,
                } => {
                    interest.join(self.broker.subscribe(
                        &self.session,
                        &filter,
                        options,
                        identifier,
                        existed,
                    ));
                }
                Action::CloseNormally => closing = true,
                other => self.broker.carry_out(&self.session, other),
            }
        }
        if !done.is_empty() {
            let mut state = self.session.lock();
            for (packet_id, code) in done {
                state.session.publish_done(packet_id, code, now);
            }
        }
        if !interest.is_empty() {
            // A client that has its SUBACK may rely on any node to know the Subscription.
            let _ = timeout(INTEREST_TIMEOUT, interest.wait()).await;
        }
        if let Some(violation) = violation {
            self.broker.metrics.protocol_errors.inc();
            return Err(End::Fault(violation.code, violation.reason.to_owned()));
        }
        if closing {
            return Err(End::ByClient);
        }
        Ok(())
    }

    /// Lets the Session fill the writer and gives that to the socket. Returns whether more waits.
    fn transmit(&mut self) -> Result<bool, End> {
        self.session.answer();
        let now = self.broker.clock.now();
        let more;
        {
            let mut state = self.session.lock();
            if state.connection != self.number {
                return Err(End::Displaced);
            }
            if let Some(close) = state.close.take() {
                return Err(End::Asked(close));
            }
            self.session.set_blocked(&mut state, false);
            self.displacing = state.hear_out.take();
            while let Some((packet_id, code, wait)) = self.pending.front() {
                if !wait.is_done() {
                    break;
                }
                state.session.publish_done(*packet_id, *code, now);
                self.pending.pop_front();
            }
            more = if self.writer.has_room() {
                state.session.poll_transmit(now, &mut self.writer)
            } else {
                true
            };
            if !more {
                // What waits then waits for acknowledgements of the client.
                if state.session.has_queued() {
                    self.session.set_blocked(&mut state, true);
                } else if self.session.has_held_back() {
                    self.broker.held_back.hurry();
                }
            }
        }
        self.writer
            .flush(&mut self.transport)
            .map_err(|_| End::Lost)?;
        if self.writer.is_blocked() {
            self.block();
        } else {
            self.read_while_blocked = 0;
        }
        let sent = self.writer.take_sent();
        self.broker
            .metrics
            .note_sent(sent.messages, sent.packets, sent.bytes, sent.too_large);
        if self.writer.is_stuck() {
            return Err(End::Fault(
                ReasonCode::PacketTooLarge,
                "an answer is larger than the Maximum Packet Size of the client".to_owned(),
            ));
        }
        Ok(more)
    }

    /// Messages that come from now on need not wake this task: it wakes when the socket takes bytes again. With many
    /// clients that do not read, waking each for each message would leave no time for those that do.
    fn block(&self) {
        let mut state = self.session.lock();
        if state.connection == self.number {
            self.session.set_blocked(&mut state, true);
        }
    }

    async fn finish(mut self, peer: Peer, end: End) {
        let client_id = self.session.client_id().clone();
        if matches!(end, End::Displaced) {
            // A bell that was meant for the connection that serves the Session now may have been heard here.
            self.session.ring();
        }
        let (how, last) = match &end {
            // After DISCONNECT 0x04 the Session still keeps the Will [MQTT-3.14.4-3].
            End::ByClient => (Detach::Normal, None),
            End::Lost | End::Broken(_) => (Detach::Abnormal, None),
            End::Fault(code, _) => (
                Detach::Abnormal,
                Some(Close {
                    code: *code,
                    server_reference: None,
                }),
            ),
            End::Asked(close) => (Detach::Abnormal, Some(close.clone())),
            End::Displaced => (
                Detach::TakenOver,
                Some(Close {
                    code: ReasonCode::SessionTakenOver,
                    server_reference: None,
                }),
            ),
        };
        let fault = match &end {
            End::Fault(code, reason) => Some((code.name(), reason)),
            End::Broken(reason) => Some(("", reason)),
            _ => None,
        };
        match fault {
            Some((code, reason)) => {
                let (now, peer) = (self.broker.clock.now(), peer.to_string());
                let client_id = client_id.as_str();
                let log = &self.broker.client_log;
                log.note(now, &peer, client_id, code, reason);
            }
            None => tracing::debug!(%peer, %client_id, ?end, "disconnected"),
        }
        let reason = if let End::Fault(_, reason) = &end {
            Some(reason.as_str())
        } else {
            None
        };
        let cause = cause(&end);
        if let Some(close) = last
            && self.writer.version() == ProtocolVersion::V5
        {
            self.writer.packet(&disconnect(close, reason));
        }
        if !self.pending.is_empty() {
            let pending = std::mem::take(&mut self.pending);
            tokio::spawn(finish_publishes(
                self.session.clone(),
                Arc::clone(&self.broker),
                pending,
            ));
        }
        // Before the client can know: whoever it connects to next finds the Session free, and counted as cut.
        self.broker.close(&self.session, self.number, how, cause);
        let _ = self.writer.flush(&mut self.transport);
        self.displacing = None;
        if self.writer.is_blocked() {
            let last = drain(&mut self.transport, &mut self.writer);
            let _ = timeout(LAST_FLUSH_TIMEOUT, last).await;
        }
        if self.writer.is_blocked() {
            // The client takes nothing: nothing more can be put behind what waits.
            linger(self.transport.socket_mut()).await;
        } else {
            close_down(&mut self.transport).await;
        }
    }
}

/// Tells the Session what became of the messages of a connection that has ended: a Session that moves waits for it.
async fn finish_publishes(
    session: SessionHandle,
    broker: Arc<Broker>,
    pending: VecDeque<(PacketId, ReasonCode, AckWait)>,
) {
    for (packet_id, code, wait) in pending {
        wait.wait().await;
        session
            .lock()
            .session
            .publish_done(packet_id, code, broker.clock.now());
    }
}

fn cause(end: &End) -> DisconnectCause {
    match end {
        End::ByClient => DisconnectCause::Client,
        End::Lost => DisconnectCause::Network,
        End::Fault(ReasonCode::KeepAliveTimeout, _) => DisconnectCause::KeepAlive,
        End::Fault(..) | End::Broken(_) => DisconnectCause::Protocol,
        End::Displaced => DisconnectCause::TakenOver,
        End::Asked(close) => match close.code {
            ReasonCode::UseAnotherServer => DisconnectCause::Evicted,
            ReasonCode::AdministrativeAction => DisconnectCause::Kicked,
            ReasonCode::ServerShuttingDown => DisconnectCause::Stopping,
            _ => DisconnectCause::Other,
        },
    }
}

fn disconnect(close: Close, reason: Option<&str>) -> Packet {
    let properties = (close.server_reference.is_some() || reason.is_some()).then(|| {
        Box::new(DisconnectProperties {
            reason_string: reason.map(Into::into),
            server_reference: close.server_reference,
            ..DisconnectProperties::default()
        })
    });
    Packet::Disconnect(Disconnect {
        reason_code: close.code,
        properties,
    })
}

/// Writes what is encoded, however long the socket takes.
pub(super) async fn drain(transport: &mut Transport, writer: &mut Writer) -> io::Result<()> {
    loop {
        writer.flush(transport)?;
        if !writer.is_blocked() {
            return Ok(());
        }
        transport.ready(Interest::WRITABLE).await?;
    }
}

/// Ends the layers of the transport, shuts our side and reads the rest.
async fn close_down(transport: &mut Transport) {
    transport.close();
    let left = async {
        while !transport.flush()? {
            transport.ready(Interest::WRITABLE).await?;
        }
        Ok::<(), io::Error>(())
    };
    // A client that does not take the last words has to do without.
    let _ = timeout(LAST_FLUSH_TIMEOUT, left).await;
    linger(transport.socket_mut()).await;
}

/// Shuts our side and reads the rest.
async fn linger(socket: &mut Socket) {
    if socket.shutdown().is_err() {
        return;
    }
    let until_closed =
        async { while socket.ready(Interest::READABLE).await.is_ok() && !discard(socket) {} };
    let _ = timeout(LINGER_TIMEOUT, until_closed).await;
}

/// Drops what can be read now; true at the end of the stream.
fn discard(socket: &mut Socket) -> bool {
    let mut rest = [0; 4_096];
    loop {
        match socket.read(&mut rest) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != io::ErrorKind::WouldBlock,
        }
    }
}

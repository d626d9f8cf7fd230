//! One Network Connection that is served: a task that carries bytes between a transport and a Session.

use std::future::poll_fn;
use std::io;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::coop::consume_budget;
use tokio::time::{sleep, timeout};

use self::round::Round;
use super::ending::{
    End, LAST_FLUSH_TIMEOUT, Pending, close_down, disconnect, drain, finish_publishes, linger,
};
use super::handshake::Established;
use super::intake::{Intake, SLICE_BYTES};
use super::listener::Place;
use super::reader::{READ_BYTES_MAX, Read, Reader};
use super::transport::Transport;
use super::writer::Writer;
use crate::memory_pressure::Pressure;
use crate::node::broker::Broker;
use crate::node::session_cell::{Access, Close, SessionHandle};
use crate::packet::{DecodeError, Packet, ProtocolVersion, ReasonCode};
use crate::session::{Detach, Transmit};
use crate::storage::Commit;
use crate::time::Timestamp;

/// A client that takes no bytes is still read up to this many, so that one that writes all before it reads is not
/// starved; then it must take some.
const READ_WHILE_BLOCKED_BYTES_MAX: u32 = 1 << 20;

/// Reads of a connection that is about to be displaced or given up, at most: the client may go on sending.
const LAST_READS_MAX: usize = 16;

/// So many bytes of a packet that is not complete count as a sign of life.
const PROGRESS_BYTES: u32 = 1_000;

/// After so many slices of Retained Messages, which come as fast as the client takes them, the connection pauses: a client
/// that takes a million of them is not to fill a processor that others wait for.
const RETAINED_SLICES_BEFORE_PAUSE: u8 = 2;

/// How long it pauses.
const RETAINED_PAUSE: Duration = Duration::from_millis(1);

/// Begins to serve a Network Connection whose CONNECT was accepted, in a task of its own.
pub fn start(
    transport: Transport,
    place: Place,
    reader: Reader,
    established: Established,
    broker: Arc<Broker>,
) {
    let Established {
        access,
        opened,
        writer,
        packets,
        fault,
        keep_alive,
    } = established;
    let first = (!packets.is_empty() || fault.is_some()).then(|| Box::new((packets, fault)));
    let connection = Connection {
        access,
        session: opened.session,
        number: opened.connection,
        transport,
        reader,
        writer,
        pending: None,
        held_for: Commit::NONE,
        silence_max: keep_alive.and_then(|limit| {
            // At most one and a half times what 16 bits of seconds can say.
            NonZeroU32::new(u32::try_from(limit.as_millis()).unwrap_or(u32::MAX))
        }),
        last_received: broker.clock.now(),
        unfinished: 0,
        read_while_blocked: 0,
        intake: Intake::default(),
        is_waiting: false,
        retained_slices: 0,
        displacing: None,
        broker,
        _place: place,
    };
    tokio::spawn(task(connection, first));
}

/// What runs for as long as the connection lasts. There is one for each idle connection: it holds little more than the
/// connection, and what takes time is boxed for as long as it takes.
fn task(mut connection: Connection, first: Option<Box<First>>) -> impl Future<Output = ()> + Send {
    let mut slow = first.map_or(Slow::Nothing, Slow::First);
    async move {
        loop {
            match slow {
                Slow::Nothing => {}
                Slow::Yield => tokio::task::yield_now().await,
                Slow::Pause => Box::pin(sleep(RETAINED_PAUSE)).await,
                Slow::End(end) => return Box::pin(connection.finish(*end)).await,
                Slow::First(_) | Slow::HearOut | Slow::Timeout | Slow::Hold | Slow::Complete(_) => {
                    if let Err(end) = Box::pin(connection.take_time(slow)).await {
                        slow = Slow::End(Box::new(end));
                        continue;
                    }
                }
            }
            slow = poll_fn(|context| connection.poll(context)).await;
        }
    }
}

struct Connection {
    access: Arc<Access>,
    session: SessionHandle,
    number: u64,
    transport: Transport,
    reader: Reader,
    writer: Writer,
    /// Boxed: without peers and without a store there are none.
    pending: Option<Box<Pending>>,
    /// What is encoded may not leave before this commit is stored.
    held_for: Commit,
    /// Milliseconds; `None` = off.
    silence_max: Option<NonZeroU32>,
    last_received: Timestamp,
    /// Bytes since then.
    unfinished: u32,
    read_while_blocked: u32,
    intake: Intake,
    /// All is done that can be; the next is to look what has happened.
    is_waiting: bool,
    /// Slices of Retained Messages since the last pause.
    retained_slices: u8,
    /// Dropped when all that the client has sent is taken in, and after the connection is closed.
    displacing: Option<oneshot::Sender<()>>,
    broker: Arc<Broker>,
    _place: Place,
}

/// Packets that came behind the CONNECT, and the fault behind them.
type First = (Vec<Packet>, Option<DecodeError>);

/// What takes time, and cannot be done at once.
enum Slow {
    Nothing,
    /// The packets that came behind the CONNECT.
    First(Box<First>),
    /// Others of this worker have their turn, then there is more to do.
    Yield,
    /// The same, after [`RETAINED_PAUSE`].
    Pause,
    /// The connection is about to be displaced.
    HearOut,
    /// A timer has come up.
    Timeout,
    /// The connection waits, and is not read meanwhile.
    Hold,
    /// What was read asks for something that is not done yet.
    Complete(Box<Round>),
    End(Box<End>),
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    /// There may be something to read.
    Readable,
    /// There may be something to send, or a timer has come up.
    Rung,
}

impl Connection {
    /// Does what can be done at once, and waits where there is nothing to do; ready with what takes time.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Slow> {
        self.poll_or_end(context)
            .map(|slow| slow.unwrap_or_else(|end| Slow::End(Box::new(end))))
    }

    fn poll_or_end(&mut self, context: &mut Context<'_>) -> Poll<Result<Slow, End>> {
        loop {
            if !self.is_waiting {
                if let Some(slow) = self.next()? {
                    return Poll::Ready(Ok(slow));
                }
                self.is_waiting = true;
            }
            let woken = ready!(self.poll_woken(context))?;
            self.is_waiting = false;
            match woken {
                Woken::Readable => {
                    if let (_, Some(round)) = self.read()? {
                        return Poll::Ready(Ok(Slow::Complete(round)));
                    }
                }
                // Whoever has much to tell this client leaves room for others of this worker.
                Woken::Rung => ready!(pin!(consume_budget()).poll(context)),
            }
        }
    }

    async fn take_time(&mut self, slow: Slow) -> Result<(), End> {
        match slow {
            Slow::First(first) => {
                let (packets, fault) = *first;
                match self.handle(packets, fault)? {
                    Some(round) => self.complete(round).await,
                    None => Ok(()),
                }
            }
            Slow::HearOut => self.hear_out().await,
            Slow::Timeout => self.timeout().await,
            Slow::Hold => self.wait_held().await,
            Slow::Complete(round) => self.complete(round).await,
            Slow::Nothing | Slow::Yield | Slow::Pause => Ok(()),
            Slow::End(end) => Err(*end),
        }
    }

    /// Sends what there is to send, and looks what comes then. `None` when that is to wait for something to happen.
    fn next(&mut self) -> Result<Option<Slow>, End> {
        let (more, timeout) = self.transmit()?;
        if self.displacing.is_some() {
            return Ok(Some(Slow::HearOut));
        }
        if more && !self.is_blocked() {
            // A long queue: let others of this worker have their turn.
            let pauses = self.retained_slices >= RETAINED_SLICES_BEFORE_PAUSE;
            if pauses {
                self.retained_slices = 0;
            }
            return Ok(Some(if pauses { Slow::Pause } else { Slow::Yield }));
        }
        let is_held = self.intake.waits(&self.broker);
        let deadline = [timeout, self.silent_until()].into_iter().flatten().min();
        if let Some(deadline) = deadline {
            if deadline <= self.broker.clock.now() {
                return Ok(Some(Slow::Timeout));
            }
            // Rings the bell then.
            self.broker.timers.schedule(deadline, &self.session);
        }
        Ok(is_held.then_some(Slow::Hold))
    }

    fn poll_woken(&self, context: &mut Context<'_>) -> Poll<Result<Woken, End>> {
        if self.reads()
            && let Poll::Ready(ready) = self.transport.poll_readable(context)
        {
            return Poll::Ready(ready.map(|()| Woken::Readable).map_err(|_| End::Lost));
        }
        poll_rung(
            &self.transport,
            self.is_blocked(),
            &self.session,
            self.number,
            context,
        )
    }

    /// Whether the client has to take bytes before it gets more.
    fn is_blocked(&self) -> bool {
        self.held_for.is_none() && self.writer.is_blocked()
    }

    /// Waits without reading until it is this connection's turn again, or something else happens.
    async fn wait_held(&mut self) -> Result<(), End> {
        let is_blocked = self.is_blocked();
        let (transport, session, number) = (&self.transport, &self.session, self.number);
        tokio::select! {
            () = self.intake.turn(session) => {}
            rung = poll_fn(|context| poll_rung(transport, is_blocked, session, number, context)) => {
                return rung.map(|_| ());
            }
        }
        self.last_received = self.broker.clock.now();
        match self.read()?.1 {
            Some(round) => self.complete(round).await,
            None => Ok(()),
        }
    }

    /// When Keep Alive runs out. It does not while the client is not read: it may have sent something.
    fn silent_until(&self) -> Option<Timestamp> {
        let limit = self.silence_max.filter(|_| !self.intake.is_waiting())?;
        Some(self.last_received + Duration::from_millis(limit.get().into()))
    }

    fn is_silent(&self) -> bool {
        let now = self.broker.clock.now();
        self.silent_until().is_some_and(|until| until <= now)
    }

    async fn timeout(&mut self) -> Result<(), End> {
        if self.is_silent() && self.reads() {
            // It may have been the node that was late.
            self.read_what_has_come().await?;
        }
        if self.is_silent() {
            // [MQTT-3.1.2-22]
            return Err(End::Fault(
                ReasonCode::KeepAliveTimeout,
                "Keep Alive timeout".to_owned(),
            ));
        }
        let mut actions = Vec::new();
        let now = self.broker.clock.now();
        self.session
            .lock()
            .session
            .handle_timeout(now, &mut actions);
        for action in actions {
            self.broker.carry_out(&self.session, action);
        }
        Ok(())
    }

    /// Whether the client is read as soon as it has sent something.
    fn reads(&self) -> bool {
        !self.is_blocked() || self.read_while_blocked <= READ_WHILE_BLOCKED_BYTES_MAX
    }

    /// Reads once. Returns whether that brought something, and what of it is not carried out yet.
    fn read(&mut self) -> Result<(bool, Option<Box<Round>>), End> {
        let mut packets = Vec::new();
        let is_short = self.broker.memory.pressure() > Pressure::None;
        let bytes_max = if is_short {
            SLICE_BYTES
        } else {
            READ_BYTES_MAX
        };
        let read = self
            .reader
            .read(&mut self.transport, bytes_max, &mut packets);
        self.took(read, packets)
    }

    /// Takes in what the client has sent so far: another connection is about to take its place.
    async fn hear_out(&mut self) -> Result<(), End> {
        self.read_what_has_come().await?;
        self.displacing = None;
        Ok(())
    }

    async fn read_what_has_come(&mut self) -> Result<(), End> {
        for _ in 0..LAST_READS_MAX {
            let mut packets = Vec::new();
            let read = self.reader.read_now(&mut self.transport, &mut packets);
            let (brought, round) = self.took(read, packets)?;
            if let Some(round) = round {
                self.complete(round).await?;
            }
            if !brought {
                break;
            }
        }
        Ok(())
    }

    /// Handles what a read brought. Returns as `read` does.
    fn took(
        &mut self,
        read: io::Result<Read>,
        packets: Vec<Packet>,
    ) -> Result<(bool, Option<Box<Round>>), End> {
        match read {
            Ok(Read::Nothing) => Ok((false, None)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(End::Broken(error.to_string()))
            }
            Ok(Read::Closed) | Err(_) => Err(End::Lost),
            Ok(Read::Bytes(count)) => {
                // A read brings no more than READ_BYTES_MAX.
                let few = count as u32;
                self.note_heard(few, !packets.is_empty());
                self.broker.metrics.bytes_received.add(count as u64);
                let is_publish = |packet: &Packet| matches!(packet, Packet::Publish(_));
                let publishes = self.reader.is_in_publish() || packets.iter().any(is_publish);
                self.intake.note(publishes);
                if self.is_blocked() {
                    self.read_while_blocked = self.read_while_blocked.saturating_add(few);
                }
                Ok((true, self.handle(packets, None)?))
            }
            Ok(Read::Fault(fault)) => Ok((true, self.handle(packets, Some(fault))?)),
        }
    }

    /// Keep Alive is about packets, not bytes: a client that sends a byte now and then does not keep its connection
    /// [MQTT-3.1.2-22]. A large packet that goes on arriving does.
    fn note_heard(&mut self, bytes: u32, is_packet: bool) {
        self.unfinished = self.unfinished.saturating_add(bytes);
        if is_packet || self.unfinished >= PROGRESS_BYTES {
            self.unfinished = 0;
            self.last_received = self.broker.clock.now();
        }
    }

    /// Lets the Session fill the writer and gives that to the socket. Returns whether more waits, and when the
    /// Session's next timer comes up.
    fn transmit(&mut self) -> Result<(bool, Option<Timestamp>), End> {
        self.session.answer();
        let now = self.broker.clock.now();
        let more;
        let timeout;
        {
            let mut state = self.session.lock();
            if state.connection != self.number {
                return Err(End::Displaced);
            }
            if let Some(asked) = state.asked.take() {
                self.displacing = asked.hear_out;
                if let Some(close) = asked.close {
                    return Err(End::Asked(close));
                }
            }
            if !self.broker.disk.is_committed(self.held_for) {
                return Ok((false, state.session.poll_timeout()));
            }
            self.held_for = Commit::NONE;
            self.session.set_blocked(&mut state, false);
            while let Some(pending) = &mut self.pending
                && let Some((packet_id, code, _)) =
                    pending.pop_front_if(|(_, _, wait)| wait.is_done(&self.broker.disk))
            {
                state.session.publish_done(packet_id, code, now);
            }
            more = if self.writer.has_room() {
                let is_more = state.session.poll_transmit(now, &mut self.writer);
                let is_slice =
                    !is_more && self.broker.deliver_owed_retained(&mut state.session, now);
                if is_slice {
                    self.retained_slices = self.retained_slices.saturating_add(1);
                }
                is_more || is_slice
            } else {
                true
            };
            timeout = state.session.poll_timeout();
            if !more {
                // What waits then waits for acknowledgements of the client.
                if state.session.has_queued() {
                    self.session.set_blocked(&mut state, true);
                } else if self.session.has_held_back() {
                    self.broker.held_back.hurry();
                }
            }
            state.keep();
            if state.session.take_waits_for_store() {
                self.held_for = state.uncommitted().unwrap_or_default();
            }
        }
        if !self.held_for.is_none() {
            let told = self.session.as_ack_notify();
            self.broker.disk.notify(self.held_for, told);
            return Ok((false, timeout));
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
        self.broker.metrics.note_sent(
            sent.messages.into(),
            sent.packets.into(),
            sent.bytes as u64,
            sent.too_large.into(),
        );
        if self.writer.is_stuck() {
            return Err(End::Fault(
                ReasonCode::PacketTooLarge,
                "an answer is larger than the Maximum Packet Size of the client".to_owned(),
            ));
        }
        Ok((more, timeout))
    }

    /// Messages that come from now on need not wake this task: it wakes when the socket takes bytes again. With many
    /// clients that do not read, waking each for each message would leave no time for those that do.
    fn block(&self) {
        let mut state = self.session.lock();
        if state.connection == self.number {
            self.session.set_blocked(&mut state, true);
        }
    }

    async fn finish(&mut self, end: End) {
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
                let now = self.broker.clock.now();
                let client_id = client_id.as_str();
                let log = &self.broker.client_log;
                log.note(now, &self.access.address, client_id, code, reason);
            }
            None => tracing::debug!(peer = %self.access.address, %client_id, ?end, "disconnected"),
        }
        let reason = if let End::Fault(_, reason) = &end {
            Some(reason.as_str())
        } else {
            None
        };
        let cause = end.cause();
        if let Some(close) = last
            && self.writer.version() == ProtocolVersion::V5
        {
            self.writer.packet(&disconnect(close, reason));
        }
        if self.has_pending()
            && let Some(pending) = self.pending.take()
        {
            tokio::spawn(finish_publishes(
                self.session.clone(),
                Arc::clone(&self.broker),
                *pending,
            ));
        }
        // Before the client can know: whoever it connects to next finds the Session free, and counted as cut.
        self.broker.close(&self.session, self.number, how, cause);
        let disk = &self.broker.disk;
        if !disk.is_committed(self.held_for) {
            let _ = timeout(LAST_FLUSH_TIMEOUT, disk.wait(self.held_for)).await;
        }
        self.displacing = None;
        if !disk.is_committed(self.held_for) {
            // Better no last words than one that is not true after a crash.
            return linger(self.transport.socket_mut()).await;
        }
        let _ = self.writer.flush(&mut self.transport);
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

/// Whether the bell has rung, or a transport that takes nothing takes bytes again.
fn poll_rung(
    transport: &Transport,
    is_blocked: bool,
    session: &SessionHandle,
    number: u64,
    context: &mut Context<'_>,
) -> Poll<Result<Woken, End>> {
    if is_blocked && let Poll::Ready(ready) = transport.poll_writable(context) {
        return Poll::Ready(ready.map(|()| Woken::Rung).map_err(|_| End::Lost));
    }
    session
        .poll_rung(number, context)
        .map(|rung| rung.map(|()| Woken::Rung).map_err(|_| End::Displaced))
}

mod round;
#[cfg(test)]
mod tests;

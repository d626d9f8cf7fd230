//! Carries a load out, on one thread: connect, warm up, measure, wait for what is under way, leave.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::task::{JoinHandle, LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use super::client::{Client, Role};
use super::load::{Load, Moment, Observer, Pace};
use super::outcome::{Failure, Outcome};
use super::pacer;
use super::tally::{Shared, Tally};

/// Connections that are opened at the same time.
const OPENING_MAX: usize = 64;

/// How often the end of something is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// When nothing comes back for so long, nothing will.
const SILENCE: Duration = Duration::from_secs(3);

/// Clients get that long to leave.
const LEAVE_WITHIN: Duration = Duration::from_secs(5);

/// Ends a load early; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Ends it.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end.
    pub fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Carries a load out in this thread, which must not be one of an async runtime.
///
/// # Errors
/// When the runtime cannot be had. What goes wrong with connections is in the outcome.
pub fn run(load: Load, observer: &mut dyn Observer, stop: &Stop) -> io::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let local = LocalSet::new();
    let shared = Rc::new(Shared::new(load));
    local.block_on(&runtime, Conduct::new(&shared, observer, stop).conduct())
}

/// A client that is about to be.
type Opening = Pin<Box<dyn Future<Output = Result<Client, String>>>>;

struct Conduct<'a> {
    shared: &'a Rc<Shared>,
    observer: &'a mut dyn Observer,
    stop: &'a Stop,
    lives: Vec<JoinHandle<()>>,
    told_at: Instant,
}

impl<'a> Conduct<'a> {
    fn new(shared: &'a Rc<Shared>, observer: &'a mut dyn Observer, stop: &'a Stop) -> Self {
        Self {
            shared,
            observer,
            stop,
            lives: Vec::new(),
            told_at: Instant::now(),
        }
    }

    async fn conduct(mut self) -> io::Result<Outcome> {
        let shared = Rc::clone(self.shared);
        let load = &shared.load;
        self.tell(Moment::Connecting);
        let connecting = Instant::now();
        self.connect_all().await;
        let connect_time = connecting.elapsed();
        self.tell(Moment::Connected);
        if shared.tally.connected.get() == 0 {
            return Ok(self.outcome(connect_time, Duration::ZERO, false));
        }

        let keep_alive = spawn_local(keep_alive(Rc::clone(&shared)));
        let pacer = match load.pace {
            Pace::Open { per_sec } if load.publishers > 0 => {
                Some(spawn_local(pacer::pace(Rc::clone(&shared), per_sec)))
            }
            _ => None,
        };
        if !load.warm_up.is_zero() {
            self.allow(u64::MAX);
            self.until(load.warm_up, |_| false).await;
        }
        self.forget();
        let begun_at = shared.clock.now();
        self.tell(Moment::Begun);
        self.allow(load.messages_max.unwrap_or(u64::MAX));
        let is_silent = self.until(load.duration, is_done).await;
        let stopped_at = shared.clock.now();
        for publisher in &shared.publishers {
            publisher.limit.set(publisher.sent.get());
        }
        if let Some(pacer) = &pacer {
            pacer.abort();
        }
        self.drain().await;
        self.tell(Moment::Ended);
        keep_alive.abort();
        let ended_at = shared.tally.last_at.get().max(stopped_at.min(begun_at + 1));
        let measured = if shared.tally.last_at.get() == 0 {
            stopped_at - begun_at
        } else {
            ended_at.saturating_sub(begun_at)
        };
        self.leave().await;
        if let Some(pacer) = pacer
            && let Ok(Err(error)) = pacer.await
        {
            return Err(error);
        }
        Ok(self.outcome(connect_time, Duration::from_nanos(measured), is_silent))
    }

    fn tell(&mut self, moment: Moment) {
        self.observer.moment(moment, self.shared.progress());
    }

    /// Subscribers first, so that no message can come too early.
    async fn connect_all(&mut self) {
        let shared = Rc::clone(self.shared);
        let load = &shared.load;
        let clients = (0..load.subscribers)
            .map(|index| (Role::Subscriber, index))
            .chain((0..load.idle).map(|index| (Role::Idle, index)))
            .chain((0..load.publishers).map(|index| (Role::Publisher, index)));
        let began = Instant::now();
        let began_at = shared.clock.now();
        let mut opening: FuturesUnordered<Opening> = FuturesUnordered::new();
        for (place, (role, index)) in (0_u64..).zip(clients) {
            let mut due_at = None;
            if let Some(per_sec) = load.connect_per_sec {
                let due = Duration::from_secs_f64(place as f64 / f64::from(per_sec));
                while let Some(wait) = due.checked_sub(began.elapsed())
                    && !self.stop.is_stopped()
                {
                    self.second();
                    let _ = timeout(wait, self.next_opened(&mut opening)).await;
                }
                due_at = Some(began_at + super::clock::nanos(due));
            }
            while opening.len() >= OPENING_MAX && !self.stop.is_stopped() {
                self.next_opened(&mut opening).await;
            }
            if self.stop.is_stopped() {
                break;
            }
            self.second();
            let due_at = due_at.unwrap_or_else(|| shared.clock.now());
            opening.push(Box::pin(Client::open(
                Rc::clone(&shared),
                role,
                index,
                place,
                due_at,
            )));
        }
        while !opening.is_empty() && !self.stop.is_stopped() {
            self.next_opened(&mut opening).await;
            self.second();
        }
    }

    /// Takes a client that is open, or looks whether there is something else to do.
    async fn next_opened(&mut self, opening: &mut FuturesUnordered<Opening>) {
        tokio::select! {
            Some(opened) = opening.next() => match opened {
                Ok(client) => self.lives.push(spawn_local(client.live())),
                Err(cause) => {
                    super::tally::bump(&self.shared.tally.failed);
                    self.shared.blame(cause);
                }
            },
            () = sleep(LOOK_EVERY) => {}
        }
    }

    /// Lets publishers go on until so many more messages in all, evenly.
    fn allow(&self, messages: u64) {
        let publishers = &self.shared.publishers;
        let count = publishers.len() as u64;
        for (index, publisher) in (0_u64..).zip(publishers) {
            let share = messages / count + u64::from(index < messages % count);
            publisher
                .limit
                .set(publisher.sent.get().saturating_add(share));
            publisher.signal.wake();
        }
    }

    /// The warm-up does not count.
    fn forget(&self) {
        let Tally {
            sent,
            acknowledged,
            refused,
            received,
            duplicated,
            reordered,
            foreign,
            last_at,
            ..
        } = &self.shared.tally;
        for count in [
            sent,
            acknowledged,
            refused,
            received,
            duplicated,
            reordered,
            foreign,
            last_at,
        ] {
            count.set(0);
        }
        self.shared.latency.borrow_mut().clear();
        self.shared.acknowledgement.borrow_mut().clear();
    }

    /// Waits; tells whether it ended because nothing came back any more.
    async fn until(&mut self, time: Duration, is_done: fn(&Shared) -> bool) -> bool {
        let began = Instant::now();
        let mut watch = Silence::new(self.shared);
        while began.elapsed() < time && !self.stop.is_stopped() && !is_done(self.shared) {
            sleep(LOOK_EVERY.min(time)).await;
            self.second();
            let is_closed_loop = matches!(self.shared.load.pace, Pace::Closed { .. });
            if watch.lasts(self.shared) && is_closed_loop && !self.shared.publishers.is_empty() {
                return true;
            }
        }
        false
    }

    /// Waits for what is under way.
    async fn drain(&mut self) {
        let mut watch = Silence::new(self.shared);
        while !self.shared.is_settled() && !watch.lasts(self.shared) {
            sleep(LOOK_EVERY).await;
        }
    }

    fn second(&mut self) {
        if self.told_at.elapsed() >= Duration::from_secs(1) {
            self.told_at = Instant::now();
            self.tell(Moment::Second);
        }
    }

    async fn leave(&mut self) {
        for signal in self.shared.signals.borrow().iter() {
            signal.leave.set(true);
            signal.wake();
        }
        let all = async {
            for life in self.lives.drain(..) {
                // A client that failed has counted that itself.
                let _ = life.await;
            }
        };
        // Whoever cannot leave in time is cut off with the runtime.
        let _ = timeout(LEAVE_WITHIN, all).await;
    }

    fn outcome(&self, connect_time: Duration, measured: Duration, is_silent: bool) -> Outcome {
        let shared = self.shared;
        let (load, tally) = (&shared.load, &shared.tally);
        let lost = match load.copies {
            Some(copies) => shared
                .publishers
                .iter()
                .map(|p| (p.sent.get() * u64::from(copies)).saturating_sub(p.arrived.get()))
                .sum(),
            None => shared.gaps.get(),
        };
        Outcome {
            is_open_loop: matches!(load.pace, Pace::Open { .. }),
            clients: load.clients(),
            connected: tally.connected.get(),
            failed: tally.failed.get(),
            closed: tally.closed.get(),
            connect_seconds: connect_time.as_secs_f64(),
            connect: shared.connect.borrow().summary(),
            seconds: measured.as_secs_f64(),
            sent: tally.sent.get(),
            acknowledged: (load.qos > 0).then_some(tally.acknowledged.get()),
            refused: tally.refused.get(),
            received: tally.received.get(),
            lost,
            duplicated: tally.duplicated.get(),
            reordered: tally.reordered.get(),
            foreign: tally.foreign.get(),
            latency: shared.latency.borrow().summary(),
            acknowledgement: shared.acknowledgement.borrow().summary(),
            failures: shared
                .causes()
                .into_iter()
                .map(|(cause, count)| Failure { cause, count })
                .collect(),
            is_interrupted: self.stop.is_stopped(),
            is_silent,
        }
    }
}

/// Whether the load has sent or received what it was to.
fn is_done(shared: &Shared) -> bool {
    let Some(messages) = shared.load.messages_max else {
        return false;
    };
    if shared.publishers.is_empty() {
        shared.tally.received.get() >= messages
    } else {
        shared.tally.sent.get() >= messages
    }
}

/// How long nothing has come back.
struct Silence {
    seen: u64,
    since: Instant,
}

impl Silence {
    fn new(shared: &Shared) -> Self {
        Self {
            seen: Self::count(shared),
            since: Instant::now(),
        }
    }

    fn count(shared: &Shared) -> u64 {
        let tally = &shared.tally;
        tally.sent.get() + tally.received.get() + tally.acknowledged.get() + tally.refused.get()
    }

    fn lasts(&mut self, shared: &Shared) -> bool {
        let count = Self::count(shared);
        if count != self.seen {
            self.seen = count;
            self.since = Instant::now();
        }
        self.since.elapsed() >= SILENCE
    }
}

/// Has every client show in time that it is alive.
async fn keep_alive(shared: Rc<Shared>) {
    let interval = u64::from(shared.load.keep_alive_s) * 500;
    if interval == 0 {
        return;
    }
    loop {
        sleep(Duration::from_millis(interval)).await;
        for signal in shared.signals.borrow().iter() {
            signal.ping.set(true);
            signal.wake();
        }
    }
}

//! The evacuation of one node.
//!
//! ```text
//! waiting_health_check ─► evicting_conns ─► waiting_takeover ─► evicting_sessions ─► prohibiting
//!   503, still accepts      refuses, cuts     clients return       moves the rest       rests
//! ```
//! `Stop` leads back to service from every phase. Nothing is ever discarded: a Session that cannot be moved stays,
//! is listed, and is tried again.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use ahash::HashMap;

use super::command::Command;
use super::options::EvacuationOptions;
use super::pacer::Pacer;
use super::progress::{Amount, PhaseProgress, PhaseState, Progress, RecipientProgress, Trouble};
use super::rate_meter::RateMeter;
use super::targets::{Chooser, Target};
use super::unreturned::Unreturned;
use super::{OperationId, Outcome, PhaseName, Revision};
use crate::packet::ClientId;
use crate::time::Timestamp;

/// Moves asked for and not reported, at least allowed.
const OUTSTANDING_MIN: u32 = 64;

/// A failed move is tried again after this, then after twice as long, and so on.
const RETRY_FIRST: Duration = Duration::from_secs(1);

/// The longest pause between tries.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// When fewer Sessions than asked for could be sent away, it is asked again after this.
const SHORT_PAUSE: Duration = Duration::from_millis(100);

/// A cut that is not reported by then was none: the client had gone by itself.
const CUT_TIMEOUT: Duration = Duration::from_secs(3);

/// Sessions in trouble that are listed.
const TROUBLE_LISTED_MAX: usize = 100;

/// How many there are on the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Connected clients.
    pub connections: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
}

/// What the shell reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// After each batch, and each 100 ms at least.
    Counts(Counts),
    /// All nodes that may take Sessions over, with their present state.
    Targets(Vec<Target>),
    /// A connection was cut.
    Evicted {
        /// Whose.
        client_id: ClientId,
        /// Whether its Session goes on.
        keeps_session: bool,
    },
    /// Fewer connected clients were found than asked for.
    EvictionsShort {
        /// As asked.
        asked: u32,
        /// Found.
        done: u32,
    },
    /// A Session of this node was taken over with its client.
    Arrived {
        /// Whose.
        client_id: ClientId,
        /// Where.
        at: String,
    },
    /// The answer to `MoveSessions`.
    SessionsMoved {
        /// The target.
        to: String,
        /// As asked.
        asked: u32,
        /// For each one that was tried: messages that went along, or why it did not move.
        results: Vec<(ClientId, Result<u64, String>)>,
    },
    /// Sessions ended by expiry.
    SessionsExpired {
        /// How many.
        count: u64,
    },
    /// Back to service.
    Stop,
}

#[derive(Debug, Clone)]
struct Failure {
    reason: String,
    attempts: u32,
    retry_at: Timestamp,
}

#[derive(Debug, Clone)]
struct Recipient {
    target: Target,
    arrived: u64,
    received_sessions: u64,
    arrivals: RateMeter,
}

/// Moved or cut over time.
#[derive(Debug, Clone, Default)]
struct Flow {
    total: u64,
    recent: RateMeter,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl Flow {
    fn add(&mut self, count: u64, now: Timestamp) {
        self.total += count;
        self.recent.add(count, now);
        self.last_at = Some(now);
    }

    /// Per second from the beginning of the phase to the last one.
    fn mean(&self) -> Option<f64> {
        let seconds = self.last_at?.since(self.first_at?).as_secs_f64();
        (seconds > 0.0).then(|| self.total as f64 / seconds)
    }
}

/// The state machine.
#[derive(Debug, Clone)]
pub struct Evacuation {
    id: OperationId,
    node: String,
    options: EvacuationOptions,
    phase: PhaseName,
    phase_ends_at: Option<Timestamp>,
    started: BTreeMap<PhaseName, Timestamp>,
    finished: BTreeMap<PhaseName, Timestamp>,
    revision: u64,
    initial: Counts,
    counts: Counts,
    cuts: Flow,
    cut_pacer: Option<Pacer>,
    /// Asked for and not reported.
    cutting: u64,
    cutting_since: Timestamp,
    moves: Flow,
    move_pacer: Option<Pacer>,
    moving: u32,
    move_not_before: Timestamp,
    chooser: Chooser,
    recipients: BTreeMap<String, Recipient>,
    unreturned: Unreturned,
    failures: HashMap<ClientId, Failure>,
    moved_with_client: u64,
    ended_with_connection: u64,
    expired: u64,
    messages_carried: u64,
    outcome: Option<Outcome>,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl Evacuation {
    /// Starts; the commands are to be carried out at once.
    pub fn start(
        id: OperationId,
        node: &str,
        options: EvacuationOptions,
        counts: Counts,
        targets: &[Target],
        now: Timestamp,
    ) -> (Self, Vec<Command>) {
        let mut evacuation = Self {
            id,
            node: node.to_owned(),
            options,
            phase: PhaseName::WaitingHealthCheck,
            phase_ends_at: None,
            started: BTreeMap::new(),
            finished: BTreeMap::new(),
            revision: 1,
            initial: counts,
            counts,
            cuts: Flow::default(),
            cut_pacer: None,
            cutting: 0,
            cutting_since: now,
            moves: Flow::default(),
            move_pacer: None,
            moving: 0,
            move_not_before: now,
            chooser: Chooser::default(),
            recipients: BTreeMap::new(),
            unreturned: Unreturned::default(),
            failures: HashMap::default(),
            moved_with_client: 0,
            ended_with_connection: 0,
            expired: 0,
            messages_carried: 0,
            outcome: None,
            started_at: now,
            ended_at: None,
        };
        evacuation.take_targets(targets.to_vec());
        let mut commands = vec![Command::Availability { ready: false }];
        if evacuation.options.wait_health_check.is_zero() {
            evacuation.enter(PhaseName::EvictingConns, now, &mut commands);
            evacuation.advance(now, &mut commands);
        } else {
            evacuation.enter(PhaseName::WaitingHealthCheck, now, &mut commands);
        }
        (evacuation, commands)
    }

    /// Which operation.
    pub const fn id(&self) -> OperationId {
        self.id
    }

    /// The node that is evacuated.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The active phase.
    pub const fn phase(&self) -> PhaseName {
        self.phase
    }

    /// Grows with each visible change.
    pub const fn revision(&self) -> Revision {
        Revision(self.revision)
    }

    /// Takes in what has happened.
    pub fn handle(&mut self, event: Event, now: Timestamp, commands: &mut Vec<Command>) {
        if self.ended_at.is_some() {
            return;
        }
        match event {
            Event::Counts(counts) => {
                self.note_if(self.counts != counts);
                self.counts = counts;
            }
            Event::Targets(targets) => {
                let known = self.recipients.values().map(|recipient| &recipient.target);
                self.note_if(!known.eq(targets.iter()));
                self.take_targets(targets);
            }
            Event::Evicted {
                client_id,
                keeps_session,
            } => {
                self.revision += 1;
                self.cutting = self.cutting.saturating_sub(1);
                self.cuts.add(1, now);
                if keeps_session {
                    self.unreturned.evicted(client_id, now);
                } else {
                    self.ended_with_connection += 1;
                }
            }
            Event::EvictionsShort { asked, done } => {
                let missing = asked.saturating_sub(done);
                self.cutting = self.cutting.saturating_sub(u64::from(missing));
                if let Some(pacer) = &mut self.cut_pacer {
                    pacer.give_back(missing);
                }
            }
            Event::Arrived { client_id, at } => self.arrived(&client_id, &at, now),
            Event::SessionsMoved { to, asked, results } => self.moved(&to, asked, results, now),
            Event::SessionsExpired { count } => {
                self.revision += 1;
                self.expired += count;
            }
            Event::Stop => {
                self.stop(now, commands);
                return;
            }
        }
        self.advance(now, commands);
    }

    /// To be called when `poll_timeout` is due; late calls are fine.
    pub fn handle_timeout(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        if self.ended_at.is_none() {
            self.advance(now, commands);
        }
    }

    /// When there is something to do by itself.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        if self.ended_at.is_some() {
            return None;
        }
        let cut = self
            .cut_pacer
            .as_ref()
            .filter(|_| self.left_to_cut() > 0)
            .map(Pacer::next_due);
        let moving = self
            .move_pacer
            .as_ref()
            .filter(|_| {
                self.phase == PhaseName::EvictingSessions && self.moving < self.moving_max()
            })
            .map(|pacer| pacer.next_due().max(self.move_not_before));
        [self.phase_ends_at, cut, moving]
            .into_iter()
            .flatten()
            .min()
    }

    /// Whether a Session whose move failed is not to be tried again yet.
    pub fn is_backing_off(&self, client_id: &ClientId, now: Timestamp) -> bool {
        self.failures
            .get(client_id)
            .is_some_and(|failure| failure.retry_at > now)
    }

    fn note_if(&mut self, changed: bool) {
        self.revision += u64::from(changed);
    }

    fn take_targets(&mut self, targets: Vec<Target>) {
        self.chooser.update(&targets);
        for recipient in self.recipients.values_mut() {
            recipient.target.available = false;
        }
        for target in targets {
            match self.recipients.get_mut(&target.node) {
                Some(recipient) => recipient.target = target,
                None => {
                    let recipient = Recipient {
                        arrived: 0,
                        received_sessions: 0,
                        arrivals: RateMeter::default(),
                        target,
                    };
                    self.recipients
                        .insert(recipient.target.node.clone(), recipient);
                }
            }
        }
    }

    fn recipient(&mut self, node: &str) -> &mut Recipient {
        self.recipients
            .entry(node.to_owned())
            .or_insert_with(|| Recipient {
                target: Target {
                    node: node.to_owned(),
                    address: String::new(),
                    available: true,
                    connections: 0,
                    sessions: 0,
                    capacity: None,
                },
                arrived: 0,
                received_sessions: 0,
                arrivals: RateMeter::default(),
            })
    }

    fn arrived(&mut self, client_id: &ClientId, at: &str, now: Timestamp) {
        self.revision += 1;
        self.moved_with_client += 1;
        self.failures.remove(client_id);
        let returned = self.unreturned.returned(client_id, now);
        let recipient = self.recipient(at);
        recipient.arrived += u64::from(returned);
        recipient.arrivals.add(1, now);
    }

    fn moved(
        &mut self,
        to: &str,
        asked: u32,
        results: Vec<(ClientId, Result<u64, String>)>,
        now: Timestamp,
    ) {
        self.revision += 1;
        self.moving = self.moving.saturating_sub(asked);
        let tried = u32::try_from(results.len()).unwrap_or(u32::MAX);
        let missing = asked.saturating_sub(tried);
        if missing > 0 {
            self.move_not_before = now + SHORT_PAUSE;
            if let Some(pacer) = &mut self.move_pacer {
                pacer.give_back(missing);
            }
        }
        for (client_id, result) in results {
            match result {
                Ok(messages) => {
                    self.moves.add(1, now);
                    self.messages_carried += messages;
                    self.failures.remove(&client_id);
                    self.unreturned.give_up(&client_id);
                    let recipient = self.recipient(to);
                    recipient.received_sessions += 1;
                    recipient.arrivals.add(1, now);
                }
                Err(reason) => self.failed(client_id, reason, now),
            }
        }
    }

    fn failed(&mut self, client_id: ClientId, reason: String, now: Timestamp) {
        let failure = self.failures.entry(client_id).or_insert_with(|| Failure {
            reason: String::new(),
            attempts: 0,
            retry_at: now,
        });
        let pause = RETRY_FIRST
            .saturating_mul(1 << failure.attempts.min(5))
            .min(RETRY_MAX);
        failure.reason = reason;
        failure.attempts += 1;
        failure.retry_at = now + pause;
    }

    fn advance(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        loop {
            let over = match self.phase {
                PhaseName::WaitingHealthCheck => self.phase_ends_at.is_none_or(|at| at <= now),
                PhaseName::EvictingConns => self.counts.connections == 0,
                PhaseName::WaitingTakeover => {
                    self.phase_ends_at.is_none_or(|at| at <= now)
                        || (self.unreturned.is_empty() && self.counts.sessions == 0)
                }
                PhaseName::EvictingSessions => self.counts.sessions == 0 && self.moving == 0,
                PhaseName::Prohibiting => false,
            };
            if !over {
                break;
            }
            let next = match self.phase {
                PhaseName::WaitingHealthCheck => PhaseName::EvictingConns,
                PhaseName::EvictingConns if self.options.wait_takeover.is_zero() => {
                    PhaseName::EvictingSessions
                }
                PhaseName::EvictingConns => PhaseName::WaitingTakeover,
                PhaseName::WaitingTakeover => PhaseName::EvictingSessions,
                PhaseName::EvictingSessions | PhaseName::Prohibiting => PhaseName::Prohibiting,
            };
            self.enter(next, now, commands);
        }
        self.cut(now, commands);
        if self.phase == PhaseName::EvictingSessions {
            self.send_away(now, commands);
        }
    }

    fn enter(&mut self, phase: PhaseName, now: Timestamp, commands: &mut Vec<Command>) {
        self.revision += 1;
        if self.started.contains_key(&self.phase) {
            self.finished.insert(self.phase, now);
        }
        self.phase = phase;
        self.started.insert(phase, now);
        self.phase_ends_at = match phase {
            PhaseName::WaitingHealthCheck => Some(now + self.options.wait_health_check),
            PhaseName::WaitingTakeover => Some(now + self.options.wait_takeover),
            _ => None,
        };
        match phase {
            PhaseName::EvictingConns => {
                commands.push(Command::AcceptConnections(false));
                self.cut_pacer = Some(Pacer::new(self.options.conn_evict_rate, now));
                self.cuts.first_at = Some(now);
            }
            PhaseName::EvictingSessions => {
                self.move_pacer = Some(Pacer::new(self.options.sess_evict_rate, now));
                self.moves.first_at = Some(now);
            }
            PhaseName::Prohibiting => {
                self.failures.clear();
                self.outcome = Some(Outcome::Succeeded);
            }
            PhaseName::WaitingHealthCheck | PhaseName::WaitingTakeover => {}
        }
        commands.push(Command::PhaseChanged(phase));
    }

    fn left_to_cut(&self) -> u64 {
        self.counts.connections.saturating_sub(self.cutting)
    }

    /// Also in later phases: a client that slipped in is cut too.
    fn cut(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        if self.cutting > 0 && self.cutting_since + CUT_TIMEOUT <= now {
            self.cutting = 0;
        }
        let left = u32::try_from(self.left_to_cut()).unwrap_or(u32::MAX);
        let Some(pacer) = &mut self.cut_pacer else {
            return;
        };
        if left == 0 {
            return;
        }
        let count = pacer.take(now, left);
        if count > 0 {
            self.cutting += u64::from(count);
            self.cutting_since = now;
            commands.push(Command::EvictConnections { count });
        }
    }

    fn moving_max(&self) -> u32 {
        OUTSTANDING_MIN.max(self.options.sess_evict_rate.get() / 2)
    }

    fn waiting_for_retry(&self, now: Timestamp) -> u64 {
        self.failures
            .values()
            .filter(|failure| failure.retry_at > now)
            .count() as u64
    }

    fn send_away(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        if now < self.move_not_before || self.chooser.next().is_none() {
            return;
        }
        let kept = u64::from(self.moving) + self.waiting_for_retry(now) + self.counts.connections;
        let left = self.counts.sessions.saturating_sub(kept);
        let room = self.moving_max().saturating_sub(self.moving);
        let max = u32::try_from(left).unwrap_or(u32::MAX).min(room);
        let Some(pacer) = &mut self.move_pacer else {
            return;
        };
        let count = if max == 0 { 0 } else { pacer.take(now, max) };
        let mut batches: BTreeMap<String, u32> = BTreeMap::new();
        for _ in 0..count {
            if let Some(target) = self.chooser.next() {
                *batches.entry(target.node.clone()).or_default() += 1;
            }
        }
        for (to, count) in batches {
            self.moving += count;
            commands.push(Command::MoveSessions { to, count });
        }
    }

    fn stop(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        self.revision += 1;
        self.finished.insert(self.phase, now);
        self.ended_at = Some(now);
        let outcome = if self.phase == PhaseName::Prohibiting {
            Outcome::Succeeded
        } else {
            Outcome::Stopped
        };
        self.outcome = Some(outcome);
        commands.push(Command::AcceptConnections(true));
        commands.push(Command::Availability { ready: true });
        commands.push(Command::Ended(outcome));
    }

    /// A picture of the present state.
    pub fn progress(&self, now: Timestamp) -> Progress {
        let (eta_phase, eta) = self.eta(now);
        let mut trouble: Vec<Trouble> = self
            .failures
            .iter()
            .map(|(client_id, failure)| Trouble {
                client_id: client_id.clone(),
                reason: failure.reason.clone(),
                attempts: failure.attempts,
            })
            .collect();
        trouble.sort_unstable_by(|a, b| a.client_id.cmp(&b.client_id));
        trouble.truncate(TROUBLE_LISTED_MAX);
        Progress {
            id: self.id,
            revision: self.revision(),
            node: self.node.clone(),
            phase: self.phase,
            phases: self.phases(now),
            outcome: self.outcome,
            connections: Amount {
                initial: self.initial.connections,
                current: self.counts.connections,
            },
            sessions: Amount {
                initial: self.initial.sessions,
                current: self.counts.sessions,
            },
            conn_rate_measured: self.cuts.recent.per_sec(now),
            sess_rate_measured: self.moves.recent.per_sec(now),
            conn_rate_mean: self.cuts.mean(),
            sess_rate_mean: self.moves.mean(),
            limited_by: self.limited_by(now),
            eta_phase,
            eta,
            evicted_connections: self.cuts.total,
            sessions_moved_with_client: self.moved_with_client,
            sessions_moved_without_client: self.moves.total,
            sessions_expired: self.expired,
            sessions_ended_with_connection: self.ended_with_connection,
            unreturned: self.unreturned.len() as u64,
            recipients: self
                .recipients
                .values()
                .map(|recipient| RecipientProgress {
                    node: recipient.target.node.clone(),
                    address: recipient.target.address.clone(),
                    available: recipient.target.available,
                    arrived: recipient.arrived,
                    received_sessions: recipient.received_sessions,
                    arrivals_per_sec: recipient.arrivals.per_sec(now),
                })
                .collect(),
            trouble,
            trouble_total: self.failures.len() as u64,
            started_at: self.started_at,
            ended_at: self.ended_at,
            reconnect_p50: self.unreturned.percentile(50),
            reconnect_p99: self.unreturned.percentile(99),
            messages_carried: self.messages_carried,
            slowest_unreturned: self.unreturned.slowest(),
        }
    }

    fn phases(&self, now: Timestamp) -> Vec<PhaseProgress> {
        PhaseName::ALL
            .into_iter()
            .map(|name| {
                let started_at = self.started.get(&name).copied();
                let finished_at = self.finished.get(&name).copied();
                let state = match (started_at, finished_at) {
                    (Some(_), Some(_)) => PhaseState::Done,
                    (Some(_), None) => PhaseState::Active,
                    (None, _) if name < self.phase => PhaseState::Skipped,
                    (None, _) => PhaseState::Pending,
                };
                let duration = started_at.map(|at| finished_at.unwrap_or(now).since(at));
                PhaseProgress {
                    name,
                    state,
                    started_at,
                    duration,
                }
            })
            .collect()
    }

    fn limited_by(&self, now: Timestamp) -> String {
        if self.phase != PhaseName::EvictingSessions || self.counts.sessions == 0 {
            return String::new();
        }
        if !self
            .recipients
            .values()
            .any(|recipient| recipient.target.available)
        {
            return "no available target".to_owned();
        }
        let waiting = self.waiting_for_retry(now);
        if waiting > 0 && waiting + u64::from(self.moving) >= self.counts.sessions {
            return format!("{waiting} sessions could not be moved and are tried again");
        }
        String::new()
    }

    fn eta(&self, now: Timestamp) -> (Option<Duration>, Option<Duration>) {
        if self.outcome.is_some() {
            return (None, None);
        }
        let at_rate = |count: u64, rate: NonZeroU32| {
            Duration::from_secs_f64(count as f64 / f64::from(rate.get()))
        };
        let left_of_wait = self
            .phase_ends_at
            .map_or(Duration::ZERO, |at| at.since(now));
        let cutting = at_rate(self.counts.connections, self.options.conn_evict_rate);
        let offline = self.counts.sessions.saturating_sub(self.counts.connections);
        let missing = self.unreturned.len() as u64;
        let moving = at_rate(
            offline.saturating_sub(if self.phase < PhaseName::EvictingSessions {
                missing
            } else {
                0
            }),
            self.options.sess_evict_rate,
        );
        let takeover = self.options.wait_takeover;
        let (phase, all) = match self.phase {
            PhaseName::WaitingHealthCheck => {
                (left_of_wait, left_of_wait + cutting + takeover + moving)
            }
            PhaseName::EvictingConns => (cutting, cutting + takeover + moving),
            PhaseName::WaitingTakeover => (left_of_wait, left_of_wait + moving),
            PhaseName::EvictingSessions => (moving, moving),
            PhaseName::Prohibiting => (Duration::ZERO, Duration::ZERO),
        };
        (Some(phase), Some(all))
    }
}

//! The evacuation of one node as a state machine: events and time in, commands out.

use std::time::Duration;

use super::command::Command;
use super::ledger::Ledger;
use super::marks::Marks;
use super::options::EvacuationOptions;
use super::pacer::Pacer;
use super::progress::{Amount, PhaseProgress, PhaseState, Progress};
use super::targets::{Chooser, Target};
use super::troubles::Troubles;
use super::{OperationId, Outcome, PhaseName, Revision};
use crate::packet::ClientId;
use crate::time::Timestamp;

/// Moves that may be under way at once, whatever the rate.
pub const OUTSTANDING_MIN: u64 = 64;
/// How long to wait when a target was asked for more Sessions than were free to move.
pub const SHORT_WAIT: Duration = Duration::from_millis(100);
/// Troubles that are listed.
pub const TROUBLE_LISTED_MAX: usize = 100;
/// Clients listed as longest away.
pub const SLOWEST_LISTED_MAX: usize = 5;

/// What the node still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Connected clients.
    pub connections: u64,
    /// Sessions, connected or not.
    pub sessions: u64,
}

/// What has happened on the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Present figures of the node.
    Counts(Counts),
    /// Present figures of all nodes that may take over.
    Targets(Vec<Target>),
    /// A connection was cut.
    Evicted {
        /// Whose it was.
        client_id: ClientId,
        /// Whether its Session outlives it.
        keeps_session: bool,
    },
    /// Fewer connections could be cut than asked; the others are closing already.
    EvictionsShort {
        /// The count of `EvictConnections`.
        asked: u32,
        /// How many were found.
        done: u32,
    },
    /// A client has taken its Session to another node.
    Arrived {
        /// Which client.
        client_id: ClientId,
        /// Name of the node.
        at: String,
    },
    /// The answer to `MoveSessions`.
    SessionsMoved {
        /// Its target.
        to: String,
        /// Its count.
        asked: u32,
        /// For each Session tried: messages that went along, or why it stayed.
        results: Vec<(ClientId, Result<u64, String>)>,
    },
    /// Sessions ended by their expiry.
    SessionsExpired {
        /// How many.
        count: u64,
    },
    /// The operator wants the node back in service.
    Stop,
}

#[derive(Debug, Clone, Copy, Default)]
struct PhaseTimes {
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
}

/// How many were done since a phase began, and when the last one was.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u64,
    last_at: Option<Timestamp>,
}

impl Tally {
    fn add(&mut self, now: Timestamp) {
        self.count += 1;
        self.last_at = Some(now);
    }
}

/// Takes one node out of service. The caller carries the commands out in order, reports what happened, and calls
/// [`Self::handle_timeout`] when [`Self::poll_timeout`] says so.
#[derive(Debug)]
pub struct Evacuation {
    id: OperationId,
    node: String,
    options: EvacuationOptions,
    started_at: Timestamp,
    ended: Option<(Timestamp, Outcome)>,
    revision: Revision,
    phase: PhaseName,
    times: [PhaseTimes; 5],
    initial: Counts,
    counts: Counts,
    ledger: Ledger,
    troubles: Troubles,
    chooser: Chooser,
    target_available: bool,
    conn_pacer: Option<Pacer>,
    sess_pacer: Option<Pacer>,
    /// All that are left are closing: the next figures will tell.
    closing: bool,
    /// Sessions asked for in moves that were not answered yet.
    outstanding: u64,
    /// Sessions moved or gone that the latest figures may still hold.
    moved_since_counts: u64,
    ask_again_at: Option<Timestamp>,
    conn_tally: Tally,
    sess_tally: Tally,
}

impl Evacuation {
    /// One that has done nothing yet.
    fn new(
        id: OperationId,
        node: &str,
        options: EvacuationOptions,
        counts: Counts,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            node: node.to_owned(),
            options,
            started_at: now,
            ended: None,
            revision: Revision(1),
            phase: PhaseName::WaitingHealthCheck,
            times: [PhaseTimes::default(); 5],
            initial: counts,
            counts,
            ledger: Ledger::default(),
            troubles: Troubles::default(),
            chooser: Chooser::default(),
            target_available: false,
            conn_pacer: None,
            sess_pacer: None,
            closing: false,
            outstanding: 0,
            moved_since_counts: 0,
            ask_again_at: None,
            conn_tally: Tally::default(),
            sess_tally: Tally::default(),
        }
    }

    /// Begins; the commands returned come first.
    pub fn start(
        id: OperationId,
        node: &str,
        options: EvacuationOptions,
        counts: Counts,
        targets: &[Target],
        now: Timestamp,
    ) -> (Self, Vec<Command>) {
        let mut evacuation = Self::new(id, node, options, counts, now);
        evacuation.update_targets(targets);
        let mut commands = vec![Command::Availability { ready: false }];
        let first = match evacuation.options.wait_health_check.is_zero() {
            true => PhaseName::EvictingConns,
            false => PhaseName::WaitingHealthCheck,
        };
        evacuation.enter(first, now, &mut commands);
        evacuation.advance(now, &mut commands);
        (evacuation, commands)
    }

    /// Goes on where the marks say that it stood; the commands returned come first. A phase that waits has been waiting
    /// since it began.
    pub fn resume(
        marks: &Marks,
        node: &str,
        options: EvacuationOptions,
        counts: Counts,
        targets: &[Target],
        now: Timestamp,
    ) -> (Self, Vec<Command>) {
        let mut evacuation = Self::new(marks.id, node, options, counts, now);
        evacuation.started_at = marks.started_at;
        evacuation.revision = marks.revision;
        evacuation.initial = marks.initial;
        evacuation.ledger = Ledger::resumed(marks);
        evacuation.update_targets(targets);
        evacuation.times = marks.phases.map(|(started_at, ended_at)| PhaseTimes {
            started_at,
            ended_at,
        });
        evacuation.phase = marks.phase;
        let began = marks.phases[marks.phase as usize].0;
        let mut commands = vec![Command::Availability { ready: false }];
        if marks.phase > PhaseName::EvictingConns {
            commands.push(Command::AcceptConnections(false));
            evacuation.conn_pacer = Some(Pacer::new(evacuation.options.conn_evict_rate, now));
        }
        if marks.phase > PhaseName::EvictingSessions {
            evacuation.sess_pacer = Some(Pacer::new(evacuation.options.sess_evict_rate, now));
        }
        evacuation.enter(marks.phase, now, &mut commands);
        evacuation.times[marks.phase as usize] = PhaseTimes {
            started_at: began.or(Some(now)),
            ended_at: None,
        };
        evacuation.advance(now, &mut commands);
        (evacuation, commands)
    }

    /// Name of the operation.
    pub const fn id(&self) -> OperationId {
        self.id
    }

    /// The node that is evacuated.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The active phase; the last one when ended.
    pub const fn phase(&self) -> PhaseName {
        self.phase
    }

    /// Grows with each visible change.
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// Whether a move of this Session failed and its next attempt still lies ahead.
    pub fn is_backing_off(&self, client_id: &ClientId, now: Timestamp) -> bool {
        self.troubles.is_backing_off(client_id, now)
    }

    /// Takes in what happened. After the end nothing has any effect.
    pub fn handle(&mut self, event: Event, now: Timestamp, commands: &mut Vec<Command>) {
        if self.ended.is_some() {
            return;
        }
        match event {
            Event::Counts(counts) => self.take_counts(counts, now),
            Event::Targets(targets) => self.update_targets(&targets),
            Event::Evicted {
                client_id,
                keeps_session,
            } => {
                self.ledger.cut(&client_id, keeps_session, now);
                if let Some(pacer) = &mut self.conn_pacer {
                    pacer.took_effect(1, now);
                }
                if self.phase == PhaseName::EvictingConns {
                    self.conn_tally.add(now);
                }
                self.changed();
            }
            Event::EvictionsShort { asked, done } => {
                if let Some(pacer) = &mut self.conn_pacer {
                    pacer.give_back(asked.saturating_sub(done));
                }
                self.closing = true;
            }
            Event::Arrived { client_id, at } => {
                self.ledger.arrived(&client_id, &at, now);
                self.troubles.resolved(&client_id);
                self.changed();
            }
            Event::SessionsMoved { to, asked, results } => {
                self.sessions_moved(&to, asked, results, now);
            }
            Event::SessionsExpired { count } => {
                self.ledger.expired += count;
                self.changed();
            }
            Event::Stop => {
                self.stop(now, commands);
                return;
            }
        }
        self.advance(now, commands);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        if self.ended.is_some() {
            return;
        }
        self.advance(now, commands);
        self.troubles.release(now);
        self.serve_evictions(now, commands);
        self.serve_moves(now, commands);
    }

    /// When [`Self::handle_timeout`] wants to be called; `None` when only an event can bring it on.
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        if self.ended.is_some() {
            return None;
        }
        let evictions = self
            .conn_pacer
            .as_ref()
            .filter(|_| self.counts.connections > 0 && !self.closing)
            .map(Pacer::poll);
        let moves = self.moves_wanted().and_then(|wanted| {
            let pacer = self.sess_pacer.as_ref()?;
            match wanted {
                0 => self.troubles.next_retry(),
                _ => Some(pacer.poll().max(self.ask_again_at.unwrap_or_default())),
            }
        });
        [self.phase_deadline(), evictions, moves]
            .into_iter()
            .flatten()
            .min()
    }

    /// What an operator sees now.
    pub fn progress(&self, now: Timestamp) -> Progress {
        let now = self.ended.map_or(now, |(ended_at, _)| ended_at);
        let resting = self.phase == PhaseName::Prohibiting;
        let outcome = self
            .ended
            .map(|(_, outcome)| outcome)
            .or_else(|| resting.then_some(Outcome::Succeeded));
        let outcome_reason = match outcome {
            Some(Outcome::Stopped) => format!("stopped in {}", self.phase.as_str()),
            _ => String::new(),
        };
        let (eta_phase, eta) = self.eta(now);
        Progress {
            id: self.id,
            revision: self.revision,
            node: self.node.clone(),
            phase: self.phase,
            phases: PhaseName::ALL
                .map(|name| self.phase_progress(name, now))
                .to_vec(),
            outcome,
            outcome_reason,
            connections: amount(self.initial.connections, self.counts.connections),
            sessions: amount(self.initial.sessions, self.counts.sessions),
            conn_rate_measured: self.ledger.cuts.per_sec(now),
            sess_rate_measured: self.ledger.moves.per_sec(now),
            conn_rate_mean: self.mean(PhaseName::EvictingConns, self.conn_tally, now),
            sess_rate_mean: self.mean(PhaseName::EvictingSessions, self.sess_tally, now),
            limited_by: self.limited_by().to_owned(),
            eta_phase,
            eta,
            evicted_connections: self.ledger.evicted,
            sessions_moved_with_client: self.ledger.moved_with_client,
            sessions_moved_without_client: self.ledger.moved_without_client,
            sessions_expired: self.ledger.expired,
            sessions_ended_with_connection: self.ledger.ended_with_connection,
            unreturned: self.ledger.unreturned(),
            recipients: self.ledger.recipients(now),
            trouble: self.troubles.list(TROUBLE_LISTED_MAX),
            trouble_total: self.troubles.total(),
            started_at: self.started_at,
            ended_at: self.ended.map(|(ended_at, _)| ended_at),
            reconnect_p50: self.ledger.reconnects.percentile(50),
            reconnect_p99: self.ledger.reconnects.percentile(99),
            messages_carried: self.ledger.messages_carried,
            slowest_unreturned: self.ledger.slowest_unreturned(SLOWEST_LISTED_MAX),
        }
    }

    const fn changed(&mut self) {
        self.revision.0 += 1;
    }

    fn take_counts(&mut self, counts: Counts, now: Timestamp) {
        if self.counts.connections == 0
            && counts.connections > 0
            && let Some(pacer) = &mut self.conn_pacer
        {
            pacer.resume(now);
        }
        if self.counts.sessions == 0
            && counts.sessions > 0
            && let Some(pacer) = &mut self.sess_pacer
        {
            pacer.resume(now);
        }
        if counts.sessions == 0 {
            self.troubles.clear();
        }
        if counts != self.counts {
            self.changed();
        }
        self.counts = counts;
        self.closing = false;
        self.moved_since_counts = 0;
    }

    fn update_targets(&mut self, targets: &[Target]) {
        self.chooser.update(targets);
        self.target_available = targets.iter().any(|target| target.available);
        if self.ledger.update_targets(targets) {
            self.changed();
        }
    }

    fn sessions_moved(
        &mut self,
        to: &str,
        asked: u32,
        results: Vec<(ClientId, Result<u64, String>)>,
        now: Timestamp,
    ) {
        self.outstanding = self.outstanding.saturating_sub(u64::from(asked));
        let tried = u32::try_from(results.len()).unwrap_or(u32::MAX);
        if tried < asked {
            self.ask_again_at = Some(now + SHORT_WAIT);
            if let Some(pacer) = &mut self.sess_pacer {
                pacer.give_back(asked - tried);
            }
        }
        if !results.is_empty() {
            self.changed();
        }
        for (client_id, result) in results {
            match result {
                Ok(messages) => {
                    self.moved_since_counts += 1;
                    self.sess_tally.add(now);
                    self.ledger.moved(&client_id, to, messages, now);
                    self.troubles.resolved(&client_id);
                }
                Err(reason) => {
                    self.ledger.refused(to);
                    self.troubles.failed(&client_id, reason, now);
                }
            }
        }
    }

    fn stop(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        let outcome = match self.phase {
            PhaseName::Prohibiting => Outcome::Succeeded,
            _ => Outcome::Stopped,
        };
        self.times[self.phase as usize].ended_at = Some(now);
        self.ended = Some((now, outcome));
        self.changed();
        commands.push(Command::AcceptConnections(true));
        commands.push(Command::Availability { ready: true });
        commands.push(Command::Ended(outcome));
    }

    /// Goes on to the phase that the present state allows.
    fn advance(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        while let Some(next) = self.next_phase(now) {
            self.enter(next, now, commands);
        }
    }

    fn next_phase(&self, now: Timestamp) -> Option<PhaseName> {
        let waited = self
            .phase_deadline()
            .is_some_and(|deadline| now >= deadline);
        match self.phase {
            PhaseName::WaitingHealthCheck => waited.then_some(PhaseName::EvictingConns),
            PhaseName::EvictingConns if self.counts.connections > 0 => None,
            PhaseName::EvictingConns if self.options.wait_takeover.is_zero() => {
                Some(PhaseName::EvictingSessions)
            }
            PhaseName::EvictingConns => Some(PhaseName::WaitingTakeover),
            PhaseName::WaitingTakeover => {
                let all_back = self.ledger.unreturned() == 0 && self.counts.sessions == 0;
                (waited || all_back).then_some(PhaseName::EvictingSessions)
            }
            PhaseName::EvictingSessions => {
                (self.counts.sessions == 0).then_some(PhaseName::Prohibiting)
            }
            PhaseName::Prohibiting => None,
        }
    }

    fn enter(&mut self, phase: PhaseName, now: Timestamp, commands: &mut Vec<Command>) {
        let before = &mut self.times[self.phase as usize];
        if before.started_at.is_some() {
            before.ended_at = Some(now);
        }
        self.phase = phase;
        self.times[phase as usize].started_at = Some(now);
        self.changed();
        match phase {
            PhaseName::EvictingConns => {
                commands.push(Command::AcceptConnections(false));
                self.conn_pacer = Some(Pacer::new(self.options.conn_evict_rate, now));
            }
            PhaseName::EvictingSessions => {
                self.sess_pacer = Some(Pacer::new(self.options.sess_evict_rate, now));
            }
            _ => {}
        }
        commands.push(Command::PhaseChanged(phase));
    }

    fn phase_deadline(&self) -> Option<Timestamp> {
        let started_at = self.times[self.phase as usize].started_at?;
        match self.phase {
            PhaseName::WaitingHealthCheck => Some(started_at + self.options.wait_health_check),
            PhaseName::WaitingTakeover => Some(started_at + self.options.wait_takeover),
            _ => None,
        }
    }

    fn serve_evictions(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        if self.counts.connections == 0 || self.closing {
            return;
        }
        let Some(pacer) = self.conn_pacer.as_mut().filter(|pacer| pacer.poll() <= now) else {
            return;
        };
        let count = pacer.take(self.counts.connections, now);
        if count > 0 {
            commands.push(Command::EvictConnections { count });
        }
    }

    fn serve_moves(&mut self, now: Timestamp, commands: &mut Vec<Command>) {
        if self.ask_again_at.is_some_and(|at| now < at) {
            return;
        }
        let Some(wanted) = self.moves_wanted().filter(|wanted| *wanted > 0) else {
            return;
        };
        let Some(pacer) = self.sess_pacer.as_mut().filter(|pacer| pacer.poll() <= now) else {
            return;
        };
        let count = pacer.take(wanted, now);
        if count == 0 {
            return;
        }
        // `moves_wanted` has made sure that there is a target.
        let Some(target) = self.chooser.next() else {
            pacer.give_back(count);
            return;
        };
        pacer.took_effect(count, now);
        self.outstanding += u64::from(count);
        commands.push(Command::MoveSessions {
            to: target.node.clone(),
            count,
        });
    }

    /// Sessions that may be asked for now; `None` when no move can be made until something is reported.
    fn moves_wanted(&self) -> Option<u64> {
        let room = self.outstanding_max().saturating_sub(self.outstanding);
        if self.phase < PhaseName::EvictingSessions || !self.target_available || room == 0 {
            return None;
        }
        let spoken_for = self.outstanding + self.moved_since_counts + self.counts.connections;
        let free = self
            .counts
            .sessions
            .checked_sub(spoken_for)
            .filter(|free| *free > 0)?;
        Some(free.saturating_sub(self.troubles.waiting()).min(room))
    }

    fn outstanding_max(&self) -> u64 {
        (u64::from(self.options.sess_evict_rate.get()) / 2).max(OUTSTANDING_MIN)
    }

    fn limited_by(&self) -> &'static str {
        if self.ended.is_some() {
            return "";
        }
        match self.phase {
            PhaseName::EvictingConns if self.closing => "connections that are still closing",
            PhaseName::EvictingSessions if !self.target_available => "no available target",
            PhaseName::EvictingSessions if self.outstanding >= self.outstanding_max() => {
                "moves that are not answered yet"
            }
            PhaseName::EvictingSessions
                if self.troubles.waiting() > 0 && self.moves_wanted() == Some(0) =>
            {
                "failed moves that wait for their next attempt"
            }
            _ => "",
        }
    }

    /// Time left in the phase and in all. Clients are expected to stay away: the figure is on the safe side.
    fn eta(&self, now: Timestamp) -> (Option<Duration>, Option<Duration>) {
        if self.ended.is_some() || self.phase == PhaseName::Prohibiting {
            return (None, None);
        }
        let left = |count: u64, rate: u32| Duration::from_secs_f64(count as f64 / f64::from(rate));
        let conns = left(self.counts.connections, self.options.conn_evict_rate.get());
        let away = self.counts.sessions.saturating_sub(match self.phase {
            // Most connected clients come back elsewhere and take their Sessions along.
            PhaseName::WaitingHealthCheck | PhaseName::EvictingConns => self.counts.connections,
            _ => 0,
        });
        let moves = left(away, self.options.sess_evict_rate.get());
        let waited = self
            .phase_deadline()
            .map(|deadline| deadline.since(now))
            .unwrap_or_default();
        let takeover = self.options.wait_takeover;
        let (phase, rest) = match self.phase {
            PhaseName::WaitingHealthCheck => (waited, conns + takeover + moves),
            PhaseName::EvictingConns => (conns, takeover + moves),
            PhaseName::WaitingTakeover => (waited, moves),
            _ if !self.target_available => return (None, None),
            _ => (moves, Duration::ZERO),
        };
        (Some(phase), Some(phase + rest))
    }

    fn mean(&self, phase: PhaseName, tally: Tally, now: Timestamp) -> Option<f64> {
        let times = self.times[phase as usize];
        let started_at = times.started_at?;
        let until = match times.ended_at {
            Some(ended_at) => tally
                .last_at
                .map_or(ended_at, |last_at| last_at.min(ended_at)),
            None => now,
        };
        let seconds = until.since(started_at).as_secs_f64();
        // The first one falls on the start itself: a span without length tells no rate.
        Some(if seconds > 0.0 {
            tally.count as f64 / seconds
        } else {
            0.0
        })
    }

    fn phase_progress(&self, name: PhaseName, now: Timestamp) -> PhaseProgress {
        let times = self.times[name as usize];
        let state = match (times.started_at, times.ended_at) {
            (Some(_), None) => PhaseState::Active,
            (Some(_), Some(_)) => PhaseState::Done,
            (None, _) if name < self.phase => PhaseState::Skipped,
            (None, _) => PhaseState::Pending,
        };
        let duration = times
            .started_at
            .map(|at| times.ended_at.unwrap_or(now).since(at));
        PhaseProgress {
            name,
            state,
            started_at: times.started_at,
            duration,
        }
    }
}

const fn amount(initial: u64, current: u64) -> Amount {
    Amount {
        initial,
        current,
        goal: 0,
    }
}

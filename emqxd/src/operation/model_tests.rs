//! The evacuation against a small node in memory: exact commands for each step, and random schedules.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::time::Duration;

use proptest::prelude::*;

use super::command::Command;
use super::evacuation::{Counts, Evacuation, Event};
use super::marks::{Marks, RecipientMark};
use super::options::EvacuationOptions;
use super::progress::{PhaseState, Progress};
use super::targets::Target;
use super::{OperationId, Outcome, PhaseName, Revision};
use crate::packet::ClientId;
use crate::time::Timestamp;

const fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(1_000_000 + millis)
}

fn client(number: u64) -> ClientId {
    ClientId::new(&format!("c{number:05}")).unwrap()
}

fn target(node: &str, available: bool) -> Target {
    Target {
        node: node.to_owned(),
        address: format!("{node}:1883"),
        available,
        connections: 0,
        sessions: 0,
        capacity: None,
    }
}

fn options(health_ms: u64, takeover_ms: u64, conn_rate: u32, sess_rate: u32) -> EvacuationOptions {
    EvacuationOptions {
        wait_health_check: Duration::from_millis(health_ms),
        wait_takeover: Duration::from_millis(takeover_ms),
        conn_evict_rate: NonZeroU32::new(conn_rate).unwrap(),
        sess_evict_rate: NonZeroU32::new(sess_rate).unwrap(),
        ..EvacuationOptions::default()
    }
}

fn start(
    options: EvacuationOptions,
    connections: u64,
    sessions: u64,
) -> (Evacuation, Vec<Command>) {
    let id = OperationId::from_seed(0xabcd);
    let counts = Counts {
        connections,
        sessions,
    };
    Evacuation::start(id, "a", options, counts, &[target("b", true)], at(0))
}

fn told(evacuation: &mut Evacuation, event: Event, now: u64) -> Vec<Command> {
    let mut commands = Vec::new();
    evacuation.handle(event, at(now), &mut commands);
    commands
}

fn timed(evacuation: &mut Evacuation, now: u64) -> Vec<Command> {
    let mut commands = Vec::new();
    evacuation.handle_timeout(at(now), &mut commands);
    commands
}

fn counted(evacuation: &mut Evacuation, connections: u64, sessions: u64, now: u64) -> Vec<Command> {
    told(
        evacuation,
        Event::Counts(Counts {
            connections,
            sessions,
        }),
        now,
    )
}

fn moving(to: &str, count: u32) -> Command {
    Command::MoveSessions {
        to: to.to_owned(),
        count,
    }
}

fn moved(asked: u32, results: Vec<(ClientId, Result<u64, String>)>) -> Event {
    Event::SessionsMoved {
        to: "b".to_owned(),
        asked,
        results,
    }
}

/// An evacuation in `evicting_sessions` since time 0.
fn moving_sessions(rate: u32, sessions: u64) -> Evacuation {
    let (evacuation, _) = start(options(0, 0, 10, rate), 0, sessions);
    assert_eq!(evacuation.phase(), PhaseName::EvictingSessions);
    evacuation
}

#[test]
fn each_transition_has_its_commands() {
    let (mut evacuation, commands) = start(options(1000, 2000, 10, 10), 2, 2);
    assert_eq!(evacuation.id().to_string(), "op-0000abcd");
    let health = Command::PhaseChanged(PhaseName::WaitingHealthCheck);
    assert_eq!(commands, [Command::Availability { ready: false }, health]);
    assert_eq!(evacuation.poll_timeout(), Some(at(1000)));
    assert_eq!(timed(&mut evacuation, 999), []);

    let evict_one = Command::EvictConnections { count: 1 };
    let entered = [
        Command::AcceptConnections(false),
        Command::PhaseChanged(PhaseName::EvictingConns),
        evict_one.clone(),
    ];
    assert_eq!(timed(&mut evacuation, 1000), entered);
    assert_eq!(evacuation.poll_timeout(), Some(at(1100)));
    let cut = |number| Event::Evicted {
        client_id: client(number),
        keeps_session: true,
    };
    assert_eq!(told(&mut evacuation, cut(1), 1000), []);
    assert_eq!(timed(&mut evacuation, 1100), [evict_one]);
    assert_eq!(told(&mut evacuation, cut(2), 1100), []);

    let takeover = Command::PhaseChanged(PhaseName::WaitingTakeover);
    assert_eq!(counted(&mut evacuation, 0, 2, 1150), [takeover]);
    assert_eq!(evacuation.poll_timeout(), Some(at(3150)));
    let arrived = Event::Arrived {
        client_id: client(1),
        at: "b".to_owned(),
    };
    assert_eq!(told(&mut evacuation, arrived, 1500), []);
    assert_eq!(counted(&mut evacuation, 0, 1, 1500), []);

    let sessions = Command::PhaseChanged(PhaseName::EvictingSessions);
    assert_eq!(timed(&mut evacuation, 3150), [sessions, moving("b", 1)]);
    assert_eq!(
        told(&mut evacuation, moved(1, vec![(client(2), Ok(7))]), 3200),
        []
    );
    let prohibiting = Command::PhaseChanged(PhaseName::Prohibiting);
    assert_eq!(counted(&mut evacuation, 0, 0, 3250), [prohibiting]);
    assert_eq!(evacuation.poll_timeout(), None);

    let progress = evacuation.progress(at(4000));
    assert_eq!(
        (progress.outcome, progress.ended_at),
        (Some(Outcome::Succeeded), None)
    );
    assert_eq!(
        progress.conn_rate_mean,
        Some(20.0),
        "two cuts within 100 ms"
    );
    assert_eq!(
        (
            progress.evicted_connections,
            progress.unreturned,
            progress.messages_carried
        ),
        (2, 0, 7)
    );
    assert_eq!(progress.sessions_moved_with_client, 1);
    assert_eq!(progress.sessions_moved_without_client, 1);
    assert_eq!(
        (
            progress.recipients[0].arrived,
            progress.recipients[0].received_sessions
        ),
        (1, 1)
    );
    let took = progress.reconnect_p50.unwrap();
    assert!(
        took >= Duration::from_millis(500) && took <= Duration::from_millis(570),
        "{took:?}"
    );

    let revision = evacuation.revision();
    let ended = [
        Command::AcceptConnections(true),
        Command::Availability { ready: true },
        Command::Ended(Outcome::Succeeded),
    ];
    assert_eq!(told(&mut evacuation, Event::Stop, 5000), ended);
    assert!(evacuation.revision() > revision);
    assert_eq!(evacuation.progress(at(9000)).ended_at, Some(at(5000)));
    assert_eq!(told(&mut evacuation, Event::Stop, 5001), []);
}

#[test]
fn a_wait_of_zero_is_skipped() {
    let (mut evacuation, commands) = start(options(0, 0, 10, 10), 1, 1);
    let conns = Command::PhaseChanged(PhaseName::EvictingConns);
    let expected = [
        Command::Availability { ready: false },
        Command::AcceptConnections(false),
        conns,
    ];
    assert_eq!(commands, expected);
    assert_eq!(
        timed(&mut evacuation, 0),
        [Command::EvictConnections { count: 1 }]
    );
    let sessions = Command::PhaseChanged(PhaseName::EvictingSessions);
    assert_eq!(counted(&mut evacuation, 0, 1, 10), [sessions]);
    let states: Vec<_> = evacuation
        .progress(at(10))
        .phases
        .iter()
        .map(|phase| phase.state)
        .collect();
    let expected = [
        PhaseState::Skipped,
        PhaseState::Done,
        PhaseState::Skipped,
        PhaseState::Active,
        PhaseState::Pending,
    ];
    assert_eq!(states, expected);
}

#[test]
fn connections_that_are_closing_are_waited_for() {
    let (mut evacuation, _) = start(options(0, 0, 1000, 10), 20, 20);
    assert_eq!(
        timed(&mut evacuation, 10),
        [Command::EvictConnections { count: 11 }]
    );
    assert_eq!(
        told(
            &mut evacuation,
            Event::EvictionsShort { asked: 11, done: 5 },
            10
        ),
        []
    );
    assert_eq!(evacuation.poll_timeout(), None);
    assert_eq!(timed(&mut evacuation, 50), []);
    assert_eq!(evacuation.progress(at(50)).evicted_connections, 0);
    assert_eq!(counted(&mut evacuation, 15, 20, 100), []);
    assert_eq!(
        timed(&mut evacuation, 100),
        [Command::EvictConnections { count: 15 }]
    );
}

#[test]
fn a_client_that_slips_in_later_is_cut_in_that_phase() {
    let mut evacuation = moving_sessions(10, 3);
    assert_eq!(counted(&mut evacuation, 1, 4, 1000), []);
    let commands = timed(&mut evacuation, 1000);
    assert_eq!(commands[0], Command::EvictConnections { count: 1 });
    assert!(
        matches!(&commands[1], Command::MoveSessions { count, .. } if *count <= 2),
        "{commands:?}"
    );
    assert_eq!(evacuation.phase(), PhaseName::EvictingSessions);
}

#[test]
fn a_failed_move_is_tried_again_after_a_while() {
    let mut evacuation = moving_sessions(10, 1);
    assert_eq!(timed(&mut evacuation, 0), [moving("b", 1)]);
    told(
        &mut evacuation,
        moved(1, vec![(client(1), Err("full".to_owned()))]),
        50,
    );
    assert!(evacuation.is_backing_off(&client(1), at(1049)));
    assert_eq!(evacuation.poll_timeout(), Some(at(1050)));
    assert_eq!(timed(&mut evacuation, 500), []);
    let progress = evacuation.progress(at(500));
    assert_eq!(
        progress.limited_by,
        "failed moves that wait for their next attempt"
    );
    assert_eq!(
        (progress.trouble_total, progress.trouble[0].attempts),
        (1, 1)
    );
    assert_eq!(progress.trouble[0].reason, "full");
    assert_eq!(timed(&mut evacuation, 1050), [moving("b", 1)]);
    told(&mut evacuation, moved(1, vec![(client(1), Ok(0))]), 1060);
    assert_eq!(evacuation.progress(at(1060)).trouble_total, 0);
}

#[test]
fn a_short_answer_is_not_followed_by_another_question_at_once() {
    let mut evacuation = moving_sessions(1000, 5);
    assert_eq!(timed(&mut evacuation, 0), [moving("b", 1)]);
    told(&mut evacuation, moved(1, Vec::new()), 1);
    assert_eq!(evacuation.poll_timeout(), Some(at(101)));
    assert_eq!(timed(&mut evacuation, 100), []);
    assert_eq!(timed(&mut evacuation, 101), [moving("b", 5)]);
}

#[test]
fn no_more_moves_are_under_way_than_allowed() {
    let mut evacuation = moving_sessions(100, 1000);
    let mut asked = 0;
    for now in 0..5000 {
        for command in timed(&mut evacuation, now) {
            if let Command::MoveSessions { count, .. } = command {
                asked += count;
            }
        }
    }
    assert_eq!(asked, 64);
    assert_eq!(
        evacuation.progress(at(5000)).limited_by,
        "moves that are not answered yet"
    );
    assert_eq!(evacuation.poll_timeout(), None);
}

#[test]
fn without_a_target_it_waits_and_says_so() {
    let mut evacuation = moving_sessions(10, 5);
    told(&mut evacuation, Event::Targets(vec![target("b", false)]), 0);
    assert_eq!(timed(&mut evacuation, 10), []);
    assert_eq!(
        evacuation.progress(at(10)).limited_by,
        "no available target"
    );
    assert_eq!(evacuation.poll_timeout(), None);
    told(&mut evacuation, Event::Targets(vec![target("b", true)]), 20);
    assert_eq!(timed(&mut evacuation, 20), [moving("b", 1)]);
}

#[test]
fn waiting_for_takeovers_ends_early_when_nothing_is_left() {
    let (mut evacuation, _) = start(options(0, 60_000, 10, 10), 1, 1);
    timed(&mut evacuation, 0);
    told(
        &mut evacuation,
        Event::Evicted {
            client_id: client(1),
            keeps_session: true,
        },
        1,
    );
    counted(&mut evacuation, 0, 1, 2);
    assert_eq!(counted(&mut evacuation, 0, 0, 3), []);
    let arrived = Event::Arrived {
        client_id: client(1),
        at: "b".to_owned(),
    };
    let sessions = Command::PhaseChanged(PhaseName::EvictingSessions);
    let prohibiting = Command::PhaseChanged(PhaseName::Prohibiting);
    assert_eq!(told(&mut evacuation, arrived, 4), [sessions, prohibiting]);
}

/// A node with its clients, carried along by the commands.
struct Node {
    connected: BTreeMap<ClientId, bool>,
    away: BTreeSet<ClientId>,
    moving: BTreeSet<ClientId>,
    /// Answers and arrivals on their way, soonest first.
    later: VecDeque<(u64, Event)>,
    accepts: bool,
    ready: bool,
    ended: Option<Outcome>,
    cuts: Vec<(u64, u32)>,
    moves: Vec<(u64, u32)>,
    phase: PhaseName,
}

impl Node {
    fn counts(&self) -> Counts {
        let connections = self.connected.len() as u64;
        Counts {
            connections,
            sessions: connections + (self.away.len() + self.moving.len()) as u64,
        }
    }

    fn later(&mut self, at: u64, event: Event) {
        let index = self.later.partition_point(|(time, _)| *time <= at);
        self.later.insert(index, (at, event));
    }

    /// Whether an event that is due still holds; the model's own state follows it.
    fn settle(&mut self, event: &Event) -> bool {
        match event {
            Event::Arrived { client_id, .. } => self.away.remove(client_id),
            Event::SessionsMoved { results, .. } => {
                for (client_id, result) in results {
                    self.moving.remove(client_id);
                    if result.is_err() {
                        self.away.insert(client_id.clone());
                    }
                }
                true
            }
            _ => true,
        }
    }

    fn carry_out(
        &mut self,
        evacuation: &mut Evacuation,
        commands: Vec<Command>,
        now: u64,
        dice: &[u8],
    ) {
        let mut commands = VecDeque::from(commands);
        let mut rolled = now as usize;
        let mut roll = || {
            rolled += 1;
            u64::from(dice[rolled % dice.len()])
        };
        while let Some(command) = commands.pop_front() {
            assert_eq!(self.ended, None, "nothing follows the end");
            match command {
                Command::Availability { ready } => self.ready = ready,
                Command::AcceptConnections(accepts) => self.accepts = accepts,
                Command::PhaseChanged(phase) => self.phase = phase,
                Command::Ended(outcome) => self.ended = Some(outcome),
                Command::EvictConnections { count } => {
                    assert_ne!(self.phase, PhaseName::WaitingHealthCheck);
                    assert!(!self.accepts);
                    let mut done = 0;
                    while done < count {
                        let Some((client_id, keeps_session)) = self.connected.pop_first() else {
                            break;
                        };
                        done += 1;
                        let event = Event::Evicted {
                            client_id: client_id.clone(),
                            keeps_session,
                        };
                        commands.extend(told(evacuation, event, now));
                        if keeps_session {
                            self.away.insert(client_id.clone());
                            if roll() % 3 > 0 {
                                let arrived = Event::Arrived {
                                    client_id,
                                    at: "b".to_owned(),
                                };
                                self.later(now + roll() * 8, arrived);
                            }
                        }
                    }
                    self.cuts.push((now, done));
                    if done < count {
                        commands.extend(told(
                            evacuation,
                            Event::EvictionsShort { asked: count, done },
                            now,
                        ));
                    }
                }
                Command::MoveSessions { to, count } => {
                    let chosen: Vec<_> = self
                        .away
                        .iter()
                        .filter(|client_id| !evacuation.is_backing_off(client_id, at(now)))
                        .take(count as usize)
                        .cloned()
                        .collect();
                    self.moves.push((now, chosen.len() as u32));
                    for client_id in &chosen {
                        self.away.remove(client_id);
                        self.moving.insert(client_id.clone());
                    }
                    let results = chosen
                        .into_iter()
                        .map(|client_id| match roll() % 5 {
                            // The other node becomes able in the end; else no schedule would have to end.
                            0 if now < 60_000 => (client_id, Err("busy".to_owned())),
                            messages => (client_id, Ok(messages)),
                        })
                        .collect();
                    self.later(
                        now + roll(),
                        Event::SessionsMoved {
                            to,
                            asked: count,
                            results,
                        },
                    );
                }
            }
        }
    }
}

fn within_bound(rate: u32, done: &[(u64, u32)]) -> bool {
    (0..done.len()).all(|first| {
        let window = done[first..]
            .iter()
            .take_while(|(time, _)| time - done[first].0 < 100);
        let sum: u64 = window.map(|(_, count)| u64::from(*count)).sum();
        sum * 1000 <= 115 * u64::from(rate) + 1000
    })
}

fn account_holds(progress: &Progress, moved_before_return: u64) -> bool {
    let returned: u64 = progress
        .recipients
        .iter()
        .map(|recipient| recipient.arrived)
        .sum();
    progress.evicted_connections
        == returned
            + progress.unreturned
            + progress.sessions_ended_with_connection
            + moved_before_return
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_schedule_empties_the_node_and_any_stop_returns_it(
        clients in prop::collection::vec(any::<Option<bool>>(), 0..200),
        health_ms in 0_u64..500,
        takeover_ms in 0_u64..2000,
        conn_rate in 20_u32..2000,
        sess_rate in 20_u32..2000,
        dice in prop::collection::vec(any::<u8>(), 64..128),
        stop_at in prop::option::of(0_u64..10_000),
    ) {
        let mut node = Node {
            connected: BTreeMap::new(),
            away: BTreeSet::new(),
            moving: BTreeSet::new(),
            later: VecDeque::new(),
            accepts: true,
            ready: true,
            ended: None,
            cuts: Vec::new(),
            moves: Vec::new(),
            phase: PhaseName::WaitingHealthCheck,
        };
        for (number, kind) in (0..).zip(&clients) {
            match kind {
                Some(keeps_session) => drop(node.connected.insert(client(number), *keeps_session)),
                None => drop(node.away.insert(client(number))),
            }
        }
        let initial = node.counts();
        let options = options(health_ms, takeover_ms, conn_rate, sess_rate);
        let (mut evacuation, commands) =
            Evacuation::start(OperationId::from_seed(1), "a", options, initial, &[target("b", true)], at(0));
        node.carry_out(&mut evacuation, commands, 0, &dice);
        let mut now = 0;
        let mut revision = evacuation.revision();
        let mut evicted_then_moved = 0;
        while evacuation.phase() != PhaseName::Prohibiting && now < 300_000 {
            if stop_at.is_some_and(|stop_at| now >= stop_at) {
                break;
            }
            while node.later.front().is_some_and(|(time, _)| *time <= now) {
                let Some((_, event)) = node.later.pop_front() else { break };
                if !node.settle(&event) {
                    continue;
                }
                let before = evacuation.progress(at(now)).unreturned;
                let is_move = matches!(event, Event::SessionsMoved { .. });
                let commands = told(&mut evacuation, event, now);
                if is_move {
                    evicted_then_moved += before - evacuation.progress(at(now)).unreturned;
                }
                node.carry_out(&mut evacuation, commands, now, &dice);
            }
            let mut commands = told(&mut evacuation, Event::Counts(node.counts()), now);
            evacuation.handle_timeout(at(now), &mut commands);
            node.carry_out(&mut evacuation, commands, now, &dice);
            let progress = evacuation.progress(at(now));
            prop_assert!(account_holds(&progress, evicted_then_moved), "{progress:?}");
            prop_assert!(progress.revision >= revision);
            revision = progress.revision;
            let late = u64::from(dice[now as usize % dice.len()]) / 8;
            let due = evacuation.poll_timeout().map_or(now + 100, |due| due.since(at(0)).as_millis() as u64);
            now = due.clamp(now + 1, now + 100) + late;
        }
        prop_assert!(within_bound(conn_rate, &node.cuts), "{:?}", node.cuts);
        prop_assert!(within_bound(sess_rate, &node.moves), "{:?}", node.moves);
        if stop_at.is_none() {
            prop_assert_eq!(evacuation.phase(), PhaseName::Prohibiting, "{:?}", evacuation.progress(at(now)));
            let progress = evacuation.progress(at(now));
            prop_assert_eq!(progress.outcome, Some(Outcome::Succeeded));
            let left = progress.sessions_moved_with_client
                + progress.sessions_moved_without_client
                + progress.sessions_ended_with_connection;
            prop_assert_eq!(left, clients.len() as u64, "each session left once");
            prop_assert_eq!((progress.unreturned, progress.trouble_total), (0, 0));
        }
        let rested = evacuation.phase() == PhaseName::Prohibiting;
        let commands = told(&mut evacuation, Event::Stop, now);
        node.carry_out(&mut evacuation, commands, now, &dice);
        prop_assert!(node.accepts && node.ready);
        prop_assert_eq!(node.ended, Some(if rested { Outcome::Succeeded } else { Outcome::Stopped }));
        prop_assert_eq!(evacuation.progress(at(now + 5)).ended_at, Some(at(now)));
    }
}

fn marks(phase: PhaseName, began: &[(PhaseName, u64)]) -> Marks {
    let mut phases = [(None, None); 5];
    for (name, since) in began {
        phases[*name as usize].0 = Some(at(*since));
    }
    Marks {
        id: OperationId::from_seed(0xabcd),
        revision: Revision(50),
        started_at: at(0),
        phase,
        phases,
        initial: Counts {
            connections: 10,
            sessions: 12,
        },
        evicted: 9,
        moved_with_client: 4,
        moved_without_client: 2,
        expired: 1,
        ended_with_connection: 3,
        messages_carried: 8,
        recipients: vec![RecipientMark {
            node: "b".to_owned(),
            address: String::new(),
            arrived: 4,
            received_sessions: 2,
            refused: 0,
        }],
    }
}

fn resume(marks: &Marks, options: EvacuationOptions, now: u64) -> (Evacuation, Vec<Command>) {
    let counts = Counts {
        connections: 0,
        sessions: 5,
    };
    Evacuation::resume(marks, "a", options, counts, &[target("b", true)], at(now))
}

#[test]
fn an_evacuation_goes_on_where_it_stood_and_waits_no_longer_than_asked() {
    let marks = marks(
        PhaseName::WaitingTakeover,
        &[
            (PhaseName::EvictingConns, 10),
            (PhaseName::WaitingTakeover, 500),
        ],
    );
    let (mut evacuation, commands) = resume(&marks, options(0, 1_000, 10, 10), 800);
    assert_eq!(
        commands,
        [
            Command::Availability { ready: false },
            Command::AcceptConnections(false),
            Command::PhaseChanged(PhaseName::WaitingTakeover),
        ]
    );
    let progress = evacuation.progress(at(800));
    assert!(progress.revision > Revision(50));
    assert_eq!(progress.started_at, at(0));
    assert_eq!(
        (progress.connections.initial, progress.sessions.current),
        (10, 5)
    );
    assert_eq!(progress.evicted_connections, 9);
    assert_eq!(progress.recipients[0].arrived, 4);
    assert_eq!(evacuation.poll_timeout(), Some(at(1_500)));
    let commands = timed(&mut evacuation, 1_500);
    assert_eq!(
        commands[0],
        Command::PhaseChanged(PhaseName::EvictingSessions)
    );
    assert!(
        matches!(commands[1], Command::MoveSessions { .. }),
        "{commands:?}"
    );
}

#[test]
fn one_whose_wait_is_over_and_one_that_rests_go_on_at_once() {
    let waited = marks(
        PhaseName::WaitingHealthCheck,
        &[(PhaseName::WaitingHealthCheck, 0)],
    );
    let (evacuation, commands) = resume(&waited, options(100, 1_000, 10, 10), 800);
    assert!(commands.contains(&Command::AcceptConnections(false)));
    assert_eq!(evacuation.phase(), PhaseName::WaitingTakeover);

    let resting = marks(PhaseName::Prohibiting, &[(PhaseName::Prohibiting, 700)]);
    let (mut evacuation, commands) = resume(&resting, options(0, 0, 10, 10), 800);
    assert_eq!(
        commands,
        [
            Command::Availability { ready: false },
            Command::AcceptConnections(false),
            Command::PhaseChanged(PhaseName::Prohibiting),
        ]
    );
    // What came back meanwhile moves on.
    assert!(matches!(
        timed(&mut evacuation, 801)[..],
        [Command::MoveSessions { .. }]
    ));
    let commands = told(&mut evacuation, Event::Stop, 900);
    assert_eq!(commands.last(), Some(&Command::Ended(Outcome::Succeeded)));
}

//! Export, import, side log and merge.

use std::num::NonZeroU16;

use proptest::prelude::*;

use super::fixture::*;
use super::*;
use crate::message::{Delivery, Message};
use crate::packet::{ClientId, ReasonCode, Unsubscribe};
use crate::time::Timestamp;

fn import(state: SessionState, now: Timestamp) -> Session {
    Session::import(state, std::sync::Arc::default(), now)
}

fn queued(session: &Session) -> Vec<u64> {
    numbers(&session.export(at(0)).queue)
}

#[test]
fn the_side_log_is_what_was_accepted_since_the_mark() {
    let mut session = session_with(SessionConfig {
        queue_messages_max: 2,
        ..SessionConfig::default()
    });
    session.deliver(delivery(1, 1), at(0));
    assert_eq!(session.take_since_mark(), []);
    session.mark();
    session.deliver(delivery(2, 1), at(0));
    assert_eq!(
        session.deliver(delivery(3, 1), at(0)),
        Delivered::QueuedDroppingOther
    );
    assert_eq!(session.deliver(delivery(4, 0), at(0)), Delivered::Dropped);
    assert_eq!(numbers(&session.take_since_mark()), [2, 3]);
    for number in 5..=7 {
        session.deliver(delivery(number, 1), at(0));
    }
    assert_eq!(
        numbers(&session.take_since_mark()),
        [6, 7],
        "bounded as the queue is"
    );
    session.unmark();
    session.deliver(delivery(8, 1), at(0));
    assert_eq!(session.take_since_mark(), []);
}

#[test]
fn the_side_log_comes_before_own_deliveries_and_repeats_are_dropped() {
    let mut former = session_with(SessionConfig::default());
    former.deliver(delivery(1, 1), at(0));
    former.mark();
    let mut session = import(former.export(at(0)), at(0));
    for number in [2, 3, 4] {
        former.deliver(delivery(number, 2), at(0));
    }
    for number in [3, 4, 5] {
        session.deliver(delivery(number, 2), at(0));
    }
    session.merge_side_log(former.take_since_mark(), &SwitchPoints::default(), at(0));
    assert_eq!(queued(&session), [1, 2, 3, 4, 5]);
    session.merge_side_log(vec![delivery(6, 1)], &SwitchPoints::default(), at(0));
    assert_eq!(
        queued(&session),
        [1, 2, 3, 4, 5, 6],
        "the first merge is done with"
    );
}

#[test]
fn a_message_that_matched_two_subscriptions_stays_twice() {
    let mut session = import(session_with(SessionConfig::default()).export(at(0)), at(0));
    // One copy for a Subscription that both owners announced, one for a Shared Subscription.
    session.deliver(delivery(1, 1), at(0));
    session.deliver(delivery(1, 1), at(0));
    session.merge_side_log(vec![delivery(1, 1)], &SwitchPoints::default(), at(0));
    assert_eq!(queued(&session), [1, 1]);
}

#[test]
fn a_merge_keeps_the_limits_and_drops_what_has_expired() {
    let config = SessionConfig {
        queue_messages_max: 2,
        ..SessionConfig::default()
    };
    let mut session = session_with(config);
    session.deliver(delivery(3, 1), at(0));
    let expired = delivery_of(Message {
        expires_at: Some(at(5)),
        ..message(9, 1)
    });
    session.merge_side_log(
        vec![delivery(1, 1), expired, delivery(2, 1)],
        &SwitchPoints::default(),
        at(5),
    );
    assert_eq!(queued(&session), [2, 3]);
    assert_eq!(session.stats().dropped, 2);
}

#[test]
fn own_deliveries_wait_for_the_side_log_where_asked() {
    let mut former = session_with(SessionConfig::default());
    former.deliver(delivery(1, 1), at(0));
    let mut session = import(former.export(at(0)), at(0));
    session.await_side_log();
    session.deliver(delivery(3, 0), at(0));
    session.attach(attach(V5), at(0));
    assert_eq!(transmit(&mut session, at(0)), [publish_sent(1, 1)]);
    assert!(!session.has_output());
    session.merge_side_log(
        vec![delivery(2, 1), delivery(3, 0)],
        &SwitchPoints::default(),
        at(0),
    );
    assert!(session.has_output());
    assert_eq!(
        transmit(&mut session, at(0)),
        [publish_sent(2, 2), publish_sent(3, 0)]
    );
}

#[test]
fn remaining_times_go_on() {
    let mut former = connected_with(
        SessionConfig::default(),
        Attach {
            will: Some(will(20)),
            ..attach(V5)
        },
    );
    detach(&mut former, Detach::Abnormal, at(1_000));
    let state = former.export(at(11_000));
    assert_eq!(state.expires_in, Some(seconds(90)));
    assert_eq!(
        state.will.as_ref().and_then(|will| will.fires_in),
        Some(seconds(10))
    );
    // A node whose clock is far ahead.
    let mut session = import(state, at(1_000_000));
    assert!(!session.is_connected());
    assert_eq!(session.poll_timeout(), Some(at(1_010_000)));
    let mut actions = Vec::new();
    session.handle_timeout(at(1_010_000), &mut actions);
    assert!(matches!(actions[..], [Action::PublishWill(_)]));
    assert_eq!(session.poll_timeout(), Some(at(1_090_000)));
    assert_eq!(session.disconnected_at(), Some(at(1_000)));
}

#[test]
fn exported_while_connected_the_times_begin_with_the_import() {
    let session = connected_with(
        SessionConfig::default(),
        Attach {
            will: Some(will(20)),
            ..attach(V5)
        },
    );
    let state = session.export(at(5_000));
    assert_eq!((state.expires_in, state.disconnected_at), (None, None));
    let session = import(state, at(6_000));
    assert_eq!(session.poll_timeout(), Some(at(26_000)));
    assert_eq!(session.expires_in(at(6_000)), Some(seconds(100)));
    assert_eq!(session.disconnected_at(), Some(at(6_000)));
}

/// One thing that happens to a Session.
#[derive(Debug, Clone)]
enum Event {
    Deliver {
        qos_bits: u8,
        expires_s: Option<u64>,
    },
    Transmit {
        room: usize,
    },
    Publish {
        qos_bits: u8,
        packet_id: u16,
    },
    PubAck(u16),
    PubRec(u16, bool),
    PubRel(u16),
    PubComp(u16),
    Subscribe(u8),
    Unsubscribe(u8),
    Attach {
        receive_maximum: u16,
        will_s: Option<u64>,
        is_v5: bool,
    },
    Detach,
    Disconnect,
    TimePasses {
        millis: u64,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let packet_id = || 1u16..6;
    prop_oneof![
        6 => (0u8..3, proptest::option::of(0u64..60))
            .prop_map(|(qos_bits, expires_s)| Event::Deliver { qos_bits, expires_s }),
        4 => (0usize..9).prop_map(|room| Event::Transmit { room }),
        3 => (0u8..3, packet_id())
            .prop_map(|(qos_bits, packet_id)| Event::Publish { qos_bits, packet_id }),
        3 => packet_id().prop_map(Event::PubAck),
        3 => (packet_id(), proptest::bool::weighted(0.2)).prop_map(|(id, error)| Event::PubRec(id, error)),
        2 => packet_id().prop_map(Event::PubRel),
        2 => packet_id().prop_map(Event::PubComp),
        1 => (0u8..4).prop_map(Event::Subscribe),
        1 => (0u8..4).prop_map(Event::Unsubscribe),
        3 => (1u16..6, proptest::option::of(0u64..40), any::<bool>()).prop_map(
            |(receive_maximum, will_s, is_v5)| Event::Attach { receive_maximum, will_s, is_v5 }
        ),
        1 => Just(Event::Detach),
        1 => Just(Event::Disconnect),
        2 => (0u64..30_000).prop_map(|millis| Event::TimePasses { millis }),
    ]
}

/// All that can be seen of a Session from outside after an event.
#[derive(Debug, PartialEq)]
struct Seen {
    actions: Vec<Action>,
    violation: Option<Violation>,
    delivered: Option<Delivered>,
    sent: Vec<Sent>,
    facts: Vec<PublishFacts>,
    has_output: bool,
    timeout: Option<Timestamp>,
    stats: SessionStats,
    state: SessionState,
}

const FILTERS: [&str; 4] = ["a", "b/#", "$share/g/a", "+"];

fn apply(session: &mut Session, event: &Event, number: u64, now: Timestamp) -> Seen {
    let mut actions = Vec::new();
    let mut delivered = None;
    let mut recorder = Recorder::default();
    let packet = match event.clone() {
        Event::Deliver {
            qos_bits,
            expires_s,
        } => {
            let delivery: Delivery = delivery_of(Message {
                expires_at: expires_s.map(|after| now + seconds(after)),
                ..message(number, qos_bits)
            });
            delivered = Some(session.deliver(delivery, now));
            None
        }
        Event::Transmit { room } => {
            recorder.room = room;
            session.poll_transmit(now, &mut recorder);
            None
        }
        Event::Publish {
            qos_bits,
            packet_id,
        } => Some(Packet::Publish(publish(qos_bits, packet_id))),
        Event::PubAck(packet_id) => Some(Packet::PubAck(ack(packet_id))),
        Event::PubRec(packet_id, false) => Some(Packet::PubRec(ack(packet_id))),
        Event::PubRec(packet_id, true) => Some(Packet::PubRec(ack_with(
            packet_id,
            ReasonCode::QuotaExceeded,
        ))),
        Event::PubRel(packet_id) => Some(Packet::PubRel(ack(packet_id))),
        Event::PubComp(packet_id) => Some(Packet::PubComp(ack(packet_id))),
        Event::Subscribe(which) => Some(subscribe(1, &[(FILTERS[usize::from(which)], which % 3)])),
        Event::Unsubscribe(which) => Some(Packet::Unsubscribe(Unsubscribe {
            packet_id: id(1),
            user_properties: Vec::new(),
            filters: vec![FILTERS[usize::from(which)].into()],
        })),
        Event::Attach {
            receive_maximum,
            will_s,
            is_v5,
        } => {
            session.detach(Detach::TakenOver, now, &mut actions);
            session.attach(
                Attach {
                    receive_maximum: NonZeroU16::new(receive_maximum).expect("not zero"),
                    will: will_s.map(will),
                    ..attach(if is_v5 { V5 } else { V3 })
                },
                now,
            );
            None
        }
        Event::Detach => {
            session.detach(Detach::Abnormal, now, &mut actions);
            None
        }
        Event::Disconnect => {
            session.detach(Detach::Normal, now, &mut actions);
            None
        }
        Event::TimePasses { .. } => {
            session.handle_timeout(now, &mut actions);
            None
        }
    };
    let violation = packet.and_then(|packet| {
        let result = session.handle_packet(packet, now, &mut actions);
        result.err()
    });
    for action in &actions {
        if let Action::Route(Inbound {
            packet_id: Some(packet_id),
            ..
        }) = action
        {
            session.publish_done(*packet_id, ReasonCode::Success, now);
        }
    }
    if violation.is_some() {
        session.detach(Detach::Abnormal, now, &mut actions);
    }
    Seen {
        actions,
        violation,
        delivered,
        sent: recorder.sent,
        facts: recorder.facts,
        has_output: session.has_output(),
        timeout: session.poll_timeout(),
        stats: session.stats(),
        state: session.export(now),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Nothing that can be seen from outside tells an imported Session from the one it was exported from.
    #[test]
    fn an_imported_session_behaves_as_the_exported_one(
        before in proptest::collection::vec(event(), 0..80),
        after in proptest::collection::vec(event(), 1..80),
    ) {
        let config = std::sync::Arc::new(SessionConfig {
            inflight_max: 4,
            receive_maximum: NonZeroU16::new(4).expect("not zero"),
            queue_messages_max: 12,
            awaiting_pubrel_timeout: seconds(40),
            ..SessionConfig::default()
        });
        let mut now = at(1_000_000);
        let mut former = Session::new(ClientId::new("c").expect("not empty"), config.clone(), now);
        former.attach(attach(V5), now);
        for (number, event) in (0..).zip(&before) {
            if let Event::TimePasses { millis } = event {
                now = now + Duration::from_millis(*millis);
            }
            let seen = apply(&mut former, event, number, now);
            prop_assume!(!seen.actions.contains(&Action::Ended));
        }
        former.detach(Detach::Abnormal, now, &mut Vec::new());
        let mut session = Session::import(former.export(now), config, now);
        prop_assert_eq!(former.export(now), session.export(now));
        prop_assert_eq!(former.poll_timeout(), session.poll_timeout());
        for (number, event) in (1_000..).zip(&after) {
            if let Event::TimePasses { millis } = event {
                now = now + Duration::from_millis(*millis);
            }
            let expected = apply(&mut former, event, number, now);
            let seen = apply(&mut session, event, number, now);
            prop_assert_eq!(expected, seen, "after {:?}", event);
        }
    }
}

//! What is sent to the client, when and in which order.

use std::num::NonZeroU16;
use std::sync::Arc;

use proptest::prelude::*;

use super::delivery_run::DeliveryRun;
use super::fixture::*;
use super::*;
use crate::message::{Delivery, Message};

#[test]
fn messages_leave_in_order_within_the_inflight_window() {
    let config = SessionConfig {
        inflight_max: 2,
        ..SessionConfig::default()
    };
    let mut session = connected_with(config, attach(V5));
    for (number, qos_bits) in [(1, 1), (2, 0), (3, 2), (4, 1), (5, 0)] {
        assert_eq!(
            session.deliver(delivery(number, qos_bits), at(0)),
            Delivered::Queued
        );
    }
    assert_eq!(
        transmit(&mut session, at(0)),
        [publish_sent(1, 1), publish_sent(2, 0), publish_sent(3, 2)]
    );
    assert!(!session.has_output());
    handle(&mut session, Packet::PubAck(ack(1))).expect("valid");
    assert!(session.has_output());
    assert_eq!(
        transmit(&mut session, at(0)),
        [publish_sent(4, 3), publish_sent(5, 0)]
    );
    handle(&mut session, Packet::PubRec(ack(2))).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PubRel(ack(2)))]
    );
    assert_eq!(session.stats().inflight, 2);
    handle(&mut session, Packet::PubComp(ack(2))).expect("valid");
    handle(&mut session, Packet::PubAck(ack(3))).expect("valid");
    assert_eq!(session.stats().inflight, 0);
    assert_eq!(session.unexpected_acknowledgements(), 0);
}

#[test]
fn the_clients_receive_maximum_is_kept() {
    let mut session = connected_with(
        SessionConfig::default(),
        Attach {
            receive_maximum: NonZeroU16::MIN,
            ..attach(V5)
        },
    );
    session.deliver(delivery(1, 2), at(0));
    session.deliver(delivery(2, 1), at(0));
    assert_eq!(transmit(&mut session, at(0)), [publish_sent(1, 1)]);
    handle(&mut session, Packet::PubRec(ack(1))).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PubRel(ack(1)))],
        "PUBREC gives nothing back"
    );
    handle(&mut session, Packet::PubComp(ack(1))).expect("valid");
    assert_eq!(transmit(&mut session, at(0)), [publish_sent(2, 2)]);
}

#[test]
fn retransmission_comes_first_with_dup_in_the_original_order() {
    let mut session = connected(V5);
    for (number, qos_bits) in [(1, 1), (2, 2), (3, 0), (4, 2), (5, 1)] {
        session.deliver(delivery(number, qos_bits), at(0));
    }
    transmit(&mut session, at(0));
    handle(&mut session, Packet::PubRec(ack(2))).expect("valid");
    detach(&mut session, Detach::Abnormal, at(0));
    session.deliver(delivery(6, 1), at(0));
    session.attach(attach(V5), at(0));
    session.deliver(delivery(7, 0), at(0));
    assert!(session.has_output());
    assert_eq!(
        transmit(&mut session, at(0)),
        [
            publish_again(1, 1),
            Sent::Packet(Packet::PubRel(ack(2))),
            publish_again(4, 3),
            publish_again(5, 4),
            publish_sent(6, 5),
            publish_sent(7, 0),
        ]
    );
    assert_eq!(transmit(&mut session, at(0)), [], "once per connection");
}

#[test]
fn retransmission_keeps_a_smaller_receive_maximum() {
    let mut session = connected(V5);
    for number in 1..=3 {
        session.deliver(delivery(number, 1), at(0));
    }
    transmit(&mut session, at(0));
    detach(&mut session, Detach::Abnormal, at(0));
    session.deliver(delivery(4, 0), at(0));
    session.attach(
        Attach {
            receive_maximum: NonZeroU16::MIN,
            ..attach(V5)
        },
        at(0),
    );
    assert_eq!(transmit(&mut session, at(0)), [publish_again(1, 1)]);
    handle(&mut session, Packet::PubAck(ack(1))).expect("valid");
    assert_eq!(transmit(&mut session, at(0)), [publish_again(2, 2)]);
    handle(&mut session, Packet::PubAck(ack(3))).expect("acknowledged before it was sent again");
    handle(&mut session, Packet::PubAck(ack(2))).expect("valid");
    assert_eq!(transmit(&mut session, at(0)), [publish_sent(4, 0)]);
}

#[test]
fn a_sink_without_room_is_asked_again_later() {
    let mut session = connected(V5);
    session.deliver(delivery(1, 1), at(0));
    transmit(&mut session, at(0));
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    session.deliver(delivery(2, 0), at(0));
    handle(&mut session, Packet::Publish(publish(1, 9))).expect("valid");
    session.publish_done(id(9), ReasonCode::Success, at(0));
    handle(&mut session, Packet::PingReq).expect("valid");
    let expected = [
        Sent::Packet(Packet::PubAck(ack(9))),
        Sent::Packet(Packet::PingResp),
        publish_again(1, 1),
        publish_sent(2, 0),
    ];
    for (index, sent) in expected.into_iter().enumerate() {
        let mut recorder = Recorder {
            room: 1,
            ..Recorder::default()
        };
        let remains = session.poll_transmit(at(0), &mut recorder);
        assert_eq!(recorder.sent, [sent]);
        assert_eq!(remains, index < 3);
    }
}

#[test]
fn a_refused_message_frees_its_identifier() {
    let mut session = connected(V5);
    session.deliver(delivery(1, 2), at(0));
    transmit(&mut session, at(0));
    let pubrec = ack_with(1, ReasonCode::QuotaExceeded);
    handle(&mut session, Packet::PubRec(pubrec)).expect("valid");
    assert_eq!(session.stats().inflight, 0);
    assert_eq!(transmit(&mut session, at(0)), []);
}

#[test]
fn unexpected_acknowledgements_are_counted_and_ignored() {
    for version in [V5, V3] {
        let mut session = connected(version);
        session.deliver(delivery(1, 2), at(0));
        session.deliver(delivery(2, 1), at(0));
        transmit(&mut session, at(0));
        for packet in [Packet::PubAck(ack(9)), Packet::PubComp(ack(9))] {
            handle(&mut session, packet).expect("ignored");
        }
        assert_eq!(transmit(&mut session, at(0)), []);
        handle(&mut session, Packet::PubRec(ack(9))).expect("answered");
        assert_eq!(
            transmit(&mut session, at(0)),
            [Sent::Packet(Packet::PubRel(ack(9)))]
        );
        assert_eq!(session.unexpected_acknowledgements(), 3);
        assert_eq!(session.stats().inflight, 2);
    }
}

#[test]
fn an_acknowledgement_of_the_wrong_kind_ends_the_connection() {
    for (published_qos, before, wrong) in [
        (1, None, Packet::PubRec(ack(1))),
        (1, None, Packet::PubComp(ack(1))),
        (2, None, Packet::PubAck(ack(1))),
        (2, None, Packet::PubComp(ack(1))),
        (2, Some(Packet::PubRec(ack(1))), Packet::PubAck(ack(1))),
    ] {
        let mut session = connected(V5);
        session.deliver(delivery(1, published_qos), at(0));
        transmit(&mut session, at(0));
        if let Some(packet) = before {
            handle(&mut session, packet).expect("valid");
        }
        assert_eq!(
            violation(&mut session, wrong.clone()),
            ReasonCode::ProtocolError,
            "QoS {published_qos}, {wrong:?}"
        );
        assert_eq!(session.stats().inflight, 1, "the message is kept");
    }
}

#[test]
fn expired_messages_are_dropped_when_they_would_be_sent() {
    let expiring = |number, millis| {
        delivery_of(Message {
            expires_at: Some(at(millis)),
            ..message(number, 1)
        })
    };
    let mut session = session_with(SessionConfig::default());
    session.deliver(expiring(1, 10_000), at(0));
    session.deliver(expiring(2, 2_000), at(0));
    session.deliver(expiring(3, 2_001), at(0));
    assert_eq!(
        session.deliver(expiring(4, 5), at(5)),
        Delivered::Dropped,
        "expired on arrival"
    );
    session.attach(attach(V5), at(1_500));
    let mut recorder = Recorder::default();
    session.poll_transmit(at(2_000), &mut recorder);
    let left_out = "the expired one has used Packet Identifier 2 up";
    assert_eq!(
        recorder.sent,
        [publish_sent(1, 1), publish_sent(3, 3)],
        "{left_out}"
    );
    let remaining: Vec<_> = recorder
        .facts
        .iter()
        .map(|facts| facts.expires_in_s)
        .collect();
    assert_eq!(remaining, [Some(8), Some(1)]);
    assert_eq!(session.stats().dropped, 2);

    detach(&mut session, Detach::Abnormal, at(2_000));
    session.attach(attach(V5), at(60_000));
    let mut recorder = Recorder::default();
    session.poll_transmit(at(60_000), &mut recorder);
    assert_eq!(
        recorder.sent,
        [publish_again(1, 1), publish_again(3, 3)],
        "what is under way is sent again even when expired"
    );
    assert_eq!(recorder.facts[0].expires_in_s, Some(0));
}

#[test]
fn a_message_too_large_for_the_client_counts_as_sent() {
    let mut session = connected(V5);
    session.deliver(delivery_of_size(1, 1, 100), at(0));
    session.deliver(delivery(2, 1), at(0));
    let mut recorder = Recorder {
        payload_max: 50,
        ..Recorder::default()
    };
    assert!(!session.poll_transmit(at(0), &mut recorder));
    assert_eq!(recorder.sent, [publish_sent(2, 2)]);
    assert_eq!((session.stats().inflight, session.stats().dropped), (1, 1));
}

#[test]
fn the_server_uses_topic_aliases_as_far_as_the_client_allows() {
    let on = |number, topic: &'static str| {
        delivery_of(Message {
            topic: crate::topic::TopicName::new(topic).expect("valid"),
            ..message(number, 0)
        })
    };
    let mut session = connected_with(
        SessionConfig::default(),
        Attach {
            topic_alias_maximum: 1,
            ..attach(V5)
        },
    );
    let facts = |session: &mut Session, payload_max| {
        let mut recorder = Recorder {
            payload_max,
            ..Recorder::default()
        };
        session.poll_transmit(at(0), &mut recorder);
        let facts = recorder.facts.iter();
        facts
            .map(|each| (each.alias, each.topic_known))
            .collect::<Vec<_>>()
    };
    session.deliver(on(1, "a"), at(0));
    assert_eq!(facts(&mut session, 0), [], "left out: the alias is not set");
    for topic in ["a", "b", "a"] {
        session.deliver(on(1, topic), at(0));
    }
    assert_eq!(
        facts(&mut session, usize::MAX),
        [(Some(1), false), (None, false), (Some(1), true)]
    );
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    session.deliver(on(1, "a"), at(0));
    assert_eq!(facts(&mut session, usize::MAX), [(None, false)]);
}

#[test]
fn what_the_subscription_asks_for_is_passed_on() {
    let mut session = connected(V5);
    let mut granted: Delivery = delivery(1, 2);
    granted.qos = qos(1);
    granted.retain = true;
    granted.subscription_identifiers.extend([4, 2]);
    session.deliver(granted, at(0));
    let mut recorder = Recorder::default();
    session.poll_transmit(at(0), &mut recorder);
    let facts = &recorder.facts[0];
    assert_eq!((facts.qos, facts.retain), (qos(1), true));
    assert_eq!(facts.subscription_identifiers, [4, 2]);
    handle(&mut session, Packet::PubAck(ack(1))).expect("QoS 1 as granted");
    assert_eq!(session.stats().inflight, 0);
}

#[test]
fn qos_0_waits_offline_only_where_configured() {
    for (queue_qos0_offline, delivered) in [(true, Delivered::Queued), (false, Delivered::Dropped)]
    {
        let mut session = session_with(SessionConfig {
            queue_qos0_offline,
            ..SessionConfig::default()
        });
        assert_eq!(session.deliver(delivery(1, 0), at(0)), delivered);
        assert_eq!(session.deliver(delivery(2, 1), at(0)), Delivered::Queued);
        session.attach(attach(V5), at(0));
        assert_eq!(session.deliver(delivery(3, 0), at(0)), Delivered::Queued);
    }
}

#[test]
fn a_full_queue_says_what_it_dropped() {
    let mut session = session_with(SessionConfig {
        queue_messages_max: 1,
        ..SessionConfig::default()
    });
    assert_eq!(session.deliver(delivery(1, 1), at(0)), Delivered::Queued);
    assert_eq!(session.deliver(delivery(2, 0), at(0)), Delivered::Dropped);
    assert_eq!(
        session.deliver(delivery(3, 1), at(0)),
        Delivered::QueuedDroppingOther
    );
    assert_eq!((session.stats().queued, session.stats().dropped), (1, 2));
}

proptest! {
    /// Whether the packets of a run are encoded for many or one by one makes no difference to the client.
    #[test]
    fn a_run_leaves_as_its_messages_would(
        runs in prop::collection::vec((prop_oneof![Just(1_usize), 2_usize..9], any::<bool>()), 1..8),
        rooms in prop::collection::vec(1_usize..7, 1..10),
        alias_maximum in 0_u16..2,
    ) {
        let attach = Attach { topic_alias_maximum: alias_maximum, ..attach(V5) };
        let sent = |takes_runs: bool| {
            // None waits for an acknowledgement.
            let config = SessionConfig { inflight_max: 100, ..SessionConfig::default() };
            let mut session = connected_with(config, attach.clone());
            let mut number = 0;
            for (length, is_acknowledged) in &runs {
                let deliveries: Vec<_> = (number..).take(*length)
                    .map(|number| delivery(number, u8::from(*is_acknowledged)))
                    .collect();
                number += *length as u64;
                if *length == 1 {
                    session.deliver(deliveries[0].clone(), at(0));
                } else {
                    for run in DeliveryRun::divide(deliveries) {
                        session.deliver_run(&run, at(0));
                    }
                }
            }
            let mut sent = Vec::new();
            for room in rooms.iter().cycle() {
                let mut recorder = Recorder { room: *room, takes_runs, ..Recorder::default() };
                let more = session.poll_transmit(at(0), &mut recorder);
                sent.extend(recorder.sent);
                if !more {
                    break;
                }
            }
            assert_eq!(session.stats().queued, 0);
            sent
        };
        let together = sent(true);
        prop_assert_eq!(together.len(), runs.iter().map(|(length, _)| length).sum::<usize>());
        prop_assert_eq!(together, sent(false));
    }
}

/// What is the same for nobody else is not encoded for others.
#[test]
fn a_run_is_encoded_only_when_all_get_the_same() {
    let runs = |deliveries: Vec<Delivery>| DeliveryRun::divide(deliveries);
    let mut expiring = delivery(1, 0);
    Arc::make_mut(&mut expiring.message).expires_at = Some(at(10));
    for (run, is_encoded) in [
        (runs(vec![delivery(1, 0), delivery(2, 0)]), true),
        (runs(vec![delivery(1, 1), delivery(2, 1)]), false),
        (runs(vec![delivery(0, 0), expiring]), false),
    ] {
        assert_eq!(run[0].encoded(V5).is_some(), is_encoded);
    }
}

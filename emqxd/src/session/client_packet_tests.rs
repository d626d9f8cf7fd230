//! What the client sends, with the exact actions and answers.

use std::num::NonZeroU16;

use super::fixture::*;
use super::*;
use crate::message::Message;
use crate::packet::{
    Auth, Publish, PublishProperties, ReasonProperties, RetainHandling, SubAck, Subscribe,
    UnsubAck, Unsubscribe,
};

fn refused(actions: &[Action]) -> Vec<(Refused, bool)> {
    let refused = |action: &Action| match action {
        Action::Refused { what, is_first } => Some((*what, *is_first)),
        _ => None,
    };
    actions.iter().filter_map(refused).collect()
}

/// The Reason String that a client of 5.0 gets.
fn told(refused: Refused) -> Option<Box<ReasonProperties>> {
    Some(Box::new(ReasonProperties {
        reason_string: Some(refused.reason().into()),
        ..ReasonProperties::default()
    }))
}

fn routed(actions: &[Action]) -> Vec<(&Message, Option<PacketId>)> {
    actions
        .iter()
        .map(|action| match action {
            Action::Route(inbound) => (&inbound.message, inbound.packet_id),
            other => panic!("not a route: {other:?}"),
        })
        .collect()
}

#[test]
fn qos_0_is_routed_and_not_acknowledged() {
    let mut session = connected(V5);
    let actions = handle(&mut session, Packet::Publish(publish(0, 0))).expect("valid");
    assert_eq!(routed(&actions)[0].1, None);
    assert_eq!(transmit(&mut session, at(0)), []);
}

#[test]
fn a_routed_message_carries_what_was_published() {
    let mut session = connected(V5);
    let sent = Publish {
        retain: true,
        properties: Some(Box::new(PublishProperties {
            message_expiry_interval_s: Some(3),
            topic_alias: NonZeroU16::new(1),
            content_type: Some("text".into()),
            ..PublishProperties::default()
        })),
        ..publish(1, 9)
    };
    let actions = handle_at(&mut session, Packet::Publish(sent), at(500)).expect("valid");
    let expected = Inbound {
        message: Message {
            id: crate::message::MessageId {
                origin: 0,
                number: 0,
            },
            topic: crate::topic::TopicName::new("t").expect("valid"),
            payload: "x".into(),
            qos: qos(1),
            retain: true,
            publisher: crate::packet::ClientId::new("c"),
            received_at: at(500),
            expires_at: Some(at(3_500)),
            properties: Some(Box::new(PublishProperties {
                content_type: Some("text".into()),
                ..PublishProperties::default()
            })),
        },
        packet_id: Some(id(9)),
    };
    assert_eq!(actions, [Action::Route(expected)]);
}

#[test]
fn acknowledgements_leave_in_publish_order() {
    let mut session = connected(V5);
    for (qos_bits, packet_id) in [(1, 5), (2, 3), (1, 4)] {
        handle(&mut session, Packet::Publish(publish(qos_bits, packet_id))).expect("valid");
    }
    assert!(session.has_unfinished_qos2());
    session.publish_done(id(4), ReasonCode::Success, at(0));
    session.publish_done(id(3), ReasonCode::NoMatchingSubscribers, at(0));
    assert!(!session.has_output());
    assert_eq!(transmit(&mut session, at(0)), []);
    assert_eq!(session.unfinished_publishes(), 1);
    assert!(!session.has_unfinished_qos2(), "it is of QoS 1");
    session.publish_done(id(5), ReasonCode::NotAuthorized, at(0));
    assert!(session.has_output());
    assert_eq!(
        transmit(&mut session, at(0)),
        [
            Sent::Packet(Packet::PubAck(ack_with(5, ReasonCode::NotAuthorized))),
            Sent::Packet(Packet::PubRec(ack_with(
                3,
                ReasonCode::NoMatchingSubscribers
            ))),
            Sent::Packet(Packet::PubAck(ack(4))),
        ]
    );
}

#[test]
fn a_repeated_qos_2_publish_gets_its_pubrec_again_and_is_not_routed() {
    let mut session = connected(V3);
    handle(&mut session, Packet::Publish(publish(2, 7))).expect("valid");
    session.publish_done(id(7), ReasonCode::Success, at(0));
    let pubrec = [Sent::Packet(Packet::PubRec(ack(7)))];
    assert_eq!(transmit(&mut session, at(0)), pubrec);
    let repeated = Publish {
        dup: true,
        ..publish(2, 7)
    };
    assert_eq!(handle(&mut session, Packet::Publish(repeated)), Ok(vec![]));
    assert_eq!(transmit(&mut session, at(0)), pubrec);
    assert_eq!(session.stats().awaiting_pubrel, 1);
    handle(&mut session, Packet::PubRel(ack(7))).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PubComp(ack(7)))]
    );
    let actions = handle(&mut session, Packet::Publish(publish(2, 7))).expect("valid");
    assert_eq!(actions.len(), 1, "a released identifier is free");
}

#[test]
fn a_qos_2_publish_repeated_while_it_is_routed_waits_for_the_same_end() {
    let mut session = connected(V5);
    handle(&mut session, Packet::Publish(publish(2, 7))).expect("valid");
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    assert_eq!(
        handle(&mut session, Packet::Publish(publish(2, 7))),
        Ok(vec![])
    );
    assert_eq!(transmit(&mut session, at(0)), []);
    session.publish_done(id(7), ReasonCode::Success, at(0));
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PubRec(ack(7)))]
    );
}

#[test]
fn a_refused_qos_2_publish_frees_its_identifier() {
    let mut session = connected(V5);
    handle(&mut session, Packet::Publish(publish(2, 7))).expect("valid");
    session.publish_done(id(7), ReasonCode::QuotaExceeded, at(0));
    assert_eq!(session.stats().awaiting_pubrel, 0);
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PubRec(ack_with(
            7,
            ReasonCode::QuotaExceeded
        )))]
    );
    assert_eq!(
        handle(&mut session, Packet::Publish(publish(2, 7)))
            .expect("valid")
            .len(),
        1
    );
}

#[test]
fn the_end_of_an_earlier_publish_does_not_acknowledge_a_later_one() {
    let mut session = connected(V5);
    handle(&mut session, Packet::Publish(publish(1, 7))).expect("valid");
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    handle(&mut session, Packet::Publish(publish(1, 7))).expect("valid");
    assert_eq!(session.unfinished_publishes(), 2);
    session.publish_done(id(7), ReasonCode::Success, at(0));
    assert_eq!(transmit(&mut session, at(0)), []);
    session.publish_done(id(7), ReasonCode::Success, at(0));
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PubAck(ack(7)))]
    );
}

#[test]
fn pubrel_for_an_unknown_identifier_is_answered() {
    for version in [V5, V3] {
        let mut session = connected(version);
        handle(&mut session, Packet::PubRel(ack(8))).expect("valid");
        assert_eq!(
            transmit(&mut session, at(0)),
            [Sent::Packet(Packet::PubComp(ack(8)))]
        );
    }
}

#[test]
fn a_repeated_pubrel_is_answered_as_the_first() {
    let pubcomp = |code| [Sent::Packet(Packet::PubComp(ack_with(7, code)))];
    let mut session = connected_with(
        SessionConfig::default(),
        Attach {
            expiry: SessionExpiry::Never,
            ..attach(V5)
        },
    );
    handle(&mut session, Packet::Publish(publish(2, 7))).expect("valid");
    session.publish_done(id(7), ReasonCode::Success, at(0));
    transmit(&mut session, at(0));
    handle(&mut session, Packet::PubRel(ack(7))).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        pubcomp(ReasonCode::Success),
        "the first"
    );
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    handle(&mut session, Packet::PubRel(ack(7))).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        pubcomp(ReasonCode::Success),
        "its client did not get the answer"
    );
}

#[test]
fn the_receive_maximum_binds_the_client() {
    let config = || SessionConfig {
        receive_maximum: NonZeroU16::new(2).expect("not zero"),
        ..SessionConfig::default()
    };
    let mut session = connected_with(config(), attach(V5));
    handle(&mut session, Packet::Publish(publish(1, 1))).expect("first");
    handle(&mut session, Packet::Publish(publish(2, 2))).expect("second");
    handle(&mut session, Packet::Publish(publish(0, 0))).expect("QoS 0 is not counted");
    handle(&mut session, Packet::Publish(publish(2, 2))).expect("a repeated one is counted once");
    assert_eq!(
        violation(&mut session, Packet::Publish(publish(1, 3))),
        ReasonCode::ReceiveMaximumExceeded
    );

    let mut session = connected_with(config(), attach(V5));
    for packet_id in 1..=9 {
        let qos_bits = 1 + u8::try_from(packet_id % 2).expect("small");
        handle(&mut session, Packet::Publish(publish(qos_bits, packet_id))).expect("room");
        session.publish_done(id(packet_id), ReasonCode::Success, at(0));
        transmit(&mut session, at(0));
        if qos_bits == 2 {
            handle(&mut session, Packet::PubRel(ack(packet_id))).expect("valid");
        }
    }

    let mut session = connected_with(config(), attach(V3));
    for packet_id in 1..=9 {
        handle(&mut session, Packet::Publish(publish(1, packet_id))).expect("3.x is not told");
    }
}

#[test]
fn the_receive_maximum_starts_again_with_each_connection() {
    let config = SessionConfig {
        receive_maximum: NonZeroU16::MIN,
        ..SessionConfig::default()
    };
    let mut session = connected_with(config, attach(V5));
    handle(&mut session, Packet::Publish(publish(2, 1))).expect("valid");
    session.publish_done(id(1), ReasonCode::Success, at(0));
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    handle(&mut session, Packet::Publish(publish(1, 2))).expect("the quota is whole again");
    session.publish_done(id(2), ReasonCode::Success, at(0));
    transmit(&mut session, at(0));
    handle(&mut session, Packet::Publish(publish(1, 3))).expect("acknowledged ones are over");
    handle(&mut session, Packet::PubRel(ack(1))).expect("valid");
    handle(&mut session, Packet::Publish(publish(1, 4)))
        .expect("the client may take the PUBCOMP of an earlier message for room");
    assert_eq!(
        violation(&mut session, Packet::Publish(publish(1, 5))),
        ReasonCode::ReceiveMaximumExceeded
    );
}

#[test]
fn invalid_publishes_name_their_code() {
    let with = |properties: PublishProperties, topic: &'static str| {
        Packet::Publish(Publish {
            topic: topic.into(),
            properties: Some(Box::new(properties)),
            ..publish(0, 0)
        })
    };
    let alias = |number| PublishProperties {
        topic_alias: NonZeroU16::new(number),
        ..PublishProperties::default()
    };
    let config = SessionConfig {
        topic_alias_maximum: 3,
        maximum_qos: qos(1),
        ..SessionConfig::default()
    };
    let mut session = connected_with(config, attach(V5));
    for (packet, code) in [
        (with(alias(4), "t"), ReasonCode::TopicAliasInvalid),
        (with(alias(3), ""), ReasonCode::ProtocolError),
        (
            with(PublishProperties::default(), ""),
            ReasonCode::ProtocolError,
        ),
        (
            with(PublishProperties::default(), "a/#"),
            ReasonCode::ProtocolError,
        ),
        (
            with(
                PublishProperties {
                    subscription_identifiers: vec![1],
                    ..PublishProperties::default()
                },
                "t",
            ),
            ReasonCode::ProtocolError,
        ),
        (
            with(
                PublishProperties {
                    response_topic: Some("a/+".into()),
                    ..PublishProperties::default()
                },
                "t",
            ),
            ReasonCode::ProtocolError,
        ),
        (Packet::Publish(publish(2, 1)), ReasonCode::QoSNotSupported),
        (Packet::Publish(publish(1, 0)), ReasonCode::ProtocolError),
    ] {
        assert_eq!(violation(&mut session, packet.clone()), code, "{packet:?}");
    }
}

#[test]
fn client_aliases_do_not_outlive_the_connection() {
    let aliased = |topic: &'static str| {
        Packet::Publish(Publish {
            topic: topic.into(),
            properties: Some(Box::new(PublishProperties {
                topic_alias: NonZeroU16::new(1),
                ..PublishProperties::default()
            })),
            ..publish(0, 0)
        })
    };
    let mut session = connected(V5);
    handle(&mut session, aliased("a")).expect("valid");
    let actions = handle(&mut session, aliased("")).expect("known");
    assert_eq!(routed(&actions)[0].0.topic.as_str(), "a");
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(0));
    assert_eq!(
        violation(&mut session, aliased("")),
        ReasonCode::ProtocolError
    );
}

#[test]
fn suback_codes_follow_the_filters() {
    for (version, invalid, quota) in [
        (
            V5,
            ReasonCode::TopicFilterInvalid,
            ReasonCode::QuotaExceeded,
        ),
        (
            V3,
            ReasonCode::UnspecifiedError,
            ReasonCode::UnspecifiedError,
        ),
    ] {
        let config = SessionConfig {
            subscriptions_max: 3,
            ..SessionConfig::default()
        };
        let mut session = connected_with(config, attach(version));
        let packet = subscribe(
            3,
            &[
                ("a", 0),
                ("b/#", 1),
                ("$queue/b", 1),
                ("c", 2),
                ("d", 0),
                ("a", 1),
            ],
        );
        let actions = handle(&mut session, packet).expect("valid");
        let codes = [
            ReasonCode::Success,
            ReasonCode::GrantedQoS1,
            invalid,
            ReasonCode::GrantedQoS2,
            quota,
            ReasonCode::GrantedQoS1,
        ];
        let Sent::Packet(Packet::SubAck(answer)) = &transmit(&mut session, at(0))[0] else {
            panic!("not a SUBACK");
        };
        assert_eq!(answer.reason_codes, codes);
        assert_eq!(answer.properties.is_some(), version == V5);
        let made: Vec<_> = actions
            .iter()
            .filter_map(|action| match action {
                Action::Subscribed {
                    filter,
                    options,
                    existed,
                    ..
                } => Some((filter.as_str(), options.qos, *existed)),
                _ => None,
            })
            .collect();
        assert_eq!(
            refused(&actions),
            [
                (Refused::QueueFilter, true),
                (Refused::TooManySubscriptions, true)
            ]
        );
        assert_eq!(
            made,
            [
                ("a", qos(0), false),
                ("b/#", qos(1), false),
                ("c", qos(2), false),
                ("a", qos(1), true)
            ]
        );
        let kept: Vec<_> = session
            .subscriptions()
            .map(|(filter, options, _)| (filter.as_str(), options.qos))
            .collect();
        assert_eq!(kept, [("a", qos(1)), ("b/#", qos(1)), ("c", qos(2))]);
    }
}

#[test]
fn options_and_identifier_are_kept_and_replaced() {
    let options = SubscriptionOptions {
        qos: qos(2),
        no_local: true,
        retain_as_published: true,
        retain_handling: RetainHandling::SendIfNew,
    };
    let granted = SubscriptionOptions {
        qos: qos(1),
        ..options
    };
    let config = SessionConfig {
        maximum_qos: qos(1),
        ..SessionConfig::default()
    };
    let mut session = connected_with(config, attach(V5));
    let packet = |identifier| {
        Packet::Subscribe(Subscribe {
            packet_id: id(1),
            subscription_identifier: identifier,
            user_properties: Vec::new(),
            filters: vec![("a".into(), options)],
        })
    };
    let filter = TopicFilter::new("a").expect("valid");
    for (identifier, existed) in [(Some(7), false), (None, true)] {
        assert_eq!(
            handle(&mut session, packet(identifier)),
            Ok(vec![Action::Subscribed {
                filter: filter.clone(),
                options: granted,
                identifier,
                existed
            }])
        );
        assert_eq!(
            transmit(&mut session, at(0)),
            [suback(1, &[ReasonCode::GrantedQoS1])]
        );
        assert_eq!(
            session.subscriptions().collect::<Vec<_>>(),
            [(&filter, granted, identifier)]
        );
    }
}

#[test]
fn no_local_on_a_shared_subscription_is_a_protocol_error() {
    let mut session = connected(V5);
    let packet = Packet::Subscribe(Subscribe {
        packet_id: id(1),
        subscription_identifier: None,
        user_properties: Vec::new(),
        filters: vec![(
            "$share/g/a".into(),
            SubscriptionOptions {
                no_local: true,
                ..SubscriptionOptions::default()
            },
        )],
    });
    assert_eq!(violation(&mut session, packet), ReasonCode::ProtocolError);
    assert_eq!(
        violation(&mut session, subscribe(1, &[])),
        ReasonCode::ProtocolError
    );
}

#[test]
fn a_malformed_filter_ends_the_connection_and_nothing_is_subscribed() {
    for filter in [
        "",
        "#/b",
        "a#",
        "+a",
        "a/b+",
        "$share",
        "$share/g",
        "$share/g/",
        "$share//a",
        "$share/+/a",
        "$share/#/a",
        "$share/g/#/a",
    ] {
        for version in [V3, V5] {
            let mut session = connected(version);
            assert_eq!(
                violation(&mut session, subscribe(1, &[("a", 0), (filter, 0)])),
                ReasonCode::ProtocolError,
                "{filter}"
            );
            assert_eq!(session.stats().subscriptions, 0);
            let packet = Packet::Unsubscribe(Unsubscribe {
                packet_id: id(2),
                user_properties: Vec::new(),
                filters: vec![filter.into()],
            });
            assert_eq!(
                violation(&mut session, packet),
                ReasonCode::ProtocolError,
                "{filter}"
            );
        }
    }
}

#[test]
fn unsuback_codes_follow_the_filters() {
    let mut session = connected(V5);
    handle(&mut session, subscribe(1, &[("a", 0), ("$share/g/a", 0)])).expect("valid");
    transmit(&mut session, at(0));
    let packet = Packet::Unsubscribe(Unsubscribe {
        packet_id: id(2),
        user_properties: Vec::new(),
        filters: vec!["b".into(), "$share/g/a".into(), "$queue/a".into()],
    });
    assert_eq!(
        handle(&mut session, packet),
        Ok(vec![
            Action::Unsubscribed {
                filter: TopicFilter::new("$share/g/a").expect("valid")
            },
            Action::Refused {
                what: Refused::QueueFilter,
                is_first: true
            }
        ])
    );
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::UnsubAck(UnsubAck {
            packet_id: id(2),
            reason_codes: vec![
                ReasonCode::NoSubscriptionExisted,
                ReasonCode::Success,
                ReasonCode::TopicFilterInvalid
            ],
            properties: told(Refused::QueueFilter),
        }))]
    );
    assert_eq!(session.stats().subscriptions, 1);
}

#[test]
fn a_suback_leaves_before_messages_that_the_subscription_brings() {
    let mut session = connected(V5);
    session.deliver(delivery(1, 1), at(0));
    handle(&mut session, subscribe(1, &[("a", 0)])).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        [suback(1, &[ReasonCode::Success]), publish_sent(1, 1)]
    );
}

#[test]
fn pingreq_is_answered() {
    let mut session = connected(V3);
    assert_eq!(handle(&mut session, Packet::PingReq), Ok(vec![]));
    assert_eq!(
        transmit(&mut session, at(0)),
        [Sent::Packet(Packet::PingResp)]
    );
}

#[test]
fn packets_that_do_not_belong_here_are_protocol_errors() {
    for packet in [
        Packet::PingResp,
        Packet::SubAck(SubAck {
            packet_id: id(1),
            reason_codes: vec![],
            properties: None,
        }),
        Packet::Auth(Auth {
            reason_code: ReasonCode::ReAuthenticate,
            authentication_method: None,
            authentication_data: None,
            reason_string: None,
            user_properties: vec![],
        }),
    ] {
        assert_eq!(
            violation(&mut connected(V5), packet),
            ReasonCode::ProtocolError
        );
    }
}

#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let mut session = connected(V5);
    for _ in 0..65_536 {
        handle(&mut session, Packet::PingReq).expect("waits");
    }
    assert_eq!(
        violation(&mut session, Packet::PingReq),
        ReasonCode::QuotaExceeded
    );
    let mut session = connected(V3);
    for number in 0..65_535 {
        handle(&mut session, Packet::Publish(publish(1, number % 9 + 1))).expect("waits");
    }
    assert_eq!(
        violation(&mut session, Packet::Publish(publish(1, 1))),
        ReasonCode::ReceiveMaximumExceeded
    );
}

#[test]
fn after_disconnect_nothing_is_taken_or_sent() {
    let mut session = connected(V5);
    session.deliver(delivery(1, 1), at(0));
    let actions = handle(&mut session, disconnect(ReasonCode::Success, None));
    assert_eq!(actions, Ok(vec![Action::CloseNormally]));
    assert_eq!(
        handle(&mut session, Packet::Publish(publish(1, 1))),
        Ok(vec![])
    );
    assert!(!session.has_output());
    assert_eq!(transmit(&mut session, at(0)), []);
}

#[test]
fn disconnect_may_change_the_session_expiry() {
    let mut session = connected(V5);
    handle(&mut session, disconnect(ReasonCode::Success, Some(7))).expect("valid");
    detach(&mut session, Detach::Normal, at(1_000));
    assert_eq!(session.expiry(), SessionExpiry::After(seconds(7)));
    assert_eq!(session.poll_timeout(), Some(at(8_000)));
    assert_eq!(session.expires_in(at(2_000)), Some(seconds(6)));

    let mut session = connected(V5);
    handle(&mut session, disconnect(ReasonCode::Success, Some(0))).expect("valid");
    assert_eq!(detach(&mut session, Detach::Normal, at(0)), [Action::Ended]);

    let ends_with_connection = || {
        connected_with(
            SessionConfig::default(),
            Attach {
                expiry: SessionExpiry::WITH_CONNECTION,
                ..attach(V5)
            },
        )
    };
    let mut session = ends_with_connection();
    assert_eq!(
        violation(&mut session, disconnect(ReasonCode::Success, Some(7))),
        ReasonCode::ProtocolError
    );
    let mut session = ends_with_connection();
    handle(&mut session, disconnect(ReasonCode::Success, Some(0))).expect("the same");

    let limited = SessionConfig {
        expiry_interval_max: Some(seconds(9)),
        ..SessionConfig::default()
    };
    let mut session = connected_with(limited, attach(V5));
    handle(
        &mut session,
        disconnect(ReasonCode::Success, Some(u32::MAX)),
    )
    .expect("valid");
    assert_eq!(session.expiry(), SessionExpiry::After(seconds(9)));
}

#[test]
fn queue_filters_are_refused_with_a_way_out() {
    for (version, tells, code, properties) in [
        (
            V5,
            true,
            ReasonCode::TopicFilterInvalid,
            told(Refused::QueueFilter),
        ),
        // [MQTT-3.1.2-29]
        (V5, false, ReasonCode::TopicFilterInvalid, None),
        (V3, true, ReasonCode::UnspecifiedError, None),
        (ProtocolVersion::V3_1, true, ReasonCode::Success, None),
    ] {
        let with = Attach {
            problem_information: tells,
            ..attach(version)
        };
        let mut session = connected_with(SessionConfig::default(), with);
        let actions = handle(&mut session, subscribe(1, &[("$queue/a", 1)])).expect("valid");
        assert_eq!(refused(&actions), [(Refused::QueueFilter, true)]);
        let answer = Sent::Packet(Packet::SubAck(SubAck {
            packet_id: id(1),
            reason_codes: vec![code],
            properties,
        }));
        assert_eq!(transmit(&mut session, at(0)), [answer]);
        let again = handle(&mut session, subscribe(2, &[("$queue/a", 1)])).expect("valid");
        assert_eq!(refused(&again), [(Refused::QueueFilter, false)]);
        assert_eq!(session.stats().subscriptions, 0);
    }
}

#[test]
fn clients_do_not_publish_to_reserved_topics() {
    for topic in [
        "$SYS/uptime",
        "$SYS",
        "$SYS/broker/connection/bridge/state/x",
        "$share/group/filter",
    ] {
        for (version, code, kept) in [
            (V5, ReasonCode::NotAuthorized, 0),
            (V3, ReasonCode::Success, 1),
        ] {
            let mut session = connected(version);
            for (qos_bits, packet_id) in [(0, 0), (1, 1), (2, 2)] {
                let packet = Packet::Publish(Publish {
                    topic: topic.into(),
                    ..publish(qos_bits, packet_id)
                });
                let actions = handle(&mut session, packet).expect("valid");
                assert_eq!(refused(&actions), [(Refused::ReservedTopic, qos_bits == 0)]);
                assert_eq!(actions.len(), 1, "nothing is routed");
            }
            assert_eq!(
                transmit(&mut session, at(0)),
                [
                    Sent::Packet(Packet::PubAck(ack_with(1, code))),
                    Sent::Packet(Packet::PubRec(ack_with(2, code))),
                ]
            );
            assert_eq!(session.stats().awaiting_pubrel, kept);
        }
    }
    for topic in ["$SYSTEM/x", "$SYS/broker/connection/bridge/state"] {
        let mut session = connected(V5);
        let packet = Packet::Publish(Publish {
            topic: topic.into(),
            ..publish(0, 0)
        });
        let actions = handle(&mut session, packet).expect("valid");
        assert_eq!(routed(&actions).len(), 1, "{topic}");
    }
}

fn with_capabilities(capabilities: Capabilities, version: ProtocolVersion) -> Session {
    let config = SessionConfig {
        capabilities,
        ..SessionConfig::default()
    };
    connected_with(config, attach(version))
}

#[test]
fn what_is_not_available_is_refused() {
    let nothing = || Capabilities {
        wildcard_subscription: false,
        shared_subscription: false,
        retain_available: false,
        ..Capabilities::default()
    };
    let retained = || {
        Packet::Publish(Publish {
            retain: true,
            ..publish(0, 0)
        })
    };
    for (packet, code) in [
        (
            subscribe(1, &[("a/+", 0)]),
            ReasonCode::WildcardSubscriptionsNotSupported,
        ),
        (
            subscribe(1, &[("$share/g/a", 0)]),
            ReasonCode::SharedSubscriptionsNotSupported,
        ),
        (retained(), ReasonCode::RetainNotSupported),
    ] {
        let mut session = with_capabilities(nothing(), V5);
        assert_eq!(violation(&mut session, packet), code);
    }
    // A 3.1.1 client could not know.
    let mut session = with_capabilities(nothing(), V3);
    let packet = subscribe(1, &[("a/+", 0), ("$share/g/a", 0), ("a", 1)]);
    handle(&mut session, packet).expect("valid");
    assert_eq!(
        transmit(&mut session, at(0)),
        [suback(
            1,
            &[
                ReasonCode::UnspecifiedError,
                ReasonCode::UnspecifiedError,
                ReasonCode::GrantedQoS1
            ]
        )]
    );
    assert_eq!(
        violation(&mut session, retained()),
        ReasonCode::RetainNotSupported
    );
}

#[test]
fn topics_and_subscribe_packets_are_limited() {
    let limited = || Capabilities {
        max_topic_levels: 2,
        max_filters_per_subscribe: 2,
        ..Capabilities::default()
    };
    let mut session = with_capabilities(limited(), V5);
    let packet = subscribe(1, &[("a/b", 0), ("c", 0), ("d", 0)]);
    handle(&mut session, packet).expect("valid");
    let answer = Sent::Packet(Packet::SubAck(SubAck {
        packet_id: id(1),
        reason_codes: vec![
            ReasonCode::Success,
            ReasonCode::Success,
            ReasonCode::QuotaExceeded,
        ],
        properties: told(Refused::TooManyFilters),
    }));
    assert_eq!(transmit(&mut session, at(0)), [answer]);
    let deep = Packet::Publish(Publish {
        topic: "a/b/c".into(),
        ..publish(1, 1)
    });
    assert_eq!(violation(&mut session, deep), ReasonCode::TopicNameInvalid);
    // Deeper than is configured, and than anything can be.
    for (mut session, levels) in [
        (with_capabilities(limited(), V3), 3),
        (connected(V5), 202),
        (connected(V5), 1_025),
    ] {
        let filter: &'static str = "/".repeat(levels - 1).leak();
        assert_eq!(
            violation(&mut session, subscribe(1, &[(filter, 0)])),
            ReasonCode::TopicFilterInvalid
        );
    }
}

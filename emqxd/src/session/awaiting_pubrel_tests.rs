//! A QoS 2 message that its client never releases is forgotten by time, wherever its Session is meanwhile.

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;

use super::fixture::*;
use super::*;
use crate::time::Timestamp;

const TIMEOUT: Duration = seconds(300);

/// A Session whose client published with this Packet Identifier at `since`.
fn awaiting_pubrel(packet_id: u16, since: Timestamp) -> Session {
    let mut session = session_with(SessionConfig::default());
    session.attach(
        Attach {
            expiry: SessionExpiry::Never,
            ..attach(V5)
        },
        since,
    );
    let packet = Packet::Publish(publish(2, packet_id));
    handle_at(&mut session, packet, since).expect("valid");
    session.publish_done(id(packet_id), ReasonCode::Success, since);
    transmit(&mut session, since);
    session
}

const EXPIRED: [Action; 1] = [Action::UnreleasedExpired { count: 1 }];

#[test]
fn what_the_broker_has_not_taken_gets_another_period() {
    let mut session = connected(V5);
    handle(&mut session, Packet::Publish(publish(2, 1))).expect("valid");
    assert_eq!(session.poll_timeout(), Some(at(300_000)));
    assert_eq!(timeout(&mut session, at(300_000)), []);
    assert_eq!(session.stats().awaiting_pubrel, 1);
    session.publish_done(id(1), ReasonCode::Success, at(310_000));
    transmit(&mut session, at(310_000));
    assert_eq!(timeout(&mut session, at(609_999)), []);
    assert_eq!(timeout(&mut session, at(610_000)), EXPIRED);
    assert_eq!(session.poll_timeout(), None);
}

#[test]
fn a_client_that_is_away_loses_it_at_the_same_time() {
    let mut session = awaiting_pubrel(1, at(0));
    detach(&mut session, Detach::Abnormal, at(200_000));
    assert_eq!(session.poll_timeout(), Some(at(300_000)));
    assert_eq!(timeout(&mut session, at(299_999)), []);
    assert_eq!(timeout(&mut session, at(300_000)), EXPIRED);
    assert_eq!(session.stats().awaiting_pubrel, 0);
    assert_eq!(session.poll_timeout(), None);
    // As documented: it is a new message then.
    session.attach(attach(V5), at(400_000));
    let repeated = Packet::Publish(publish(2, 1));
    let actions = handle_at(&mut session, repeated, at(400_000)).expect("valid");
    assert!(matches!(actions[..], [Action::Route(_)]), "{actions:?}");
}

#[test]
fn a_session_that_has_ended_has_nothing_to_expire() {
    let mut session = awaiting_pubrel(1, at(0));
    let mut actions = Vec::new();
    session.end(at(1), &mut actions);
    assert_eq!(actions, [Action::Ended]);
    assert_eq!(session.poll_timeout(), None);
    assert_eq!(timeout(&mut session, at(300_000)), []);
}

#[derive(Debug, Clone)]
enum Step {
    Passes(u64),
    Disconnects,
    Connects,
    Moves,
    PublishesAgain,
    RestartsTransfer,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..60_000).prop_map(Step::Passes),
        Just(Step::Disconnects),
        Just(Step::Connects),
        Just(Step::Moves),
        Just(Step::PublishesAgain),
        Just(Step::RestartsTransfer),
    ]
}

proptest! {
    /// Neither a disconnect, nor a reconnect, nor a move, nor a repeated PUBLISH starts the time afresh.
    #[test]
    fn nothing_but_time_decides_when_it_expires(steps in prop::collection::vec(step(), 0..60)) {
        let config = Arc::new(SessionConfig::default());
        let mut now = at(1_000);
        let deadline = now + TIMEOUT;
        let mut session = awaiting_pubrel(7, now);
        for step in steps {
            match step {
                Step::Passes(millis) => {
                    now = now + Duration::from_millis(millis);
                    if now >= deadline {
                        break;
                    }
                }
                Step::Disconnects => {
                    detach(&mut session, Detach::Abnormal, now);
                }
                Step::Connects => {
                    detach(&mut session, Detach::TakenOver, now);
                    let never = Attach { expiry: SessionExpiry::Never, ..attach(V3) };
                    session.attach(never, now);
                }
                Step::Moves => {
                    detach(&mut session, Detach::TakenOver, now);
                    session = Session::import(session.export(now), config.clone(), now);
                }
                Step::PublishesAgain if session.is_connected() => {
                    let again = Packet::Publish(publish(2, 7));
                    prop_assert_eq!(handle_at(&mut session, again, now), Ok(vec![]));
                    transmit(&mut session, now);
                }
                Step::RestartsTransfer => {
                    session.mark();
                    session.unmark();
                }
                Step::PublishesAgain => {}
            }
            prop_assert_eq!(session.poll_timeout(), Some(deadline));
            prop_assert_eq!(timeout(&mut session, now), []);
            prop_assert_eq!(session.stats().awaiting_pubrel, 1);
        }
        prop_assert_eq!(timeout(&mut session, deadline), EXPIRED);
        prop_assert_eq!(session.stats().awaiting_pubrel, 0);
    }
}

//! The life of a Session: its Will, its expiry, its end.

use super::fixture::*;
use super::*;
use crate::message::Message;

fn with_will(delay_s: u64, expiry: SessionExpiry) -> Session {
    connected_with(
        SessionConfig::default(),
        Attach {
            will: Some(will(delay_s)),
            expiry,
            ..attach(V5)
        },
    )
}

const HUNDRED: SessionExpiry = SessionExpiry::After(seconds(100));

#[test]
fn disconnect_0_deletes_the_will() {
    let mut session = with_will(0, HUNDRED);
    handle(&mut session, disconnect(ReasonCode::Success, None)).expect("valid");
    assert!(!session.has_will());
    assert_eq!(detach(&mut session, Detach::Abnormal, at(0)), []);
}

#[test]
fn any_other_disconnect_leaves_the_will_due() {
    for code in [ReasonCode::DisconnectWithWill, ReasonCode::UnspecifiedError] {
        let mut session = with_will(0, HUNDRED);
        let actions = handle(&mut session, disconnect(code, None));
        assert_eq!(actions, Ok(vec![Action::CloseNormally]));
        let actions = detach(&mut session, Detach::Normal, at(0));
        assert!(actions.len() == 1 && is_will(&actions[0]), "{actions:?}");
    }
}

#[test]
fn a_will_without_delay_is_published_at_once() {
    for how in [Detach::Abnormal, Detach::TakenOver] {
        let mut session = connected_with(
            SessionConfig::default(),
            Attach {
                will: Some(Will {
                    expiry_interval: Some(seconds(2)),
                    ..will(0)
                }),
                ..attach(V5)
            },
        );
        let expected = Message {
            received_at: at(1_000),
            expires_at: Some(at(3_000)),
            ..will(0).message
        };
        assert_eq!(
            detach(&mut session, how, at(1_000)),
            [Action::PublishWill(Box::new(expected))]
        );
        assert!(!session.has_will());
        assert_eq!(detach(&mut session, how, at(1_000)), [], "once");
    }
}

#[test]
fn a_delayed_will_waits_and_is_dropped_by_a_new_connection() {
    let mut session = with_will(5, HUNDRED);
    assert_eq!(detach(&mut session, Detach::Abnormal, at(1_000)), []);
    assert_eq!(session.poll_timeout(), Some(at(6_000)));
    assert_eq!(timeout(&mut session, at(5_999)), []);
    let actions = timeout(&mut session, at(6_000));
    assert!(actions.len() == 1 && is_will(&actions[0]), "{actions:?}");
    assert_eq!(session.poll_timeout(), Some(at(101_000)));

    let mut session = with_will(5, HUNDRED);
    detach(&mut session, Detach::Abnormal, at(0));
    session.attach(attach(V5), at(1));
    assert!(!session.has_will());
    assert_eq!(timeout(&mut session, at(6_000)), []);

    let mut session = with_will(5, HUNDRED);
    assert_eq!(detach(&mut session, Detach::TakenOver, at(0)), []);
    assert!(
        !session.has_will(),
        "the connection that takes over is there"
    );

    let mut session = with_will(5, HUNDRED);
    session.clear_delayed_will();
    assert!(session.has_will(), "its delay has not begun");
    detach(&mut session, Detach::Abnormal, at(0));
    session.clear_delayed_will();
    assert!(!session.has_will());

    let mut session = with_will(5, HUNDRED);
    detach(&mut session, Detach::Abnormal, at(0));
    session.clear_will();
    assert_eq!(timeout(&mut session, at(6_000)), []);
}

#[test]
fn the_will_is_published_before_the_session_ends() {
    let mut session = with_will(500, HUNDRED);
    assert_eq!(detach(&mut session, Detach::Abnormal, at(0)), []);
    assert_eq!(session.poll_timeout(), Some(at(100_000)));
    let actions = timeout(&mut session, at(100_000));
    assert!(is_will(&actions[0]));
    assert_eq!(actions[1..], [Action::Ended]);
    assert_eq!(timeout(&mut session, at(200_000)), [], "once");
    assert_eq!(session.poll_timeout(), None);

    for how in [Detach::Abnormal, Detach::TakenOver] {
        let mut session = with_will(500, SessionExpiry::WITH_CONNECTION);
        let actions = detach(&mut session, how, at(0));
        assert!(is_will(&actions[0]));
        assert_eq!(actions[1..], [Action::Ended]);
    }

    let mut session = with_will(5, HUNDRED);
    let mut actions = Vec::new();
    session.end(at(0), &mut actions);
    assert!(is_will(&actions[0]));
    assert_eq!(actions[1..], [Action::Ended]);
    assert!(!session.is_connected());
}

#[test]
fn a_session_that_never_expires_has_no_timeout() {
    let mut session = with_will(0, SessionExpiry::Never);
    assert_eq!(session.poll_timeout(), None);
    detach(&mut session, Detach::Normal, at(0));
    assert_eq!(session.poll_timeout(), None);
    assert_eq!(session.expires_in(at(0)), None);
}

#[test]
fn tells_what_a_listing_shows() {
    let mut session = connected_with(
        SessionConfig::default(),
        Attach {
            username: Some("u".into()),
            ..attach(V3)
        },
    );
    assert_eq!(session.version(), V3);
    assert_eq!(session.username(), Some("u"));
    assert_eq!(session.connected_at(), Some(at(0)));
    assert_eq!(session.disconnected_at(), None);
    detach(&mut session, Detach::Abnormal, at(9));
    assert_eq!(session.connected_at(), None);
    assert_eq!(session.disconnected_at(), Some(at(9)));
    assert_eq!(session.created_at(), at(0));
    assert!(!session.clean_start());
}

#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<Session>() <= 448, "{}", size_of::<Session>());
    assert!(
        size_of::<session::Link>() <= 192,
        "{}",
        size_of::<session::Link>()
    );
}

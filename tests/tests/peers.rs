//! The comparison of brokers, small and with emqxd alone: it accounts for every message.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use emqx_tests::peers::peer::Peer;
use emqx_tests::peers::scenario::{Kind, Scenario, Work};
use emqx_tests::peers::trial::{self, Trial};
use emqx_tests::programs;
use emqxctl::demo::open_files;

/// Runs all pieces of work of a kind, and returns how each went.
fn run(kind: Kind, payload_bytes: usize, scale: f64) -> Vec<(Scenario, Trial)> {
    open_files::allow(4_000).unwrap();
    let work = Work {
        scale,
        rate: 1_000,
        idle: 10,
    };
    let all = Scenario::all().into_iter();
    let trials: Vec<_> = all
        .filter(|one| one.kind == kind && one.payload_bytes == payload_bytes)
        .map(|one| {
            let trial = trial::run(Peer::Emqxd, &programs::emqxd(), one, &work, false)
                .unwrap_or_else(|error| panic!("{}: {error:#}", one.name()));
            (one, trial)
        })
        .collect();
    assert!(!trials.is_empty(), "{kind:?}");
    trials
}

/// Each published message has arrived at so many subscribers, once and in order.
fn assert_delivered(scenario: Scenario, trial: &Trial, copies: u64) {
    let outcome = &trial.outcome;
    let what = format!("{}: {trial:?}", scenario.name());
    assert!(outcome.is_clean(1), "{what}");
    assert_eq!(outcome.failures, [], "{what}");
    assert!(outcome.sent > 0, "{what}");
    // What was under way when the warm-up ended is received as well.
    assert!(outcome.received >= outcome.sent * copies, "{what}");
    assert_eq!(trial.incapable, None, "{what}");
}

#[test]
fn large_messages_arrive() {
    for (kind, copies) in [(Kind::P2p, 1), (Kind::FanOut, 1_000)] {
        for (scenario, trial) in run(kind, 16 << 10, 0.01) {
            assert_delivered(scenario, &trial, copies);
        }
    }
}

#[test]
fn a_thousand_publishers_have_one_subscriber() {
    for (scenario, trial) in run(Kind::FanIn, 64, 0.02) {
        assert_delivered(scenario, &trial, 1);
        assert_eq!(trial.outcome.connected, 1_001);
    }
}

#[test]
fn each_message_goes_to_one_member() {
    for (scenario, trial) in run(Kind::Shared, 64, 0.02) {
        assert_delivered(scenario, &trial, 1);
    }
}

#[test]
fn held_filters_get_nothing_and_hold_nothing_up() {
    for (scenario, trial) in run(Kind::HeldFilters, 64, 0.005) {
        assert_delivered(scenario, &trial, 1);
        let subscribed = trial.subscribed.unwrap();
        assert_eq!(subscribed.filters, 5_000, "{subscribed:?}");
        assert!(subscribed.bytes_each > 0.0, "{subscribed:?}");
    }
}

#[test]
fn all_retained_messages_are_delivered_also_beside_others() {
    for (scenario, trial) in run(Kind::Retained, 64, 0.03) {
        assert_delivered(scenario, &trial, 1);
        let retained = trial.retained.unwrap();
        let what = format!("{}: {retained:?}", scenario.name());
        assert_eq!(retained.written.messages, 30_000, "{what}");
        for delivered in [retained.delivered, retained.meanwhile] {
            assert_eq!(delivered.messages, 30_000, "{what}");
            assert_eq!(delivered.duplicated, 0, "{what}");
        }
        assert!(retained.p99_meanwhile_ms.is_some(), "{what}");
    }
}

//! Sessions as records: what is stored comes back, whatever happens to a Session before.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::packet::{Packet, ReasonCode};
use crate::session::fixture::{ack, at, attach, delivery, publish, subscribe, transmit, will};
use crate::session::{Action, Detach};

/// Records as the store would have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Records(BTreeMap<Vec<u8>, Vec<u8>>);

impl Records {
    fn apply(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change.value {
                Some(value) => {
                    let old = self.0.insert(change.key, value);
                    assert!(
                        !change.is_fresh || old.is_none(),
                        "a fresh key was used before"
                    );
                }
                None => drop(self.0.remove(&change.key)),
            }
        }
    }

    fn read(&self) -> (Vec<Row>, LeftOver) {
        let mut rows = Vec::new();
        let mut reader = Reader::new(|row| rows.push(row));
        for (key, value) in &self.0 {
            reader.read(key, value);
        }
        let left_over = reader.end();
        (rows, left_over)
    }

    fn restored(&self) -> Session {
        let (mut rows, left_over) = self.read();
        assert_eq!(left_over.keys, Vec::<Vec<u8>>::new());
        assert_eq!((rows.len(), left_over.not_understood), (1, 0));
        let row = rows.remove(0);
        assert_eq!((row.row, row.epoch), (7, 3));
        Session::restore(row.session, Arc::default(), at(NOW))
    }
}

const NOW: u64 = 1_000_000;

/// A Session and what is stored of it by its changes.
struct World {
    session: Session,
    records: Records,
}

impl World {
    fn new() -> Self {
        let client_id = ClientId::new("c").unwrap();
        let mut session = Session::new(client_id, Arc::default(), at(0));
        session.start_journal();
        let mut world = Self {
            session,
            records: Records::default(),
        };
        world.attach();
        world
    }

    fn attach(&mut self) {
        let mut attach = attach(ProtocolVersion::V5);
        attach.expiry = SessionExpiry::After(Duration::from_secs(7_200));
        attach.will = Some(will(5));
        self.session.attach(attach, at(10));
        self.keep();
    }

    fn keep(&mut self) {
        let changed = self.session.take_changes();
        self.records.apply(changes(7, 3, &self.session, changed));
    }

    /// What is stored is what there is, but for what only a connection has, and for QoS 0.
    fn check(&mut self) {
        self.keep();
        let mut stored = self.records.restored();
        let mut present = std::mem::replace(&mut self.session, self.records.restored());
        assert_eq!(stored.parts(), present.parts());
        for session in [&mut stored, &mut present] {
            session.detach(Detach::Abnormal, at(NOW), &mut Vec::new());
        }
        let (mut stored, mut present) = (stored.export(at(NOW)), present.export(at(NOW)));
        for state in [&mut stored, &mut present] {
            state.queue.retain(|each| each.qos > QoS::AtMostOnce);
            // Counted, and a Packet Identifier to begin with: stored with the next head.
            state.dropped = 0;
            state.next_packet_id = PacketId::MIN;
            // One that fires later than it would have.
            state.will = None;
            state.disconnected_at = None;
            state.expires_in = None;
        }
        assert_eq!(stored, present);
        // Goes on as a Session that has come back.
        self.session = self.records.restored();
        self.session.start_journal();
        self.attach();
    }
}

proptest! {
    #[test]
    fn what_is_stored_comes_back(steps in prop::collection::vec((0_u8..14, 0_u8..6), 1..120)) {
        let mut world = World::new();
        let mut number = 0;
        for (what, which) in steps {
            let packet_id = u16::from(which) + 1;
            let session = &mut world.session;
            let mut actions = Vec::new();
            let mut handle = |session: &mut Session, packet| {
                // Some do not fit, and would end the connection.
                let _ = session.handle_packet(packet, at(20), &mut actions);
            };
            match what {
                0..=2 => {
                    number += 1;
                    let mut delivery = delivery(number, which % 3);
                    if which == 5 {
                        delivery.shared = TopicFilter::new("$share/g/t").ok();
                        delivery.subscription_identifiers = [3, 4].into_iter().collect();
                    }
                    session.deliver(delivery, at(20));
                }
                3 | 4 => drop(transmit(session, at(20))),
                5 => handle(session, Packet::PubAck(ack(packet_id))),
                6 => handle(session, Packet::PubRec(ack(packet_id))),
                7 => handle(session, Packet::PubComp(ack(packet_id))),
                8 => {
                    handle(session, Packet::Publish(publish(2, packet_id)));
                    for action in actions {
                        if let Action::Route(inbound) = action {
                            session.publish_done(inbound.packet_id.unwrap(), ReasonCode::Success, at(30));
                        }
                    }
                }
                9 => handle(session, Packet::PubRel(ack(packet_id))),
                10 => handle(session, subscribe(1, &[(["a", "b/#", "c"][usize::from(which) % 3], which % 3)])),
                11 => {
                    let filter = TopicFilter::new("$share/g/t").unwrap();
                    let _ = session.take_shared(&filter);
                }
                12 => {
                    session.detach(Detach::Abnormal, at(40), &mut actions);
                    world.attach();
                }
                _ => world.check(),
            }
            world.keep();
        }
        world.check();
        let parts = world.session.parts();
        world.records.apply(removals(7, parts));
        prop_assert_eq!(world.records, Records::default());
    }
}

#[test]
fn a_head_has_it_all() {
    let mut world = World::new();
    let mut attach = attach(ProtocolVersion::V3_1_1);
    attach.expiry = SessionExpiry::Never;
    attach.username = Some("u".into());
    let mut with_will = will(9);
    with_will.message.properties = None;
    with_will.expiry_interval = Some(Duration::from_secs(60));
    attach.will = Some(with_will.clone());
    world.session.attach(attach, at(10));
    let filter = TopicFilter::new("r/#").unwrap();
    world.session.owe_retained(filter.clone(), "r/5".to_owned());
    world
        .session
        .detach(Detach::Abnormal, at(50), &mut Vec::new());
    world.keep();
    let head = world.records.restored().head();
    assert_eq!(head, world.session.head());
    assert_eq!(head.will, Some((with_will, Some(at(9_050)))));
    assert_eq!(head.owed_retained, [(filter, "r/5".to_owned())]);
}

#[test]
fn a_will_is_not_published_before_its_client_could_come_back() {
    let mut world = World::new();
    world.keep();
    let mut session = world.records.restored();
    let mut actions = Vec::new();
    session.handle_timeout(at(NOW + 9_999), &mut actions);
    assert_eq!(actions, []);
    session.handle_timeout(at(NOW + 10_000), &mut actions);
    assert!(matches!(actions[..], [Action::PublishWill(_)]));
}

#[test]
fn records_without_a_head_are_left_over_and_damaged_ones_are_told() {
    let mut world = World::new();
    world.session.deliver(delivery(1, 1), at(20));
    world.session.deliver(delivery(2, 1), at(20));
    world.keep();
    let whole = world.records.clone();
    let is_head = |key: &[u8]| key[8] == HEAD;
    world.records.0.retain(|key, _| !is_head(key));
    let (rows, left_over) = world.records.read();
    assert_eq!((rows, left_over.last_row), (vec![], 7));
    assert!(left_over.keys.iter().eq(world.records.0.keys()));
    // A damaged message costs that message; a damaged head the Session, and its records stay.
    let mut damaged = whole.clone();
    if let Some(message) = damaged.0.iter_mut().find(|(key, _)| key[8] == MESSAGE) {
        message.1.truncate(3);
    }
    let (rows, left_over) = damaged.read();
    assert_eq!(
        (rows[0].session.messages.len(), left_over.not_understood),
        (1, 1)
    );
    let mut damaged = whole;
    for (key, value) in &mut damaged.0 {
        if is_head(key) {
            value.truncate(1);
        }
    }
    let (rows, left_over) = damaged.read();
    assert_eq!(
        (rows, left_over.not_understood, left_over.keys),
        (vec![], 1, vec![])
    );
}

#[test]
fn long_filters_have_short_keys() {
    let filter = |text: &str| TopicFilter::new(text).unwrap();
    let long = "x".repeat(65_000);
    let key = subscription_key(1, &filter(&long));
    assert!(key.len() < 32);
    assert_ne!(key, subscription_key(1, &filter(&format!("{long}y"))));
}

//! The state of a Session as a peer sends it: taken over as a whole or refused, and never the end of this node.

use std::sync::Arc;
use std::time::Duration;

use emqx_proto::peer::v1 as proto;
use emqxd::cluster::convert;
use emqxd::packet::{Packet, ProtocolVersion};
use emqxd::session::{Attach, Detach, Session, SessionExpiry, SessionState};
use emqxd::time::Timestamp;
use prost::Message as _;

use crate::world::wire::Wire;
use crate::world::{Obedient, small_limits};

const NOW: Timestamp = Timestamp::from_millis(1_000_000_000);

/// A message of the peer protocol.
pub fn session_state(input: &[u8]) {
    let Ok(wire) = proto::SessionState::decode(input) else {
        return;
    };
    let Ok(state) = convert::session_from(wire, NOW) else {
        return;
    };
    let config = Arc::new(small_limits());
    let session = Session::import(state, Arc::clone(&config), NOW);
    // What this node hands on is what it would take over again.
    let exported = session.export(NOW);
    assert_eq!(there_and_back(&exported), exported, "it changes on its way");
    let again = Session::import(exported.clone(), Arc::clone(&config), NOW);
    assert_eq!(again.export(NOW), exported, "an import changes it");
    for version in [ProtocolVersion::V3_1_1, ProtocolVersion::V5] {
        let session = Session::import(exported.clone(), Arc::clone(&config), NOW);
        serve(session, version);
    }
    expire(session);
}

fn there_and_back(state: &SessionState) -> SessionState {
    let bytes = convert::session_to(state, NOW).encode_to_vec();
    let wire = proto::SessionState::decode(&bytes[..]).expect("just encoded");
    convert::session_from(wire, NOW).expect("what it sends it would accept")
}

/// A client comes, takes everything and goes.
fn serve(mut session: Session, version: ProtocolVersion) {
    session.attach(
        Attach {
            version,
            clean_start: false,
            expiry: SessionExpiry::After(Duration::from_secs(10)),
            receive_maximum: std::num::NonZeroU16::MAX,
            maximum_packet_size: None,
            topic_alias_maximum: if version == ProtocolVersion::V5 { 2 } else { 0 },
            problem_information: true,
            will: None,
            username: None,
        },
        NOW,
    );
    let mut wire = Wire::new(version, None);
    let mut client = Obedient::default();
    let mut actions = Vec::new();
    // Each message takes at most two answers.
    let stats = session.stats();
    for _ in 0..=2 * (stats.inflight + stats.queued) {
        wire.room = usize::MAX;
        session.poll_transmit(NOW, &mut wire);
        let sent = wire.take();
        if sent.is_empty() {
            break;
        }
        for answer in sent.iter().filter_map(|packet| client.answer(packet)) {
            wire.acknowledged(&answer);
            let outcome = session.handle_packet(answer, NOW, &mut actions);
            assert_eq!(outcome, Ok(()), "an answer to what was sent");
        }
    }
    let stats = session.stats();
    assert_eq!((stats.inflight, stats.queued), (0, 0), "all is taken");
    for packet_id in session
        .export(NOW)
        .awaiting_pubrel
        .iter()
        .map(|(id, _)| *id)
    {
        let release = Packet::PubRel(emqxd::packet::Acknowledgement::success(packet_id));
        let outcome = session.handle_packet(release, NOW, &mut actions);
        assert_eq!(outcome, Ok(()));
    }
    assert_eq!(session.stats().awaiting_pubrel, 0);
    session.detach(Detach::Abnormal, NOW, &mut actions);
}

/// No client comes.
fn expire(mut session: Session) {
    let mut actions = Vec::new();
    // One for each message that is never released, the Will, and the end.
    for _ in 0..session.stats().awaiting_pubrel + 4 {
        let Some(at) = session.poll_timeout() else {
            return;
        };
        session.handle_timeout(at, &mut actions);
    }
    panic!("its timers do not end: {actions:?}");
}

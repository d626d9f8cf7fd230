//! What must hold of the nodes: at all times, and when nothing is under way.

use std::collections::BTreeMap;

use super::node::Node;
use super::world::World;
use crate::node::session_cell::CellPhase;
use crate::packet::ClientId;
use crate::routing::interest::InterestChange;

/// Whether each node sees exactly those that run.
pub(super) fn sees_all(nodes: &BTreeMap<usize, Node>) -> bool {
    nodes.values().all(|node| {
        let view = node.view();
        let brokers = nodes.values().map(|other| &other.broker);
        let mut all = brokers.clone();
        view.nodes.len() == nodes.len()
            && all.all(|other| view.has(&other.node_name, other.incarnation))
    })
}

/// Where a node does not know what another one wants.
pub(super) fn interest_differs(nodes: &BTreeMap<usize, Node>) -> Option<String> {
    let sorted = |mut changes: Vec<InterestChange>| {
        changes.sort_by_key(|change| format!("{change:?}"));
        changes
    };
    for (number, node) in nodes {
        let own = sorted(node.broker.own_interest.snapshot());
        for (other, knows) in nodes.iter().filter(|(other, _)| *other != number) {
            let known = knows
                .broker
                .remote_interest
                .known_of(&node.broker.node_name);
            let known = sorted(known);
            if known != own {
                return Some(format!("n{number} wants {own:?}, n{other} knows {known:?}"));
            }
        }
    }
    None
}

/// A Session that two nodes serve under one epoch.
pub(super) fn owned_twice(nodes: &BTreeMap<usize, Node>) -> Option<String> {
    let mut owners: BTreeMap<(ClientId, u64), usize> = BTreeMap::new();
    for (number, node) in nodes {
        for session in node.broker.sessions.all() {
            if session.phase() != CellPhase::Live {
                continue;
            }
            let key = (session.client_id().clone(), session.lock().epoch);
            if let Some(other) = owners.insert(key, *number) {
                return Some(format!(
                    "n{other} and n{number} both own {} with one epoch",
                    session.client_id()
                ));
            }
        }
    }
    None
}

/// Of each client that has a Session somewhere, the highest epoch among its copies.
pub(super) fn highest_epochs(nodes: &BTreeMap<usize, Node>) -> BTreeMap<usize, u64> {
    let mut highest = BTreeMap::new();
    for session in nodes.values().flat_map(|node| node.broker.sessions.all()) {
        let client = session.client_id().as_str().trim_start_matches('c').parse();
        if let Ok(client) = client {
            let epoch = session.lock().epoch;
            let known: &mut u64 = highest.entry(client).or_default();
            *known = epoch.max(*known);
        }
    }
    highest
}

/// What is still under way between nodes.
pub(super) fn unsettled(nodes: &BTreeMap<usize, Node>) -> Option<String> {
    if !sees_all(nodes) {
        return Some("nodes do not see each other".to_owned());
    }
    let mut owners: BTreeMap<ClientId, usize> = BTreeMap::new();
    for (number, node) in nodes {
        for session in node.broker.sessions.all() {
            let client_id = session.client_id();
            if session.phase() != CellPhase::Live {
                return Some(format!("{client_id} moves, on n{number}"));
            }
            if let Some(other) = owners.insert(client_id.clone(), *number) {
                return Some(format!("{client_id} is on n{other} and n{number}"));
            }
            if session.lock().session.stats().queued > 0 {
                return Some(format!("messages wait for {client_id} on n{number}"));
            }
        }
        if !node.broker.lifecycle.accepts_connections() {
            return Some(format!("n{number} refuses clients"));
        }
    }
    interest_differs(nodes)
}

/// Sessions and links of all nodes, for whoever looks why there is no quiet.
pub(super) fn describe(nodes: &BTreeMap<usize, Node>) -> Vec<String> {
    let mut lines = Vec::new();
    for (number, node) in nodes {
        for session in node.broker.sessions.all() {
            let phase = session.phase();
            let state = session.lock();
            lines.push(format!(
                "n{number} has {} {phase:?}, epoch {:x}, connection {}, {:?}",
                session.client_id(),
                state.epoch,
                state.connection,
                state.session.stats()
            ));
        }
        for link in node.broker.links().peers().iter() {
            lines.push(format!("n{number} to {}: {:?}", link.name(), link.stats()));
        }
    }
    lines
}

/// Looks at everything when there is quiet.
pub(super) fn at_the_end(world: &World) {
    world.oracle.lock().check_deliveries();
}

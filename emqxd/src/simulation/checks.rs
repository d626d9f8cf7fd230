//! What must hold of the nodes: at all times, and when nothing is under way.

use std::collections::{BTreeMap, BTreeSet};

use super::client::topic_name;
use super::disk::Disk;
use super::node::Node;
use super::oracle::TOPICS;
use super::world::World;
use crate::cluster::replication::Records;
use crate::node::session_cell::{CellPhase, SessionHandle};
use crate::packet::ClientId;
use crate::routing::RetainedStamp;
use crate::routing::interest::InterestChange;
use crate::storage::{Table, session_record};

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

/// Whether each stored Session has a copy on another node, and nothing is on its way to one.
pub(super) fn all_copied(nodes: &BTreeMap<usize, Node>) -> bool {
    let (mut sessions, mut copies) = (0, 0);
    for broker in nodes.values().map(|node| &node.broker) {
        let all = broker.sessions.all();
        sessions += all.iter().filter(|session| session.is_kept()).count();
        copies += broker.replicas.lock().size().0;
        let mirror = broker.disk.mirror();
        if mirror.is_none_or(|mirror| mirror.waiting_bytes() > 0) {
            return false;
        }
    }
    sessions == copies
}

/// Whose Session some node has stored.
pub(super) fn clients_of_stored(nodes: &BTreeMap<usize, Node>) -> BTreeSet<usize> {
    let sessions = nodes.values().flat_map(|node| node.broker.sessions.all());
    let stored = sessions.filter(|session| session.is_kept());
    stored.filter_map(|session| client_of(&session)).collect()
}

/// Whose Session, or a copy of it, a node has.
pub(super) fn clients_of_any(node: &Node) -> BTreeSet<usize> {
    let broker = &node.broker;
    let sessions = broker.sessions.all().into_iter();
    let mut clients: BTreeSet<_> = sessions.filter_map(|each| client_of(&each)).collect();
    for records in broker.replicas.lock().records() {
        clients.extend(clients_of_records(records));
    }
    clients
}

/// Whose Sessions a disk has.
pub(super) fn clients_on(disk: &Disk) -> BTreeSet<usize> {
    let mut records = Records::new();
    disk.read(&mut |table, key, value| {
        if table == Table::Sessions {
            records.insert(key.to_vec(), value.to_vec());
        }
    });
    clients_of_records(&records)
}

fn clients_of_records(records: &Records) -> BTreeSet<usize> {
    let mut clients = BTreeSet::new();
    let mut reader = session_record::Reader::new(|row: session_record::Row| {
        clients.extend(client_number(&row.session.head.client_id));
    });
    for (key, value) in records {
        reader.read(key, value);
    }
    reader.end();
    clients
}

/// Whose a Session is.
pub(super) fn client_of(session: &SessionHandle) -> Option<usize> {
    client_number(session.client_id())
}

fn client_number(client_id: &ClientId) -> Option<usize> {
    client_id.as_str().trim_start_matches('c').parse().ok()
}

/// Whether a Session is on two nodes, of which one will give its messages to the other.
pub(super) fn has_copies(nodes: &BTreeMap<usize, Node>) -> bool {
    let sessions = nodes.values().flat_map(|node| node.broker.sessions.all());
    let mut whole = sessions.filter(|session| session.phase() != CellPhase::Importing);
    let mut seen = BTreeSet::new();
    whole.any(|session| !seen.insert(session.client_id().clone()))
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
        if let Some(client) = client_of(&session) {
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
        // Packets for clients may wait for it that no queue has any more.
        let disk = &node.broker.disk;
        if !disk.is_committed(disk.last_commit()) {
            return Some(format!("something waits for the disk of n{number}"));
        }
        if !node.broker.lifecycle.accepts_connections() {
            return Some(format!("n{number} refuses clients"));
        }
    }
    retained_differ(nodes).or_else(|| interest_differs(nodes))
}

/// What a node holds: topics, numbers and stamps.
fn retained(node: &Node) -> Vec<(String, String, RetainedStamp)> {
    let page = node.broker.retained.page(None, usize::MAX).into_iter();
    page.filter(|(_, _, is_removal)| !is_removal)
        .map(|(message, stamp, _)| {
            let number = String::from_utf8_lossy(&message.payload).into_owned();
            (message.topic.as_str().to_owned(), number, stamp)
        })
        .collect()
}

/// Where two nodes do not hold the same Retained Messages.
fn retained_differ(nodes: &BTreeMap<usize, Node>) -> Option<String> {
    let mut nodes = nodes.iter().map(|(number, node)| (number, retained(node)));
    let (first, held) = nodes.next()?;
    let other = nodes.find(|(_, other)| *other != held);
    other.map(|(number, other)| format!("n{first} retains {held:?}, n{number} retains {other:?}"))
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
    // A node that loses what it has retained may have been the only one that knew; clocks that differ say what is last.
    if !world.options.retained_stay() {
        return;
    }
    let held = world.nodes.lock().values().next().map(retained);
    for topic in TOPICS..2 * TOPICS {
        let name = topic_name(topic);
        let held = held.iter().flatten().find(|(topic, ..)| *topic == name);
        let number = held.and_then(|(_, number, _)| number.parse().ok());
        world.oracle.lock().check_retained(topic, number);
    }
}

//! The Sessions of this node that an operator asks for, in pages sorted by Client Identifier.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use wildmatch::WildMatch;

use crate::node::broker::Broker;
use crate::node::session_cell::{CellPhase, SessionHandle};

/// Which Sessions are asked for.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// How their Client Identifiers begin; empty = all.
    pub prefix: &'a str,
    /// What their whole Client Identifiers are like: `*` stands for any characters, `?` for one; empty = all.
    pub pattern: &'a str,
    /// Only those with, or without, a client.
    pub connected: Option<bool>,
    /// Only those whose Client Identifiers come after this.
    pub after: &'a str,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Sorted by Client Identifier.
    pub sessions: Vec<SessionHandle>,
    /// Whether others come after them.
    pub more: bool,
}

/// The first `limit` of the wanted Sessions. Looks at all Sessions, a shard at a time; holds on to no more than `limit`
/// of them and one. Those that come or go meanwhile may be missed, no others.
pub async fn page(broker: &Broker, wanted: &Wanted<'_>, limit: usize) -> Page {
    let pattern = (!wanted.pattern.is_empty()).then(|| WildMatch::new(wanted.pattern));
    let mut first: BinaryHeap<ById> = BinaryHeap::new();
    let mut shard = 0;
    while broker.sessions.visit(shard, |session| {
        let client_id = session.client_id().as_str();
        let is_among_first = first.len() <= limit
            || first
                .peek()
                .is_some_and(|last| client_id < last.0.client_id().as_str());
        if is_among_first && wanted.matches(session, pattern.as_ref()) {
            first.push(ById(session.clone()));
            if first.len() > limit + 1 {
                first.pop();
            }
        }
    }) {
        shard += 1;
        tokio::task::yield_now().await;
    }
    let more = first.len() > limit;
    let mut sessions: Vec<SessionHandle> =
        first.into_sorted_vec().into_iter().map(|it| it.0).collect();
    sessions.truncate(limit);
    Page { sessions, more }
}

impl Wanted<'_> {
    fn matches(&self, session: &SessionHandle, pattern: Option<&WildMatch>) -> bool {
        let client_id = session.client_id().as_str();
        client_id > self.after
            && client_id.starts_with(self.prefix)
            && pattern.is_none_or(|pattern| pattern.matches(client_id))
            && self
                .connected
                .is_none_or(|connected| session.is_connected() == connected)
            && matches!(session.phase(), CellPhase::Live | CellPhase::HandedOver)
    }
}

/// In the order of Client Identifiers.
struct ById(SessionHandle);

impl Ord for ById {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.client_id().cmp(other.0.client_id())
    }
}

impl PartialOrd for ById {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ById {}

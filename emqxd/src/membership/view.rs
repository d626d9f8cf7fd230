//! The member set as one node sees it at one instant, and which member is registrar of a Client Identifier.

use core::net::SocketAddr;
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::stable_hash;

/// Name of a node: 1 to 64 of `A-Z a-z 0-9 . _ -`. Unique in a cluster and stable across restarts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(Arc<str>);

/// Longest node name, bytes.
pub const NODE_NAME_LENGTH_MAX: usize = 64;

/// A text that cannot be a node name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "node name '{0}' is not valid: 1 to {NODE_NAME_LENGTH_MAX} characters out of A-Z a-z 0-9 . _ -"
)]
pub struct InvalidNodeName(pub String);

impl NodeName {
    /// Checks a text.
    ///
    /// # Errors
    /// [`InvalidNodeName`] when it is empty, too long, or has another character.
    pub fn new(text: &str) -> Result<Self, InvalidNodeName> {
        let valid = (1..=NODE_NAME_LENGTH_MAX).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
        if valid {
            Ok(Self(Arc::from(text)))
        } else {
            Err(InvalidNodeName(text.to_owned()))
        }
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for NodeName {
    type Err = InvalidNodeName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl Borrow<str> for NodeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a node says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerInfo {
    /// Its name.
    pub name: NodeName,
    /// Grows with each start of the node.
    pub incarnation: u64,
    /// Version of emqxd.
    pub version: String,
    /// Gossip (UDP) and peer links (TCP).
    pub cluster: SocketAddr,
    /// Where clients are told to connect to (Server Reference), empty when not told.
    pub mqtt: String,
    /// Operators' interface.
    pub admin: String,
    /// HTTP interface.
    pub http: String,
    /// `serving`, `leaving`, `evacuating`, `prohibiting` or `stopping`.
    pub duty: String,
    /// Network Connections at present.
    pub connections: u64,
    /// Sessions at present.
    pub sessions: u64,
    /// When this incarnation started, by its own clock.
    pub started_unix_ms: u64,
    /// Its part in the control group, in the words of `control::identity::Announcement`.
    pub control: String,
}

/// The live nodes as one of them sees them, itself included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The live nodes.
    pub nodes: BTreeMap<NodeName, PeerInfo>,
    /// Of the (name, incarnation) pairs: two nodes with the same hash see the same member set.
    pub hash: u64,
    /// The node whose view this is.
    pub self_name: NodeName,
    /// Hash of each name, ready for the choice of a registrar: once per CONNECT, so not computed each time.
    candidates: Vec<(u64, NodeName)>,
}

impl View {
    /// The view of `this` node that sees `others` alive. An entry of `others` under the own name is ignored.
    pub fn new(this: PeerInfo, others: impl IntoIterator<Item = PeerInfo>) -> Self {
        let self_name = this.name.clone();
        let mut nodes: BTreeMap<NodeName, PeerInfo> = others
            .into_iter()
            .map(|peer| (peer.name.clone(), peer))
            .collect();
        nodes.insert(self_name.clone(), this);
        let hash = nodes.values().fold(stable_hash::hash(&[]), |hash, peer| {
            let hash = stable_hash::hash_on(hash, peer.name.as_str().as_bytes());
            // The separator keeps ("a", 1) + ("b", 2) apart from other splits of the same bytes.
            let hash = stable_hash::hash_on(hash, &[0xff]);
            stable_hash::hash_on(hash, &peer.incarnation.to_le_bytes())
        });
        let candidates = nodes
            .keys()
            .map(|name| (stable_hash::hash(name.as_str().as_bytes()), name.clone()))
            .collect();
        Self {
            nodes,
            hash: stable_hash::mix(hash),
            self_name,
            candidates,
        }
    }

    /// The node that serialises claims to a Client Identifier, by rendezvous hashing: the member with the highest
    /// score of (name, Client Identifier). When a node leaves, only the Client Identifiers it was registrar of move.
    /// The score is that of [`stable_hash`].
    pub fn registrar_of(&self, client_id: &str) -> &NodeName {
        let client = stable_hash::hash(client_id.as_bytes());
        self.candidates
            .iter()
            // Names are in ascending order and `max_by_key` takes the last of equals: the greater name wins a tie.
            .max_by_key(|(name, _)| stable_hash::score(client, *name))
            .map_or(&self.self_name, |(_, name)| name)
    }

    /// Whether this node is registrar of the Client Identifier.
    pub fn is_registrar_of(&self, client_id: &str) -> bool {
        *self.registrar_of(client_id) == self.self_name
    }

    /// What this node says about itself.
    pub fn this(&self) -> Option<&PeerInfo> {
        self.nodes.get(&self.self_name)
    }

    /// The live nodes but this one.
    pub fn peers(&self) -> impl Iterator<Item = &PeerInfo> {
        self.nodes
            .values()
            .filter(|peer| peer.name != self.self_name)
    }

    /// Whether this very incarnation is alive.
    pub fn has(&self, name: &NodeName, incarnation: u64) -> bool {
        self.nodes
            .get(name)
            .is_some_and(|peer| peer.incarnation == incarnation)
    }
}

#[cfg(test)]
impl PeerInfo {
    /// Of a node of which only the name and the start matter.
    pub(crate) fn bare(name: &str, incarnation: u64) -> Self {
        Self {
            name: NodeName::new(name).unwrap(),
            incarnation,
            version: "0.1.0".into(),
            cluster: ([127, 0, 0, 1], 4370).into(),
            mqtt: String::new(),
            admin: String::new(),
            http: String::new(),
            duty: "serving".into(),
            connections: 0,
            sessions: 0,
            started_unix_ms: 0,
            control: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn view(names: &[&str]) -> View {
        View::new(
            PeerInfo::bare(names[0], 1),
            names[1..].iter().map(|n| PeerInfo::bare(n, 1)),
        )
    }

    #[test]
    fn names_are_checked() {
        for good in ["a", "n1", "broker-1.eu_west", &"x".repeat(64)] {
            assert_eq!(NodeName::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "ä", "a/b", "~probe", &"x".repeat(65)] {
            assert_eq!(NodeName::new(bad), Err(InvalidNodeName(bad.to_owned())));
        }
    }

    #[test]
    fn hash_tells_member_sets_apart_but_not_observers() {
        let ab = View::new(PeerInfo::bare("a", 1), [PeerInfo::bare("b", 2)]);
        let ba = View::new(PeerInfo::bare("b", 2), [PeerInfo::bare("a", 1)]);
        assert_eq!(ab.hash, ba.hash);
        assert_ne!(
            ab.hash,
            View::new(PeerInfo::bare("a", 1), [PeerInfo::bare("b", 3)]).hash
        );
        assert_ne!(ab.hash, view(&["a"]).hash);
        let mut busier = PeerInfo::bare("b", 2);
        busier.connections = 7;
        assert_eq!(ab.hash, View::new(PeerInfo::bare("a", 1), [busier]).hash);
    }

    #[test]
    fn the_choice_is_the_same_for_ever() {
        let view = view(&["n1", "n2", "n3"]);
        let chosen: Vec<&str> = ["", "c1", "c2", "sensor/42", "é", "c3"]
            .iter()
            .map(|id| view.registrar_of(id).as_str())
            .collect();
        assert_eq!(chosen, GOLDEN);
    }

    const GOLDEN: [&str; 6] = ["n1", "n2", "n2", "n2", "n1", "n2"];

    #[test]
    fn clients_spread_evenly() {
        let view = view(&["n1", "n2", "n3", "n4"]);
        let mut counts: BTreeMap<&NodeName, u32> = BTreeMap::new();
        for i in 0..40_000 {
            *counts
                .entry(view.registrar_of(&format!("client-{i}")))
                .or_default() += 1;
        }
        for (name, count) in counts {
            assert!((9_500..10_500).contains(&count), "{name}: {count}");
        }
    }

    proptest! {
        #[test]
        fn all_observers_choose_the_same_and_only_a_leavers_clients_move(
            ids in proptest::collection::vec(".{0,20}", 1..50),
            leaver in 0_usize..5,
        ) {
            let names = ["a", "b", "c", "d", "e"];
            let whole = view(&names);
            let other = view(&["e", "d", "c", "b", "a"]);
            let rest: Vec<&str> = names.iter().copied().filter(|n| *n != names[leaver]).collect();
            let without = view(&rest);
            for id in &ids {
                prop_assert_eq!(whole.registrar_of(id), other.registrar_of(id));
                if whole.registrar_of(id).as_str() != names[leaver] {
                    prop_assert_eq!(whole.registrar_of(id), without.registrar_of(id));
                }
            }
        }
    }
}

//! How two nodes make sure of each other when a stream opens: gRPC metadata both ways.

use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::{Request, Status};

use crate::cluster::{LocalNode, PEER_PROTOCOL};
use crate::membership::NodeName;

const CLUSTER: &str = "emqxd-cluster";
const PROTOCOL: &str = "emqxd-protocol";
const NODE: &str = "emqxd-node";
const INCARNATION: &str = "emqxd-incarnation";
const TO: &str = "emqxd-to";
const APPLIED: &str = "emqxd-applied";
const SNAPSHOT: &str = "emqxd-snapshot";

/// What the dialling node says.
pub(crate) fn introduce<T>(request: &mut Request<T>, local: &LocalNode, to: &NodeName) {
    let metadata = request.metadata_mut();
    insert_text(metadata, CLUSTER, &local.cluster_name);
    metadata.insert(PROTOCOL, PEER_PROTOCOL.into());
    insert_text(metadata, NODE, local.name.as_str());
    metadata.insert(INCARNATION, local.incarnation.into());
    insert_text(metadata, TO, to.as_str());
}

/// Who dials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) name: NodeName,
    pub(crate) incarnation: u64,
}

/// Checks what the dialling node says.
///
/// # Errors
/// `FAILED_PRECONDITION` with a text for people when the two do not belong together, `INVALID_ARGUMENT` when it is
/// no peer at all.
pub(crate) fn check(metadata: &MetadataMap, local: &LocalNode) -> Result<Caller, Status> {
    let cluster = text(metadata, CLUSTER)?;
    let protocol = text(metadata, PROTOCOL)?;
    let name = NodeName::new(text(metadata, NODE)?)
        .map_err(|error| Status::invalid_argument(error.to_string()))?;
    let incarnation = number(metadata, INCARNATION)?;
    if cluster != local.cluster_name {
        return Err(Status::failed_precondition(format!(
            "node '{}' belongs to cluster '{}', not to '{cluster}'",
            local.name, local.cluster_name
        )));
    }
    if protocol != PEER_PROTOCOL.to_string() {
        return Err(Status::failed_precondition(format!(
            "node '{}' speaks peer protocol {PEER_PROTOCOL}, node '{name}' speaks {protocol}",
            local.name
        )));
    }
    let to = text(metadata, TO)?;
    if to != local.name.as_str() {
        return Err(Status::failed_precondition(format!(
            "this is node '{}', not '{to}'",
            local.name
        )));
    }
    if name == local.name {
        return Err(Status::failed_precondition(format!(
            "node name '{name}' is used by two nodes"
        )));
    }
    Ok(Caller { name, incarnation })
}

/// What the answering node says when a data stream opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Welcome {
    /// Of the answering node.
    pub(crate) incarnation: u64,
    /// Number of the last item of the dialling incarnation that it has applied.
    pub(crate) applied: u64,
    /// Whether it knows nothing of the dialling node's interest.
    pub(crate) wants_snapshot: bool,
}

impl Welcome {
    pub(crate) fn write(self, metadata: &mut MetadataMap) {
        metadata.insert(INCARNATION, self.incarnation.into());
        metadata.insert(APPLIED, self.applied.into());
        metadata.insert(SNAPSHOT, u32::from(self.wants_snapshot).into());
    }

    pub(crate) fn read(metadata: &MetadataMap) -> Result<Self, Status> {
        Ok(Self {
            incarnation: number(metadata, INCARNATION)?,
            applied: number(metadata, APPLIED)?,
            wants_snapshot: number(metadata, SNAPSHOT)? != 0,
        })
    }
}

fn insert_text(metadata: &mut MetadataMap, key: &'static str, value: &str) {
    // Names are checked to be plain ASCII before a node starts; what is not is left out and refused by the peer.
    if let Ok(value) = MetadataValue::<Ascii>::try_from(value) {
        metadata.insert(key, value);
    }
}

fn text<'a>(metadata: &'a MetadataMap, key: &str) -> Result<&'a str, Status> {
    metadata
        .get(key)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| Status::invalid_argument(format!("metadata '{key}' is missing")))
}

fn number(metadata: &MetadataMap, key: &str) -> Result<u64, Status> {
    text(metadata, key)?
        .parse()
        .map_err(|_| Status::invalid_argument(format!("metadata '{key}' is not a number")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(cluster: &str, name: &str) -> LocalNode {
        LocalNode {
            cluster_name: cluster.into(),
            name: NodeName::new(name).unwrap(),
            incarnation: 7,
        }
    }

    fn refusal(from: &LocalNode, to: &str, at: &LocalNode) -> String {
        let mut request = Request::new(());
        introduce(&mut request, from, &NodeName::new(to).unwrap());
        check(request.metadata(), at)
            .unwrap_err()
            .message()
            .to_owned()
    }

    #[test]
    fn nodes_that_belong_together_accept_each_other() {
        let mut request = Request::new(());
        introduce(&mut request, &local("c", "a"), &NodeName::new("b").unwrap());
        let caller = check(request.metadata(), &local("c", "b")).unwrap();
        assert_eq!((caller.name.as_str(), caller.incarnation), ("a", 7));
    }

    #[test]
    fn others_are_refused_with_the_reason() {
        let a = local("c", "a");
        assert_eq!(
            refusal(&local("other", "a"), "b", &local("c", "b")),
            "node 'b' belongs to cluster 'c', not to 'other'"
        );
        assert_eq!(
            refusal(&a, "x", &local("c", "b")),
            "this is node 'b', not 'x'"
        );
        assert_eq!(
            refusal(&a, "a", &local("c", "a")),
            "node name 'a' is used by two nodes"
        );
        let mut request = Request::new(());
        introduce(&mut request, &a, &NodeName::new("b").unwrap());
        request.metadata_mut().insert(PROTOCOL, 99.into());
        let refused = check(request.metadata(), &local("c", "b")).unwrap_err();
        assert_eq!(
            refused.message(),
            "node 'b' speaks peer protocol 1, node 'a' speaks 99"
        );
        assert!(check(&MetadataMap::new(), &a).is_err());
    }

    #[test]
    fn a_welcome_survives_the_wire() {
        let welcome = Welcome {
            incarnation: u64::MAX,
            applied: 3,
            wants_snapshot: true,
        };
        let mut metadata = MetadataMap::new();
        welcome.write(&mut metadata);
        assert_eq!(Welcome::read(&metadata).unwrap(), welcome);
    }
}

//! How two nodes make sure of each other when a stream opens: the same words in gRPC metadata and in a `DataHello`.

use std::str::FromStr;

use emqx_proto::peer::v1::{DataHello, DataWelcome};
use tonic::metadata::{Ascii, MetadataMap, MetadataValue};
use tonic::{Request, Status};

use crate::cluster::{LocalNode, PEER_PROTOCOL};
use crate::membership::NodeName;

const CLUSTER: &str = "emqxd-cluster";
const PROTOCOL: &str = "emqxd-protocol";
const NODE: &str = "emqxd-node";
const INCARNATION: &str = "emqxd-incarnation";
const TO: &str = "emqxd-to";

/// What the dialling node says of itself.
pub(crate) fn hello(local: &LocalNode, to: &NodeName) -> DataHello {
    DataHello {
        cluster: local.cluster_name.clone(),
        protocol: PEER_PROTOCOL,
        node: local.name.to_string(),
        incarnation: local.incarnation,
        to: to.to_string(),
        afresh: false,
    }
}

/// The same as metadata.
pub(crate) fn introduce<T>(request: &mut Request<T>, hello: &DataHello) {
    let metadata = request.metadata_mut();
    insert_text(metadata, CLUSTER, &hello.cluster);
    metadata.insert(PROTOCOL, hello.protocol.into());
    insert_text(metadata, NODE, &hello.node);
    metadata.insert(INCARNATION, hello.incarnation.into());
    insert_text(metadata, TO, &hello.to);
}

/// What the metadata say of the dialling node.
///
/// # Errors
/// `INVALID_ARGUMENT` when it is no peer at all.
pub(crate) fn introduced(metadata: &MetadataMap) -> Result<DataHello, Status> {
    Ok(DataHello {
        cluster: text(metadata, CLUSTER)?.to_owned(),
        protocol: number(metadata, PROTOCOL)?,
        node: text(metadata, NODE)?.to_owned(),
        incarnation: number(metadata, INCARNATION)?,
        to: text(metadata, TO)?.to_owned(),
        afresh: false,
    })
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
/// `FAILED_PRECONDITION` with a text for people when the two do not belong together, `INVALID_ARGUMENT` when it has no
/// valid name.
pub(crate) fn check(hello: &DataHello, local: &LocalNode) -> Result<Caller, Status> {
    let DataHello {
        cluster,
        protocol,
        node,
        incarnation,
        to,
        afresh: _,
    } = hello;
    let name = NodeName::new(node).map_err(|error| Status::invalid_argument(error.to_string()))?;
    if *cluster != local.cluster_name {
        return Err(Status::failed_precondition(format!(
            "node '{}' belongs to cluster '{}', not to '{cluster}'",
            local.name, local.cluster_name
        )));
    }
    if *protocol != PEER_PROTOCOL {
        return Err(Status::failed_precondition(format!(
            "node '{}' speaks peer protocol {PEER_PROTOCOL}, node '{name}' speaks {protocol}",
            local.name
        )));
    }
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
    Ok(Caller {
        name,
        incarnation: *incarnation,
    })
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
    pub(crate) fn to_wire(self) -> DataWelcome {
        DataWelcome {
            refusal: String::new(),
            incarnation: self.incarnation,
            applied: self.applied,
            wants_snapshot: self.wants_snapshot,
        }
    }

    /// # Errors
    /// The peer's text when it refuses.
    pub(crate) fn from_wire(welcome: DataWelcome) -> Result<Self, String> {
        if !welcome.refusal.is_empty() {
            return Err(welcome.refusal);
        }
        Ok(Self {
            incarnation: welcome.incarnation,
            applied: welcome.applied,
            wants_snapshot: welcome.wants_snapshot,
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

fn number<N: FromStr>(metadata: &MetadataMap, key: &str) -> Result<N, Status> {
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
        check(&hello(from, &NodeName::new(to).unwrap()), at)
            .unwrap_err()
            .message()
            .to_owned()
    }

    #[test]
    fn nodes_that_belong_together_accept_each_other() {
        let mut request = Request::new(());
        introduce(
            &mut request,
            &hello(&local("c", "a"), &NodeName::new("b").unwrap()),
        );
        let hello = introduced(request.metadata()).unwrap();
        let caller = check(&hello, &local("c", "b")).unwrap();
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
        introduce(&mut request, &hello(&a, &NodeName::new("b").unwrap()));
        request.metadata_mut().insert(PROTOCOL, 99.into());
        let hello = introduced(request.metadata()).unwrap();
        let refused = check(&hello, &local("c", "b")).unwrap_err();
        assert_eq!(
            refused.message(),
            format!("node 'b' speaks peer protocol {PEER_PROTOCOL}, node 'a' speaks 99")
        );
        assert!(introduced(&MetadataMap::new()).is_err());
    }

    #[test]
    fn a_welcome_survives_the_wire() {
        let welcome = Welcome {
            incarnation: u64::MAX,
            applied: 3,
            wants_snapshot: true,
        };
        assert_eq!(Welcome::from_wire(welcome.to_wire()), Ok(welcome));
        let refusal = DataWelcome {
            refusal: "no".to_owned(),
            ..welcome.to_wire()
        };
        assert_eq!(Welcome::from_wire(refusal), Err("no".to_owned()));
    }
}

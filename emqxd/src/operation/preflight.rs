//! What is checked before anything changes.

use super::options::EvacuationOptions;
use super::targets::Target;

/// Why a request is refused; nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{cause}")]
pub struct Refusal {
    /// Stable word for programs.
    pub code: &'static str,
    /// Field of the request that it is about; may be empty.
    pub field: &'static str,
    /// One sentence.
    pub cause: String,
    /// What would be accepted.
    pub valid: String,
}

impl Refusal {
    /// With all its parts.
    pub fn new(
        code: &'static str,
        field: &'static str,
        cause: impl Into<String>,
        valid: impl Into<String>,
    ) -> Self {
        Self {
            code,
            field,
            cause: cause.into(),
            valid: valid.into(),
        }
    }
}

/// Whether an evacuation of `node` may start. `targets` are all other live nodes, `running` is the operation that
/// concerns the node now.
///
/// # Errors
/// The first check that fails.
pub fn check_start(
    node: &str,
    options: &EvacuationOptions,
    running: Option<&str>,
    targets: &[Target],
) -> Result<(), Refusal> {
    if let Some(running) = running {
        return Err(Refusal::new(
            "already_started",
            "",
            format!("already_started: operation {running} runs on node '{node}'"),
            "stop it first",
        ));
    }
    if targets.is_empty() {
        return Err(Refusal::new(
            "only_node",
            "node",
            format!("'{node}' is the only node of the cluster: its Sessions have nowhere to go"),
            "a cluster of two nodes or more",
        ));
    }
    let names = || {
        targets
            .iter()
            .map(|target| target.node.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    for name in &options.migrate_to {
        if name == node {
            return Err(Refusal::new(
                "invalid_target",
                "migrate_to",
                format!("'{node}' cannot be evacuated to itself"),
                format!("one or more of: {}", names()),
            ));
        }
        match targets.iter().find(|target| target.node == *name) {
            None => {
                return Err(Refusal::new(
                    "unknown_node",
                    "migrate_to",
                    format!("no running node is called '{name}'"),
                    format!("one or more of: {}", names()),
                ));
            }
            Some(target) if !target.available => {
                return Err(Refusal::new(
                    "target_evacuating",
                    "migrate_to",
                    format!("node '{name}' is leaving itself"),
                    "nodes that serve",
                ));
            }
            Some(_) => {}
        }
    }
    if !targets.iter().any(|target| target.available) {
        return Err(Refusal::new(
            "no_target",
            "",
            "none of the other nodes serves: the Sessions have nowhere to go",
            "at least one other node in service",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(node: &str, available: bool) -> Target {
        Target {
            node: node.to_owned(),
            address: String::new(),
            available,
            connections: 0,
            sessions: 0,
            capacity: None,
        }
    }

    fn code(
        migrate_to: &[&str],
        running: Option<&str>,
        targets: &[Target],
    ) -> Option<&'static str> {
        let options = EvacuationOptions {
            migrate_to: migrate_to.iter().map(ToString::to_string).collect(),
            ..EvacuationOptions::default()
        };
        check_start("n1", &options, running, targets)
            .err()
            .map(|refusal| refusal.code)
    }

    #[test]
    fn names_what_is_in_the_way() {
        let both = [target("n2", true), target("n3", false)];
        assert_eq!(code(&[], None, &both), None);
        assert_eq!(code(&["n2"], None, &both), None);
        assert_eq!(code(&[], Some("op-1"), &both), Some("already_started"));
        assert_eq!(code(&[], None, &[]), Some("only_node"));
        assert_eq!(code(&["n9"], None, &both), Some("unknown_node"));
        assert_eq!(code(&["n1"], None, &both), Some("invalid_target"));
        assert_eq!(code(&["n3"], None, &both), Some("target_evacuating"));
        assert_eq!(code(&[], None, &both[1..]), Some("no_target"));
    }
}

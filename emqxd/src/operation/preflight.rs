//! What must hold before an evacuation starts; a refusal changes nothing.

use super::options::{EvacuationOptions, RATE_RANGE, WAIT_MAX};
use super::targets::Target;

/// Why an operation was refused, for programs and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A stable word.
    pub code: &'static str,
    /// The request's field concerned; empty when none.
    pub field: &'static str,
    /// What is in the way, in a sentence.
    pub cause: String,
    /// What would be accepted, in a sentence.
    pub valid: String,
}

impl Refusal {
    /// A refusal.
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

/// Checks that `node` can be evacuated now; `targets` are all other nodes of the cluster.
///
/// # Errors
/// `already_started`, `invalid_field`, `invalid_target`, `only_node`, `unknown_node`, `target_evacuating` or `no_target`.
pub fn check_start(
    node: &str,
    options: &EvacuationOptions,
    running: Option<&str>,
    targets: &[Target],
) -> Result<(), Refusal> {
    if let Some(running) = running {
        return Err(Refusal::new(
            "already_started",
            "node",
            format!("operation {running} runs on {node}"),
            format!("stop {running} first"),
        ));
    }
    check_bounds(options)?;
    if options.migrate_to.iter().any(|name| name == node) {
        return Err(Refusal::new(
            "invalid_target",
            "migrate_to",
            format!("migrate_to names {node}, the node that is to be evacuated"),
            "other nodes of the cluster",
        ));
    }
    if targets.iter().all(|target| target.node == node) {
        return Err(Refusal::new(
            "only_node",
            "node",
            format!("{node} is the only node of the cluster: nobody could take its sessions over"),
            "a cluster of two nodes or more",
        ));
    }
    for name in &options.migrate_to {
        match targets.iter().find(|target| &target.node == name) {
            None => {
                return Err(Refusal::new(
                    "unknown_node",
                    "migrate_to",
                    format!("{name} is no running node of the cluster"),
                    format!("any of {}", names(targets.iter())),
                ));
            }
            Some(target) if !target.available => {
                return Err(Refusal::new(
                    "target_evacuating",
                    "migrate_to",
                    format!(
                        "{name} does not take anybody in: it is out of service or being evacuated"
                    ),
                    match targets.iter().any(|target| target.available) {
                        true => format!(
                            "any of {}",
                            names(targets.iter().filter(|target| target.available))
                        ),
                        false => "a node that serves".to_owned(),
                    },
                ));
            }
            Some(_) => {}
        }
    }
    if !targets
        .iter()
        .any(|target| target.available && target.node != node)
    {
        return Err(Refusal::new(
            "no_target",
            "migrate_to",
            format!(
                "none of the other nodes takes anybody in: {}",
                names(targets.iter())
            ),
            "at least one other node that serves",
        ));
    }
    Ok(())
}

fn check_bounds(options: &EvacuationOptions) -> Result<(), Refusal> {
    let rates = [
        ("conn_evict_rate", options.conn_evict_rate.get()),
        ("sess_evict_rate", options.sess_evict_rate.get()),
    ];
    for (field, rate) in rates {
        if !RATE_RANGE.contains(&rate) {
            let cause = format!("{field} is {rate} per second");
            return Err(Refusal::new(
                "invalid_field",
                field,
                cause,
                "1 to 1,000,000 per second",
            ));
        }
    }
    let waits = [
        ("wait_health_check", options.wait_health_check),
        ("wait_takeover", options.wait_takeover),
    ];
    for (field, wait) in waits {
        if wait > WAIT_MAX {
            let cause = format!("{field} is {} s", wait.as_secs());
            return Err(Refusal::new(
                "invalid_field",
                field,
                cause,
                "0 s to 7 days (604,800 s)",
            ));
        }
    }
    Ok(())
}

fn names<'a>(targets: impl Iterator<Item = &'a Target>) -> String {
    targets
        .map(|target| target.node.as_str())
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

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

    fn to(names: &[&str]) -> EvacuationOptions {
        let migrate_to = names.iter().map(|&name| name.to_owned()).collect();
        EvacuationOptions {
            migrate_to,
            ..EvacuationOptions::default()
        }
    }

    fn refused(
        options: &EvacuationOptions,
        running: Option<&str>,
        targets: &[Target],
    ) -> (String, String) {
        let refusal = check_start("a", options, running, targets).unwrap_err();
        (
            format!("{}/{}", refusal.code, refusal.field),
            format!("{} {}", refusal.cause, refusal.valid),
        )
    }

    #[test]
    fn sound_requests_pass() {
        let targets = [target("b", true), target("c", false)];
        assert_eq!(check_start("a", &to(&[]), None, &targets), Ok(()));
        assert_eq!(check_start("a", &to(&["b"]), None, &targets), Ok(()));
    }

    #[test]
    fn each_obstacle_is_named() {
        let targets = [target("b", true), target("c", false)];
        let (code, text) = refused(&to(&[]), Some("op-1"), &targets);
        assert_eq!(code, "already_started/node");
        assert!(text.contains("op-1"), "{text}");
        assert_eq!(refused(&to(&[]), None, &[]).0, "only_node/node");
        let (code, text) = refused(&to(&["b", "x"]), None, &targets);
        assert_eq!(code, "unknown_node/migrate_to");
        assert!(
            text.contains("x is no running node") && text.contains("b, c"),
            "{text}"
        );
        assert_eq!(
            refused(&to(&["c"]), None, &targets).0,
            "target_evacuating/migrate_to"
        );
        assert_eq!(
            refused(&to(&[]), None, &[target("c", false)]).0,
            "no_target/migrate_to"
        );
        assert_eq!(
            refused(&to(&["a"]), None, &targets).0,
            "invalid_target/migrate_to"
        );
    }

    #[test]
    fn bounds_are_kept() {
        let targets = [target("b", true)];
        let mut options = to(&[]);
        options.wait_takeover = WAIT_MAX;
        options.sess_evict_rate = NonZeroU32::new(*RATE_RANGE.end()).unwrap();
        assert_eq!(check_start("a", &options, None, &targets), Ok(()));
        options.wait_takeover = WAIT_MAX + Duration::from_millis(1);
        assert_eq!(
            refused(&options, None, &targets).0,
            "invalid_field/wait_takeover"
        );
        options.sess_evict_rate = NonZeroU32::new(RATE_RANGE.end() + 1).unwrap();
        assert_eq!(
            refused(&options, None, &targets).0,
            "invalid_field/sess_evict_rate"
        );
    }
}

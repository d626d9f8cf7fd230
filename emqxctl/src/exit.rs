//! The exit codes: one enum, one table.

use std::process::ExitCode;

/// How the program ends. The numbers are a contract with scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExitStatus {
    /// Done.
    Ok = 0,
    /// Understood, and failed.
    Failed = 1,
    /// Bad flags or values.
    Usage = 2,
    /// Something named is unknown.
    NotFound = 3,
    /// Authentication or permission.
    Denied = 4,
    /// Nobody answered.
    Unreachable = 5,
    /// A precondition does not hold.
    Refused = 6,
    /// Waiting ended, the operation goes on.
    Timeout = 7,
    /// Somebody stopped the operation.
    Stopped = 8,
    /// Finished with leftovers.
    Partial = 9,
    /// A check says no.
    Unhealthy = 10,
    /// Ctrl-C; the operation goes on.
    Detached = 130,
}

/// Every code with its name and when it is used.
pub const TABLE: [(ExitStatus, &str, &str); 12] = [
    (
        ExitStatus::Ok,
        "ok",
        "done; with --wait or --watch: the operation succeeded",
    ),
    (
        ExitStatus::Failed,
        "failed",
        "the request was understood and failed, or the operation ended as failed",
    ),
    (ExitStatus::Usage, "usage", "bad flags or values"),
    (
        ExitStatus::NotFound,
        "not_found",
        "node, Client Identifier, listener or operation is unknown",
    ),
    (
        ExitStatus::Denied,
        "denied",
        "authentication or permission is missing",
    ),
    (
        ExitStatus::Unreachable,
        "unreachable",
        "no endpoint answered in time",
    ),
    (
        ExitStatus::Refused,
        "refused",
        "a precondition does not hold, such as a conflicting operation",
    ),
    (
        ExitStatus::Timeout,
        "timeout",
        "waiting ended; the operation goes on",
    ),
    (
        ExitStatus::Stopped,
        "stopped",
        "the operation was stopped by somebody",
    ),
    (
        ExitStatus::Partial,
        "partial",
        "finished with leftovers, which the output lists",
    ),
    (ExitStatus::Unhealthy, "unhealthy", "a check says no"),
    (
        ExitStatus::Detached,
        "detached",
        "Ctrl-C while watching; the operation goes on",
    ),
];

impl ExitStatus {
    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The stable word for it.
    pub fn name(self) -> &'static str {
        TABLE
            .iter()
            .find(|(status, ..)| *status == self)
            .map_or("failed", |(_, name, _)| name)
    }
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// The table as text, one line a code.
pub fn describe() -> String {
    TABLE
        .iter()
        .map(|(status, name, when)| format!("{:>5}  {name:<12} {when}\n", status.code()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_contract() {
        insta::assert_snapshot!(describe());
    }

    #[test]
    fn every_code_has_one_row() {
        for (index, (status, name, _)) in TABLE.iter().enumerate() {
            assert_eq!(status.name(), *name);
            let twice = TABLE[index + 1..].iter().any(|(other, ..)| other == status);
            assert!(!twice, "{name} stands there twice");
        }
    }
}

//! What a process has used so far, as Linux counts it.

use std::fs;
use std::ops::Sub;
use std::time::Duration;

use crate::resident;

/// Sums over all threads of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// User and system time.
    pub cpu: Duration,
    /// How often a thread stopped running, of itself or not. Threads that have ended are not counted.
    pub context_switches: u64,
    /// Resident memory, bytes.
    pub resident: u64,
}

impl Cost {
    /// As of now; `None` when the process is gone.
    pub fn of(pid: u32) -> Option<Self> {
        let mut context_switches = 0;
        for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
            // A thread may end meanwhile.
            let Ok(status) = fs::read_to_string(task.ok()?.path().join("status")) else {
                continue;
            };
            context_switches += switches(&status);
        }
        Some(Self {
            cpu: resident::cpu_time(pid)?,
            context_switches,
            resident: resident::bytes(pid)?,
        })
    }
}

impl Sub for Cost {
    type Output = Self;

    /// What was used since `earlier`; what has become less is nothing.
    fn sub(self, earlier: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(earlier.cpu),
            context_switches: self
                .context_switches
                .saturating_sub(earlier.context_switches),
            resident: self.resident.saturating_sub(earlier.resident),
        }
    }
}

fn switches(status: &str) -> u64 {
    let figure = |line: &str| {
        let (name, value) = line.split_once(':')?;
        if name.ends_with("voluntary_ctxt_switches") {
            value.trim().parse::<u64>().ok()
        } else {
            None
        }
    };
    status.lines().filter_map(figure).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_switches_count() {
        let status = "Name:\tx\nvoluntary_ctxt_switches:\t12\nnonvoluntary_ctxt_switches:\t30\n";
        assert_eq!(switches(status), 42);
    }

    #[test]
    fn this_process_costs_something() {
        let cost = Cost::of(std::process::id()).expect("it runs");
        assert!(cost.resident > 0 && cost.context_switches > 0);
        assert_eq!((cost - cost).resident, 0);
        assert_eq!(Cost::of(u32::MAX), None);
    }
}

//! What the operating system says of this process.

use std::time::Duration;

/// Clock ticks a second in `/proc`: fixed at 100 on Linux for all architectures that matter.
const TICKS_PER_SEC: f64 = 100.0;

/// Bytes of a page; the usual one, checked nowhere because it only scales a figure for people.
const PAGE_BYTES: u64 = 4_096;

/// CPU time and memory at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessSample {
    cpu_ticks: u64,
    /// Resident memory, bytes.
    pub resident_bytes: u64,
}

impl ProcessSample {
    /// Reads `/proc`; `None` where there is none.
    pub fn take() -> Option<Self> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
        Self::parse(&stat, &statm)
    }

    fn parse(stat: &str, statm: &str) -> Option<Self> {
        // The command name in brackets may contain spaces.
        let (_, fields) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let user: u64 = fields.get(11)?.parse().ok()?;
        let system: u64 = fields.get(12)?.parse().ok()?;
        let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
        Some(Self { cpu_ticks: user + system, resident_bytes: pages * PAGE_BYTES })
    }

    /// Percent of one core since an earlier sample.
    pub fn cpu_percent_since(&self, before: &Self, passed: Duration) -> Option<f64> {
        let seconds = passed.as_secs_f64();
        (seconds > 0.0).then(|| {
            self.cpu_ticks.saturating_sub(before.cpu_ticks) as f64 / TICKS_PER_SEC / seconds * 100.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_fields_behind_a_name_with_spaces() {
        let stat = "7 (a b) c) S 1 1 1 0 -1 0 0 0 0 0 150 50 0 0 20 0 4 0 1 1 1";
        let sample = ProcessSample::parse(stat, "100 25 3 1 0 9 0").expect("valid");
        assert_eq!(sample, ProcessSample { cpu_ticks: 200, resident_bytes: 25 * PAGE_BYTES });
        let before = ProcessSample { cpu_ticks: 100, resident_bytes: 0 };
        assert_eq!(sample.cpu_percent_since(&before, Duration::from_secs(2)), Some(50.0));
    }
}

//! What this process uses of its machine.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::time::{ClockId, clock_gettime};

use crate::time::Timestamp;

/// What this process uses. What the system does not tell is absent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ProcessStats {
    /// CPU time between two samples, per cent of one core: 100 = one core busy.
    pub cpu_percent: Option<f64>,
    /// Resident memory, bytes.
    pub memory_resident_bytes: Option<u64>,
}

/// Turns CPU time into a share, from one sample to the next.
#[derive(Debug, Default)]
pub struct ProcessSampler {
    last: Option<(Timestamp, Duration)>,
}

impl ProcessSampler {
    /// Takes a sample; the share is that since the last one, and absent at the first.
    pub fn sample(&mut self, now: Timestamp) -> ProcessStats {
        let cpu_time = cpu_time();
        ProcessStats {
            cpu_percent: self.cpu_percent(now, cpu_time),
            memory_resident_bytes: memory_resident_bytes(),
        }
    }

    fn cpu_percent(&mut self, now: Timestamp, cpu_time: Duration) -> Option<f64> {
        let (earlier, used) = self.last.replace((now, cpu_time))?;
        let passed = now.since(earlier);
        let used = cpu_time.saturating_sub(used);
        (!passed.is_zero()).then(|| 100.0 * used.as_secs_f64() / passed.as_secs_f64())
    }
}

/// CPU time of all threads since the process began.
pub fn cpu_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

/// Resident memory, bytes; `None` where there is no `/proc`.
pub fn memory_resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}

/// Memory that this process may use, bytes: that of the machine, or of its control group when that is less. `None` where
/// neither is told.
pub fn memory_total_bytes() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let machine = read("/proc/meminfo").and_then(|text| memory_total_of(&text));
    let own_group = read("/proc/self/cgroup").and_then(|text| {
        let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
        Some(format!("/sys/fs/cgroup{path}/memory.max"))
    });
    let groups = [
        own_group.as_deref().unwrap_or_default(),
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ];
    // A group without a limit says "max".
    let limits = groups
        .into_iter()
        .filter_map(|path| read(path)?.trim().parse().ok());
    limits.chain(machine).min()
}

/// From `/proc/meminfo`, bytes.
fn memory_total_of(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1 << 10)
}

/// Lets this process open as many files as the system allows it, each client being one, and returns that number;
/// `None` = without limit. When it may not be raised, it stays what it was.
pub fn raise_open_files_max() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_that_of_one_core_between_two_samples() {
        let mut sampler = ProcessSampler::default();
        let at = Timestamp::from_millis;
        assert_eq!(
            sampler.cpu_percent(at(1_000), Duration::from_millis(300)),
            None
        );
        assert_eq!(
            sampler.cpu_percent(at(3_000), Duration::from_millis(3_300)),
            Some(150.0)
        );
        assert_eq!(
            sampler.cpu_percent(at(3_000), Duration::from_millis(3_400)),
            None
        );
        assert_eq!(
            sampler.cpu_percent(at(4_000), Duration::from_millis(3_400)),
            Some(0.0)
        );
    }

    #[test]
    fn this_process_uses_something() {
        let before = cpu_time();
        let mut sum = 0_u64;
        while cpu_time() == before {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(cpu_time() > before);
        if cfg!(target_os = "linux") {
            let bytes = memory_resident_bytes().unwrap();
            assert!((1 << 20..1 << 40).contains(&bytes), "{bytes}");
            assert!(memory_total_bytes().unwrap() > bytes);
        }
    }

    #[test]
    fn the_memory_of_the_machine_is_in_kib() {
        let text = "MemFree:  7 kB\nMemTotal:       16303428 kB\n";
        assert_eq!(memory_total_of(text), Some(16_303_428 << 10));
        assert_eq!(memory_total_of("MemTotal: much"), None);
    }

    #[test]
    fn the_limit_of_open_files_never_falls() {
        let before = getrlimit(Resource::Nofile).current;
        let raised = raise_open_files_max();
        assert!(raised.is_none_or(|raised| before.is_some_and(|before| raised >= before)));
        assert_eq!(getrlimit(Resource::Nofile).current, raised);
    }
}

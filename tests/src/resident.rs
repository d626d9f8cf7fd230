//! Memory and CPU time of a process as the system counts them.

use std::fs;
use std::time::Duration;

/// Resident memory of a process, bytes; `None` when it is gone, and where there is no `/proc`.
pub fn bytes(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024)
}

/// In MiB, for people.
pub fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The system counts CPU time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// CPU time of all threads of a process; `None` as above.
pub fn cpu_time(pid: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Behind the name, which may contain anything, the 12th and 13th fields: user and system.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.map(|field| field.parse().unwrap_or(0)).sum();
    Some(TICK * ticks)
}

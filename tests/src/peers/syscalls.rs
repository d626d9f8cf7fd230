//! Counts the system calls of a process with perf, where that is installed and allowed.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Counts every system call at its beginning.
const EVENT: &str = "raw_syscalls:sys_enter";

/// perf gets that long to take hold of all threads.
const ATTACH: Duration = Duration::from_millis(400);

/// perf gets that long to write its figure.
const FINISH: Duration = Duration::from_secs(5);

/// Whether system calls can be counted on this machine.
pub fn can_be_counted() -> bool {
    Command::new("perf")
        .args(["stat", "-e", EVENT, "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A count that goes on.
#[derive(Debug)]
pub struct Counting(Child);

impl Counting {
    /// Begins; returns once it counts. `None` when perf cannot be run.
    pub fn begin(pid: u32) -> Option<Self> {
        let child = Command::new("perf")
            .args(["stat", "-x", ",", "-e", EVENT, "-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        thread::sleep(ATTACH);
        Some(Self(child))
    }

    /// Ends and tells the number.
    pub fn end(mut self) -> Option<u64> {
        let pid = Pid::from_raw(self.0.id().cast_signed())?;
        kill_process(pid, Signal::INT).ok()?;
        let deadline = Instant::now() + FINISH;
        while self.0.try_wait().ok()?.is_none() {
            if Instant::now() > deadline {
                let _ = self.0.kill();
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let text = std::io::read_to_string(self.0.stderr.take()?).ok()?;
        figure(&text)
    }
}

/// The number in perf's line of values with commas between.
fn figure(text: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.contains(EVENT))?;
    line.split(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_found() {
        let line = "# started\n1234,,raw_syscalls:sys_enter,99,100.00,,\n";
        assert_eq!(figure(line), Some(1234));
        assert_eq!(figure("<not counted>,,raw_syscalls:sys_enter,0"), None);
        assert_eq!(figure(""), None);
    }
}

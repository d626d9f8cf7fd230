//! Where the evacuation is shown while it goes on.

use std::io::Write;
use std::time::{Duration, Instant};

use emqx_proto::admin::v1::Operation;

/// Shows an operation and what happens around it.
pub trait Display: Send {
    /// The operation has changed.
    fn update(&mut self, operation: &Operation);
    /// Something to tell, in one line.
    fn note(&mut self, text: &str);
}

/// Within a phase, a line is written that often.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Plain lines: one for each change of the phase, and one every ten seconds.
pub struct PlainLines<W> {
    out: W,
    phase: String,
    written: Option<Instant>,
}

impl<W: Write> PlainLines<W> {
    /// Writes to `out`.
    pub const fn new(out: W) -> Self {
        Self {
            out,
            phase: String::new(),
            written: None,
        }
    }

    fn line(&mut self, text: &str) {
        // Whoever closed the output does not want to see more; the demo goes on.
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }
}

impl<W: Write + Send> Display for PlainLines<W> {
    fn update(&mut self, operation: &Operation) {
        let is_due = self.written.is_none_or(|at| at.elapsed() >= LINE_EVERY);
        if operation.phase == self.phase && !is_due {
            return;
        }
        self.phase.clone_from(&operation.phase);
        self.written = Some(Instant::now());
        self.line(&describe(operation));
    }

    fn note(&mut self, text: &str) {
        self.line(text);
    }
}

fn describe(operation: &Operation) -> String {
    let is_sessions = operation.phase == "evicting_sessions";
    let amount = if is_sessions {
        operation.sessions
    } else {
        operation.connections
    }
    .unwrap_or_default();
    let (measured, wanted) = if is_sessions {
        (operation.sess_rate_measured, operation.sess_evict_rate)
    } else {
        (operation.conn_rate_measured, operation.conn_evict_rate)
    };
    let eta = operation
        .eta_ms
        .map_or_else(|| "?".to_owned(), |ms| ms.div_ceil(1000).to_string());
    format!(
        "op={} phase={} left={} total={} rate={measured:.0} wanted={wanted} eta_s={eta} unreturned={}",
        operation.id, operation.phase, amount.current, amount.initial, operation.unreturned
    )
}

#[cfg(test)]
mod tests {
    use emqx_proto::admin::v1::Amount;

    use super::*;

    #[test]
    fn one_line_for_each_phase() {
        let mut lines = PlainLines::new(Vec::new());
        let mut operation = Operation {
            id: "op-1".to_owned(),
            phase: "evicting_conns".to_owned(),
            connections: Some(Amount {
                initial: 200,
                current: 150,
                goal: 0,
            }),
            conn_rate_measured: 49.6,
            conn_evict_rate: 50,
            eta_ms: Some(3_100),
            ..Operation::default()
        };
        lines.update(&operation);
        lines.update(&operation);
        operation.phase = "waiting_takeover".to_owned();
        operation.eta_ms = None;
        lines.update(&operation);
        let text = String::from_utf8(lines.out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(
            lines[0],
            "op=op-1 phase=evicting_conns left=150 total=200 rate=50 wanted=50 eta_s=4 unreturned=0"
        );
        assert!(lines[1].contains("phase=waiting_takeover") && lines[1].contains("eta_s=?"));
    }
}

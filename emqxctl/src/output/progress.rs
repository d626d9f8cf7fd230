//! An operation while it goes on: live lines on a terminal, `key=value` lines elsewhere.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::bar::gauge;
use super::human::{count, duration, maybe_count, millis, percent, plural, rate, safe};
use super::printer::Talk;
use super::style::Style;
use super::summary::MEAN_OF_MIN;
use crate::model::{Amount, Operation, Phase, PhaseName, PhaseState, UtcTime};

/// Columns of a bar on a wide terminal; narrower ones get shorter bars, so that the estimate at the
/// end of the line stays visible.
const BAR_WIDTH_MAX: usize = 24;
const BAR_WIDTH_MIN: usize = 6;
/// Columns that the text beside a bar takes.
const TEXT_BESIDE_BAR: usize = 72;
/// Columns of a phase's name.
const NAME_WIDTH: usize = 22;
/// Recipients that fit on a line.
const RECIPIENTS_SHOWN_MAX: usize = 4;

/// The operation as lines for a terminal of `width` columns. `age` is the time since it was reported, so
/// that waiting times run on between reports.
pub fn live_lines(op: &Operation, age: Duration, width: u16, style: Style) -> Vec<String> {
    let bar_width = usize::from(width)
        .saturating_sub(TEXT_BESIDE_BAR)
        .clamp(BAR_WIDTH_MIN, BAR_WIDTH_MAX);
    let mut lines = vec![heading(op, style)];
    let age = if op.is_settled() { Duration::ZERO } else { age };
    for phase in &op.phases {
        let is_active = phase.state == PhaseState::Active;
        lines.push(phase_line(op, phase, age, bar_width, style));
        if is_active && phase.name != PhaseName::WaitingHealthCheck && !op.is_settled() {
            lines.push(reception_line(op, style));
        }
    }
    if op.phases.is_empty() {
        lines.push(format!("{} {}", style.glyph("●", ">"), op.phase.label()));
    }
    if op.errors_total > 0 {
        let first = op.errors.first().map_or_else(String::new, |trouble| {
            format!(
                ", such as {}: {}",
                safe(&trouble.client_id),
                safe(&trouble.reason)
            )
        });
        lines.push(style.warn(&format!(
            "! {} could not be moved and stay{first}",
            plural(op.errors_total, "session", "sessions")
        )));
    }
    if !op.is_settled() {
        lines.push(style.dim(&format!(
            "Ctrl-C detaches; the {} goes on",
            op.operation_kind.label()
        )));
    }
    lines
}

fn heading(op: &Operation, style: Style) -> String {
    let mut line = format!(
        "{} {}  {} connections, {} sessions",
        style.bold(&format!("Evacuating {}", safe(&op.target))),
        style.dim(&format!("({})", safe(&op.id))),
        maybe_count(op.connections.map(|amount| amount.initial)),
        maybe_count(op.sessions.map(|amount| amount.initial)),
    );
    let names: Vec<&str> = op.recipients.iter().map(|r| r.node.as_str()).collect();
    if !names.is_empty() {
        let _ = write!(
            line,
            " {} {}",
            style.glyph("→", "->"),
            safe(&names.join(", "))
        );
    }
    if let Some(by) = &op.started_by {
        let _ = write!(line, "  by {}", safe(by));
    }
    if let Some(reason) = &op.reason {
        let _ = write!(line, ": {}", safe(reason));
    }
    line
}

fn phase_line(
    op: &Operation,
    phase: &Phase,
    age: Duration,
    bar_width: usize,
    style: Style,
) -> String {
    let is_settled_here = op.is_settled() && phase.name == op.phase;
    let mark = match phase.state {
        PhaseState::Done => style.glyph("✔", "x"),
        PhaseState::Skipped => style.glyph("–", "-"),
        PhaseState::Active if is_settled_here => style.glyph("✔", "x"),
        PhaseState::Active => style.glyph("●", ">"),
        PhaseState::Pending => style.glyph("○", "o"),
    };
    let label = format!("{:<NAME_WIDTH$}", phase.name.label());
    let rest = match phase.state {
        PhaseState::Done => done_text(op, phase),
        PhaseState::Skipped => "skipped".to_owned(),
        PhaseState::Active => active_text(op, &phase.name, age, bar_width, style),
        PhaseState::Pending => pending_text(op, &phase.name, style),
    };
    let line = format!("{mark} {label} {rest}");
    match phase.state {
        PhaseState::Pending | PhaseState::Skipped => style.dim(line.trim_end()),
        PhaseState::Active if !is_settled_here => style.bold(line.trim_end()),
        _ => line.trim_end().to_owned(),
    }
}

fn done_text(op: &Operation, phase: &Phase) -> String {
    let took = phase.duration_ms.map(millis).unwrap_or_default();
    let (number, what, mean) = match phase.name {
        PhaseName::EvictingConns => (
            op.evicted_connections,
            "closed",
            op.rate.connections_per_sec_mean,
        ),
        PhaseName::EvictingSessions => (
            op.sessions_moved_without_client,
            "moved",
            op.rate.sessions_per_sec_mean,
        ),
        _ => return took,
    };
    let text = format!("{} {what} in {took}", count(number));
    match mean {
        Some(mean) if mean > 0.0 && number >= MEAN_OF_MIN => {
            format!("{text}, mean {}/s", rate(mean))
        }
        _ => text,
    }
}

fn pending_text(op: &Operation, name: &PhaseName, style: Style) -> String {
    let at_most = style.glyph("≤", "<=");
    match name {
        PhaseName::WaitingHealthCheck => format!("up to {}", millis(op.wait_health_check_ms)),
        PhaseName::EvictingConns => format!(
            "{} left, {at_most}{}/s",
            maybe_count(op.connections.map(|amount| amount.left())),
            count(op.rate.connections_per_sec_wanted.into())
        ),
        PhaseName::WaitingTakeover => format!("up to {}", millis(op.wait_takeover_ms)),
        PhaseName::EvictingSessions => format!(
            "{} left, {at_most}{}/s",
            maybe_count(op.sessions.map(|amount| amount.left())),
            count(op.rate.sessions_per_sec_wanted.into())
        ),
        PhaseName::Prohibiting | PhaseName::Other(_) => String::new(),
    }
}

fn active_text(
    op: &Operation,
    name: &PhaseName,
    age: Duration,
    bar_width: usize,
    style: Style,
) -> String {
    match name {
        PhaseName::WaitingHealthCheck => {
            wait_text(op, op.wait_health_check_ms, age, bar_width, style)
        }
        PhaseName::WaitingTakeover => wait_text(op, op.wait_takeover_ms, age, bar_width, style),
        PhaseName::EvictingConns => eviction_text(
            op,
            op.connections,
            op.rate.connections_per_sec_measured,
            op.rate.connections_per_sec_wanted,
            bar_width,
            style,
        ),
        PhaseName::EvictingSessions => eviction_text(
            op,
            op.sessions,
            op.rate.sessions_per_sec_measured,
            op.rate.sessions_per_sec_wanted,
            bar_width,
            style,
        ),
        PhaseName::Prohibiting => "out of service until the operation is stopped".to_owned(),
        PhaseName::Other(_) => String::new(),
    }
}

fn wait_text(
    op: &Operation,
    wait_ms: u64,
    age: Duration,
    bar_width: usize,
    style: Style,
) -> String {
    let wait = Duration::from_millis(wait_ms);
    let Some(left_ms) = op.eta_phase_ms else {
        return format!("up to {}", duration(wait));
    };
    let left = Duration::from_millis(left_ms).saturating_sub(age).min(wait);
    let ratio = if wait.is_zero() {
        1.0
    } else {
        1.0 - left.as_secs_f64() / wait.as_secs_f64()
    };
    format!(
        "{}  {} left of {}",
        gauge(ratio, bar_width, style.ascii),
        duration(Duration::from_secs(left.as_secs_f64().ceil() as u64)),
        duration(wait)
    )
}

fn eviction_text(
    op: &Operation,
    amount: Option<Amount>,
    measured: f64,
    wanted: u32,
    bar_width: usize,
    style: Style,
) -> String {
    let mut text = match amount {
        Some(amount) => format!(
            "{}  {}/{}  {}",
            gauge(amount.done_ratio, bar_width, style.ascii),
            count(amount.done()),
            count(amount.total()),
            percent(amount.done_ratio)
        ),
        None => "an unknown number left".to_owned(),
    };
    let _ = write!(
        text,
        "  {}/s ({}{}",
        rate(measured),
        style.glyph("≤", "<="),
        count(wanted.into())
    );
    if let Some(limit) = &op.rate.limited_by {
        let _ = write!(text, ", held back by {}", safe(limit));
    }
    text.push(')');
    if let Some(eta) = op.eta_phase_ms {
        let _ = write!(text, "  ETA {}", millis(eta));
    }
    text
}

fn reception_line(op: &Operation, style: Style) -> String {
    let mut recipients: Vec<_> = op.recipients.iter().collect();
    recipients.sort_by_key(|r| std::cmp::Reverse(r.received + r.sessions_received));
    let mut parts: Vec<String> = recipients
        .iter()
        .take(RECIPIENTS_SHOWN_MAX)
        .map(|recipient| {
            let arrived = recipient.received + recipient.sessions_received;
            let mut part = format!("{} +{}", safe(&recipient.node), count(arrived));
            if recipient.connects_per_sec > 0.0 {
                let _ = write!(part, " ({}/s)", rate(recipient.connects_per_sec));
            }
            if !recipient.available {
                part = style.warn(&format!("{part} away"));
            }
            part
        })
        .collect();
    if recipients.len() > RECIPIENTS_SHOWN_MAX {
        parts.push(format!(
            "and {} more",
            recipients.len() - RECIPIENTS_SHOWN_MAX
        ));
    }
    parts.push(format!("not back yet {}", count(op.unreturned)));
    let refused: u64 = op.recipients.iter().map(|r| r.refused).sum();
    if refused > 0 {
        parts.push(style.warn(&format!("refused {}", count(refused))));
    }
    format!("    {}", parts.join("    "))
}

/// The operation as one `key=value` line.
pub fn plain_line(op: &Operation, now: UtcTime) -> String {
    let mut line = format!("{}Z op={} phase={}", now.clock(), safe(&op.id), op.phase);
    let moving = match op.phase {
        PhaseName::EvictingConns => Some((
            op.connections,
            op.rate.connections_per_sec_measured,
            op.rate.connections_per_sec_wanted,
        )),
        PhaseName::EvictingSessions => Some((
            op.sessions,
            op.rate.sessions_per_sec_measured,
            op.rate.sessions_per_sec_wanted,
        )),
        _ => None,
    };
    if let Some((amount, measured, wanted)) = moving {
        if let Some(amount) = amount {
            let _ = write!(line, " done={} total={}", amount.done(), amount.total());
        }
        let _ = write!(line, " rate={} wanted={wanted}", measured.round());
    }
    if let Some(eta) = op.eta_ms.filter(|_| !op.is_settled()) {
        let _ = write!(line, " eta_s={}", eta.div_ceil(1_000));
    }
    let _ = write!(line, " unreturned={}", op.unreturned);
    if op.errors_total > 0 {
        let _ = write!(line, " errors={}", op.errors_total);
    }
    if let Some(limit) = &op.rate.limited_by {
        let _ = write!(line, " limited_by={limit:?}");
    }
    if let Some(outcome) = op.verdict() {
        let _ = write!(line, " outcome={}", outcome.label());
    }
    line
}

/// Live lines at the bottom of a terminal's scrollback.
#[derive(Debug)]
pub struct LiveDisplay {
    multi: MultiProgress,
    bars: Vec<ProgressBar>,
    size: fn() -> Option<(u16, u16)>,
    style: Style,
}

impl LiveDisplay {
    /// Redraws at most this often.
    const REDRAWS_PER_SEC: u8 = 10;

    /// Draws on standard error. `size` tells columns and rows.
    pub fn new(talk: Talk, size: fn() -> Option<(u16, u16)>, style: Style) -> Self {
        let terminal = Box::new(Terminal { talk, size });
        let target = ProgressDrawTarget::term_like_with_hz(terminal, Self::REDRAWS_PER_SEC);
        Self {
            multi: MultiProgress::with_draw_target(target),
            bars: Vec::new(),
            size,
            style,
        }
    }

    /// Shows the operation as it was reported `age` ago.
    pub fn show(&mut self, op: &Operation, age: Duration) {
        let width = (self.size)().map_or(80, |(columns, _)| columns);
        let lines = live_lines(op, age, width, self.style);
        while self.bars.len() > lines.len() {
            if let Some(bar) = self.bars.pop() {
                self.multi.remove(&bar);
            }
        }
        while self.bars.len() < lines.len() {
            let bar = ProgressBar::new_spinner();
            // The template is a constant without placeholders that could be wrong.
            if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
                bar.set_style(style);
            }
            self.bars.push(self.multi.add(bar));
        }
        for (bar, line) in self.bars.iter().zip(lines) {
            bar.set_message(line);
        }
    }

    /// Puts a line above the live ones.
    pub fn note(&self, text: &str) {
        let _ = self.multi.println(text);
    }

    /// Leaves the last picture in the scrollback.
    pub fn finish(&mut self) {
        for bar in self.bars.drain(..) {
            bar.abandon();
        }
    }
}

/// Standard error as indicatif wants a terminal to be.
#[derive(Debug)]
struct Terminal {
    talk: Talk,
    size: fn() -> Option<(u16, u16)>,
}

impl Terminal {
    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        if n == 0 {
            return Ok(());
        }
        self.talk.write(&format!("\u{1b}[{n}{direction}"))
    }
}

impl TermLike for Terminal {
    fn width(&self) -> u16 {
        (self.size)().map_or(80, |(columns, _)| columns.max(1))
    }

    fn height(&self) -> u16 {
        (self.size)().map_or(24, |(_, rows)| rows.max(1))
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.talk.write(&format!("{s}\n"))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.talk.write(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.talk.write("\r\u{1b}[2K")
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admin::fake::{finished_operation, sample_operation, set_phase};

    const PLAIN: Style = Style {
        color: false,
        ascii: false,
    };
    const ASCII: Style = Style {
        color: false,
        ascii: true,
    };

    fn in_phase(name: &str) -> Operation {
        let mut op = sample_operation();
        set_phase(&mut op, name);
        op.into()
    }

    fn lines(op: &Operation, age_ms: u64, style: Style) -> String {
        live_lines(op, Duration::from_millis(age_ms), 120, style).join("\n")
    }

    #[test]
    fn connections_are_being_closed() {
        insta::assert_snapshot!(lines(&in_phase("evicting_conns"), 0, PLAIN));
    }

    #[test]
    fn the_estimate_is_seen_on_80_columns() {
        let mut op = in_phase("evicting_conns");
        op.connections = Some(Amount::new(90_030, 35_110, 0));
        for line in live_lines(&op, Duration::ZERO, 80, PLAIN).iter().skip(1) {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }

    #[test]
    fn the_same_in_ascii() {
        let text = lines(&in_phase("evicting_conns"), 0, ASCII);
        assert!(text.is_ascii(), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn waits_run_on_between_reports() {
        let mut op = in_phase("waiting_health_check");
        op.eta_phase_ms = Some(48_000);
        let text = lines(&op, 3_000, PLAIN);
        assert!(text.contains("45s left of 1m"), "{text}");
        // Never below zero, even when no report comes for long.
        let text = lines(&op, 300_000, PLAIN);
        assert!(text.contains("0s left of 1m"), "{text}");
        op.eta_phase_ms = None;
        let text = lines(&op, 3_000, PLAIN);
        assert!(text.contains("up to 1m"), "{text}");
    }

    #[test]
    fn sessions_move_and_somebody_holds_them_back() {
        let mut op = sample_operation();
        set_phase(&mut op, "evicting_sessions");
        op.sess_rate_measured = 312.0;
        op.limited_by = "n3: connect p99 1.9s".to_owned();
        op.recipients[1].available = false;
        op.trouble_total = 2;
        op.trouble = vec![emqx_proto::admin::v1::SessionTrouble {
            client_id: "meter\u{7}".to_owned(),
            reason: "n3 refused it".to_owned(),
            attempts: 1,
        }];
        insta::assert_snapshot!(lines(&op.into(), 0, PLAIN));
    }

    #[test]
    fn the_last_picture_has_no_way_out() {
        insta::assert_snapshot!(lines(&finished_operation().into(), 9_000, PLAIN));
    }

    #[test]
    fn unknown_figures_are_said_to_be_unknown() {
        let mut op = in_phase("evicting_conns");
        op.connections = None;
        op.sessions = None;
        op.eta_phase_ms = None;
        let text = lines(&op, 0, PLAIN);
        assert!(text.contains("– connections, – sessions"), "{text}");
        assert!(text.contains("an unknown number left"), "{text}");
    }

    #[test]
    fn many_recipients_stay_on_one_line() {
        let mut op = in_phase("evicting_conns");
        let recipient = op.recipients[0].clone();
        op.recipients = vec![recipient; 50];
        assert!(lines(&op, 0, PLAIN).contains("and 46 more"));
    }

    #[test]
    fn values_with_spaces_are_quoted() {
        let mut op = in_phase("evicting_sessions");
        op.rate.limited_by = Some("n3: connect p99 1.9s".to_owned());
        op.errors_total = 2;
        insta::assert_snapshot!(plain_line(&op, UtcTime::from_millis(0)));
    }
}

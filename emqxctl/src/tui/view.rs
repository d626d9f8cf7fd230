//! Draws the state: header, tabs, the screen, hints, and what lies above them.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::symbols::border;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use super::keymap;
use super::screen::{dialog, events, help, operation, overview, small};
use super::state::{Link, Screen, State};
use super::text;
use super::theme::Theme;
use crate::model::Health;
use crate::output::human::{duration, maybe_count, rate};
use crate::output::style::Role;

/// Smaller than this, only a card is drawn.
const COLUMNS_MIN: u16 = 60;
const ROWS_MIN: u16 = 16;

/// From this size on there are sparks, charts and side by side panels.
const COLUMNS_WIDE: u16 = 100;
const ROWS_TALL: u16 = 28;

/// What a screen needs to draw itself.
#[derive(Debug, Clone, Copy)]
pub struct Canvas {
    /// Where.
    pub area: Rect,
    /// How.
    pub theme: Theme,
    /// There is room for everything.
    pub is_large: bool,
}

impl Canvas {
    /// The same for another area.
    #[must_use]
    pub const fn at(self, area: Rect) -> Self {
        Self { area, ..self }
    }

    /// A box with a title and, on the right, a remark.
    pub fn panel(self, title: &str, remark: &str) -> Block<'static> {
        let room = usize::from(self.area.width).saturating_sub(6);
        let title = text::cut(title, room, self.theme);
        let remark = text::cut(remark, room.saturating_sub(text::width(&title)), self.theme);
        let mut block = Block::bordered().title_top(format!(" {title} "));
        if self.theme.ascii {
            block = block.border_set(border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            });
        }
        if !remark.is_empty() {
            block = block.title_top(Line::from(format!(" {remark} ")).right_aligned());
        }
        block.border_style(self.theme.faint())
    }
}

/// Draws everything.
pub fn draw(state: &State, theme: Theme, frame: &mut Frame<'_>) {
    let area = frame.area();
    let canvas = Canvas {
        area,
        theme,
        is_large: area.width >= COLUMNS_WIDE && area.height >= ROWS_TALL,
    };
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        small::draw(state, canvas, frame);
        return;
    }
    let [header, tabs, body, hints] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(header_line(state, canvas), header);
    frame.render_widget(tab_line(state, canvas), tabs);
    let body = canvas.at(body);
    match (&state.status(), state.screen) {
        (None, _) => waiting(state, body, frame),
        (Some(status), Screen::Overview) => overview::draw(state, status, body, frame),
        (Some(_), Screen::Operation) => operation::draw(state, body, frame),
        (Some(status), Screen::Events) => events::draw(state, status, body, frame),
    }
    frame.render_widget(hint_line(state, canvas), hints);
    if state.help {
        help::draw(state, canvas, frame);
    }
    if let Some(question) = &state.dialog {
        dialog::draw(state, question, canvas, frame);
    }
}

/// A box in the middle, with nothing of the screen below showing through.
pub fn overlay(canvas: Canvas, columns: u16, rows: u16, frame: &mut Frame<'_>) -> Rect {
    let area = canvas.area;
    let (width, height) = (columns.min(area.width), rows.min(area.height));
    let area = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, area);
    area
}

/// Left and right text on one line; of the right ones the first that fits.
fn two_sided(left: Vec<Span<'static>>, rights: &[String], columns: u16) -> Line<'static> {
    let mut line = Line::from(left);
    let room = usize::from(columns).saturating_sub(line.width());
    if let Some(right) = rights.iter().find(|right| text::width(right) < room) {
        let gap = room - text::width(right);
        line.push_span(Span::raw(" ".repeat(gap)));
        line.push_span(Span::raw(right.clone()));
    }
    line
}

fn header_line(state: &State, canvas: Canvas) -> Line<'static> {
    let theme = canvas.theme;
    let mut left = vec![Span::styled(" emqxctl", theme.strong())];
    let clock = format!("{} ", state.clock.clock());
    let mut rights = Vec::new();
    if let Some(status) = state.status() {
        left.push(Span::raw(format!(
            " {} {} {} ",
            theme.glyph("·", "-"),
            text::cut(&status.cluster_name, 24, theme),
            theme.glyph("·", "-"),
        )));
        let role = match status.health {
            Health::Ok => Role::Good,
            Health::Warn => Role::Warn,
        };
        left.push(Span::styled(status.health.label(), theme.role(role)));
        let totals = &status.totals;
        let dot = theme.glyph("·", "-");
        let clients = format!(
            "{} conn {dot} {} sess",
            maybe_count(totals.connections),
            maybe_count(totals.sessions),
        );
        let messages = format!(
            "{}/s in {dot} {}/s out",
            maybe_rate(totals.messages_in_per_sec),
            maybe_rate(totals.messages_out_per_sec),
        );
        rights.push(format!("{clients} {dot} {messages}  {clock}"));
        rights.push(format!("{clients}  {clock}"));
    }
    rights.push(clock);
    two_sided(left, &rights, canvas.area.width)
}

/// A rate that may be unknown.
pub fn maybe_rate(per_sec: Option<f64>) -> String {
    per_sec.map_or_else(|| crate::output::human::UNKNOWN.to_owned(), rate)
}

fn tab_line(state: &State, canvas: Canvas) -> Line<'static> {
    let theme = canvas.theme;
    let mut left = vec![Span::raw(" ")];
    for (index, screen) in Screen::ALL.into_iter().enumerate() {
        let text = format!("{} {}", index + 1, screen.title());
        left.push(if screen == state.screen {
            Span::styled(format!("[{text}]"), theme.strong())
        } else {
            Span::raw(format!(" {text} "))
        });
        left.push(Span::raw(" "));
    }
    let link = match &state.link {
        _ if state.frozen.is_some() => "frozen (f goes on)".to_owned(),
        Link::Connecting => "connecting".to_owned(),
        Link::Lost(_) | Link::Failed(_) => format!("stale {}", duration(whole(state.age()))),
        Link::Live if state.is_stale() => format!("stale {}", duration(whole(state.age()))),
        Link::Live => format!("live {}", duration(state.interval)),
    };
    let readonly = if state.readonly { "read-only  " } else { "" };
    two_sided(left, &[format!("{readonly}{link} ")], canvas.area.width)
}

const fn whole(time: std::time::Duration) -> std::time::Duration {
    std::time::Duration::from_secs(time.as_secs())
}

fn hint_line(state: &State, canvas: Canvas) -> Line<'static> {
    let theme = canvas.theme;
    let columns = usize::from(canvas.area.width).saturating_sub(1);
    if let Some(toast) = &state.toast {
        let role = if toast.is_error {
            Role::Bad
        } else {
            Role::Good
        };
        let mark = if toast.is_error { "! " } else { "" };
        let text = text::cut(&format!("{mark}{}", toast.text), columns, theme);
        return Line::from(Span::styled(format!(" {text}"), theme.role(role)));
    }
    if let Link::Lost(why) | Link::Failed(why) = &state.link {
        let text = text::cut(&format!("! {why}; r tries again"), columns, theme);
        return Line::from(Span::styled(format!(" {text}"), theme.role(Role::Bad)));
    }
    let hints: Vec<String> = keymap::offered(state.screen, state.readonly)
        .filter(|binding| !binding.hint.is_empty())
        .map(|binding| format!("{} {}", binding.keys, binding.hint))
        .collect();
    let hints = hints.join(theme.glyph(" · ", " - "));
    Line::from(Span::styled(
        format!(" {}", text::cut(&hints, columns, theme)),
        theme.faint(),
    ))
}

fn waiting(state: &State, canvas: Canvas, frame: &mut Frame<'_>) {
    let text = match &state.link {
        Link::Failed(why) => format!(" {why}"),
        _ => " Waiting for the cluster to answer ...".to_owned(),
    };
    let text = text::cut(&text, usize::from(canvas.area.width), canvas.theme);
    frame.render_widget(Paragraph::new(text), canvas.area);
}

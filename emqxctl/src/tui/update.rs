//! One event changes the state, and may ask for something to be done.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::event::{Effect, Event};
use super::keymap::{self, Command};
use super::state::{Dialog, Link, Picture, Question, Screen, State, Toast};
use crate::admin::WatchEvent;
use crate::model::{ClusterStatus, NodeState};

/// How long a sentence stays.
const TOAST_TIME: Duration = Duration::from_secs(6);

/// Takes the event in.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Tick(now, clock) => {
            tick(state, now, clock);
            return Vec::new();
        }
        Event::Key(key) if key.kind == KeyEventKind::Release => return Vec::new(),
        _ => {}
    }
    state.is_dirty = true;
    match event {
        Event::Key(key) => press(state, key),
        Event::Cluster(event) => {
            watched(state, *event);
            Vec::new()
        }
        Event::Failed(why) => {
            state.link = Link::Failed(why);
            Vec::new()
        }
        Event::Answered(answer) => {
            toast(state, answer);
            Vec::new()
        }
        Event::Resized | Event::Tick(..) => Vec::new(),
    }
}

fn tick(state: &mut State, now: Duration, clock: crate::model::UtcTime) {
    state.is_dirty |= now.as_secs() != state.now.as_secs();
    state.now = now;
    state.clock = clock;
    if state.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        state.toast = None;
        state.is_dirty = true;
    }
}

fn watched(state: &mut State, event: WatchEvent<ClusterStatus>) {
    match event {
        WatchEvent::Update(status) => {
            state.link = Link::Live;
            state.live.history.add(&status);
            state.live.status = Some(status);
            state.live.received_at = state.now;
        }
        WatchEvent::Lost { endpoint, why } => {
            state.link = Link::Lost(format!("lost {endpoint}: {why}"));
        }
        WatchEvent::Attached { endpoint } => {
            state.link = Link::Live;
            toast(state, Ok(format!("connected again, to {endpoint}")));
        }
    }
}

fn toast(state: &mut State, answer: Result<String, String>) {
    let is_error = answer.is_err();
    let (Ok(text) | Err(text)) = answer;
    state.toast = Some(Toast {
        text,
        is_error,
        until: state.now + TOAST_TIME,
    });
}

fn press(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let is_interrupt =
        key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c');
    if let Some(dialog) = state.dialog.take_if(|_| !is_interrupt) {
        return answer(state, dialog, key.code);
    }
    let command = keymap::command(key);
    if state.help && command != Some(Command::Quit) {
        state.help = false;
        return Vec::new();
    }
    let Some(command) = command else {
        return Vec::new();
    };
    obey(state, command)
}

fn obey(state: &mut State, command: Command) -> Vec<Effect> {
    match command {
        Command::Quit => return vec![Effect::Quit],
        Command::Show(screen) => state.screen = screen,
        Command::Turn(step) => turn(state, step),
        Command::Move(rows) => move_by(state, rows),
        Command::Open => open(state),
        Command::Back => state.screen = Screen::Overview,
        Command::Freeze => {
            state.frozen = match state.frozen {
                Some(_) => None,
                None => Some(Box::new(state.live.clone())),
            };
        }
        Command::Reconnect => {
            state.link = Link::Connecting;
            return vec![Effect::Reconnect];
        }
        Command::Help => state.help = true,
        Command::Evacuate => ask_to_evacuate(state),
        Command::Stop => ask_to_stop(state),
    }
    Vec::new()
}

fn turn(state: &mut State, step: i8) {
    let all = Screen::ALL;
    let here = all
        .iter()
        .position(|screen| *screen == state.screen)
        .unwrap_or(0);
    let next = if step > 0 {
        here + 1
    } else {
        here + all.len() - 1
    };
    state.screen = all[next % all.len()];
}

/// `index` moved by `rows` within `count` rows.
fn moved(index: usize, rows: i16, count: usize) -> usize {
    let last = count.saturating_sub(1);
    let by = usize::from(rows.unsigned_abs());
    if rows < 0 {
        index.saturating_sub(by)
    } else {
        index.saturating_add(by)
    }
    .min(last)
}

fn move_by(state: &mut State, rows: i16) {
    let Some(status) = state.status() else { return };
    match state.screen {
        Screen::Overview => {
            let index = moved(state.node_index(), rows, status.nodes.len());
            state.node = status.nodes.get(index).map(|node| node.name.clone());
        }
        Screen::Operation => {
            let shown = state.shown_operation().map(|op| &op.id);
            let ids: Vec<_> = status.operations.iter().map(|op| &op.id).collect();
            let index = ids
                .iter()
                .position(|id| Some(*id) == shown)
                .unwrap_or_default();
            state.operation = ids
                .get(moved(index, rows, ids.len()))
                .map(|id| (*id).clone());
        }
        Screen::Events => {
            state.event_offset = moved(state.event_offset, rows, status.events.len());
        }
    }
}

fn open(state: &mut State) {
    if state.screen != Screen::Overview {
        return;
    }
    if let Some(status) = state.status() {
        let node = status.nodes.get(state.node_index());
        state.operation = node
            .and_then(|node| status.operation_on(&node.name))
            .map(|op| op.id.clone());
    }
    state.screen = Screen::Operation;
}

fn refuse(state: &mut State, why: impl Into<String>) {
    toast(state, Err(why.into()));
}

fn ask_to_evacuate(state: &mut State) {
    if state.readonly || state.screen != Screen::Overview {
        return;
    }
    let Picture {
        status: Some(status),
        ..
    } = state.picture()
    else {
        return;
    };
    let Some(node) = status.nodes.get(state.node_index()) else {
        return;
    };
    if node.state != NodeState::Serving {
        let why = format!(
            "{} is {}, it cannot be evacuated",
            node.name,
            node.state.label()
        );
        return refuse(state, why);
    }
    state.dialog = Some(Dialog {
        question: Question::Evacuate(node.name.clone()),
        on_confirm: false,
    });
}

fn ask_to_stop(state: &mut State) {
    if state.readonly || state.screen == Screen::Events {
        return;
    }
    let Some(status) = state.status() else { return };
    let op = match state.screen {
        Screen::Operation => state.shown_operation(),
        _ => status.nodes.get(state.node_index()).and_then(|node| {
            status
                .running_operations()
                .find(|op| op.target == node.name)
        }),
    };
    match op {
        Some(op) if !op.has_ended() => {
            state.dialog = Some(Dialog {
                question: Question::Stop {
                    id: op.id.clone(),
                    node: op.target.clone(),
                },
                on_confirm: false,
            });
        }
        Some(op) => {
            let why = format!("{} has ended", op.id);
            refuse(state, why);
        }
        None => refuse(state, "no operation runs on that node"),
    }
}

fn answer(state: &mut State, mut dialog: Dialog, key: KeyCode) -> Vec<Effect> {
    match key {
        KeyCode::Tab | KeyCode::BackTab | KeyCode::Left | KeyCode::Right => {
            dialog.on_confirm = !dialog.on_confirm;
            state.dialog = Some(dialog);
            Vec::new()
        }
        KeyCode::Char('y') => vec![confirmed(dialog.question)],
        KeyCode::Enter if dialog.on_confirm => vec![confirmed(dialog.question)],
        KeyCode::Enter | KeyCode::Esc | KeyCode::Char('n' | 'q') => Vec::new(),
        _ => {
            state.dialog = Some(dialog);
            Vec::new()
        }
    }
}

fn confirmed(question: Question) -> Effect {
    match question {
        Question::Evacuate(node) => Effect::Evacuate { node },
        Question::Stop { id, .. } => Effect::Stop { id },
    }
}

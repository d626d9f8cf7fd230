//! The screen as text, and what keys do.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use emqx_proto::admin::v1 as wire;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::event::{Effect, Event};
use super::state::{Link, Screen, State};
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::admin::WatchEvent;
use crate::admin::fake::{
    NOW_MS, dead_endpoint, finished_operation, sample_operation, sample_status, set_phase,
};
use crate::model::{ClusterStatus, UtcTime};

const PLAIN: Theme = Theme {
    color: false,
    ascii: false,
};
const ASCII: Theme = Theme {
    color: false,
    ascii: true,
};

fn state(screen: Screen) -> State {
    let clock = UtcTime::from_millis(NOW_MS);
    State::new(screen, Duration::from_secs(1), false, clock)
}

fn status_with(operation: wire::Operation) -> ClusterStatus {
    let mut status = sample_status();
    status.operations = vec![operation];
    status.into()
}

fn tell(state: &mut State, status: ClusterStatus) {
    let update_event = WatchEvent::Update(status);
    assert_eq!(update(state, Event::Cluster(Box::new(update_event))), []);
}

fn wait(state: &mut State, seconds: u64) {
    let now = state.now + Duration::from_secs(seconds);
    let clock = UtcTime::from_millis(state.clock.as_millis() + seconds * 1_000);
    update(state, Event::Tick(now, clock));
}

/// A minute of an evacuation.
fn running(screen: Screen) -> State {
    let mut state = state(screen);
    for second in 0..60_u32 {
        let mut op = sample_operation();
        set_phase(&mut op, "evicting_conns");
        op.conn_rate_measured = f64::from(second.saturating_sub(30).min(10)) * 49.0;
        tell(&mut state, status_with(op));
        wait(&mut state, 1);
    }
    state
}

fn draw(state: &State, width: u16, height: u16, theme: Theme) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| view::draw(state, theme, frame))
        .unwrap();
    let buffer = terminal.backend().buffer().clone();
    let mut text = String::new();
    for row in 0..height {
        let mut line = String::new();
        let mut skip = 0;
        for column in 0..width {
            let symbol = buffer[(column, row)].symbol();
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = super::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn press(state: &mut State, code: KeyCode) -> Vec<Effect> {
    update(state, Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

fn typed(state: &mut State, keys: &str) -> Vec<Effect> {
    keys.chars()
        .flat_map(|key| press(state, KeyCode::Char(key)))
        .collect()
}

#[test]
fn the_overview() {
    insta::assert_snapshot!(draw(&running(Screen::Overview), 100, 30, PLAIN));
}

#[test]
fn the_overview_on_80_columns_in_ascii() {
    let text = draw(&running(Screen::Overview), 80, 24, ASCII);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_evacuation() {
    insta::assert_snapshot!(draw(&running(Screen::Operation), 100, 30, PLAIN));
}

#[test]
fn the_evacuation_on_80_columns_in_ascii() {
    let text = draw(&running(Screen::Operation), 80, 24, ASCII);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn an_evacuation_at_rest() {
    let mut state = state(Screen::Operation);
    tell(&mut state, status_with(finished_operation()));
    insta::assert_snapshot!(draw(&state, 100, 30, PLAIN));
}

#[test]
fn sessions_that_could_not_be_moved_are_named() {
    let mut op = sample_operation();
    set_phase(&mut op, "evicting_sessions");
    op.trouble_total = 2;
    op.trouble = vec![wire::SessionTrouble {
        client_id: "meter\u{7}".to_owned(),
        reason: "n3 refused it".to_owned(),
        attempts: 3,
    }];
    op.recipients[1].available = false;
    let mut state = state(Screen::Operation);
    tell(&mut state, status_with(op));
    let text = draw(&state, 100, 30, PLAIN);
    assert!(text.contains("2 sessions could not be moved"), "{text}");
    assert!(text.contains("n3 refused it"), "{text}");
    assert!(text.contains("takes nobody in"), "{text}");
    assert!(!text.contains('\u{7}'));
}

#[test]
fn the_events() {
    insta::assert_snapshot!(draw(&running(Screen::Events), 100, 20, PLAIN));
}

#[test]
fn the_help_page_offers_what_can_be_done() {
    let mut state = running(Screen::Overview);
    typed(&mut state, "?");
    insta::assert_snapshot!(draw(&state, 80, 24, PLAIN));
    state.readonly = true;
    let text = draw(&state, 80, 24, PLAIN);
    assert!(!text.contains("evacuate the node"), "{text}");
    assert_eq!(typed(&mut state, "x"), []);
    typed(&mut state, "f");
    assert!(state.frozen.is_some(), "the page is closed by any key");
}

#[test]
fn a_small_terminal_gets_the_essentials() {
    insta::assert_snapshot!(draw(&running(Screen::Overview), 50, 12, PLAIN));
    for (width, height) in [(1, 1), (5, 2), (29, 5), (0, 0)] {
        draw(&running(Screen::Operation), width, height, PLAIN);
    }
}

#[test]
fn nothing_is_known_before_the_first_answer() {
    let mut state = state(Screen::Overview);
    assert!(draw(&state, 80, 24, PLAIN).contains("Waiting for the cluster"));
    update(&mut state, Event::Failed("nobody answers".to_owned()));
    assert!(draw(&state, 80, 24, PLAIN).contains("nobody answers"));
    assert_eq!(typed(&mut state, "r"), [Effect::Reconnect]);
    assert_eq!(state.link, Link::Connecting);
    assert_eq!(typed(&mut state, "EES"), [], "there is nothing to change");
}

#[test]
fn a_broken_stream_is_seen() {
    let mut state = running(Screen::Overview);
    assert!(draw(&state, 80, 24, PLAIN).contains("live 1s"));
    let endpoint = dead_endpoint();
    let lost = WatchEvent::Lost {
        endpoint: endpoint.clone(),
        why: "connection refused".to_owned(),
    };
    update(&mut state, Event::Cluster(Box::new(lost)));
    wait(&mut state, 7);
    let text = draw(&state, 80, 24, PLAIN);
    assert!(
        text.contains("stale 8s") && text.contains("connection refused"),
        "{text}"
    );
    let attached = WatchEvent::Attached { endpoint };
    update(&mut state, Event::Cluster(Box::new(attached)));
    assert!(draw(&state, 80, 24, PLAIN).contains("connected again"));
    wait(&mut state, 10);
    assert!(!draw(&state, 80, 24, PLAIN).contains("connected again"));
}

#[test]
fn a_frozen_picture_does_not_change() {
    let mut state = running(Screen::Overview);
    typed(&mut state, "f");
    let before = draw(&state, 100, 30, PLAIN);
    let mut op = sample_operation();
    op.id = "op-other".to_owned();
    tell(&mut state, status_with(op));
    assert_eq!(draw(&state, 100, 30, PLAIN), before);
    assert!(before.contains("frozen"));
    typed(&mut state, "f");
    assert!(draw(&state, 100, 30, PLAIN).contains("op-other"));
}

#[test]
fn screens_are_reached_by_numbers_and_in_turn() {
    let mut state = running(Screen::Overview);
    typed(&mut state, "3");
    assert_eq!(state.screen, Screen::Events);
    press(&mut state, KeyCode::Tab);
    assert_eq!(state.screen, Screen::Overview);
    press(&mut state, KeyCode::Left);
    assert_eq!(state.screen, Screen::Events);
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.screen, Screen::Overview);
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.screen, Screen::Operation);
}

#[test]
fn leaving_is_always_possible() {
    let mut state = running(Screen::Overview);
    assert_eq!(typed(&mut state, "q"), [Effect::Quit]);
    press(&mut state, KeyCode::Down);
    typed(&mut state, "E");
    assert!(state.dialog.is_some());
    let interrupt = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(update(&mut state, Event::Key(interrupt)), [Effect::Quit]);
}

#[test]
fn an_evacuation_is_asked_for_and_cancel_comes_first() {
    let mut state = running(Screen::Overview);
    assert_eq!(typed(&mut state, "E"), []);
    assert!(state.dialog.is_none(), "n1 is being evacuated already");
    press(&mut state, KeyCode::Down);
    typed(&mut state, "E");
    insta::assert_snapshot!(draw(&state, 80, 24, PLAIN));
    assert_eq!(press(&mut state, KeyCode::Enter), [], "that is cancel");
    assert!(state.dialog.is_none());

    typed(&mut state, "E");
    press(&mut state, KeyCode::Tab);
    let node = "n2".to_owned();
    assert_eq!(
        press(&mut state, KeyCode::Enter),
        [Effect::Evacuate { node: node.clone() }]
    );
    assert_eq!(typed(&mut state, "Ey"), [Effect::Evacuate { node }]);
    update(&mut state, Event::Answered(Err("n2 says no".to_owned())));
    assert!(draw(&state, 80, 24, PLAIN).contains("! n2 says no"));
}

#[test]
fn a_stop_is_asked_for() {
    let mut state = running(Screen::Operation);
    let id = state.shown_operation().unwrap().id.clone();
    assert_eq!(typed(&mut state, "Sn"), []);
    assert_eq!(typed(&mut state, "Sy"), [Effect::Stop { id }]);
}

#[test]
fn read_only_changes_nothing() {
    let mut state = running(Screen::Overview);
    state.readonly = true;
    press(&mut state, KeyCode::Down);
    assert_eq!(typed(&mut state, "EySy2Sy"), []);
    let text = draw(&state, 80, 24, PLAIN);
    assert!(
        text.contains("read-only") && !text.contains("S stop"),
        "{text}"
    );
}

fn crowded(nodes: usize, name: &str) -> ClusterStatus {
    let mut status = sample_status();
    let sample = status.nodes[1].clone();
    status.nodes = (0..nodes)
        .map(|index| wire::Node {
            name: format!("{name}{index:03}"),
            connections: Some(index as u64 * 1_000_000),
            ..sample.clone()
        })
        .collect();
    if let Some(op) = status.operations.first_mut() {
        op.node = name.to_owned();
        op.reason = name.repeat(5);
        op.recipients = vec![op.recipients[0].clone(); nodes];
    }
    status.into()
}

#[test]
fn more_nodes_than_rows_scroll() {
    let mut state = state(Screen::Overview);
    tell(&mut state, crowded(50, "node"));
    assert!(draw(&state, 100, 30, PLAIN).contains("node000"));
    for _ in 0..49 {
        press(&mut state, KeyCode::Down);
    }
    let text = draw(&state, 100, 30, PLAIN);
    assert!(text.contains("node049") && text.contains("of 50"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_size_and_any_name_can_be_drawn(
        width in 0u16..=200,
        height in 0u16..=60,
        nodes in 0usize..50,
        name in prop_oneof![".{0,12}", Just("漢字".repeat(80)), Just("\u{202e}\n\u{1b}[2J".to_owned())],
        keys in "[123EfSynq?]{0,4}",
        ascii in any::<bool>(),
    ) {
        let mut state = state(Screen::Overview);
        tell(&mut state, crowded(nodes, &name));
        typed(&mut state, &keys);
        let theme = if ascii { ASCII } else { PLAIN };
        let text = draw(&state, width, height, theme);
        let is_harmless = !text.contains(['\u{1b}', '\u{202e}']);
        prop_assert!(is_harmless, "{}", text);
    }
}

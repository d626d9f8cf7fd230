//! Which key does what on which screen: keys, hints and the help page come from this one table.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::state::Screen;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Leave.
    Quit,
    /// Another screen.
    Show(Screen),
    /// The next or previous screen.
    Turn(i8),
    /// The next or previous row.
    Move(i16),
    /// Look closer at the row.
    Open,
    /// One step back.
    Back,
    /// Freeze or go on.
    Freeze,
    /// Open the stream anew.
    Reconnect,
    /// Open or close the help page.
    Help,
    /// Ask whether to evacuate the node of the row.
    Evacuate,
    /// Ask whether to stop the operation.
    Stop,
}

/// One line of the help page.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// As it is printed.
    pub keys: &'static str,
    /// What it does, for the help page.
    pub text: &'static str,
    /// A shorter word for the hint line; empty keeps it off.
    pub hint: &'static str,
    /// Where it is offered; all when empty.
    pub screens: &'static [Screen],
    /// It changes the cluster.
    pub changes: bool,
}

const fn binding(keys: &'static str, hint: &'static str, text: &'static str) -> Binding {
    Binding {
        keys,
        text,
        hint,
        screens: &[],
        changes: false,
    }
}

/// All of them, in the order of the hint line.
pub const BINDINGS: [Binding; 11] = [
    binding(
        "1-3",
        "",
        "the screens Overview, Operation, Events; also tab, left and right",
    ),
    binding(
        "up down",
        "",
        "another row, also k and j; page up and page down by ten",
    ),
    Binding {
        screens: &[Screen::Overview],
        ..binding(
            "enter",
            "open",
            "open the operation of the row, or the newest one",
        )
    },
    Binding {
        screens: &[Screen::Overview],
        changes: true,
        ..binding("E", "evacuate", "evacuate the node of the row (asks first)")
    },
    Binding {
        screens: &[Screen::Overview, Screen::Operation],
        changes: true,
        ..binding(
            "S",
            "stop",
            "stop the operation: its node serves again (asks first)",
        )
    },
    Binding {
        screens: &[Screen::Operation, Screen::Events],
        ..binding("esc", "back", "back to the overview")
    },
    binding("f", "freeze", "freeze the picture, or go on"),
    binding("r", "", "connect anew, at once"),
    binding("?", "help", "this page"),
    binding("q", "quit", "leave, also ctrl-c; operations go on"),
    binding("y n", "", "answer a question; it begins on cancel"),
];

/// The bindings that are offered.
pub fn offered(screen: Screen, readonly: bool) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| {
        (binding.screens.is_empty() || binding.screens.contains(&screen))
            && !(readonly && binding.changes)
    })
}

/// What the key asks for.
pub fn command(key: KeyEvent) -> Option<Command> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Command::Quit);
    }
    Some(match key.code {
        KeyCode::Char('q') => Command::Quit,
        KeyCode::Char('1') => Command::Show(Screen::Overview),
        KeyCode::Char('2') => Command::Show(Screen::Operation),
        KeyCode::Char('3') => Command::Show(Screen::Events),
        KeyCode::Tab | KeyCode::Right => Command::Turn(1),
        KeyCode::BackTab | KeyCode::Left => Command::Turn(-1),
        KeyCode::Down | KeyCode::Char('j') => Command::Move(1),
        KeyCode::Up | KeyCode::Char('k') => Command::Move(-1),
        KeyCode::PageDown => Command::Move(10),
        KeyCode::PageUp => Command::Move(-10),
        KeyCode::Home | KeyCode::Char('g') => Command::Move(i16::MIN),
        KeyCode::End | KeyCode::Char('G') => Command::Move(i16::MAX),
        KeyCode::Enter => Command::Open,
        KeyCode::Esc => Command::Back,
        KeyCode::Char('f') => Command::Freeze,
        KeyCode::Char('r') => Command::Reconnect,
        KeyCode::Char('?' | 'h') => Command::Help,
        KeyCode::Char('E') => Command::Evacuate,
        KeyCode::Char('S') => Command::Stop,
        _ => return None,
    })
}

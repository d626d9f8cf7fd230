//! The loop: events in, effects out, a picture when something has changed.

use std::io;
use std::time::{Duration, Instant, SystemTime};

use crossterm::event::{Event as TerminalEvent, EventStream};
use futures_util::StreamExt;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::event::{Effect, Event};
use super::state::{Screen, State};
use super::terminal;
use super::theme::Theme;
use super::update::update;
use super::view;
use crate::admin::{AdminClient, AdminError, ClusterWatch, EvacuationRequest};
use crate::model::UtcTime;

/// Pictures come at most this often.
const FRAME: Duration = Duration::from_millis(100);

/// While nobody answers the stream tries on for this long, then says so.
const GIVE_UP_AFTER: Duration = Duration::from_secs(3600);

/// What the screen begins with.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Shown first.
    pub screen: Screen,
    /// Between two states.
    pub interval: Duration,
    /// Nothing can be changed.
    pub readonly: bool,
    /// What the terminal can show.
    pub theme: Theme,
}

/// Shows the cluster until the operator leaves; returns what was known last.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn run(
    admin: AdminClient,
    options: Options,
    describe: fn(&AdminError) -> String,
    who: String,
) -> io::Result<State> {
    let begun = Instant::now();
    let clock = || UtcTime::from(SystemTime::now());
    let mut state = State::new(options.screen, options.interval, options.readonly, clock());
    let mut screen = terminal::Screen::take()?;
    let mut keys = EventStream::new();
    let mut watch = open(&admin, options.interval);
    let (answers, mut answered) = mpsc::channel(4);
    let mut frames = interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut is_watching = true;
    // What was asked for is carried through even when the operator leaves at once.
    let mut changes = JoinSet::new();
    'run: loop {
        let event = tokio::select! {
            key = keys.next() => match key {
                Some(Ok(TerminalEvent::Key(key))) => Event::Key(key),
                Some(Ok(_)) => Event::Resized,
                // The terminal is gone.
                Some(Err(_)) | None => break 'run,
            },
            told = watch.next(), if is_watching => match told {
                Some(Ok(event)) => Event::Cluster(Box::new(event)),
                Some(Err(error)) => {
                    is_watching = false;
                    Event::Failed(describe(&error))
                }
                None => {
                    is_watching = false;
                    Event::Failed("the stream has ended".to_owned())
                }
            },
            Some(answer) = answered.recv() => Event::Answered(answer),
            _ = frames.tick() => {
                update(&mut state, Event::Tick(begun.elapsed(), clock()));
                if std::mem::take(&mut state.is_dirty) {
                    screen.terminal.draw(|frame| view::draw(&state, options.theme, frame))?;
                }
                continue;
            }
            _ = terminate.recv() => break 'run,
            _ = hang_up.recv() => break 'run,
        };
        for effect in update(&mut state, event) {
            match effect {
                Effect::Quit => break 'run,
                Effect::Reconnect => {
                    watch = open(&admin, options.interval);
                    is_watching = true;
                }
                change => {
                    let admin = admin.clone();
                    let answers = answers.clone();
                    let who = who.clone();
                    changes.spawn(async move {
                        let answer = carry_out(&admin, change, who).await;
                        // Nobody waits for it when the operator has left.
                        let _ = answers.send(answer.map_err(|error| describe(&error))).await;
                    });
                }
            }
        }
    }
    drop(screen);
    changes.join_all().await;
    Ok(state)
}

fn open(admin: &AdminClient, interval: Duration) -> ClusterWatch {
    admin.watch_cluster(interval).give_up_after(GIVE_UP_AFTER)
}

async fn carry_out(
    admin: &AdminClient,
    effect: Effect,
    started_by: String,
) -> Result<String, AdminError> {
    match effect {
        Effect::Evacuate { node } => {
            let request = EvacuationRequest {
                node,
                started_by,
                ..EvacuationRequest::default()
            };
            let op = admin.start_evacuation(request).await?;
            Ok(format!("{} has begun: evacuation of {}", op.id, op.target))
        }
        Effect::Stop { id } => {
            let op = admin.stop_operation(Some(&id), None).await?;
            Ok(format!("{} is stopped, {} serves again", op.id, op.target))
        }
        Effect::Quit | Effect::Reconnect => Ok(String::new()),
    }
}

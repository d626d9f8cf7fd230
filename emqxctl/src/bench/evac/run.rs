//! Conducts: all sessions begin, messages flow, somebody evacuates, who was away comes back, all is counted.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::sleep;

use crate::bench::load::{Moment, Observer, Progress};
use crate::bench::outcome::Failure;
use crate::bench::run::Stop;

use super::EvacLoad;
use super::board::{Board, Stage};
use super::outcome::EvacOutcome;
use super::{publisher, session};

/// How often the end of something is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Clients that begin at the same time.
const BEGINNING_MAX: u64 = 64;

/// When nothing more happens for so long, nothing will.
const SILENCE: Duration = Duration::from_secs(5);

/// Clients get that long to leave.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Carries it out in this thread, which must not be one of an async runtime. The observer is told
/// [`Moment::Begun`] when all sessions are there and messages flow; `over` says that the evacuation has ended.
///
/// # Errors
/// When the runtime cannot be had. What goes wrong with connections is in the outcome.
pub fn run(
    load: EvacLoad,
    observer: &mut dyn Observer,
    over: &Stop,
    stop: &Stop,
) -> io::Result<EvacOutcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let board = Rc::new(Board::new(load));
    LocalSet::new().block_on(&runtime, conduct(&board, observer, over, stop));
    Ok(outcome(&board, stop.is_stopped()))
}

async fn conduct(board: &Rc<Board>, observer: &mut dyn Observer, over: &Stop, stop: &Stop) {
    let (stage, stages) = watch::channel(Stage::Working);
    let mut told_at = Instant::now();
    let mut tell = |moment: Moment| {
        if moment == Moment::Second {
            if told_at.elapsed() < Duration::from_secs(1) {
                return;
            }
            told_at = Instant::now();
        }
        observer.moment(moment, progress(board));
    };
    tell(Moment::Connecting);
    let began = Instant::now();
    for index in 0..board.load.sessions() {
        let under_way = || u64::from(index) - board.begun.get() - board.failed.get();
        let due = board
            .load
            .connect_per_sec
            .map(|per_sec| Duration::from_secs_f64(f64::from(index) / f64::from(per_sec)));
        while (under_way() >= BEGINNING_MAX || due.is_some_and(|due| began.elapsed() < due))
            && !stop.is_stopped()
        {
            sleep(Duration::from_millis(1)).await;
            tell(Moment::Second);
        }
        if stop.is_stopped() {
            break;
        }
        spawn_local(session::live(Rc::clone(board), index, stages.clone()));
    }
    let sessions = u64::from(board.load.sessions());
    while board.begun.get() + board.failed.get() < sessions && !stop.is_stopped() {
        sleep(LOOK_EVERY).await;
    }
    tell(Moment::Connected);
    if board.begun.get() > 0 {
        let (end, ending) = watch::channel(false);
        let publishing = spawn_local(publisher::publish(Rc::clone(board), ending));
        tell(Moment::Begun);
        let began = Instant::now();
        while began.elapsed() < board.load.duration && !over.is_stopped() && !stop.is_stopped() {
            sleep(LOOK_EVERY).await;
            tell(Moment::Second);
        }
        end.send_replace(true);
        stage.send_replace(Stage::Returning);
        settle(board, stop, &mut tell).await;
        publishing.abort();
    }
    tell(Moment::Ended);
    board.connected_at_end.set(board.connected());
    stage.send_replace(Stage::Leaving);
    let began = Instant::now();
    while board.connected() > 0 && began.elapsed() < LEAVE_WITHIN {
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until everybody is back and has all messages, or nothing more happens.
async fn settle(board: &Board, stop: &Stop, tell: &mut impl FnMut(Moment)) {
    let seen = || {
        let counts = [&board.returned, &board.refused, &board.duplicated_with_dup];
        let counts: u64 = counts.iter().map(|count| count.get()).sum();
        counts + board.sum(|ledger| ledger.acknowledged.get() + ledger.arrived.get())
    };
    let (mut last, mut since) = (seen(), Instant::now());
    loop {
        let is_answered = board.sum(|one| one.published.get() - one.acknowledged.get()) == 0;
        let is_back = board.connected() >= board.begun.get();
        if is_answered && is_back && board.lost() == 0 {
            return;
        }
        let now = seen();
        if now != last {
            (last, since) = (now, Instant::now());
        }
        if since.elapsed() >= SILENCE || stop.is_stopped() {
            return;
        }
        sleep(LOOK_EVERY).await;
        tell(Moment::Second);
    }
}

fn progress(board: &Board) -> Progress {
    Progress {
        connected: board.connected(),
        sent: board.sum(|ledger| ledger.published.get()),
        received: board.sum(|ledger| ledger.arrived.get()),
    }
}

fn outcome(board: &Board, is_interrupted: bool) -> EvacOutcome {
    let (first, last) = (board.first_cut_at.get(), board.last_return_at.get());
    EvacOutcome {
        sessions: board.load.sessions().into(),
        begun: board.begun.get(),
        connected: board.connected_at_end.get(),
        cut: board.cut.get(),
        referred: board.referred.get(),
        dropped: board.dropped.get(),
        refused: board.refused.get(),
        returned: board.returned.get(),
        session_present: board.session_present.get(),
        seconds: (first > 0 && last > first).then(|| (last - first) as f64 / 1e9),
        reconnect: board.reconnect.borrow().summary(),
        published: board.sum(|ledger| ledger.published.get()),
        acknowledged: board.sum(|ledger| ledger.acknowledged.get()),
        received: board.sum(|ledger| ledger.arrived.get()),
        lost: board.lost(),
        duplicated_with_dup: board.duplicated_with_dup.get(),
        duplicated_without_dup: board.duplicated_without_dup.get(),
        reordered: board.reordered.get(),
        latency: board.latency.borrow().summary(),
        failures: board
            .causes()
            .into_iter()
            .map(|(cause, count)| Failure { cause, count })
            .collect(),
        is_interrupted,
    }
}

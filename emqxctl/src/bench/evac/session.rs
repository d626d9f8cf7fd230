//! A client that goes where it is sent, and its session.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::bench::frame::{self, Packet};
use crate::bench::mark::Mark;
use crate::bench::opening::{Opening, Refusal};
use crate::bench::packet::{self, Connect, Version, kind};
use crate::bench::tally::bump;

use super::board::{Board, Stage};

/// How long a session outlives its connection, seconds.
const SESSION_EXPIRY_INTERVAL_S: u32 = 3_600;

/// Between two attempts, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// DISCONNECT with a Session Expiry Interval of 0, so that nothing stays behind.
const LEAVE: [u8; 9] = [0xE0, 7, 0, 5, 0x11, 0, 0, 0, 0];

/// How a connection ended.
enum End {
    /// As it was told.
    Left,
    /// By the Server.
    Cut { elsewhere: Option<String>, at: u64 },
}

/// Lives until all leave. `index` names the session.
pub(super) async fn live(board: Rc<Board>, index: u32, mut stage: watch::Receiver<Stage>) {
    let is_offline = index >= board.load.online;
    let mut here = board.load.targets[0];
    let mut opening = match first(&board, index, here).await {
        Ok(opening) => opening,
        Err(refusal) => {
            bump(&board.failed);
            return board.blame(&refusal.cause);
        }
    };
    bump(&board.begun);
    if is_offline {
        // Where it was is where it looks for its session last.
        let _ = opening.stream.write_all(&packet::DISCONNECT).await;
        drop(opening);
        if stage
            .wait_for(|stage| *stage != Stage::Working)
            .await
            .is_err()
        {
            return;
        }
        here = other_than(&board.load.targets, here);
        match come_back(&board, index, here, None, &mut stage).await {
            Some((back, at)) => (opening, here) = (back, at),
            None => return,
        }
    }
    loop {
        let ledger = &board.ledgers[index as usize];
        ledger.is_connected.set(true);
        let end = serve(&board, index, &mut opening, !is_offline, &mut stage).await;
        ledger.is_connected.set(false);
        let End::Cut { elsewhere, at } = end else {
            return;
        };
        if board.first_cut_at.get() == 0 {
            board.first_cut_at.set(at);
        }
        let next = next_target(&board.load.targets, here, elsewhere.as_deref());
        match come_back(&board, index, next, Some(at), &mut stage).await {
            Some((back, at)) => (opening, here) = (back, at),
            None => return,
        }
    }
}

/// The first connection: a new session with its subscription.
async fn first(board: &Board, index: u32, target: SocketAddr) -> Result<Opening, Refusal> {
    let (mut opening, _) = open(board, index, target, true).await?;
    let mut out = Vec::new();
    let filter = topic(&board.load.prefix, index);
    packet::subscribe(&mut out, Version::V5, 1, &filter, 1);
    opening.subscribe(&out).await?;
    Ok(opening)
}

/// The topic of a session.
pub(super) fn topic(prefix: &str, index: u32) -> String {
    format!("{prefix}/{index}")
}

async fn open(
    board: &Board,
    index: u32,
    target: SocketAddr,
    clean_start: bool,
) -> Result<(Opening, bool), Refusal> {
    let load = &board.load;
    let client_id = format!("{}-evac-{index}", load.prefix);
    let mut opening = Opening::dial(target, load.sources.of(index.into()), Version::V5).await?;
    let mut out = Vec::new();
    let connect = Connect {
        version: Version::V5,
        client_id: &client_id,
        clean_start,
        keep_alive_s: load.keep_alive_s,
        session_expiry_interval_s: SESSION_EXPIRY_INTERVAL_S,
        username: load.username.as_deref(),
        password: load.password.as_deref(),
    };
    connect.write(&mut out);
    let accepted = opening.connect(&out).await?;
    Ok((opening, accepted.session_present))
}

/// Tries until it is served, or all leave. `cut_at`: when its connection was cut.
async fn come_back(
    board: &Board,
    index: u32,
    mut target: SocketAddr,
    cut_at: Option<u64>,
    stage: &mut watch::Receiver<Stage>,
) -> Option<(Opening, SocketAddr)> {
    let (mut pause, longest) = BACKOFF;
    loop {
        match open(board, index, target, false).await {
            Ok((opening, session_present)) => {
                let now = board.clock.now();
                bump(&board.returned);
                if session_present {
                    bump(&board.session_present);
                }
                if let Some(cut_at) = cut_at {
                    board.reconnect.borrow_mut().record(cut_at, now);
                    board.last_return_at.set(now);
                }
                return Some((opening, target));
            }
            Err(refusal) => {
                bump(&board.refused);
                board.blame(&refusal.cause);
                target = next_target(&board.load.targets, target, refusal.elsewhere.as_deref());
            }
        }
        tokio::select! {
            () = sleep(pause) => pause = (pause * 2).min(longest),
            _ = stage.wait_for(|stage| *stage == Stage::Leaving) => return None,
        }
    }
}

/// Takes and acknowledges messages until the connection ends.
async fn serve(
    board: &Board,
    index: u32,
    opening: &mut Opening,
    is_timed: bool,
    stage: &mut watch::Receiver<Stage>,
) -> End {
    let mut out = Vec::new();
    let keep_alive = match board.load.keep_alive_s {
        0 => Duration::MAX,
        seconds => Duration::from_millis(u64::from(seconds) * 500),
    };
    loop {
        let mut taken = 0;
        while let Ok(Some((packet, size))) = frame::first(&opening.bytes[taken..], Version::V5) {
            taken += size;
            match packet {
                Packet::Publish {
                    packet_id,
                    payload,
                    dup,
                    qos,
                    ..
                } => {
                    if qos > 0 {
                        packet::acknowledge(&mut out, kind::PUBACK, packet_id);
                    }
                    if let Some(mark) = Mark::read(payload) {
                        board.receive(index, mark, dup, is_timed);
                    }
                }
                Packet::Disconnect { properties, .. } => {
                    bump(&board.cut);
                    let elsewhere = frame::server_reference(properties).map(str::to_owned);
                    if elsewhere.is_some() {
                        bump(&board.referred);
                    }
                    let at = board.clock.now();
                    return End::Cut { elsewhere, at };
                }
                _ => {}
            }
        }
        opening.bytes.drain(..taken);
        let dropped = || {
            bump(&board.dropped);
            End::Cut {
                elsewhere: None,
                at: board.clock.now(),
            }
        };
        if opening.stream.write_all(&out).await.is_err() {
            return dropped();
        }
        out.clear();
        tokio::select! {
            _ = stage.wait_for(|stage| *stage == Stage::Leaving) => {
                // Nobody asks any more how that went.
                let _ = opening.stream.write_all(&LEAVE).await;
                return End::Left;
            }
            () = sleep(keep_alive) => out.extend_from_slice(&packet::PINGREQ),
            read = opening.stream.read_buf(&mut opening.bytes) => {
                if !matches!(read, Ok(1..)) {
                    return dropped();
                }
            }
        }
    }
}

/// Where a client goes that cannot stay: where it is sent when it knows the way, or to the next broker.
fn next_target(targets: &[SocketAddr], here: SocketAddr, elsewhere: Option<&str>) -> SocketAddr {
    elsewhere
        // A Server Reference is a list with spaces between; the first is the best.
        .and_then(|list| list.split_whitespace().find_map(|one| one.parse().ok()))
        .unwrap_or_else(|| other_than(targets, here))
}

fn other_than(targets: &[SocketAddr], here: SocketAddr) -> SocketAddr {
    let place = targets.iter().position(|target| *target == here);
    let next = place.map_or(0, |place| (place + 1) % targets.len());
    targets.get(next).copied().unwrap_or(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_goes_where_it_is_sent_or_to_the_next() {
        let targets = ["127.0.0.1:1", "127.0.0.1:2"].map(|text| text.parse().unwrap());
        let far = "10.0.0.9:1883".parse().unwrap();
        assert_eq!(
            next_target(&targets, targets[0], Some("10.0.0.9:1883 10.0.0.8:1")),
            far
        );
        assert_eq!(next_target(&targets, targets[0], None), targets[1]);
        assert_eq!(
            next_target(&targets, targets[1], Some("a name")),
            targets[0]
        );
        assert_eq!(next_target(&targets, far, None), targets[0]);
    }
}

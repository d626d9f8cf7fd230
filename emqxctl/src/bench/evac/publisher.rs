//! Sends QoS 1 messages to all sessions in turn. When it is cut itself, it goes on elsewhere and sends again what was
//! not acknowledged.

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::bench::frame::{self, Packet};
use crate::bench::mark::Mark;
use crate::bench::opening::{Opening, Refusal};
use crate::bench::packet::{self, Connect, PublishTemplate, Version, kind};
use crate::bench::tally::bump;

use super::board::Board;
use super::session::topic;

/// How often messages that are due are sent.
const GRAIN: Duration = Duration::from_millis(2);

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(50);

/// Messages without acknowledgement at most.
const UNACKNOWLEDGED_MAX: usize = 1_000;

/// One message under way.
struct UnderWay {
    packet_id: u16,
    session: u32,
    mark: Mark,
}

struct Publisher {
    board: Rc<Board>,
    templates: Vec<PublishTemplate>,
    under_way: VecDeque<UnderWay>,
    next_id: u16,
    /// Messages sent, in all.
    sent: u64,
    began_at: u64,
}

/// Publishes until it is told to stop; then it waits for the last acknowledgements.
pub(super) async fn publish(board: Rc<Board>, mut stop: watch::Receiver<bool>) {
    let load = &board.load;
    let templates = (0..load.sessions())
        .map(|index| {
            let topic = topic(&load.prefix, index);
            PublishTemplate::new(Version::V5, &topic, 1, false, load.payload_bytes)
        })
        .collect();
    let mut publisher = Publisher {
        began_at: board.clock.now(),
        board: Rc::clone(&board),
        templates,
        under_way: VecDeque::new(),
        next_id: 0,
        sent: 0,
    };
    // Not on the node that is evacuated, when there is another.
    let mut place = 1;
    loop {
        let target = board.load.targets[place % board.load.targets.len()];
        match publisher.connected(target, &mut stop).await {
            Ok(()) => return,
            Err(refusal) => board.blame(&format!("publisher: {refusal}")),
        }
        place += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

impl Publisher {
    /// One connection; `Ok` when all is done.
    async fn connected(
        &mut self,
        target: std::net::SocketAddr,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), Refusal> {
        let load = self.board.load.clone();
        let mut opening = Opening::dial(target, None, Version::V5).await?;
        let mut out = Vec::new();
        let connect = Connect {
            version: Version::V5,
            client_id: &format!("{}-evac-pub", load.prefix),
            // Its session does not matter: what is not acknowledged is sent as new, and found to be a copy.
            clean_start: true,
            keep_alive_s: 0,
            session_expiry_interval_s: 0,
            username: load.username.as_deref(),
            password: load.password.as_deref(),
        };
        connect.write(&mut out);
        let accepted = opening.connect(&out).await?;
        let most = usize::from(accepted.receive_maximum).min(UNACKNOWLEDGED_MAX);
        out.clear();
        for message in &self.under_way {
            let template = &self.templates[message.session as usize];
            template.write(&mut out, message.packet_id, message.mark);
        }
        let mut tick = interval(GRAIN);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            opening.stream.write_all(&out).await?;
            out.clear();
            let is_stopped = *stop.borrow();
            if is_stopped && self.under_way.is_empty() {
                opening.stream.write_all(&packet::DISCONNECT).await?;
                return Ok(());
            }
            tokio::select! {
                _ = tick.tick() => if !is_stopped {
                    self.send_due(most, &mut out);
                },
                read = opening.stream.read_buf(&mut opening.bytes) => {
                    if read? == 0 {
                        return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into());
                    }
                    self.take(&mut opening)?;
                }
            }
        }
    }

    /// Messages whose time has come, to the sessions in turn.
    fn send_due(&mut self, most: usize, out: &mut Vec<u8>) {
        let board = &self.board;
        let per_sec = f64::from(board.load.publish_per_sec);
        let now = board.clock.now();
        let due = ((now - self.began_at) as f64 / 1e9 * per_sec) as u64 + 1;
        while self.sent < due && self.under_way.len() < most {
            let session = (self.sent % u64::from(board.load.sessions())) as u32;
            let ledger = &board.ledgers[session as usize];
            let mark = Mark {
                publisher: session,
                sequence: ledger.published.get(),
                intended_at: self.began_at + (self.sent as f64 / per_sec * 1e9) as u64,
            };
            bump(&ledger.published);
            // Fewer than that are under way, in the order of their identifiers, so the next one is free.
            self.next_id = self.next_id.checked_add(1).unwrap_or(1);
            self.templates[session as usize].write(out, self.next_id, mark);
            self.under_way.push_back(UnderWay {
                packet_id: self.next_id,
                session,
                mark,
            });
            self.sent += 1;
        }
    }

    fn take(&mut self, opening: &mut Opening) -> Result<(), Refusal> {
        let mut taken = 0;
        while let Ok(Some((packet, size))) = frame::first(&opening.bytes[taken..], Version::V5) {
            taken += size;
            match packet {
                Packet::Acknowledgement {
                    kind: kind::PUBACK,
                    packet_id,
                    code,
                } => {
                    // Acknowledgements come in order, so it is the first or nearly so.
                    let place = self
                        .under_way
                        .iter()
                        .position(|one| one.packet_id == packet_id);
                    let message = place.and_then(|place| self.under_way.remove(place));
                    if let Some(message) = message.filter(|_| code < 0x80) {
                        bump(&self.board.ledgers[message.session as usize].acknowledged);
                    }
                }
                Packet::Disconnect { code, .. } => {
                    return Err(Refusal {
                        cause: format!("disconnected with 0x{code:02X}"),
                        elsewhere: None,
                    });
                }
                _ => {}
            }
        }
        opening.bytes.drain(..taken);
        Ok(())
    }
}

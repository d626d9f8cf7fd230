//! What all clients together have seen, written by their tasks and read by the story.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::bail;

use super::ledger::{Ledger, Summary};

/// Cuts and reconnects remembered for each client; later ones are counted nowhere but still served.
const REMEMBERED_PER_CLIENT: usize = 32;
/// How often a wait looks again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// What a device does at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceState {
    /// Not connected and not trying.
    #[default]
    Idle,
    /// Trying to connect, or not yet subscribed.
    Connecting,
    /// Connected with its subscription.
    Ready,
}

/// The Server ended a connection.
#[derive(Debug, Clone)]
pub struct Cut {
    /// Index of the device.
    pub device: usize,
    /// When the device noticed.
    pub at: Instant,
    /// Of the DISCONNECT packet, if there was one.
    pub reason_code: Option<u8>,
    /// Of the DISCONNECT packet, if there was one.
    pub server_reference: Option<String>,
}

/// A device whose Session exists was accepted again.
#[derive(Debug, Clone)]
pub struct Reconnect {
    /// Index of the device.
    pub device: usize,
    /// Where.
    pub address: String,
    /// Session Present.
    pub session_present: bool,
    /// Time since it was cut; absent when it had left by itself.
    pub took: Option<Duration>,
}

#[derive(Debug)]
struct Seen {
    ledger: Ledger,
    devices: Vec<DeviceState>,
    cuts: Vec<Cut>,
    reconnects: Vec<Reconnect>,
    last_received: Option<Instant>,
    trouble: Option<String>,
}

/// Shared by all clients of one run.
#[derive(Debug)]
pub struct Board {
    seen: Mutex<Seen>,
}

impl Board {
    /// For so many devices, each with a topic of its own.
    pub fn new(devices: usize) -> Self {
        Self {
            seen: Mutex::new(Seen {
                ledger: Ledger::new(devices),
                devices: vec![DeviceState::Idle; devices],
                cuts: Vec::new(),
                reconnects: Vec::new(),
                last_received: None,
                trouble: None,
            }),
        }
    }

    fn with<R>(&self, action: impl FnOnce(&mut Seen) -> R) -> R {
        // Every change is complete in itself, so a panic elsewhere leaves nothing half-done.
        action(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives out the next number of a topic.
    pub fn publish(&self, topic: usize) -> u64 {
        self.with(|seen| seen.ledger.publish(topic))
    }

    /// The Server has acknowledged a message.
    pub fn acknowledge(&self, topic: usize, sequence: u64) {
        self.with(|seen| seen.ledger.acknowledge(topic, sequence));
    }

    /// A device has got a message; `None` when its payload is no number.
    pub fn receive(&self, device: usize, sequence: Option<u64>, dup: bool) {
        self.with(|seen| {
            seen.last_received = Some(Instant::now());
            seen.ledger
                .receive(device, sequence.unwrap_or(u64::MAX), dup);
        });
    }

    /// A device goes on to another state.
    pub fn set_state(&self, device: usize, state: DeviceState) {
        self.with(|seen| seen.devices[device] = state);
    }

    /// The Server ended a connection.
    pub fn cut(&self, cut: Cut) {
        self.with(|seen| {
            if seen.cuts.len() < seen.devices.len() * REMEMBERED_PER_CLIENT {
                seen.cuts.push(cut);
            }
        });
    }

    /// A device was accepted again.
    pub fn reconnected(&self, reconnect: Reconnect) {
        self.with(|seen| {
            if seen.reconnects.len() < seen.devices.len() * REMEMBERED_PER_CLIENT {
                seen.reconnects.push(reconnect);
            }
        });
    }

    /// Something that may explain why a wait takes long; only the latest is kept.
    pub fn trouble(&self, text: String) {
        self.with(|seen| seen.trouble = Some(text));
    }

    /// Figures of the messages.
    pub fn messages(&self) -> Summary {
        self.with(|seen| seen.ledger.summary())
    }

    /// Messages that are missing, by device and number; at most `limit`.
    pub fn missing(&self, limit: usize) -> Vec<(usize, u64)> {
        self.with(|seen| seen.ledger.missing(limit).into_iter().collect())
    }

    /// Cuts so far.
    pub fn cuts(&self) -> Vec<Cut> {
        self.with(|seen| seen.cuts.clone())
    }

    /// Reconnects so far.
    pub fn reconnects(&self) -> Vec<Reconnect> {
        self.with(|seen| seen.reconnects.clone())
    }

    /// Devices of the range in that state.
    pub fn count(&self, devices: Range<usize>, state: DeviceState) -> usize {
        self.with(|seen| {
            seen.devices[devices]
                .iter()
                .filter(|one| **one == state)
                .count()
        })
    }

    /// Returns once all devices of the range are in that state. Fails after `within`.
    pub async fn wait_for(
        &self,
        devices: Range<usize>,
        state: DeviceState,
        within: Duration,
    ) -> anyhow::Result<()> {
        let deadline = Instant::now() + within;
        loop {
            let reached = self.count(devices.clone(), state);
            if reached == devices.len() {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let trouble = self.with(|seen| seen.trouble.clone());
                bail!(
                    "only {reached} of {} clients became {state:?} within {within:?}; the last trouble was: {}",
                    devices.len(),
                    trouble.as_deref().unwrap_or("none")
                );
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Returns once nothing acknowledged is missing and nothing has arrived for `settle`, so that late
    /// copies are counted too; or, with something missing, once nothing has arrived for `give_up`.
    pub async fn wait_until_drained(&self, settle: Duration, give_up: Duration) -> Summary {
        let begun = Instant::now();
        loop {
            let (summary, last) = self.with(|seen| (seen.ledger.summary(), seen.last_received));
            let quiet = last.unwrap_or(begun).max(begun).elapsed();
            let enough = if summary.lost == 0 { settle } else { give_up };
            if quiet >= enough {
                return summary;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_that_fails_says_how_far_it_came_and_why() {
        let board = Board::new(3);
        board.set_state(1, DeviceState::Ready);
        board.trouble("n1 refused".to_owned());
        let error = board
            .wait_for(0..3, DeviceState::Ready, Duration::ZERO)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("1 of 3") && error.contains("n1 refused"),
            "{error}"
        );
        let ready = board
            .wait_for(1..2, DeviceState::Ready, Duration::ZERO)
            .await;
        assert!(ready.is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let board = Board::new(1);
        for _ in 0..100 {
            board.cut(Cut {
                device: 0,
                at: Instant::now(),
                reason_code: None,
                server_reference: None,
            });
        }
        assert_eq!(board.cuts().len(), REMEMBERED_PER_CLIENT);
    }
}

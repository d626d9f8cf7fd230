//! Many devices.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::board::Board;
use super::device::{Device, DeviceOptions, Wanted};
use super::link::Protocol;

/// CONNECTs under way at the same time: enough to be quick, few enough for the backlog of a listener.
const CONNECTING_MAX: usize = 64;
/// Devices that were told to stop get that long.
const STOP_WAIT: Duration = Duration::from_secs(3);

/// Devices that all begin offline. Dropping it ends them at once.
pub struct Fleet {
    options: Vec<DeviceOptions>,
    wanted: Vec<watch::Sender<Wanted>>,
    tasks: JoinSet<()>,
}

impl Fleet {
    /// The devices report to `board` under their index.
    pub fn spawn(options: Vec<DeviceOptions>, board: &Arc<Board>) -> Self {
        let connect_permits = Arc::new(Semaphore::new(CONNECTING_MAX));
        let mut tasks = JoinSet::new();
        let wanted = options
            .iter()
            .enumerate()
            .map(|(index, options)| {
                let (sender, wanted) = watch::channel(Wanted::Offline);
                let device = Device {
                    index,
                    options: options.clone(),
                    board: Arc::clone(board),
                    wanted,
                    connect_permits: Arc::clone(&connect_permits),
                };
                tasks.spawn(device.run());
                sender
            })
            .collect();
        Self {
            options,
            wanted,
            tasks,
        }
    }

    /// Tells some devices what to do.
    pub fn tell(&self, devices: Range<usize>, wanted: Wanted) {
        for sender in &self.wanted[devices] {
            sender.send_replace(wanted);
        }
    }

    /// The topic of each device.
    pub fn topics(&self) -> Vec<String> {
        self.options.iter().map(DeviceOptions::topic).collect()
    }

    /// Who a device is.
    pub fn device(&self, index: usize) -> &DeviceOptions {
        &self.options[index]
    }

    /// Disconnects all devices.
    pub async fn stop(mut self) {
        self.tell(0..self.wanted.len(), Wanted::Stopped);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        // Whoever does not make it in time is cut when the set is dropped.
        let _ = tokio::time::timeout(STOP_WAIT, all).await;
    }
}

/// `count` devices, every second one MQTT 5.0, that begin at the first address. Their way on differs
/// from one to the next, so that those who have to find it themselves do not all choose the same node.
pub fn mixed_devices(prefix: &str, count: usize, addresses: &[String]) -> Vec<DeviceOptions> {
    let [home, others @ ..] = addresses else {
        return Vec::new();
    };
    (0..count)
        .map(|index| {
            let mut others = others.to_vec();
            if !others.is_empty() {
                // Both versions meet every order.
                let turn = (index / 2) % others.len();
                others.rotate_left(turn);
            }
            DeviceOptions {
                client_id: format!("{prefix}{index:04}"),
                protocol: if index % 2 == 0 {
                    Protocol::V3_1_1
                } else {
                    Protocol::V5
                },
                addresses: std::iter::once(home.clone()).chain(others).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_ways_are_mixed() {
        let addresses = ["a", "b", "c"].map(str::to_owned);
        let devices = mixed_devices("d", 8, &addresses);
        for protocol in [Protocol::V3_1_1, Protocol::V5] {
            for next in ["b", "c"] {
                let matching = devices
                    .iter()
                    .filter(|one| one.protocol == protocol && one.addresses[1] == next);
                assert_eq!(matching.count(), 2, "{protocol:?} {next}");
            }
        }
        assert!(
            devices
                .iter()
                .all(|one| one.addresses[0] == "a" && one.addresses.len() == 3)
        );
        assert_eq!(devices[3].topic(), "demo/d0003/cmd");
    }
}

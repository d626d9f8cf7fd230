//! A device on a raw connection: the same behaviour as `emqxctl demo`'s, at the price of one small task,
//! so that thousands of them see the moment of their cut without getting in each other's way.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use emqxctl::demo::board::{Board, Cut, DeviceState, Reconnect};
use emqxctl::demo::device::DeviceOptions;
use emqxctl::demo::route::Route;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::raw::{Connect, Packet, RawClient, puback, subscribe};

/// CONNECTs under way at the same time, at the start.
const CONNECTING_MAX: usize = 64;
/// A CONNECT gets that long to be answered.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts the devices; they live until the set is dropped. They report to the board under their index.
pub fn spawn(devices: Vec<DeviceOptions>, board: &Arc<Board>) -> JoinSet<()> {
    let permits = Arc::new(Semaphore::new(CONNECTING_MAX));
    let mut tasks = JoinSet::new();
    for (index, options) in devices.into_iter().enumerate() {
        let device = RawDevice {
            index,
            topic: options.topic(),
            filter: format!("demo/{}/+", options.client_id),
            options,
            board: Arc::clone(board),
            permits: Arc::clone(&permits),
            has_session: false,
        };
        tasks.spawn(device.run());
    }
    tasks
}

struct RawDevice {
    index: usize,
    topic: String,
    filter: String,
    options: DeviceOptions,
    board: Arc<Board>,
    permits: Arc<Semaphore>,
    has_session: bool,
}

/// How an accepted connection ended.
#[derive(Default)]
struct End {
    reason_code: Option<u8>,
    server_reference: Option<String>,
}

impl RawDevice {
    async fn run(mut self) {
        let mut route = Route::new(self.options.addresses.clone());
        let mut cut_at = None;
        loop {
            let address = route.address().to_owned();
            let accepted = {
                // Only the first crowd is held back; later the pace of the cuts does it.
                let _permit = if self.has_session {
                    None
                } else {
                    Arc::clone(&self.permits).acquire_owned().await.ok()
                };
                let connecting = self.connect(&address, cut_at);
                match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
                    Ok(result) => result,
                    Err(_) => Err(io::ErrorKind::TimedOut.into()),
                }
            };
            let delay = match accepted {
                Ok(client) => {
                    let end = self.serve(client).await;
                    let at = Instant::now();
                    cut_at = Some(at);
                    let delay = route.closed(end.server_reference.as_deref(), rand::random());
                    self.board.set_state(self.index, DeviceState::Connecting);
                    self.board.cut(Cut {
                        device: self.index,
                        at,
                        reason_code: end.reason_code,
                        server_reference: end.server_reference,
                    });
                    delay
                }
                Err(error) => {
                    let client_id = &self.options.client_id;
                    self.board
                        .trouble(format!("{client_id} at {address}: {error}"));
                    route.failed(rand::random())
                }
            };
            tokio::time::sleep(delay).await;
        }
    }

    async fn connect(&mut self, address: &str, cut_at: Option<Instant>) -> io::Result<RawClient> {
        self.board.set_state(self.index, DeviceState::Connecting);
        let protocol = self.options.protocol;
        let connect = Connect::persistent(&self.options.client_id, protocol);
        let (mut client, session_present) = RawClient::accepted(address, &connect).await?;
        if self.has_session {
            self.board.reconnected(Reconnect {
                device: self.index,
                address: address.to_owned(),
                session_present,
                took: cut_at.map(|cut_at| cut_at.elapsed()),
            });
        }
        if session_present {
            self.ready();
        } else {
            client
                .send(&subscribe(protocol, 1, &self.filter, 1))
                .await?;
        }
        Ok(client)
    }

    fn ready(&mut self) {
        self.has_session = true;
        self.board.set_state(self.index, DeviceState::Ready);
    }

    /// Takes messages until the connection ends.
    async fn serve(&mut self, mut client: RawClient) -> End {
        loop {
            match client.receive().await {
                Ok(Some(Packet::Publish {
                    topic,
                    dup,
                    packet_id,
                    payload,
                    ..
                })) => {
                    let sequence = (topic == self.topic)
                        .then(|| std::str::from_utf8(&payload).ok()?.parse().ok())
                        .flatten();
                    self.board.receive(self.index, sequence, dup);
                    // When it fails, the connection has ended, and reading tells so.
                    let _ = client.send(&puback(packet_id)).await;
                }
                Ok(Some(Packet::SubAck { codes })) if codes == [1] => self.ready(),
                Ok(Some(Packet::Disconnect {
                    code,
                    server_reference,
                })) => {
                    return End {
                        reason_code: Some(code),
                        server_reference,
                    };
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return End::default(),
            }
        }
    }
}

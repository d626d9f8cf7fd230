//! One client as a device in the field: it keeps its Session, wants its commands, and when its
//! connection ends it goes where the Server says, or to the next address it knows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::board::{Board, Cut, DeviceState, Reconnect};
use super::link::{Closed, Link, LinkEvent, LinkOptions, Message, Protocol};
use super::route::Route;

/// A DISCONNECT gets that long to leave.
const DISCONNECT_WAIT: Duration = Duration::from_secs(2);

/// What a device is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Be connected.
    Online,
    /// Send DISCONNECT, keep the Session, and come back elsewhere when wanted again.
    Offline,
    /// End for good.
    Stopped,
}

/// Who a device is and where it may connect.
#[derive(Debug, Clone)]
pub struct DeviceOptions {
    /// Client Identifier.
    pub client_id: String,
    /// Version.
    pub protocol: Protocol,
    /// `host:port`, tried in this order; not empty.
    pub addresses: Vec<String>,
}

impl DeviceOptions {
    /// Where its commands are published.
    pub fn topic(&self) -> String {
        format!("demo/{}/cmd", self.client_id)
    }

    /// What it subscribes to.
    fn topic_filter(&self) -> String {
        format!("demo/{}/+", self.client_id)
    }
}

/// A device; [`run`](Self::run) is its life.
pub struct Device {
    /// On the board.
    pub index: usize,
    /// Who it is.
    pub options: DeviceOptions,
    /// Where it reports.
    pub board: Arc<Board>,
    /// What it is told.
    pub wanted: watch::Receiver<Wanted>,
    /// Bounds how many connect at the same time.
    pub connect_permits: Arc<Semaphore>,
}

enum End {
    Closed(Closed),
    Left,
}

impl Device {
    /// Lives until it is told to stop.
    pub async fn run(mut self) {
        let mut route = Route::new(self.options.addresses.clone());
        let mut has_session = false;
        let mut cut_at = None;
        loop {
            let wanted = wanted_now(&mut self.wanted).await;
            if wanted == Wanted::Stopped {
                self.board.set_state(self.index, DeviceState::Idle);
                return;
            }
            self.board.set_state(self.index, DeviceState::Connecting);
            let permit = Arc::clone(&self.connect_permits).acquire_owned().await.ok();
            let address = route.address().to_owned();
            let end = self
                .connection(&address, permit, &mut has_session, cut_at)
                .await;
            let delay = match end {
                End::Left => {
                    self.board.set_state(self.index, DeviceState::Idle);
                    route.advance();
                    cut_at = None;
                    Duration::ZERO
                }
                End::Closed(closed) if closed.was_accepted => {
                    cut_at = Some(closed.at);
                    let delay = route.closed(closed.server_reference.as_deref(), rand::random());
                    self.board.set_state(self.index, DeviceState::Connecting);
                    self.board.cut(Cut {
                        device: self.index,
                        at: closed.at,
                        reason_code: closed.reason_code,
                        server_reference: closed.server_reference,
                    });
                    delay
                }
                End::Closed(closed) => {
                    let client_id = &self.options.client_id;
                    self.board
                        .trouble(format!("{client_id} at {address}: {}", closed.cause));
                    route.failed(rand::random())
                }
            };
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                () = no_longer_online(&mut self.wanted) => {}
            }
        }
    }

    /// One Network Connection from CONNECT to its end.
    async fn connection(
        &mut self,
        address: &str,
        mut permit: Option<OwnedSemaphorePermit>,
        has_session: &mut bool,
        cut_at: Option<Instant>,
    ) -> End {
        let options =
            LinkOptions::persistent(&self.options.client_id, self.options.protocol, address);
        let mut link = match Link::open(&options) {
            Ok(link) => link,
            Err(error) => return End::Closed(never_opened(error.to_string())),
        };
        loop {
            let event = tokio::select! {
                event = link.next() => event,
                () = no_longer_online(&mut self.wanted) => return self.leave(link).await,
            };
            match event {
                Some(LinkEvent::Accepted {
                    session_present,
                    at,
                }) => {
                    permit.take();
                    if *has_session {
                        self.board.reconnected(Reconnect {
                            device: self.index,
                            address: address.to_owned(),
                            session_present,
                            took: cut_at.map(|cut_at| at.saturating_duration_since(cut_at)),
                        });
                    }
                    if session_present {
                        *has_session = true;
                        self.board.set_state(self.index, DeviceState::Ready);
                    } else if let Err(error) = link.subscribe(&self.options.topic_filter(), 1).await
                    {
                        self.board.trouble(error.to_string());
                    }
                }
                Some(LinkEvent::Subscribed { is_granted: true }) => {
                    *has_session = true;
                    self.board.set_state(self.index, DeviceState::Ready);
                }
                Some(LinkEvent::Subscribed { is_granted: false }) => {
                    let client_id = &self.options.client_id;
                    self.board
                        .trouble(format!("{client_id}: its subscription was refused"));
                }
                Some(LinkEvent::Received(message)) => self.received(&message),
                Some(LinkEvent::Closed(closed)) => return End::Closed(closed),
                Some(_) => {}
                None => return End::Closed(never_opened("the link has ended".to_owned())),
            }
        }
    }

    /// Sends DISCONNECT and takes what still arrives before it has left.
    async fn leave(&self, mut link: Link) -> End {
        let leaving = async {
            link.disconnect().await?;
            while let Some(event) = link.next().await {
                match event {
                    LinkEvent::Received(message) => self.received(&message),
                    LinkEvent::Closed(closed) if !closed.by_client => {
                        anyhow::bail!("{}", closed.cause);
                    }
                    _ => {}
                }
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(DISCONNECT_WAIT, leaving).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.board.trouble(error.to_string()),
            Err(_) => self.board.trouble("a DISCONNECT did not leave".to_owned()),
        }
        End::Left
    }

    fn received(&self, message: &Message) {
        let sequence = (message.topic == self.options.topic())
            .then(|| std::str::from_utf8(&message.payload).ok()?.parse().ok())
            .flatten();
        self.board.receive(self.index, sequence, message.dup);
    }
}

/// Waits until it is wanted online or stopped. Without anybody to tell it, it stops.
async fn wanted_now(wanted: &mut watch::Receiver<Wanted>) -> Wanted {
    let told = wanted
        .wait_for(|wanted| *wanted != Wanted::Offline)
        .await
        .map_or(Wanted::Stopped, |wanted| *wanted);
    if wanted.has_changed().is_err() {
        Wanted::Stopped
    } else {
        told
    }
}

/// Also when whoever told it what to do has gone.
async fn no_longer_online(wanted: &mut watch::Receiver<Wanted>) {
    let _ = wanted.wait_for(|wanted| *wanted != Wanted::Online).await;
}

fn never_opened(cause: String) -> Closed {
    Closed {
        at: Instant::now(),
        was_accepted: false,
        by_client: false,
        reason_code: None,
        server_reference: None,
        cause,
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    const WITHIN: Duration = Duration::from_secs(5);

    async fn listen() -> (TcpListener, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        (listener, address)
    }

    /// Takes a client, reads its CONNECT and answers it with these bytes.
    async fn accept(listener: &TcpListener, answer: &[u8]) -> TcpStream {
        let (mut socket, _) = listener.accept().await.unwrap();
        let packet = read_packet(&mut socket).await;
        assert_eq!(packet[0], 0x10, "{packet:02x?}");
        socket.write_all(answer).await.unwrap();
        socket
    }

    async fn read_packet(socket: &mut TcpStream) -> Vec<u8> {
        let mut packet = vec![0; 2];
        socket.read_exact(&mut packet).await.unwrap();
        // Every packet here is short.
        let mut rest = vec![0; usize::from(packet[1])];
        socket.read_exact(&mut rest).await.unwrap();
        packet.extend(rest);
        packet
    }

    fn device(
        protocol: Protocol,
        addresses: Vec<String>,
    ) -> (Device, Arc<Board>, watch::Sender<Wanted>) {
        let board = Arc::new(Board::new(1));
        let (sender, wanted) = watch::channel(Wanted::Online);
        let device = Device {
            index: 0,
            options: DeviceOptions {
                client_id: "d".to_owned(),
                protocol,
                addresses,
            },
            board: Arc::clone(&board),
            wanted,
            connect_permits: Arc::new(Semaphore::new(1)),
        };
        (device, board, sender)
    }

    #[tokio::test]
    async fn an_mqtt_5_device_goes_where_the_server_says() {
        let (first, first_address) = listen().await;
        let (wrong, wrong_address) = listen().await;
        let (second, second_address) = listen().await;
        let (device, board, wanted) = device(Protocol::V5, vec![first_address, wrong_address]);
        let life = tokio::spawn(device.run());

        let mut socket = accept(&first, &[0x20, 3, 0, 0, 0]).await;
        let subscribe = read_packet(&mut socket).await;
        assert_eq!(subscribe[0], 0x82);
        socket
            .write_all(&[0x90, 4, subscribe[2], subscribe[3], 0, 1])
            .await
            .unwrap();
        board
            .wait_for(0..1, DeviceState::Ready, WITHIN)
            .await
            .unwrap();
        let reference = second_address.as_bytes();
        let length = reference.len() as u8;
        let mut disconnect = vec![0xE0, length + 5, 0x9C, length + 3, 0x1C, 0, length];
        disconnect.extend(reference);
        socket.write_all(&disconnect).await.unwrap();

        board.publish(0);
        let mut answer = vec![0x20, 3, 1, 0, 0, 0x32, 16, 0, 10];
        answer.extend(b"demo/d/cmd");
        answer.extend([0, 9, 0, b'0']);
        let mut socket = accept(&second, &answer).await;
        assert_eq!(read_packet(&mut socket).await[..4], [0x40, 2, 0, 9]);
        board
            .wait_for(0..1, DeviceState::Ready, WITHIN)
            .await
            .unwrap();

        let cuts = board.cuts();
        assert_eq!(cuts.len(), 1);
        assert_eq!(cuts[0].reason_code, Some(0x9C));
        let reconnects = board.reconnects();
        assert_eq!(reconnects.len(), 1);
        assert!(reconnects[0].session_present && reconnects[0].took.is_some());
        assert_eq!(reconnects[0].address, second_address);
        board.acknowledge(0, 0);
        let messages = board.wait_until_drained(Duration::ZERO, WITHIN).await;
        assert_eq!(
            (messages.received, messages.unknown, messages.lost),
            (1, 0, 0)
        );
        drop(wrong);
        wanted.send_replace(Wanted::Stopped);
        life.await.unwrap();
    }

    #[tokio::test]
    async fn a_cut_3_1_1_device_finds_its_own_way_and_asks_for_its_subscription_anew() {
        let (first, first_address) = listen().await;
        let (second, second_address) = listen().await;
        let (third, third_address) = listen().await;
        let (device, board, wanted) = device(
            Protocol::V3_1_1,
            vec![first_address, second_address, third_address.clone()],
        );
        let life = tokio::spawn(device.run());
        drop(accept(&first, &[0x20, 2, 1, 0]).await);
        // Server unavailable.
        drop(accept(&second, &[0x20, 2, 0, 3]).await);
        // The session is not there: a broken promise, and the device makes do.
        let mut socket = accept(&third, &[0x20, 2, 0, 0]).await;
        assert_eq!(read_packet(&mut socket).await[0], 0x82);
        let reconnects = board.reconnects();
        assert_eq!(reconnects.len(), 1);
        assert!(!reconnects[0].session_present);
        assert_eq!(reconnects[0].address, third_address);

        // Offline means: DISCONNECT, and back at the next address.
        wanted.send_replace(Wanted::Offline);
        assert_eq!(read_packet(&mut socket).await, [0xE0, 0]);
        board
            .wait_for(0..1, DeviceState::Idle, WITHIN)
            .await
            .unwrap();
        wanted.send_replace(Wanted::Online);
        let _socket = accept(&first, &[0x20, 2, 1, 0]).await;
        board
            .wait_for(0..1, DeviceState::Ready, WITHIN)
            .await
            .unwrap();
        assert!(board.reconnects()[1].took.is_none());
        drop(wanted);
        life.await.unwrap();
    }
}

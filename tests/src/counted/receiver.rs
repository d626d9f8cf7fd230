//! A client that takes what is counted, as exactly as QoS 2 asks for. On a raw connection, because libraries do not show all
//! of how one ends.

use std::io;

use emqxctl::demo::link::Protocol;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::{ANSWER_WAIT, Tally, Unreleased, lock};
use crate::raw::{Connect, Packet, RawClient, puback, subscribe};

/// A client with a Session that outlives its connections, subscribed to all that is counted with QoS 2.
pub struct Receiver {
    client_id: String,
    leave: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<Option<u8>>>,
    /// Session Present of its CONNACK.
    pub session_present: bool,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Receiver {
    /// Connects, and subscribes unless it has a Session already.
    pub async fn connect(tally: &Tally, client_id: &str, address: &str) -> Self {
        let (client, session_present) = opened(tally, client_id, address).await;
        Self::spawn(tally, client_id, client, session_present)
    }

    fn spawn(tally: &Tally, client_id: &str, client: RawClient, session_present: bool) -> Self {
        let (leave, leaves) = oneshot::channel();
        let unreleased = tally.unreleased(client_id, !session_present);
        let receiving = receive(
            tally.clone(),
            client_id.to_owned(),
            client,
            unreleased,
            leaves,
        );
        Self {
            client_id: client_id.to_owned(),
            leave: Some(leave),
            task: tokio::spawn(receiving),
            session_present,
        }
    }

    /// Connects elsewhere while it is connected, and finds its Session there. The older connection is read to its end,
    /// DISCONNECT 0x8E, before the newer one is.
    pub async fn moves(self, tally: &Tally, address: &str) -> Self {
        let client_id = self.client_id.clone();
        let (client, session_present) = opened(tally, &client_id, address).await;
        assert!(session_present, "{client_id} at {address}");
        assert_eq!(self.closed().await, Some(0x8E), "{client_id}");
        Self::spawn(tally, &client_id, client, session_present)
    }

    /// Client Identifier.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Sends DISCONNECT; the Session stays.
    pub async fn disconnect(mut self) {
        drop(self.leave.take());
        assert_eq!(self.end().await, None, "{} was told to go", self.client_id);
    }

    /// Waits for the Server to end the connection; the Reason Code of its DISCONNECT.
    pub async fn closed(mut self) -> Option<u8> {
        self.end().await
    }

    async fn end(&mut self) -> Option<u8> {
        match tokio::time::timeout(ANSWER_WAIT, &mut self.task).await {
            Ok(ended) => ended
                .expect("a client that does not fail")
                .expect("an end in order"),
            Err(_) => panic!("{} is still connected", self.client_id),
        }
    }
}

async fn opened(tally: &Tally, client_id: &str, address: &str) -> (RawClient, bool) {
    match tokio::time::timeout(ANSWER_WAIT, open(tally, client_id, address)).await {
        Ok(opened) => opened.expect("a connection"),
        Err(_) => panic!("{client_id} got no answer within {ANSWER_WAIT:?}"),
    }
}

async fn open(tally: &Tally, client_id: &str, address: &str) -> io::Result<(RawClient, bool)> {
    let connect = Connect::persistent(client_id, Protocol::V5);
    let (mut client, session_present) = RawClient::accepted(address, &connect).await?;
    if !session_present {
        let filter = format!("{}/+", tally.topic);
        client.send(&subscribe(Protocol::V5, 1, &filter, 2)).await?;
        let answer = client.receive().await?;
        let granted = Packet::SubAck { codes: vec![2] };
        assert_eq!(answer, Some(granted), "{client_id}");
    }
    Ok((client, session_present))
}

/// Takes messages until the connection ends; the Reason Code of a DISCONNECT.
async fn receive(
    tally: Tally,
    client_id: String,
    mut client: RawClient,
    unreleased: Unreleased,
    mut leave: oneshot::Receiver<()>,
) -> io::Result<Option<u8>> {
    let mut is_leaving = false;
    loop {
        let packet = tokio::select! {
            packet = client.receive() => packet?,
            _ = &mut leave, if !is_leaving => {
                is_leaving = true;
                client.send(&DISCONNECT).await?;
                continue;
            }
        };
        let answer = match packet {
            Some(Packet::Publish {
                qos: 2,
                packet_id,
                payload,
                ..
            }) => {
                // The second copy of one that is not released is the same message.
                if lock(&unreleased).insert(packet_id) {
                    tally.received(&client_id, &payload);
                }
                acknowledgement(PUBREC, packet_id)
            }
            Some(Packet::Publish {
                packet_id, payload, ..
            }) => {
                tally.received(&client_id, &payload);
                puback(packet_id)
            }
            Some(Packet::Other { kind: PUBREL, body }) => {
                let packet_id = u16::from_be_bytes([body[0], body[1]]);
                lock(&unreleased).remove(&packet_id);
                acknowledgement(PUBCOMP, packet_id)
            }
            Some(Packet::Disconnect { code, .. }) => return Ok(Some(code)),
            Some(other) => panic!("{client_id} got {other:?}"),
            None => return Ok(None),
        };
        if !is_leaving {
            // When it fails, the connection has ended, and reading tells so.
            let _ = client.send(&answer).await;
        }
    }
}

/// First bytes of packets.
const PUBREC: u8 = 0x50;
const PUBREL: u8 = 0x62;
const PUBCOMP: u8 = 0x70;
const DISCONNECT: [u8; 2] = [0xE0, 0];

const fn acknowledgement(kind: u8, packet_id: u16) -> [u8; 4] {
    let [high, low] = packet_id.to_be_bytes();
    [kind, 2, high, low]
}

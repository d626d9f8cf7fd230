//! rumqttc in this process, as all tests use it: without its own TLS and WebSocket, which need an old rustls-webpki and
//! rustls-pemfile. A relay in this process puts its bytes into those of rustls and tungstenite.

use std::collections::HashMap;
use std::time::Duration;

use emqxctl::demo::link::{LinkOptions, Will};

use super::{Connect, Message, Result, relay, unknown};
use crate::client::Client;

/// All clients.
#[derive(Default)]
pub struct RumqttcDriver {
    clients: HashMap<String, Client>,
}

impl RumqttcDriver {
    pub(super) async fn connect(&mut self, connect: Connect) -> Result<()> {
        let address = relay::address(&connect.endpoint).await?;
        let options = if connect.clean {
            LinkOptions::clean(&connect.client_id, connect.version, &address)
        } else {
            LinkOptions::persistent(&connect.client_id, connect.version, &address)
        };
        let options = LinkOptions {
            will: connect.will.map(|will| Will {
                topic: will.topic,
                payload: will.payload.into_bytes(),
                qos: will.qos,
                retain: will.retain,
                delay_interval_s: 0,
            }),
            ..options
        };
        let client = Client::connect(&options).await;
        self.clients.insert(connect.client_id, client);
        Ok(())
    }

    fn client(&mut self, client_id: &str) -> Result<&mut Client> {
        self.clients
            .get_mut(client_id)
            .ok_or_else(|| unknown(client_id))
    }

    pub(super) async fn subscribe(&mut self, client_id: &str, filter: &str, qos: u8) -> Result<()> {
        self.client(client_id)?.subscribe(filter, qos).await;
        Ok(())
    }

    pub(super) async fn publish(&mut self, client_id: &str, message: &Message) -> Result<()> {
        let client = self.client(client_id)?;
        let (topic, payload) = (&message.topic, &message.payload);
        if message.retain {
            client.publish_retained(topic, message.qos, payload).await;
        } else {
            client.publish(topic, message.qos, payload).await;
        }
        Ok(())
    }

    pub(super) async fn receive(
        &mut self,
        client_id: &str,
        within: Duration,
    ) -> Result<Option<Message>> {
        let received = self.client(client_id)?.receive_within(within).await;
        Ok(received.map(|message| Message {
            topic: message.topic,
            payload: String::from_utf8_lossy(&message.payload).into_owned(),
            qos: message.qos,
            retain: message.retain,
        }))
    }

    pub(super) async fn disconnect(&mut self, client_id: &str) -> Result<()> {
        self.remove(client_id)?.disconnect().await;
        Ok(())
    }

    pub(super) fn vanish(&mut self, client_id: &str) -> Result<()> {
        self.remove(client_id)?.vanish();
        Ok(())
    }

    fn remove(&mut self, client_id: &str) -> Result<Client> {
        self.clients
            .remove(client_id)
            .ok_or_else(|| unknown(client_id))
    }
}

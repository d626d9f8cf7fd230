//! Clients of four projects, each as publisher with each as subscriber, in 3.1.1 and 5.0.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use emqx_tests::client_driver::{
    Connect, Driver, Endpoint, Kind, Message, Result, Transport, Trust,
};
use emqx_tests::every_transport::EveryTransport;
use emqx_tests::{foreign, unique, within};
use emqxctl::demo::link::Protocol;
use tokio::sync::Mutex;

const LIMIT: Duration = Duration::from_secs(300);
/// A message gets that long.
const ARRIVAL: Duration = Duration::from_secs(20);
/// How long one member of a Shared Subscription is listened to before the other.
const TURN: Duration = Duration::from_millis(20);
const VERSIONS: [Protocol; 2] = [Protocol::V3_1_1, Protocol::V5];

/// The drivers that are there.
struct Drivers(Vec<(Kind, Mutex<Driver>)>);

impl Drivers {
    async fn start(transport: Transport) -> Self {
        let mut started = Vec::new();
        for kind in Kind::ALL {
            if kind.lacks(transport).is_some() {
                continue;
            }
            match Driver::start(kind).await {
                Ok(driver) => started.push((kind, Mutex::new(driver))),
                Err(missing) => foreign::skip(&missing),
            }
        }
        Self(started)
    }

    fn get(&self, kind: Kind) -> Option<&Mutex<Driver>> {
        let found = self.0.iter().find(|(present, _)| *present == kind);
        found.map(|(_, driver)| driver)
    }
}

/// One publisher and one subscriber in one version.
struct Pair<'a> {
    publisher: &'a Mutex<Driver>,
    subscriber: &'a Mutex<Driver>,
    version: Protocol,
    endpoint: &'a Endpoint,
    /// Begins all topics.
    prefix: String,
}

impl Pair<'_> {
    /// Connects a client and returns its Client Identifier.
    async fn connect(&self, driver: &Mutex<Driver>, will: Option<Message>) -> Result<String> {
        let client_id = unique("c");
        self.connect_as(driver, &client_id, true, will).await?;
        Ok(client_id)
    }

    async fn connect_as(
        &self,
        driver: &Mutex<Driver>,
        client_id: &str,
        clean: bool,
        will: Option<Message>,
    ) -> Result<()> {
        let connect = Connect {
            client_id: client_id.to_owned(),
            endpoint: self.endpoint.clone(),
            version: self.version,
            clean,
            will,
        };
        driver.lock().await.connect(connect).await
    }

    fn message(&self, topic: &str, payload: &str, qos: u8) -> Message {
        Message {
            topic: format!("{}/{topic}", self.prefix),
            payload: payload.to_owned(),
            qos,
            retain: false,
        }
    }

    async fn subscribe(&self, client_id: &str, filter: &str, qos: u8) -> Result<()> {
        self.subscriber
            .lock()
            .await
            .subscribe(client_id, filter, qos)
            .await
    }

    async fn publish(&self, client_id: &str, message: &Message) -> Result<()> {
        self.publisher
            .lock()
            .await
            .publish(client_id, message)
            .await
    }

    async fn expect(&self, client_id: &str, expected: &Message) -> Result<()> {
        let received = self
            .subscriber
            .lock()
            .await
            .receive(client_id, ARRIVAL)
            .await?;
        if received.as_ref() == Some(expected) {
            Ok(())
        } else {
            Err(format!("{received:?} came, not {expected:?}"))
        }
    }

    async fn every_qos(&self) -> Result<()> {
        let subscriber = self.connect(self.subscriber, None).await?;
        let filter = format!("{}/qos/+", self.prefix);
        self.subscribe(&subscriber, &filter, 2).await?;
        let publisher = self.connect(self.publisher, None).await?;
        for qos in [0, 1, 2] {
            let message = self.message(&format!("qos/{qos}"), &format!("with QoS {qos}"), qos);
            self.publish(&publisher, &message).await?;
            self.expect(&subscriber, &message).await?;
        }
        self.publisher.lock().await.disconnect(&publisher).await?;
        self.subscriber.lock().await.disconnect(&subscriber).await
    }

    async fn retained(&self) -> Result<()> {
        let publisher = self.connect(self.publisher, None).await?;
        let kept = Message {
            retain: true,
            ..self.message("retained", "kept", 1)
        };
        self.publish(&publisher, &kept).await?;
        let subscriber = self.connect(self.subscriber, None).await?;
        self.subscribe(&subscriber, &kept.topic, 1).await?;
        self.expect(&subscriber, &kept).await?;

        let empty = Message {
            payload: String::new(),
            ..kept
        };
        self.publish(&publisher, &empty).await?;
        // For a Subscription that is there already it is a message like others [MQTT-3.3.1-9].
        let live = Message {
            retain: false,
            ..empty
        };
        self.expect(&subscriber, &live).await?;
        self.publisher.lock().await.disconnect(&publisher).await?;
        self.subscriber.lock().await.disconnect(&subscriber).await
    }

    async fn will(&self) -> Result<()> {
        let will = self.message("will", "gone", 1);
        let subscriber = self.connect(self.subscriber, None).await?;
        self.subscribe(&subscriber, &will.topic, 1).await?;
        let publisher = self.connect(self.publisher, Some(will.clone())).await?;
        self.publisher.lock().await.vanish(&publisher).await?;
        self.expect(&subscriber, &will).await?;
        self.subscriber.lock().await.disconnect(&subscriber).await
    }

    /// Each message goes to one of two, and both get some.
    async fn shared(&self) -> Result<()> {
        let filter = format!("$share/group/{}/shared", self.prefix);
        let mut members = Vec::new();
        for _ in 0..2 {
            let member = self.connect(self.subscriber, None).await?;
            self.subscribe(&member, &filter, 1).await?;
            members.push((member, BTreeSet::new()));
        }
        let publisher = self.connect(self.publisher, None).await?;
        for number in 0..6 {
            let message = self.message("shared", &number.to_string(), 1);
            self.publish(&publisher, &message).await?;
        }
        let expected: BTreeSet<String> = (0..6).map(|number| number.to_string()).collect();
        let everything = async {
            let mut received = BTreeSet::new();
            while received.len() < expected.len() {
                for (member, own) in &mut members {
                    let mut driver = self.subscriber.lock().await;
                    let Some(message) = driver.receive(member, TURN).await? else {
                        continue;
                    };
                    if !received.insert(message.payload.clone()) {
                        return Err(format!("{} came twice", message.payload));
                    }
                    own.insert(message.payload);
                }
            }
            Ok(received)
        };
        let received = tokio::time::timeout(ARRIVAL, everything).await;
        let received = received.map_err(|_| "some of the shared messages did not come")??;
        if received != expected {
            return Err(format!("{received:?} came, not {expected:?}"));
        }
        for (member, own) in &members {
            if own.is_empty() {
                return Err("one member got all of the shared messages".to_owned());
            }
            self.subscriber.lock().await.disconnect(member).await?;
        }
        self.publisher.lock().await.disconnect(&publisher).await
    }

    /// What was published meanwhile waits for a subscriber that comes back.
    async fn kept_session(&self) -> Result<()> {
        let subscriber = unique("c");
        let filter = format!("{}/session", self.prefix);
        self.connect_as(self.subscriber, &subscriber, false, None)
            .await?;
        self.subscribe(&subscriber, &filter, 1).await?;
        self.subscriber.lock().await.disconnect(&subscriber).await?;
        let publisher = self.connect(self.publisher, None).await?;
        let messages = ["1", "2", "3"].map(|number| self.message("session", number, 1));
        for message in &messages {
            self.publish(&publisher, message).await?;
        }
        self.connect_as(self.subscriber, &subscriber, false, None)
            .await?;
        for message in &messages {
            self.expect(&subscriber, message).await?;
        }
        self.publisher.lock().await.disconnect(&publisher).await?;
        self.subscriber.lock().await.disconnect(&subscriber).await
    }

    /// How many exchanges there are, and which have failed.
    async fn all(&self) -> (usize, Vec<String>) {
        let results = [
            ("QoS 0, 1, 2", self.every_qos().await),
            ("retained", self.retained().await),
            ("Will", self.will().await),
            ("shared", self.shared().await),
            ("kept Session", self.kept_session().await),
        ];
        let count = results.len();
        let failed = results
            .into_iter()
            .filter_map(|(name, result)| result.err().map(|error| format!("{name}: {error}")));
        (count, failed.collect())
    }
}

/// Lets each speak with each and shows the table.
async fn matrix(endpoint: &Endpoint) {
    let drivers = Drivers::start(endpoint.transport).await;
    let mut table = format!(
        "{:?}: QoS 0 1 2, retained, Will, shared, kept Session; 3.1.1 and 5.0\n{:<22}",
        endpoint.transport, "PUBLISHER / SUBSCRIBER"
    );
    for kind in Kind::ALL {
        let _ = write!(table, "  {:<9}", kind.name());
    }
    let mut notes = BTreeSet::new();
    let mut failures = Vec::new();
    for publisher in Kind::ALL {
        let _ = write!(table, "\n{:<22}", publisher.name());
        for subscriber in Kind::ALL {
            let lacks = [publisher, subscriber].map(|kind| kind.lacks(endpoint.transport));
            if let Some(lack) = lacks.into_iter().flatten().next() {
                notes.insert(format!("not possible: {lack}"));
                let _ = write!(table, "  {:<9}", "-");
                continue;
            }
            let (Some(by), Some(to)) = (drivers.get(publisher), drivers.get(subscriber)) else {
                let _ = write!(table, "  {:<9}", "SKIPPED");
                continue;
            };
            let (mut count, mut failed) = (0, 0);
            for version in VERSIONS {
                let pair = Pair {
                    publisher: by,
                    subscriber: to,
                    version,
                    endpoint,
                    prefix: unique("matrix"),
                };
                let (done, errors) = pair.all().await;
                count += done;
                failed += errors.len();
                let pair = format!("{} to {}", publisher.name(), subscriber.name());
                failures.extend(
                    errors
                        .iter()
                        .map(|error| format!("{pair} in {version:?}: {error}")),
                );
            }
            let _ = write!(table, "  {:<9}", format!("{} of {count}", count - failed));
        }
    }
    for note in notes {
        let _ = write!(table, "\n- {note}");
    }
    foreign::show(&table);
    assert!(failures.is_empty(), "{failures:#?}");
}

/// Where the node is reached over a transport.
fn endpoint(served: &EveryTransport, transport: Transport) -> Endpoint {
    let address = match transport {
        Transport::Tcp => served.node.mqtt(),
        Transport::Tls => served.mqtts(),
        Transport::Ws => served.ws(),
        Transport::Wss => served.wss(),
    };
    let (_, port) = address.rsplit_once(':').unwrap();
    let trust = Trust {
        cacertfile: served.authority.cacertfile.clone(),
        config: Arc::new(served.trust()),
    };
    Endpoint {
        transport,
        // The name in the certificate.
        host: "localhost".to_owned(),
        port: port.parse().unwrap(),
        trust: matches!(transport, Transport::Tls | Transport::Wss).then_some(trust),
    }
}

async fn each_speaks_with_each_over(transport: Transport) {
    within(LIMIT, async {
        let served = EveryTransport::start().await;
        matrix(&endpoint(&served, transport)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_speaks_with_each_over_tcp() {
    each_speaks_with_each_over(Transport::Tcp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_speaks_with_each_over_tls() {
    each_speaks_with_each_over(Transport::Tls).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_speaks_with_each_over_websocket() {
    each_speaks_with_each_over(Transport::Ws).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_speaks_with_each_over_websocket_and_tls() {
    each_speaks_with_each_over(Transport::Wss).await;
}

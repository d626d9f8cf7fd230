//! Listeners come, change and go by `emqxctl listeners`, and nobody else notices.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use emqx_tests::certificates::{Authority, Files};
use emqx_tests::cli::{Outcome, emqxctl};
use emqx_tests::client::Client;
use emqx_tests::raw::{Connect, RawClient};
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{programs, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use emqxctl::demo::link::Protocol;
use rustls::pki_types::{CertificateDer, ServerName};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

const LIMIT: Duration = Duration::from_secs(60);

/// The operator at some nodes.
struct Operator {
    server: String,
}

impl Operator {
    /// At one node of a cluster, from 0.
    fn at(cluster: &TestCluster, index: usize) -> Self {
        Self {
            server: cluster.nodes[index].ready.admin.to_string(),
        }
    }

    async fn run(&self, line: &str) -> Outcome {
        let mut args = vec!["-s", &self.server, "listeners"];
        args.extend(line.split_whitespace());
        emqxctl(&args).await
    }

    /// A line that must succeed; returns what it printed.
    #[track_caller]
    fn done(&self, line: &str) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        async move {
            let outcome = self.run(line).await;
            assert_eq!(outcome.code, 0, "{line} at {caller}: {outcome:#?}");
            outcome.stdout
        }
    }

    /// The same with JSON.
    async fn json(&self, line: &str) -> Value {
        let text = self.done(&format!("{line} -o json")).await;
        serde_json::from_str(&text).unwrap()
    }

    /// What is known of one listener.
    async fn listener(&self, node: &str, name: &str) -> Value {
        let list = self.json(&format!("show {name} --node {node}")).await;
        list["items"][0].clone()
    }
}

async fn connected(address: &str) -> Client {
    Client::clean(&unique("c"), Protocol::V5, address).await
}

/// The address that a listener is bound to, from the JSON of a command.
fn address(listener: &Value) -> String {
    listener["address"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_listener_lives_and_dies_and_others_do_not_notice() {
    within(LIMIT, async {
        let cluster = TestCluster::start(1).await;
        let operator = Operator::at(&cluster, 0);
        let mut bystander = connected(&cluster.mqtt(0)).await;
        bystander.subscribe("#", 1).await;

        let lan = operator
            .json("add lan --type tcp --bind 127.0.0.1:0 --max-connections 1")
            .await;
        assert_eq!(lan["state"], "listening", "{lan}");
        assert_eq!(lan["origin"], "runtime", "{lan}");
        let mut guest = connected(&address(&lan)).await;
        bystander.is_reached_by(&mut guest, "added").await;
        let table = operator.done("list").await;
        assert!(
            table.contains("lan") && table.contains(&address(&lan)),
            "{table}"
        );

        // The second one is over the limit, until that is raised.
        let id = unique("c");
        let second = Connect::persistent(&id, Protocol::V5);
        assert!(RawClient::accepted(&address(&lan), &second).await.is_err());
        assert_eq!(operator.listener("n1", "lan").await["refused_total"], 1);
        operator.done("set lan --max-connections 2").await;
        let (mut second, _) = RawClient::accepted(&address(&lan), &second).await.unwrap();

        let text = operator.done("disable lan").await;
        assert_eq!(text, "lan on n1 disabled; its 2 connections stay\n");
        assert!(TcpStream::connect(address(&lan)).await.is_err());
        bystander.is_reached_by(&mut guest, "disabled").await;
        let lan = operator.json("enable lan").await;
        assert_eq!(lan["state"], "listening", "{lan}");
        assert_eq!(lan["connections"], 2, "{lan}");

        // Nobody is asked in a script, so nothing happens without --yes.
        let asked = operator.run("remove lan").await;
        asked.expect(2, &["2 connections", "--yes"]);
        assert_eq!(asked.stdout, "");
        operator.done("remove lan --disconnect --yes").await;
        assert_eq!(second.last_words().await.unwrap(), Some((0x98, None)));
        guest.closed().await;
        let gone = operator.run("show lan").await;
        gone.expect(3, &["'lan'", "mqtt"]);
        let mut other = connected(&cluster.mqtt(0)).await;
        bystander.is_reached_by(&mut other, "removed").await;
    })
    .await;
}

#[tokio::test]
async fn connections_outlive_a_listener_that_moves_or_is_removed() {
    within(LIMIT, async {
        let cluster = TestCluster::start(1).await;
        let operator = Operator::at(&cluster, 0);
        let dir = tempfile::tempdir().unwrap();
        let lan = operator.json("add lan --type tcp --bind 127.0.0.1:0").await;
        let mut guest = connected(&address(&lan)).await;
        guest.subscribe("#", 1).await;
        let socket = format!("unix:{}", dir.path().join("lan.sock").display());
        let text = operator.done(&format!("set lan --bind {socket}")).await;
        assert_eq!(
            text,
            format!("lan (tcp) on n1 changed, listens on {socket}\n")
        );
        assert!(TcpStream::connect(address(&lan)).await.is_err());
        let text = operator.done("remove lan --yes").await;
        assert_eq!(text, "lan removed from n1; its connection stays\n");
        let mut other = connected(&cluster.mqtt(0)).await;
        guest.is_reached_by(&mut other, "removed").await;
    })
    .await;
}

#[tokio::test]
async fn a_listener_that_cannot_listen_after_a_restart_is_shown_until_it_can() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let options = NodeOptions::new(&programs::emqxd(), dir.path(), "n1");
        let node = Node::start(options.clone()).await.unwrap();
        let operator = Operator {
            server: node.ready.admin.to_string(),
        };
        let lan = operator.json("add lan --type tcp --bind 127.0.0.1:0").await;
        let at = address(&lan);
        operator.done(&format!("set lan --bind {at}")).await;
        node.terminate().await.unwrap();

        let other_program = std::net::TcpListener::bind(&at).unwrap();
        let node = Node::start(options).await.unwrap();
        let operator = Operator {
            server: node.ready.admin.to_string(),
        };
        let table = operator.done("list").await;
        let problem = table.lines().last().unwrap();
        assert!(
            problem.starts_with("FAILED lan of n1 accepts nothing:"),
            "{table}"
        );
        assert!(problem.contains(&at), "{table}");
        let refused = operator.run("enable lan").await;
        refused.expect(6, &[&at]);
        assert_eq!(operator.listener("n1", "lan").await["state"], "failed");
        drop(other_program);
        let text = operator.done("enable lan").await;
        assert_eq!(text, format!("lan on n1 enabled, listens on {at}\n"));
        connected(&at).await.disconnect().await;
    })
    .await;
}

#[tokio::test]
async fn refusals_say_why_and_change_nothing() {
    within(LIMIT, async {
        let cluster = TestCluster::start(1).await;
        let operator = Operator::at(&cluster, 0);
        let other_program = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let taken = other_program.local_addr().unwrap().to_string();
        let before = operator.done("list -o json").await;
        let add = |rest: &str| format!("add lan --type tcp {rest}");
        for (line, code, words) in [
            (
                add(&format!("--bind {taken}")),
                6,
                vec![taken.as_str(), "hint:"],
            ),
            (add("--bind localhost:1883"), 2, vec!["--bind", "IP"]),
            (add("--bind 127.0.0.1:0 --path /mqtt"), 2, vec!["--path"]),
            (add("--bind 127.0.0.1:0 --node n9"), 3, vec!["n9"]),
            (
                "add mqtt --type tcp --bind 127.0.0.1:0".to_owned(),
                6,
                vec!["mqtt"],
            ),
            (
                "add web --type tls --bind 127.0.0.1:0 --certfile /no/a.pem --keyfile /no/a.key"
                    .to_owned(),
                6,
                vec!["/no/a.pem"],
            ),
            (
                "add web --type tls --bind 127.0.0.1:0 --certfile a.pem --keyfile a.key".to_owned(),
                2,
                vec!["relative", "node"],
            ),
            (
                "set ghost --max-connections 1".to_owned(),
                3,
                vec!["ghost", "mqtt"],
            ),
            ("set mqtt --path /ws".to_owned(), 2, vec!["--path"]),
            ("set mqtt".to_owned(), 2, vec!["at least one"]),
            ("enable ghost".to_owned(), 3, vec!["ghost"]),
            ("remove ghost --yes".to_owned(), 3, vec!["ghost"]),
            ("reload-certificates mqtt".to_owned(), 2, vec!["TLS"]),
            ("list --node n9".to_owned(), 3, vec!["n9"]),
        ] {
            let outcome = operator.run(&line).await;
            assert_eq!(outcome.stdout, "", "{line}");
            outcome.expect(code, &words);
        }
        assert_eq!(operator.done("list -o json").await, before);
    })
    .await;
}

#[tokio::test]
async fn other_nodes_are_reached_through_any_endpoint() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = unused.local_addr().unwrap();
        drop(unused);
        let operator = Operator {
            server: format!("{nobody},{}", cluster.nodes[0].ready.admin),
        };
        let vague = operator.run("add lan --type tcp --bind 127.0.0.1:0").await;
        vague.expect(2, &["--node"]);
        let lan = operator
            .json("add lan --type tcp --bind 127.0.0.1:0 --node n2")
            .await;
        assert_eq!(lan["node"], "n2");
        connected(&address(&lan)).await.disconnect().await;
        let names = operator.done("list -o name").await;
        assert_eq!(names, "mqtt\nlan\nmqtt\n");
        let text = operator.done("remove lan --node n2 --yes").await;
        assert!(text.starts_with("lan removed from n2"), "{text}");
    })
    .await;
}

/// MQTT over TLS by hand: what matters is which certificate is shown and that the connection stays.
struct Secure {
    stream: TlsStream<TcpStream>,
}

impl Secure {
    async fn connect(authority: &Authority, address: &str, name: &str) -> Self {
        let tcp = TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let connector = authority.connector(None);
        let mut stream = connector.connect(name, tcp).await.unwrap();
        let id = unique("c");
        let connect = Connect::persistent(&id, Protocol::V3_1_1);
        stream.write_all(&connect.encode()).await.unwrap();
        let mut connack = [0; 4];
        stream.read_exact(&mut connack).await.unwrap();
        assert_eq!((connack[0], connack[3]), (0x20, 0));
        Self { stream }
    }

    fn shown(&self) -> CertificateDer<'_> {
        self.stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    }

    /// A PINGREQ is answered.
    async fn lives(&mut self) {
        self.stream.write_all(&[0xC0, 0]).await.unwrap();
        let mut pingresp = [0; 2];
        self.stream.read_exact(&mut pingresp).await.unwrap();
        assert_eq!(pingresp, [0xD0, 0]);
    }
}

#[tokio::test]
async fn certificates_are_reloaded_and_changed_and_connections_stay() {
    within(LIMIT, async {
        let cluster = TestCluster::start(1).await;
        let operator = Operator::at(&cluster, 0);
        let dir = tempfile::tempdir().unwrap();
        let authority = Authority::new(dir.path(), "ca");
        let files = |files: &Files| {
            format!(
                "--certfile {} --keyfile {}",
                files.certfile(),
                files.keyfile()
            )
        };
        let first = authority.server("first", &["localhost"]);
        let old = first.certificate();
        let fleet = authority.server("fleet", &["fleet.example"]);
        let web = operator
            .json(&format!(
                "add web --type tls --bind 127.0.0.1:0 {} --sni fleet.example={},{}",
                files(&first),
                fleet.certfile(),
                fleet.keyfile()
            ))
            .await;
        assert!(web["certificate_expires_at"].is_string(), "{web}");
        let at = address(&web);
        let mut held = Secure::connect(&authority, &at, "localhost").await;
        assert_eq!(held.shown(), old);

        // Written anew, it is shown once it has been read again.
        let renewed = authority.server("first", &["localhost"]).certificate();
        assert_ne!(renewed, old);
        assert_eq!(
            Secure::connect(&authority, &at, "localhost").await.shown(),
            old
        );
        let text = operator.done("reload-certificates").await;
        assert!(
            text.starts_with("web on n1: certificates read again"),
            "{text}"
        );
        let after = Secure::connect(&authority, &at, "localhost").await;
        assert_eq!(after.shown(), renewed);

        // A file that cannot be used changes nothing.
        std::fs::write(&first.certfile, "no certificate").unwrap();
        let refused = operator.run("reload-certificates web").await;
        refused.expect(6, &[&first.certfile()]);
        let after = Secure::connect(&authority, &at, "localhost").await;
        assert_eq!(after.shown(), renewed);

        // The main certificate changes alone.
        let second = authority.server("second", &["localhost"]);
        operator.done(&format!("set web {}", files(&second))).await;
        let after = Secure::connect(&authority, &at, "localhost").await;
        assert_eq!(after.shown(), second.certificate());
        let after = Secure::connect(&authority, &at, "fleet.example").await;
        assert_eq!(after.shown(), fleet.certificate());
        held.lives().await;
    })
    .await;
}

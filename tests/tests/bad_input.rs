//! What cannot be done is refused with a message that names the thing and what would work, with the right
//! exit code, and changes nothing.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use emqx_proto::admin::v1::{ListOperationsRequest, NodeState};
use emqx_tests::admin::evacuation_of;
use emqx_tests::cli::emqxctl;
use emqx_tests::test_cluster::TestCluster;
use emqx_tests::{programs, unique, within};
use emqxctl::demo::cluster::{Node, NodeOptions};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(90);
const REFUSED_WITHIN: Duration = Duration::from_secs(20);

/// `emqxd` with these arguments alone: exit code and standard error.
async fn emqxd(args: &[&str]) -> (i32, String) {
    let output = Command::new(programs::emqxd())
        .args(args)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(REFUSED_WITHIN, output)
        .await
        .unwrap_or_else(|_| panic!("emqxd {args:?} runs on"))
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code().unwrap_or(-1), text)
}

/// Starts a node that must refuse: it ends with a failure and says each of the words.
async fn refuses(options: &NodeOptions, words: &[&str]) {
    let (status, log) = Node::start_to_fail(options, REFUSED_WITHIN).await.unwrap();
    assert!(
        status.code().is_some_and(|code| code != 0),
        "{status}: {log}"
    );
    assert!(!log.contains("panicked"), "{log}");
    for word in words {
        assert!(log.contains(word), "{word:?} is missing: {log}");
    }
}

fn options(dir: &Path, name: &str) -> NodeOptions {
    NodeOptions::new(&programs::emqxd(), dir, name)
}

#[tokio::test]
async fn emqxd_names_an_unknown_flag() {
    let (code, text) = emqxd(&["--no-such-flag"]).await;
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("--no-such-flag"), "{text}");
}

#[tokio::test]
async fn emqxd_names_a_value_that_is_wrong() {
    for (flag, value) in [
        ("--mqtt", "nowhere"),
        ("--log-format", "xml"),
        ("--join", "n1"),
    ] {
        let (code, text) = emqxd(&[flag, value]).await;
        assert_eq!(code, 2, "{flag} {value}: {text}");
        assert!(text.contains(flag) && text.contains(value), "{text}");
    }
}

#[tokio::test]
async fn anonymous_clients_from_elsewhere_must_be_allowed_aloud() {
    let dir = tempfile::tempdir().unwrap();
    let mut options = options(dir.path(), "n1");
    options.flags = BTreeMap::from([("mqtt".to_owned(), "0.0.0.0:0".to_owned())]);
    refuses(&options, &["0.0.0.0", "--allow-anonymous"]).await;
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        for flag in ["mqtt", "admin", "http", "cluster"] {
            let mut options = options(dir.path(), &format!("node-{flag}"));
            options.flags.insert(flag.to_owned(), address.clone());
            fs::create_dir_all(&options.data_dir).unwrap();
            refuses(&options, &[&address]).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_data_directory_has_one_user() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let node = Node::start(options(dir.path(), "n1")).await.unwrap();
        let mut second = options(dir.path(), "n2");
        second.data_dir.clone_from(&node.options.data_dir);
        let data_dir = second.data_dir.display().to_string();
        refuses(&second, &[&data_dir]).await;
        // The first one does not care.
        emqx_tests::client::Client::clean(
            &unique("c"),
            emqxctl::demo::link::Protocol::V5,
            &node.mqtt(),
        )
        .await
        .disconnect()
        .await;
        node.terminate().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_used_is_named() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        // A file in its place stops also a superuser.
        let mut in_the_way = options(dir.path(), "n1");
        in_the_way.data_dir = dir.path().join("file");
        fs::write(&in_the_way.data_dir, "").unwrap();
        let path = in_the_way.data_dir.display().to_string();
        refuses(&in_the_way, &[&path]).await;

        let locked = dir.path().join("locked");
        fs::create_dir(&locked).unwrap();
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
        let is_superuser = fs::write(locked.join("probe"), "").is_ok();
        if !is_superuser {
            let mut unreadable = options(dir.path(), "n2");
            unreadable.data_dir = locked.join("data");
            let path = unreadable.data_dir.display().to_string();
            // Its log cannot be beside its data, so the program is run by hand.
            let (code, text) = emqxd(&["--node-name", "n2", "--data-dir", &path]).await;
            assert!(code > 0 && text.contains(&path), "{text}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_node_name_is_taken_once() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let mut twin = cluster.next_options();
        twin.name = "n2".to_owned();
        fs::create_dir_all(&twin.data_dir).unwrap();
        refuses(&twin, &["n2"]).await;
        cluster.formed().await;
    })
    .await;
}

#[tokio::test]
async fn emqxctl_names_what_is_wrong_with_an_evacuation() {
    within(LIMIT, async {
        let cluster = TestCluster::start(3).await;
        let server = cluster.nodes[1].ready.admin.to_string();
        let start = |args: &[&'static str]| {
            let mut all = vec!["--server".to_owned(), server.clone()];
            all.extend(["rebalance", "start", "--detach", "--yes"].map(str::to_owned));
            all.extend(args.iter().map(|arg| (*arg).to_owned()));
            async move {
                let all: Vec<&str> = all.iter().map(String::as_str).collect();
                emqxctl(&all).await
            }
        };
        let admin = cluster.admin(1).await;

        start(&["--evacuation", "n9"])
            .await
            .expect(3, &["n9", "n1"]);
        start(&["--evacuation", "n1", "--conn-evict-rate", "0"])
            .await
            .expect(2, &["--conn-evict-rate", "0"]);
        start(&["--evacuation", "n1", "--sess-evict-rate", "-5"])
            .await
            .expect(2, &["--sess-evict-rate", "-5"]);
        start(&["--evacuation", "n1", "--wait-takeover", "soon"])
            .await
            .expect(2, &["--wait-takeover", "soon"]);
        start(&["--evacuation", "n1", "--migrate-to", "n9"])
            .await
            .expect(3, &["n9"]);
        start(&["--evacuation", "n1", "--migrate-to", "n1"])
            .await
            .expect(6, &["n1"]);
        start(&["--no-such-flag"])
            .await
            .expect(2, &["--no-such-flag"]);
        emqxctl(&["--server", &server, "rebalance", "stop"])
            .await
            .expect(6, &[]);
        emqxctl(&["--server", &server, "rebalance", "stop", "op-none"])
            .await
            .expect(3, &["op-none"]);

        // Nothing has changed.
        for node in admin.status().await.nodes {
            assert_eq!(node.state(), NodeState::Serving, "{}", node.name);
        }
        let request = ListOperationsRequest {
            include_ended: true,
        };
        let operations = admin.operations().list(request).await.unwrap().into_inner();
        assert!(operations.operations.is_empty(), "{operations:?}");

        let operation = admin.evacuate(evacuation_of("n1", 1)).await;
        start(&["--evacuation", "n1"]).await.expect(6, &["n1"]);
        start(&["--evacuation", "n2", "--migrate-to", "n1"])
            .await
            .expect(6, &["n1"]);
        assert_eq!(admin.operation(&operation.id).await.id, operation.id);
    })
    .await;
}

#[tokio::test]
async fn the_only_node_cannot_be_evacuated() {
    within(LIMIT, async {
        let cluster = TestCluster::start(1).await;
        let server = cluster.nodes[0].ready.admin.to_string();
        let args = [
            "--server",
            &server,
            "rebalance",
            "start",
            "--evacuation",
            "n1",
            "--detach",
            "--yes",
        ];
        emqxctl(&args).await.expect(6, &["n1"]);
        assert_eq!(cluster.availability(0).await, 200);
    })
    .await;
}

#[tokio::test]
async fn the_api_refuses_what_the_tool_would_not_send() {
    within(LIMIT, async {
        let cluster = TestCluster::start(2).await;
        let admin = cluster.admin(0).await;
        let mut zero = evacuation_of("n1", 1);
        zero.conn_evict_rate = Some(0);
        let refused = admin.try_evacuate(zero).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
        assert!(refused.message().contains("conn_evict_rate"), "{refused}");
        let refused = admin.try_evacuate(evacuation_of("", 1)).await.unwrap_err();
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    })
    .await;
}

#[tokio::test]
async fn emqxctl_says_when_nobody_answers_or_a_client_is_unknown() {
    within(LIMIT, async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = free.local_addr().unwrap().to_string();
        drop(free);
        emqxctl(&["--server", &nobody, "cluster", "status"])
            .await
            .expect(5, &[&nobody]);
        let cluster = TestCluster::start(1).await;
        let server = cluster.nodes[0].ready.admin.to_string();
        for command in ["show", "kick"] {
            emqxctl(&["--server", &server, "--yes", "clients", command, "ghost"])
                .await
                .expect(3, &["ghost"]);
        }
    })
    .await;
}

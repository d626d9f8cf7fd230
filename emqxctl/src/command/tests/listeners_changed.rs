//! `listeners add | set | remove | enable | disable | reload-certificates`

use emqx_proto::admin::v1 as wire;
use prost::Message;
use tonic::{Code, Status};

use super::{Ran, World};
use crate::admin::fake::{FakeNode, dead_endpoint, refusal};
use crate::exit::ExitStatus;

/// One whose own name is n1.
fn n1() -> FakeNode {
    FakeNode::start_with(|script| script.status.answered_by = "n1".to_owned())
}

/// The last thing that a node was asked.
fn asked(node: &FakeNode) -> String {
    node.script().requests.last().cloned().unwrap_or_default()
}

async fn refused(node: &FakeNode, args: &str) -> Ran {
    let ran = World::of(node).run(args).await;
    assert_eq!(ran.status, ExitStatus::Usage, "{args}: {}", ran.stdout);
    assert_eq!(ran.stdout, "", "{args}");
    let requests = node.script().requests.clone();
    assert!(requests.is_empty(), "{args}: {requests:?}");
    ran
}

#[tokio::test]
async fn add_sends_what_was_typed() {
    let node = n1();
    let ran = World::of(&node)
        .run(
            "listeners add web --type wss --bind [::]:443 --max-connections 10 \
             --maximum-packet-size 64KiB --connect-timeout 5s --proxy-protocol \
             --proxy-protocol-timeout 1s --path /ws --certfile /a.pem --keyfile /a.key \
             --sni b.example=/b.pem,/b.key --sni *.c.example=/c.pem,/c.key --cacertfile /ca.pem \
             --client-certificate required --handshake-timeout 1500ms --node n3",
        )
        .await;
    insta::assert_snapshot!(ran.transcript());
    insta::assert_snapshot!("add_request", asked(&node).replace(", ", ",\n"));
}

#[tokio::test]
async fn add_leaves_defaults_to_the_node() {
    let node = n1();
    let ran = World::of(&node)
        .run("listeners add lan --type tcp --bind unix:/run/emqxd.sock --disabled")
        .await;
    assert_eq!(ran.stdout, "lan (tcp) added on n1, disabled\n");
    let asked = asked(&node);
    assert!(asked.contains("enabled: Some(false)"), "{asked}");
    for absent in [
        "node: \"\"",
        "max_connections: None",
        "maximum_packet_size: None",
        "connect_timeout_ms: None",
        "proxy_protocol: None",
        "path: None",
        "certificates: []",
        "client_certificate: None",
        "handshake_timeout_ms: None",
    ] {
        assert!(asked.contains(absent), "{absent} is missing: {asked}");
    }
    let ran = World::of(&node)
        .run("listeners add lan --type tcp --bind 127.0.0.1:1884 -o json")
        .await;
    assert_eq!(ran.json()["kind"], "listener");
    assert_eq!(ran.json()["address"], "127.0.0.1:1884");
    let ran = World::of(&node)
        .run("listeners add lan --type tcp --bind 127.0.0.1:1884 -o name")
        .await;
    assert_eq!(ran.stdout, "lan\n");
}

#[tokio::test]
async fn a_listener_that_cannot_listen_is_partial() {
    let node = n1();
    let ran = World::of(&node)
        .run("listeners add web --type ws --bind 127.0.0.1:80")
        .await;
    insta::assert_snapshot!(ran.transcript());
    let ran = World::of(&node)
        .run("listeners set devices --bind 127.0.0.1:80 -o json")
        .await;
    assert_eq!(ran.status, ExitStatus::Partial);
    assert_eq!(ran.json()["state"], "failed");
}

#[tokio::test]
async fn bad_values_are_named_before_anything_is_sent() {
    let node = n1();
    let mut text = String::new();
    for options in [
        "--max-connections many",
        "--max-connections -1",
        "--maximum-packet-size 1MB",
        "--connect-timeout soon",
        "--proxy-protocol-timeout -1",
        "--path mqtt",
        "--certfile certs/n1.pem --keyfile /etc/emqxd/n1.key",
        "--certfile /etc/emqxd/n1.pem",
        "--keyfile /etc/emqxd/n1.key",
        "--sni a.example=/a.pem",
        "--sni a.example=a.pem,/a.key",
        "--cacertfile ./ca.pem",
        "--client-certificate maybe",
        "--handshake-timeout 8d",
        "--bind 1883",
        "--bind unix:emqxd.sock",
    ] {
        let ran = refused(&node, &format!("listeners set devices {options}")).await;
        let about = ran.stderr.split("\n\n").next().unwrap();
        text.push_str(&format!("{options}\n{about}\n\n"));
    }
    for args in [
        "listeners add a/b --type tcp --bind 127.0.0.1:1883",
        "listeners add lan --type udp --bind 127.0.0.1:1883",
    ] {
        let ran = refused(&node, args).await;
        let about = ran.stderr.split("\n\n").next().unwrap();
        text.push_str(&format!("{args}\n{about}\n\n"));
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn options_of_another_type_are_named_before_anything_is_sent() {
    let node = n1();
    let mut text = String::new();
    for options in [
        "tcp --bind 127.0.0.1:1883 --certfile /a.pem --keyfile /a.key",
        "ws --bind 127.0.0.1:1883 --sni a.example=/a.pem,/a.key",
        "tcp --bind 127.0.0.1:1883 --cacertfile /a.pem",
        "ws --bind 127.0.0.1:1883 --client-certificate required",
        "tls --bind 127.0.0.1:1883 --path /mqtt",
        "tcp --bind 127.0.0.1:1883 --handshake-timeout 1s",
        "wss --bind unix:/run/emqxd.sock",
    ] {
        let ran = refused(&node, &format!("listeners add lan --type {options}")).await;
        text.push_str(&ran.stderr);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn set_changes_only_what_was_typed() {
    let node = n1();
    let ran = World::of(&node)
        .run("listeners set devices --max-connections 0 --no-proxy-protocol")
        .await;
    assert_eq!(
        ran.stdout,
        "devices (tls) on n1 changed, listens on 0.0.0.0:8883\n"
    );
    assert_eq!(node.script().requests.len(), 1);
    let asked = asked(&node);
    for word in [
        "bind: None",
        "enabled: None",
        "max_connections: Some(0)",
        "proxy_protocol: Some(false)",
        "certificates: []",
    ] {
        assert!(asked.contains(word), "{word} is missing: {asked}");
    }
}

#[tokio::test]
async fn set_without_a_setting_is_usage() {
    let node = n1();
    let ran = refused(&node, "listeners set devices --node n1").await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn set_of_one_certificate_leaves_the_others() {
    let node = n1();
    for (options, present, absent) in [
        (
            "--certfile /new.pem --keyfile /new.key",
            ["/new.pem", "/etc/emqxd/fleet.pem"],
            "/etc/emqxd/n1.pem",
        ),
        (
            "--sni a.example=/a.pem,/a.key",
            ["/a.pem", "/etc/emqxd/n1.pem"],
            "/etc/emqxd/fleet.pem",
        ),
    ] {
        let ran = World::of(&node)
            .run(&format!("listeners set devices {options}"))
            .await;
        assert_eq!(ran.status, ExitStatus::Ok, "{}", ran.stderr);
        let asked = asked(&node);
        // The node that was looked at is the node that is changed.
        for word in present.iter().chain(&["node: \"n1\""]) {
            assert!(asked.contains(word), "{word} is missing: {asked}");
        }
        assert!(!asked.contains(absent), "{asked}");
    }
    let ran = World::of(&node)
        .run("listeners set ghost --certfile /new.pem --keyfile /new.key")
        .await;
    assert_eq!(ran.status, ExitStatus::NotFound);
}

#[tokio::test]
async fn remove_asks_and_says_what_becomes_of_connections() {
    let node = n1();
    let ran = refused_remove(&node, "").await;
    insta::assert_snapshot!("remove_with_nobody_to_ask", ran.transcript());
    for (options, name) in [("", "stay"), ("--disconnect", "close")] {
        let ran = World::of(&node)
            .on_terminal()
            .typing("\n")
            .run(&format!("listeners remove devices {options}"))
            .await;
        assert_eq!(ran.status, ExitStatus::Refused);
        assert!(!asked(&node).starts_with("remove_listener"));
        insta::assert_snapshot!(format!("remove_asks_and_connections_{name}"), ran.stderr);
    }
    let ran = World::of(&node)
        .on_terminal()
        .typing("y\n")
        .run("listeners remove devices")
        .await;
    assert_eq!(
        ran.stdout,
        "devices removed from n1; its 12 connections stay\n"
    );
    assert!(asked(&node).contains("node: \"n1\", name: \"devices\", disconnect: false"));
}

async fn refused_remove(node: &FakeNode, options: &str) -> Ran {
    let ran = World::of(node)
        .run(&format!("listeners remove devices {options}"))
        .await;
    assert_eq!(ran.status, ExitStatus::Usage);
    assert!(!asked(node).starts_with("remove_listener"));
    ran
}

#[tokio::test]
async fn remove_for_scripts() {
    let node = n1();
    let ran = World::of(&node)
        .run("listeners remove devices --disconnect --yes")
        .await;
    assert_eq!(
        ran.stdout,
        "devices removed from n1; 12 connections closed\n"
    );
    assert!(asked(&node).contains("disconnect: true"));
    let ran = World::of(&node)
        .run("listeners remove local --node n2 --yes -o json")
        .await;
    assert_eq!(ran.json()["node"], "n2");
    assert_eq!(ran.json()["state"], "removed");
    let ran = World::of(&node).run("listeners remove ghost --yes").await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn enable_and_disable_say_what_follows() {
    let node = n1();
    let ran = World::of(&node).run("listeners disable devices").await;
    assert_eq!(
        ran.stdout,
        "devices on n1 disabled; its 12 connections stay\n"
    );
    assert!(asked(&node).contains("enabled: Some(false)"));
    let ran = World::of(&node)
        .run("listeners enable local --node n2")
        .await;
    assert_eq!(
        ran.stdout,
        "local on n2 enabled, listens on unix:/run/emqxd.ws\n"
    );
    assert!(asked(&node).contains("enabled: Some(true)"));
    let ran = World::of(&node).run("listeners enable ghost").await;
    insta::assert_snapshot!(ran.transcript());
}

#[tokio::test]
async fn reload_says_when_certificates_expire() {
    let node = n1();
    let ran = World::of(&node).run("listeners reload-certificates").await;
    insta::assert_snapshot!(ran.transcript());
    assert!(asked(&node).contains("name: \"\""));
    let ran = World::of(&node)
        .run("listeners reload-certificates devices --node n3 -o json")
        .await;
    assert_eq!(ran.json()["items"][0]["node"], "n3");
    node.script().listeners.clear();
    let ran = World::of(&node).run("listeners reload-certificates").await;
    assert_eq!(ran.status, ExitStatus::Ok);
    assert!(
        ran.stderr.contains("no listener uses TLS"),
        "{}",
        ran.stderr
    );
}

#[tokio::test]
async fn a_change_needs_a_node_when_several_may_answer() {
    let node = n1();
    let both = || vec![dead_endpoint(), node.endpoint()];
    let ran = World::at(both()).run("listeners disable devices").await;
    insta::assert_snapshot!(ran.transcript());
    for args in [
        "listeners add lan --type tcp --bind 127.0.0.1:1884",
        "listeners set devices --max-connections 1",
        "listeners enable devices",
        "listeners remove devices --yes",
        "listeners reload-certificates",
    ] {
        let ran = World::at(both()).run(args).await;
        assert_eq!(ran.status, ExitStatus::Usage, "{args}: {}", ran.stderr);
        assert!(node.script().requests.is_empty(), "{args}");
    }
    for args in [
        "listeners add lan --type tcp --bind 127.0.0.1:1884 --node n1",
        "listeners set devices --max-connections 1 --node n1",
        "listeners enable devices --node n1",
        "listeners remove devices --yes --node n1",
        "listeners reload-certificates --node n1",
    ] {
        let ran = World::at(both()).run(args).await;
        assert_eq!(ran.status, ExitStatus::Ok, "{args}: {}", ran.stderr);
    }
}

#[tokio::test]
async fn a_change_is_not_sent_twice() {
    let hanging = FakeNode::start_with(|script| script.silent.push("set_listener"));
    let other = FakeNode::start();
    let ran = World::at(vec![hanging.endpoint(), other.endpoint()])
        .run("listeners disable devices --node n1 --timeout 2s")
        .await;
    insta::assert_snapshot!(ran.transcript());
    assert!(other.script().requests.is_empty());
}

#[tokio::test]
async fn a_refusal_leads_to_the_option_or_to_the_listeners() {
    let node = n1();
    let mut text = String::new();
    for (code, word, field) in [
        (Code::AlreadyExists, "listener_exists", ""),
        (Code::FailedPrecondition, "address_unavailable", "bind"),
        (
            Code::InvalidArgument,
            "invalid_field",
            "settings.connect_timeout_ms",
        ),
        (
            Code::InvalidArgument,
            "invalid_field",
            "certificates[0].certfile",
        ),
        (Code::InvalidArgument, "invalid_field", "kind"),
        (Code::InvalidArgument, "invalid_field", "name"),
        (Code::FailedPrecondition, "bad_certificate", "certificates"),
        (Code::NotFound, "unknown_node", "node"),
        (Code::Unavailable, "node_unreachable", ""),
        (Code::Unimplemented, "", ""),
    ] {
        let info = wire::ErrorInfo {
            code: word.to_owned(),
            field: field.to_owned(),
            cause: "no".to_owned(),
            valid: "something else".to_owned(),
        };
        let status = if word.is_empty() {
            Status::unimplemented("")
        } else {
            Status::with_details(code, "no", info.encode_to_vec().into())
        };
        node.script().refuse.insert("add_listener", status);
        let ran = World::of(&node)
            .run("listeners add lan --type tcp --bind 127.0.0.1:1884")
            .await;
        text.push_str(&format!("{word} {field}\n{}\n", ran.transcript()));
    }
    insta::assert_snapshot!(text);
    let status = refusal(
        Code::FailedPrecondition,
        "cannot read /a.pem",
        "bad_certificate",
        "",
    );
    node.script().refuse.insert("reload_certificates", status);
    let ran = World::of(&node).run("listeners reload-certificates").await;
    assert_eq!(ran.status, ExitStatus::Refused);
    assert!(ran.stderr.starts_with("error: cannot read /a.pem\n"));
}

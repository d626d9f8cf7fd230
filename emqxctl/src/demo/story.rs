//! The story that `emqxctl demo` tells.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use emqx_proto::admin::v1::{Operation, StartEvacuationRequest};
use tonic::transport::Channel;

use super::args::DemoOptions;
use super::board::{Board, DeviceState};
use super::cluster::Cluster;
use super::device::Wanted;
use super::display::Display;
use super::fleet::{Fleet, mixed_devices};
use super::publisher::{Publisher, PublisherOptions};
use super::report::{DemoReport, Evidence};
use super::schedule::Schedule;
use super::{daemon_binary, evacuation, open_files};

/// Nodes get that long to see each other.
const FORM_WAIT: Duration = Duration::from_secs(30);
/// Clients get that long to do what they are told, and so much more for each thousand of them.
const CLIENTS_WAIT: Duration = Duration::from_secs(30);
/// Messages that wait for each offline client when the evacuation begins.
const QUEUED_BEFORE: u32 = 5;
/// Further messages that are published to an offline client at most, however long it takes: what a
/// session may hold is limited, and this is not about that limit.
const OFFLINE_MESSAGES_MAX: u64 = 100;
/// Beyond what the evacuation has to take.
const EVACUATION_GRACE: Duration = Duration::from_secs(60);
/// Late copies get that long to show up.
const SETTLE: Duration = Duration::from_millis(500);
/// With messages missing, silence of that length means that they are lost.
const GIVE_UP: Duration = Duration::from_secs(5);
/// Missing messages that the report names.
const MISSING_SHOWN_MAX: usize = 10;

/// Ctrl-C or SIGTERM; everything has been cleaned up.
#[derive(Debug, thiserror::Error)]
#[error("interrupted; the cluster of the demo has been taken down")]
pub struct Interrupted;

/// Runs the demo to its end. An error means that it could not be carried out; whether its promises were
/// kept is in the report. Whatever happens, nothing is left behind, except with `keep`.
pub async fn run(options: DemoOptions, display: &mut dyn Display) -> anyhow::Result<DemoReport> {
    open_files::allow(u64::from(options.clients))?;
    let mut note = |text: &str| display.note(text);
    let program = tokio::select! {
        program = daemon_binary::find(options.emqxd.as_deref(), &mut note) => program?,
        () = interruption() => return Err(Interrupted.into()),
    };
    let mut cluster = Cluster::new(&program)?;
    let result = tokio::select! {
        result = tell(&options, &mut cluster, display) => result,
        () = interruption() => Err(Interrupted.into()),
    };
    if options.keep && result.is_ok() {
        for line in how_to_reach(&cluster) {
            display.note(&line);
        }
        cluster.keep();
    } else {
        cluster.shut_down().await?;
    }
    result
}

async fn tell(
    options: &DemoOptions,
    cluster: &mut Cluster,
    display: &mut dyn Display,
) -> anyhow::Result<DemoReport> {
    let channels = start_nodes(options, cluster, display).await?;
    let addresses: Vec<String> = cluster
        .nodes
        .iter()
        .map(super::cluster::Node::mqtt)
        .collect();
    let home = cluster.nodes[0].name().to_owned();

    let clients = options.clients as usize;
    let offline = clients / 3;
    let online = clients - offline;
    let clients_wait = CLIENTS_WAIT * (1 + options.clients / 1000);
    let board = Arc::new(Board::new(clients));
    let fleet = Fleet::spawn(mixed_devices("device-", clients, &addresses), &board);
    fleet.tell(0..clients, Wanted::Online);
    board
        .wait_for(0..clients, DeviceState::Ready, clients_wait)
        .await?;
    fleet.tell(online..clients, Wanted::Offline);
    board
        .wait_for(online..clients, DeviceState::Idle, clients_wait)
        .await?;
    display.note(&format!(
        "{clients} MQTT clients have a session on {home}, half 3.1.1 and half 5.0; {offline} of them are offline"
    ));

    // The publisher is at home on the second node; on the first it would itself be evacuated.
    let mut publisher_addresses = addresses.clone();
    publisher_addresses.rotate_left(1);
    let publisher = Publisher::spawn(
        PublisherOptions {
            client_id: "demo-publisher".to_owned(),
            addresses: publisher_addresses,
            topics: fleet.topics(),
        },
        Arc::clone(&board),
    );
    tokio::time::timeout(
        clients_wait,
        publisher.burst(online..clients, QUEUED_BEFORE),
    )
    .await
    .context("the messages for the offline clients were not acknowledged in time")??;
    let mut limits = vec![u64::MAX; online];
    limits.resize(clients, OFFLINE_MESSAGES_MAX);
    publisher
        .steady(Schedule::new(options.publish_rate_per_sec, limits))
        .await?;
    display.note(&format!(
        "a publisher on {} sends them {} QoS 1 messages a second",
        cluster.nodes[1].name(),
        options.publish_rate_per_sec
    ));

    let begun = Instant::now();
    let operation = evacuate(options, &channels[1], &home, display).await?;
    let evacuation = begun.elapsed();

    display.note("all clients connect and take what waits for them");
    publisher.finish().await?;
    fleet.tell(0..clients, Wanted::Online);
    let back = board.wait_for(0..clients, DeviceState::Ready, clients_wait);
    if let Err(error) = back.await {
        // The report says who is missing.
        display.note(&error.to_string());
    }
    let messages = board.wait_until_drained(SETTLE, GIVE_UP).await;
    let clients_back = board.count(0..clients, DeviceState::Ready);
    let missing = board
        .missing(MISSING_SHOWN_MAX)
        .into_iter()
        .map(|(index, sequence)| format!("{}:{sequence}", fleet.device(index).client_id))
        .collect();
    let report = DemoReport::new(Evidence {
        operation: &operation,
        evacuation,
        clients,
        clients_back,
        reconnects: &board.reconnects(),
        messages,
        missing,
    });
    fleet.stop().await;
    Ok(report)
}

async fn start_nodes(
    options: &DemoOptions,
    cluster: &mut Cluster,
    display: &mut dyn Display,
) -> anyhow::Result<Vec<Channel>> {
    let count = usize::from(options.nodes);
    ensure!(count >= 2, "an evacuation needs two nodes, not {count}");
    cluster.start(count).await?;
    let mut channels = Vec::new();
    for node in &cluster.nodes {
        channels.push(evacuation::connect(&node.admin_url()).await?);
    }
    evacuation::wait_until_formed(&channels, count, FORM_WAIT).await?;
    let nodes: Vec<String> = cluster
        .nodes
        .iter()
        .map(|node| format!("{} (mqtt {})", node.name(), node.ready.mqtt))
        .collect();
    display.note(&format!("{count} nodes serve: {}", nodes.join(", ")));
    Ok(channels)
}

/// Any node can be asked; this asks one that stays.
async fn evacuate(
    options: &DemoOptions,
    channel: &Channel,
    node: &str,
    display: &mut dyn Display,
) -> anyhow::Result<Operation> {
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let request = StartEvacuationRequest {
        node: node.to_owned(),
        wait_health_check_ms: Some(millis(options.wait_health_check)),
        wait_takeover_ms: Some(millis(options.wait_takeover)),
        conn_evict_rate: Some(options.rate_per_sec),
        sess_evict_rate: Some(options.rate_per_sec),
        reason: "demo".to_owned(),
        started_by: "emqxctl demo".to_owned(),
        ..StartEvacuationRequest::default()
    };
    let operation = evacuation::start(channel, request).await?;
    display.update(&operation);
    let moving = Duration::from_secs(u64::from(options.clients / options.rate_per_sec) + 1);
    let within = options.wait_health_check + options.wait_takeover + moving * 2 + EVACUATION_GRACE;
    evacuation::watch_until_rest(channel, &operation.id, within, display).await
}

fn how_to_reach(cluster: &Cluster) -> Vec<String> {
    let mut lines = vec!["the cluster goes on:".to_owned()];
    let mut pids = Vec::new();
    for node in &cluster.nodes {
        let ready = &node.ready;
        lines.push(format!(
            "  {}  mqtt {}  admin {}  http {}  pid {}",
            node.name(),
            ready.mqtt,
            ready.admin,
            ready.http,
            ready.pid
        ));
        pids.push(ready.pid.to_string());
    }
    if let [first, second, ..] = cluster.nodes.as_slice() {
        lines.push(format!(
            "  emqxctl --server {} cluster status",
            second.ready.admin
        ));
        lines.push(format!(
            "  emqxctl --server {} rebalance stop --node {}",
            second.ready.admin,
            first.name()
        ));
        lines.push(format!(
            "  mosquitto_sub -h {} -p {} -t 'demo/#' -v",
            second.ready.mqtt.ip(),
            second.ready.mqtt.port()
        ));
    }
    lines.push(format!(
        "end it with: kill {} && rm -r {}",
        pids.join(" "),
        cluster.dir().display()
    ));
    lines
}

/// Returns when the operator or the system wants this process to end.
async fn interruption() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::demo::PlainLines;

    #[tokio::test]
    async fn a_daemon_that_does_not_start_is_the_error() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("emqxd");
        std::fs::write(&program, "#!/bin/sh\necho 'no space left' >&2\nexit 1\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let options = DemoOptions {
            clients: 3,
            rate_per_sec: 50,
            nodes: 3,
            publish_rate_per_sec: 10,
            wait_health_check: Duration::ZERO,
            wait_takeover: Duration::ZERO,
            keep: true,
            emqxd: Some(program),
        };
        let mut lines = PlainLines::new(std::io::sink());
        let error = run(options, &mut lines).await.unwrap_err().to_string();
        assert!(
            error.contains("n1") && error.contains("no space left"),
            "{error}"
        );
    }
}

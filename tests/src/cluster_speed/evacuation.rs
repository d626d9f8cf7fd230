//! All sessions of a node leave it, while messages for them are published on another node.

use std::time::Duration;

use anyhow::Context as _;
use emqx_proto::admin::v1::{Operation, StartEvacuationRequest};
use emqxctl::demo::evacuation;
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout};

use crate::test_cluster::TestCluster;
use crate::unique;

use super::generator::{Generate, Generator};
use super::{CONFIG, cpu_time};

/// Nodes, of which the first is evacuated.
const NODES: usize = 3;

/// How often it is looked whether it is over.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// An evacuation gets that long.
const AT_MOST: Duration = Duration::from_secs(90);

/// When all clients are there they get that long to come back and take their Sessions along; it ends when all are back.
/// Sessions whose client is away would only wait meanwhile.
const WAIT_TAKEOVER_MS: u64 = 30_000;

/// What is to leave.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// Sessions whose client is there.
    pub online: u32,
    /// Sessions whose client is away.
    pub offline: u32,
    /// Processes that the clients are in.
    pub generators: u32,
    /// Messages published a second, to all sessions in turn.
    pub publish_per_sec: u32,
    /// Bytes of each payload.
    pub payload_bytes: usize,
    /// For how long messages are published before the evacuation begins.
    pub queue_for: Duration,
    /// Connections cut and Sessions moved a second.
    pub rate: u32,
}

/// What came of it. Counts are sums over all sessions.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// From the first cut, or the first move, until the last Session had left.
    pub seconds: f64,
    /// Sessions that left, a second.
    pub sessions_per_sec: f64,
    /// CPU time of all nodes meanwhile, seconds.
    pub cpu_s: f64,
    /// Messages that went along with Sessions that have no client.
    pub messages_carried: u64,
    /// Sessions that did not move.
    pub left_behind: u64,
    /// Sessions that were to be there.
    pub sessions: u64,
    /// Clients that are back.
    pub returned: u64,
    /// Of those, with their session.
    pub session_present: u64,
    /// Messages published.
    pub published: u64,
    /// Messages acknowledged to the publisher.
    pub acknowledged: u64,
    /// Different messages that arrived.
    pub received: u64,
    /// Messages that were acknowledged and did not arrive.
    pub lost: u64,
    /// Further copies with DUP, which QoS 1 allows.
    pub duplicated_with_dup: u64,
    /// Further copies without DUP.
    pub duplicated_without_dup: u64,
    /// First copies that came after a later message.
    pub reordered: u64,
}

impl Trial {
    /// Whether every session and every message is still there, once.
    pub const fn is_clean(&self) -> bool {
        self.left_behind == 0
            && self.returned >= self.sessions
            && self.session_present == self.returned
            && self.received >= self.acknowledged
            && self.lost == 0
            && self.duplicated_without_dup == 0
            && self.reordered == 0
    }
}

/// Starts a cluster and evacuates its first node.
///
/// # Errors
/// When a process cannot be had, or the evacuation does not end.
pub async fn run(work: &Work) -> anyhow::Result<Trial> {
    let cluster = TestCluster::with_config(NODES, CONFIG).await;
    let share =
        |all: u32, index: u32| all / work.generators + u32::from(index < all % work.generators);
    let mut generators = Vec::new();
    for index in 0..work.generators {
        generators.push(Generator::start(&Generate {
            targets: cluster.nodes.iter().map(|node| node.ready.mqtt).collect(),
            prefix: unique("speed"),
            online: share(work.online, index),
            offline: share(work.offline, index),
            rate: share(work.publish_per_sec, index).max(1),
            payload: work.payload_bytes,
        })?);
    }
    try_join_all(generators.iter_mut().map(Generator::begun)).await?;
    sleep(work.queue_for).await;
    let before = cpu_time(&cluster);
    let operation = timeout(AT_MOST, evacuate(&cluster, work))
        .await
        .context("the evacuation did not end")??;
    let cpu = cpu_time(&cluster).saturating_sub(before);
    let figures = try_join_all(generators.into_iter().map(Generator::end)).await?;
    Ok(judge(work, &operation, cpu, &figures))
}

/// Returns once no session is left on the node.
async fn evacuate(cluster: &TestCluster, work: &Work) -> anyhow::Result<Operation> {
    let admin = cluster.admin(0).await;
    let request = StartEvacuationRequest {
        node: cluster.nodes[0].name().to_owned(),
        wait_health_check_ms: Some(0),
        wait_takeover_ms: Some(match work.offline {
            0 => WAIT_TAKEOVER_MS,
            _ => 0,
        }),
        conn_evict_rate: Some(work.rate),
        sess_evict_rate: Some(work.rate),
        reason: "to see how fast it is".to_owned(),
        ..StartEvacuationRequest::default()
    };
    let mut operation = evacuation::start(admin.channel(), request).await?;
    let began = Instant::now();
    loop {
        let sessions = operation.sessions.unwrap_or_default();
        if sessions.current == 0 || operation.phase == "prohibiting" || began.elapsed() > AT_MOST {
            return Ok(operation);
        }
        sleep(LOOK_EVERY).await;
        operation = admin.operation(&operation.id).await;
    }
}

fn judge(work: &Work, operation: &Operation, cpu: Duration, figures: &[Value]) -> Trial {
    let sum = |name: &str| -> u64 {
        let each = figures.iter().map(|figures| figures[name].as_u64());
        each.map(Option::unwrap_or_default).sum()
    };
    let ms: u64 = operation
        .phases
        .iter()
        .filter(|phase| phase.name != "prohibiting")
        .filter_map(|phase| phase.duration_ms)
        .sum();
    let seconds = ms.max(1) as f64 / 1e3;
    let left_behind = operation.sessions.unwrap_or_default().current;
    let sessions = u64::from(work.online + work.offline);
    Trial {
        seconds,
        sessions_per_sec: sessions.saturating_sub(left_behind) as f64 / seconds,
        cpu_s: cpu.as_secs_f64(),
        messages_carried: operation.messages_carried,
        left_behind,
        sessions,
        returned: sum("returned"),
        session_present: sum("session_present"),
        published: sum("published"),
        acknowledged: sum("acknowledged"),
        received: sum("received"),
        lost: sum("lost"),
        duplicated_with_dup: sum("duplicated_with_dup"),
        duplicated_without_dup: sum("duplicated_without_dup"),
        reordered: sum("reordered"),
    }
}

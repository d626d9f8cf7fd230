//! The README's first command.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use emqx_tests::{eventually, programs, within};
use emqxctl::demo::{DemoOptions, PlainLines};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::process::Command;

const LIMIT: Duration = Duration::from_secs(120);
const WAIT: Duration = Duration::from_secs(60);

fn options() -> DemoOptions {
    DemoOptions {
        clients: 90,
        rate_per_sec: 50,
        nodes: 3,
        publish_rate_per_sec: 100,
        wait_health_check: Duration::from_millis(500),
        wait_takeover: Duration::from_secs(1),
        keep: false,
        emqxd: Some(programs::emqxd()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_promise_of_the_demo_is_kept() {
    within(LIMIT, async {
        let mut lines = PlainLines::new(std::io::sink());
        let report = emqxctl::demo::run(options(), &mut lines).await.unwrap();
        assert!(report.is_passed, "{report}");
        assert_eq!(report.sessions_moved_with_client, 60, "{report}");
        assert_eq!(report.sessions_moved_without_client, 30, "{report}");
        assert_eq!(
            (report.reconnects, report.sessions_present),
            (90, 90),
            "{report}"
        );
        let mean = report.conn_rate_mean_per_sec.unwrap();
        assert!((47.0..=52.5).contains(&mean), "{report}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_and_one_client_are_enough() {
    within(LIMIT, async {
        let options = DemoOptions {
            clients: 1,
            nodes: 2,
            ..options()
        };
        let mut lines = PlainLines::new(std::io::sink());
        let report = emqxctl::demo::run(options, &mut lines).await.unwrap();
        assert!(report.is_passed, "{report}");
    })
    .await;
}

/// The program, with its temporary folder in `dir`.
fn demo(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(programs::emqxctl());
    command
        .arg("demo")
        .arg("--emqxd")
        .arg(programs::emqxd())
        .args(args)
        .env("TMPDIR", dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// `ready.json` of all nodes that run from `dir`.
fn ready_files(dir: &Path) -> Vec<PathBuf> {
    let folders = |dir: &Path| {
        fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
    };
    folders(dir)
        .flat_map(|cluster| folders(&cluster).collect::<Vec<_>>())
        .map(|node| node.join("ready.json"))
        .filter(|file| file.is_file())
        .collect()
}

fn pid(ready_file: &Path) -> Option<Pid> {
    let ready: serde_json::Value = serde_json::from_slice(&fs::read(ready_file).ok()?).ok()?;
    Pid::from_raw(i32::try_from(ready["pid"].as_i64()?).ok()?)
}

#[tokio::test]
async fn the_exit_code_is_0_and_nothing_is_left_behind() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let args = [
            "--clients",
            "30",
            "--wait-health-check",
            "0",
            "--wait-takeover",
            "1",
        ];
        let output = demo(dir.path(), &args).output().await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(text.contains("PASSED") && text.contains("lost"), "{text}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn ctrl_c_takes_everything_down() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let mut running = demo(
            dir.path(),
            &["--clients", "50", "--wait-health-check", "60"],
        )
        .spawn()
        .unwrap();
        let pids: Vec<Pid> = eventually("three nodes run", WAIT, || async {
            let pids: Vec<Pid> = ready_files(dir.path())
                .iter()
                .filter_map(|file| pid(file))
                .collect();
            (pids.len() == 3).then_some(pids)
        })
        .await;
        let own = Pid::from_raw(running.id().unwrap().cast_signed()).unwrap();
        kill_process(own, Signal::INT).unwrap();
        let status = running.wait().await.unwrap();
        assert_eq!(status.code(), Some(130));
        for pid in pids {
            assert!(test_kill_process(pid).is_err(), "{pid:?} still runs");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    })
    .await;
}

#[tokio::test]
async fn keep_leaves_the_cluster_running() {
    within(LIMIT, async {
        let dir = tempfile::tempdir().unwrap();
        let args = [
            "--clients",
            "9",
            "--wait-health-check",
            "0",
            "--wait-takeover",
            "0",
            "--keep",
        ];
        let output = demo(dir.path(), &args).output().await.unwrap();
        let files = ready_files(dir.path());
        let pids: Vec<Pid> = files.iter().filter_map(|file| pid(file)).collect();
        let runs: Vec<bool> = pids
            .iter()
            .map(|pid| test_kill_process(*pid).is_ok())
            .collect();
        for pid in &pids {
            let _ = kill_process(*pid, Signal::KILL);
        }
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert_eq!(runs, [true; 3]);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            said.contains("mosquitto_sub") && said.contains("--server"),
            "{said}"
        );
    })
    .await;
}

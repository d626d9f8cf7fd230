//! Counts the instructions of the hot paths with valgrind, and compares them with `budgets.toml`. A count does not depend
//! on what else the machine does, so it can be checked where time cannot.
//!
//!     cargo bench -p emqxd --bench instructions              # fails when a piece takes more than its budget
//!     cargo bench -p emqxd --bench instructions -- write     # makes what is measured the budget, on purpose
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command that shows figures"
)]

mod pieces;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail};
use pieces::Piece;
use serde::Deserialize;

/// As the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A piece may take so many times its budget: compilers and libraries differ a little.
const HEAD_ROOM: f64 = 1.05;

/// The same where large hash tables are searched: each process has other hashes, and so other collisions.
const HEAD_ROOM_OF_HASHES: f64 = 1.2;

/// One that takes less than this of its budget has a budget that watches nothing.
const GENEROUS: f64 = 0.8;

/// What is done before anything is counted, and how much more is done then, in operations: buffers have their size, and
/// what happens once in many operations happens often enough.
const FEW: u64 = 200;
const MORE: u64 = 4_000;

/// Calls that are counted, at least.
const MORE_CALLS: u64 = 4;

/// Instructions for one operation of each piece.
#[derive(Debug, Deserialize)]
struct Budgets {
    instructions: BTreeMap<String, f64>,
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/budgets.toml")
}

impl Budgets {
    fn read() -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file()).context("benches/budgets.toml")?;
        toml::from_str(&text).context("benches/budgets.toml")
    }

    fn write(counts: &[(&str, f64)]) -> anyhow::Result<()> {
        let mut text = "# Instructions for one operation of each hot path (see `instructions.rs`). Written by\n\
                        #     cargo bench -p emqxd --bench instructions -- write\n\n[instructions]\n"
            .to_owned();
        for (name, count) in counts {
            writeln!(text, "{name} = {count:.0}")?;
        }
        std::fs::write(file(), text).context("benches/budgets.toml")
    }
}

fn run(piece: &Piece, calls: u64) {
    let mut call = (piece.set_up)();
    for _ in 0..calls {
        call();
    }
}

/// All instructions of a process that makes so many calls.
fn count_of(piece: &Piece, calls: u64) -> anyhow::Result<u64> {
    let program = std::env::current_exe()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["run", piece.name, &calls.to_string()])
        .output()
        .context("valgrind cannot be run")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said
        .lines()
        .find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match count {
        Some(count) if output.status.success() => Ok(count),
        _ => bail!("{} under valgrind: {}\n{said}", piece.name, output.status),
    }
}

/// Instructions for one operation. What a process does once stands in both counts and cancels out.
fn count(piece: &Piece) -> anyhow::Result<f64> {
    let few = FEW.div_ceil(piece.operations);
    let more = MORE.div_ceil(piece.operations).max(MORE_CALLS);
    let counted = count_of(piece, few + more)?.saturating_sub(count_of(piece, few)?);
    Ok(counted as f64 / (more * piece.operations) as f64)
}

/// Counts all pieces, as many at once as there are processors: they do not disturb each other.
fn count_all(pieces: &[Piece]) -> anyhow::Result<Vec<(&str, f64)>> {
    let next = AtomicUsize::new(0);
    let counts = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let counted = count(piece);
                    if let Ok(mut counts) = counts.lock() {
                        counts.push((piece.name, counted));
                    }
                }
            });
        }
    });
    let mut counts = counts.into_inner().unwrap_or_default();
    let place = |name: &str| pieces.iter().position(|piece| piece.name == name);
    counts.sort_by_key(|(name, _)| place(name));
    counts
        .into_iter()
        .map(|(name, counted)| Ok((name, counted?)))
        .collect()
}

fn head_room(name: &str) -> f64 {
    if name.starts_with("match-") {
        HEAD_ROOM_OF_HASHES
    } else {
        HEAD_ROOM
    }
}

/// Prints the table. Whether all pieces keep their budgets.
fn check(counts: &[(&str, f64)], budgets: &Budgets) -> bool {
    let mut is_kept = true;
    println!(
        "{:<28} {:>12} {:>12} {:>7}",
        "instructions an operation", "counted", "budget", "of it"
    );
    for (name, count) in counts {
        let Some(budget) = budgets.instructions.get(*name) else {
            println!("{name:<28} {count:>12.0} {:>12}         HAS NO BUDGET", "-");
            is_kept = false;
            continue;
        };
        let share = count / budget;
        let verdict = if share > head_room(name) {
            is_kept = false;
            "OVER BUDGET"
        } else if share < GENEROUS {
            "far below: write the budgets anew"
        } else {
            ""
        };
        println!(
            "{name:<28} {count:>12.0} {budget:>12.0} {:>6.1}% {verdict}",
            share * 100.0
        );
    }
    for name in budgets.instructions.keys() {
        if !counts.iter().any(|(counted, _)| counted == name) {
            println!("{name:<28} {:>12}    IS COUNTED NO MORE", "-");
            is_kept = false;
        }
    }
    is_kept
}

fn work(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let pieces = pieces::all();
    match arguments {
        ["run", name, calls] => {
            let piece = pieces.iter().find(|piece| piece.name == *name);
            run(piece.context("no such piece")?, calls.parse()?);
        }
        ["write"] => Budgets::write(&count_all(&pieces)?)?,
        [] | ["check"] => {
            if !check(&count_all(&pieces)?, &Budgets::read()?) {
                println!(
                    "A hot path executes more than 5 % above its budget (index: 20 %). When that is wanted, `cargo bench -p emqxd --bench \
                     instructions -- write` makes it the budget."
                );
                return Ok(ExitCode::FAILURE);
            }
        }
        _ => bail!("nothing, check or write"),
    }
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Cargo adds `--bench`.
    let arguments: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| *argument != "--bench")
        .collect();
    match work(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

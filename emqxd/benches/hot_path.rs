//! Times the hot paths: `cargo bench -p emqxd --bench hot_path [-- NAME]`.
#![allow(missing_docs, reason = "a program")]

mod pieces;

use criterion::{Criterion, Throughput};

/// As the daemon.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("hot_path");
    for piece in pieces::all() {
        group.throughput(Throughput::Elements(piece.operations));
        group.bench_function(piece.name, |bencher| {
            let mut run = (piece.set_up)();
            bencher.iter(&mut run);
        });
    }
    group.finish();
    criterion.final_summary();
}

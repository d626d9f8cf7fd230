//! The fuzz targets without a fuzzer: the inputs that are kept, and some by chance.
#![allow(missing_docs, reason = "a test fails by panicking")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use emqx_fuzz::{TARGETS, Target, seeds};
use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};

/// Runs a target and says which input it was when it fails.
fn run((name, target): Target, what: &str, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| target(input))).is_err() {
        panic!("{name} fails with {what}: {input:02x?}");
    }
}

fn target(name: &str) -> Target {
    let found = TARGETS.into_iter().find(|(each, _)| *each == name);
    found.expect("a target of that name")
}

#[test]
fn inputs_that_are_kept_break_nothing() {
    for target in TARGETS {
        let inputs = seeds::read(target.0).expect("a file of inputs");
        assert!(!inputs.is_empty(), "{} has no inputs", target.0);
        for (index, input) in inputs.iter().enumerate() {
            run(target, &format!("line {}", index + 1), input);
        }
    }
}

/// Kept inputs with bytes changed.
#[test]
fn inputs_by_chance_break_nothing() {
    for target in TARGETS {
        let inputs = seeds::read(target.0).expect("a file of inputs");
        for seed in 0..300 {
            let mut rng = StdRng::seed_from_u64(seed);
            let mut input = inputs[rng.random_range(0..inputs.len())].clone();
            for _ in 0..rng.random_range(1..8) {
                if !input.is_empty() {
                    let at = rng.random_range(0..input.len());
                    input[at] = rng.random();
                }
            }
            run(target, &format!("seed {seed}"), &input);
        }
    }
}

/// Several clients that send anything at a broker core, and two that follow the rules.
#[test]
fn schedules_by_chance_keep_the_promises() {
    for seed in 0..400 {
        let mut input = vec![0; 1_500];
        StdRng::seed_from_u64(seed).fill_bytes(&mut input);
        run(target("stateful"), &format!("seed {seed}"), &input);
    }
}

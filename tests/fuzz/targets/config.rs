//! Fuzz target: see `emqx_fuzz::config`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::config(input));

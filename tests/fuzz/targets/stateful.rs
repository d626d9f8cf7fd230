//! Fuzz target: see `emqx_fuzz::stateful`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::stateful(input));

//! Fuzz target: see `emqx_fuzz::topic`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::topic(input));

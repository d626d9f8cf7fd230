//! Fuzz target: see `emqx_fuzz::store_log`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::store_log(input));

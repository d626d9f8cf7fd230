//! Fuzz target: see `emqx_fuzz::session_state`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::session_state(input));

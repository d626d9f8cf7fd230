//! Fuzz target: see `emqx_fuzz::proxy_protocol`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::proxy_protocol(input));

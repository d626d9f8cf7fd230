//! Fuzz target: see `emqx_fuzz::decode_3`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::decode_3(input));

//! Fuzz target: see `emqx_fuzz::websocket`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| emqx_fuzz::websocket(input));

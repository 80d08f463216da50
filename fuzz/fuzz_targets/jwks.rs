#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pg_workos_fuzz::jwks::fuzz(data));

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| videoserve_fuzz::cut(data));

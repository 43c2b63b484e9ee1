#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| steeplechase_fuzz::call(data));

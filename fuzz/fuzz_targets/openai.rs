#![no_main]

use steeplechase_core::Dialect;

libfuzzer_sys::fuzz_target!(|data: &[u8]| steeplechase_fuzz::answer(Dialect::OpenAi, data));

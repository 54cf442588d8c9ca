#![no_main]

use isobar_fuzz::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| text::idempotency_key(data));

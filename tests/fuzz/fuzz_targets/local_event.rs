#![no_main]

use isobar_fuzz::local;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local::event(data));

#![no_main]

use isobar_fuzz::azure;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| azure::event(data));

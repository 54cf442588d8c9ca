#![no_main]

use isobar_fuzz::azure;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: isobar_fuzz::Answer| azure::answer(answer));

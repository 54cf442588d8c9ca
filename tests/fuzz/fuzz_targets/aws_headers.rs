#![no_main]

use isobar_fuzz::aws;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| aws::headers(data));

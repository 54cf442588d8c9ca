#![no_main]

use isobar_fuzz::gcp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| gcp::firestore(data));

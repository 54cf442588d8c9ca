#![no_main]

use isobar_fuzz::gcp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|event: isobar_fuzz::gcp::Sent| gcp::cloud_event(event));

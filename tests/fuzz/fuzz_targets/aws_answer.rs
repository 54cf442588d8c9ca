#![no_main]

use isobar_fuzz::aws;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|answer: isobar_fuzz::Answer| aws::answer(answer));

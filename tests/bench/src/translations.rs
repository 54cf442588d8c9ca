//! Instructions of the translations alone, which do not depend on how busy the machine is: to be
//! compared between two commits.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::instructions::each;
use crate::stats::Problem;

const NAMES: [&str; 8] = [
    "aws-v2-read",
    "aws-v1-read",
    "aws-alb-read",
    "aws-100k-read",
    "aws-v2-write",
    "aws-sqs-10",
    "azure-hello-read",
    "azure-1k-read",
];

/// Counts all, prints them beside those of a file, where it is there, and writes them to it where
/// it is not.
#[expect(clippy::print_stdout, reason = "what it counts is what it is for")]
pub(crate) fn compare(program: &Path, baseline: Option<&Path>) -> Result<(), Problem> {
    let before = match baseline {
        Some(file) if file.exists() => parse(&std::fs::read_to_string(file)?)?,
        _ => BTreeMap::new(),
    };
    let mut lines = String::new();
    for name in NAMES {
        let few = count(program, name, crate::instructions::FEW)?;
        let many = count(program, name, crate::instructions::MANY)?;
        let now = each(few, many);
        // a String takes all that is written
        let _written = writeln!(lines, "{name} {now:.2}");
        let change = before
            .get(name)
            .map(|then| format!(" {:+.1} %", (now / then - 1.0) * 100.0));
        println!("{name:20} {now:9.2} k{}", change.unwrap_or_default());
    }
    match baseline {
        Some(file) if before.is_empty() => Ok(std::fs::write(file, lines)?),
        _ => Ok(()),
    }
}

fn parse(text: &str) -> Result<BTreeMap<String, f64>, Problem> {
    let mut all = BTreeMap::new();
    for line in text.lines() {
        let (name, count) = line
            .split_once(' ')
            .ok_or_else(|| format!("not NAME COUNT: {line}"))?;
        all.insert(name.to_owned(), count.parse()?);
    }
    Ok(all)
}

fn count(program: &Path, name: &str, times: usize) -> Result<f64, Problem> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([name, &times.to_string()])
        .stdin(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{name}: {told}").into());
    }
    crate::instructions::counted(&told)
}

//! The programs under test: the examples, built once a run.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use isobar_hosts::Launch;
use serde_json::Value;

/// Returns a launch of an example with every host compiled in.
pub(crate) fn program(name: &str) -> Launch {
    static BUILT: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        build(&[
            "-p", "hello", "-p", "mirror", "-p", "axum-app", "-p", "orders", "-p", "todo",
        ])
    });
    Launch::new(&built[name])
}

/// Builds with cargo, and returns the binaries by name.
pub(crate) fn build(arguments: &[&str]) -> BTreeMap<String, PathBuf> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    for (name, _) in std::env::vars_os() {
        // Of the test's own package: ring's build script watches them, so that it, and all that is
        // made with it, would be built anew in each of two builds that take turns.
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the examples do not build");
    let messages = String::from_utf8(output.stdout).unwrap();
    let messages = messages
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    messages
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?.to_owned();
            Some((name, message["executable"].as_str()?.into()))
        })
        .collect()
}

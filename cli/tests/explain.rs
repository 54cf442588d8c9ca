//! `cargo isobar explain` names every event that Isobar knows, and says of every other what it is.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const FOLDERS: [&str; 7] = [
    "cli/tests/data/events",
    "cli/tests/data/own",
    "tests/data/aws/events",
    "tests/data/aws/http",
    "tests/data/aws/invoke",
    "tests/data/aws/other",
    "tests/data/gcp/conformance",
];

/// Those that are compared whole.
const WHOLE: [&str; 10] = [
    "example-sqs-event.json",
    "example-s3-event.json",
    "example-kinesis-event.json",
    "lambda_function_url_request.json",
    "example-cognito-event-userpools-presignup.json",
    "example-apigw-custom-auth-request.json",
    "azure-queue.json",
    "azure-http.json",
    "pubsub-push.json",
    "scheduler.http",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn explain(arguments: &[&str], file: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-isobar"));
    command
        .args(["isobar", "explain"])
        .args(arguments)
        .arg(file);
    command.env("NO_COLOR", "1").output().unwrap()
}

fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        for entry in root().join(folder).read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|ending| ending != "md") {
                files.push(path);
            }
        }
    }
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    files
}

/// Compares with the golden file, or writes it where that is asked for.
fn golden(name: &str, got: &str) {
    let file = root().join("cli/tests/data/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, got).unwrap();
    }
    let wanted = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(got, wanted, "{} differs", file.display());
}

#[test]
fn every_file_is_named() {
    let mut lines = String::new();
    for file in files() {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let output = explain(&["--json"], &file);
        let reading: Value = serde_json::from_slice(&output.stdout).unwrap();
        let known = reading["known"] == true;
        assert_eq!(output.status.code(), Some(i32::from(!known)), "{name}");
        let source = reading["source"].as_str().unwrap();
        assert!(!source.is_empty(), "{name}");
        let what = reading["brings"]
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap();
        let mark = if known { "known " } else { "other " };
        let host = reading["host"].as_str().unwrap();
        writeln!(lines, "{mark} {name}: {host}, {source}: {what}").unwrap();
    }
    golden("named.txt", &lines);
}

#[test]
fn what_the_suites_take_is_known_and_nothing_else() {
    for (folder, wanted) in [
        ("events", true),
        ("http", true),
        ("invoke", false),
        ("other", false),
    ] {
        for entry in root()
            .join("tests/data/aws")
            .join(folder)
            .read_dir()
            .unwrap()
        {
            let file = entry.unwrap().path();
            let known = explain(&["--json"], &file).status.success();
            assert_eq!(known, wanted, "{}", file.display());
        }
    }
}

#[test]
fn explanations_are_drawn_as_they_were() {
    for name in WHOLE {
        let file = files()
            .into_iter()
            .find(|file| file.ends_with(name))
            .unwrap();
        let output = explain(&[], &file);
        golden(
            &format!("{name}.txt"),
            &String::from_utf8(output.stdout).unwrap(),
        );
    }
}

#[test]
fn a_function_json_says_what_is_guessed_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let function = folder.path().join("orders/function.json");
    std::fs::create_dir(folder.path().join("orders")).unwrap();
    let text = r#"{"bindings":[{"type":"serviceBusTrigger","direction":"in","name":"m","queueName":"q"}]}"#;
    std::fs::write(&function, text).unwrap();
    let file = root().join("cli/tests/data/own/azure-queue.json");
    let output = explain(&["--json", "--function", function.to_str().unwrap()], &file);
    let reading: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(reading["source"], "serviceBusTrigger");
}

#[test]
fn a_file_that_is_not_there_is_a_usage_error() {
    let output = explain(&[], Path::new("/nowhere.json"));
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot read /nowhere.json"));
}

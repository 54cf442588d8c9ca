//! The commands that need no program: what they print, where, and how they end.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it did"
)]

use std::path::Path;
use std::process::{Command, Output};

fn isobar(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-isobar"));
    command
        .arg("isobar")
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1");
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn new_makes_a_project_and_overwrites_none() {
    let folder = tempfile::tempdir().unwrap();
    let made = isobar(folder.path(), &["new", "demo", "--json"]);
    assert!(made.status.success(), "{}", stderr(&made));
    let printed: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    for file in printed["files"].as_array().unwrap() {
        assert!(
            folder
                .path()
                .join("demo")
                .join(file.as_str().unwrap())
                .is_file(),
            "{file}"
        );
    }
    let again = isobar(folder.path(), &["new", "demo"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(stderr(&again).contains("demo is there already"));
    let nameless = isobar(folder.path(), &["new"]);
    assert_eq!(nameless.status.code(), Some(2));
    let wrong = isobar(folder.path(), &["new", "My_Shop"]);
    assert!(
        stderr(&wrong).contains("cargo isobar new my-shop"),
        "{}",
        stderr(&wrong)
    );
}

#[test]
fn build_wants_a_cloud_and_a_project() {
    let folder = tempfile::tempdir().unwrap();
    let cloudless = isobar(folder.path(), &["build"]);
    assert_eq!(cloudless.status.code(), Some(2));
    assert!(
        stderr(&cloudless).contains("--aws"),
        "{}",
        stderr(&cloudless)
    );
    let homeless = isobar(folder.path(), &["build", "--all"]);
    assert_eq!(homeless.status.code(), Some(3));
    assert!(
        stderr(&homeless).contains("cargo isobar new demo"),
        "{}",
        stderr(&homeless)
    );
}

#[test]
fn a_manifest_with_an_unknown_key_names_file_and_key_and_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    assert!(isobar(folder.path(), &["new", "demo"]).status.success());
    let demo = folder.path().join("demo");
    let text = std::fs::read_to_string(demo.join("Cargo.toml")).unwrap();
    std::fs::write(
        demo.join("Cargo.toml"),
        text.replace("memory = 256", "memroy = 256"),
    )
    .unwrap();
    let checked = isobar(&demo, &["check"]);
    assert_eq!(checked.status.code(), Some(3), "{}", stderr(&checked));
    let said = stderr(&checked);
    for wanted in [
        "Cargo.toml",
        "package.metadata.isobar.memroy",
        "did you mean `memory`?",
    ] {
        assert!(said.contains(wanted), "{said} lacks {wanted}");
    }
}

#[test]
fn without_a_project_it_is_said_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["check", "dev", "invoke"] {
        let extra: &[&str] = if command == "invoke" { &["/x"] } else { &[] };
        let output = isobar(folder.path(), &[&[command][..], extra].concat());
        assert_eq!(output.status.code(), Some(3), "{command}");
        assert!(
            stderr(&output).contains("cargo isobar new demo"),
            "{command}"
        );
    }
}

#[test]
fn invoke_without_dev_says_how_to_start_it() {
    let folder = tempfile::tempdir().unwrap();
    assert!(isobar(folder.path(), &["new", "demo"]).status.success());
    let output = isobar(&folder.path().join("demo"), &["invoke", "/hello"]);
    assert_eq!(output.status.code(), Some(5));
    assert!(
        stderr(&output).contains("cargo isobar dev"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn samples_are_listed_and_printed_offline() {
    let folder = tempfile::tempdir().unwrap();
    let list = isobar(folder.path(), &["invoke", "--list", "--json"]);
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list.stdout).unwrap();
    assert!(list.len() >= 30);
    for sample in list {
        let option = format!("--{}", sample["trigger"].as_str().unwrap());
        let printed = isobar(folder.path(), &["invoke", &option, "--print"]);
        assert!(printed.status.success(), "{option}");
        // what is printed is explained
        let file = folder.path().join("sample");
        std::fs::write(&file, &printed.stdout).unwrap();
        let explained = isobar(
            folder.path(),
            &["explain", "--json", file.to_str().unwrap()],
        );
        let reading: serde_json::Value = serde_json::from_slice(&explained.stdout).unwrap();
        let call = sample["kind"] == "invoke" || option == "--typed-function";
        assert!(call || reading["known"] == true, "{option}: {reading:#}");
    }
}

#[test]
fn doctor_and_schema_print_json() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = isobar(folder.path(), &["doctor", "--json", "--only", "aws"]);
    let doctor: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert!(
        doctor["items"]
            .as_array()
            .unwrap()
            .iter()
            .any(|item| item["name"] == "rustc")
    );
    let schema = isobar(folder.path(), &["schema"]);
    let schema: serde_json::Value = serde_json::from_slice(&schema.stdout).unwrap();
    assert_eq!(schema["additionalProperties"], false);
}

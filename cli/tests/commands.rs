//! The commands that need no program: what they print, where, and how they end.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it did"
)]

use std::fmt::Write;
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

/// Two projects, of all that a manifest can say in one and of nothing in the other.
fn projects(folder: &Path) -> [std::path::PathBuf; 2] {
    [
        (
            "shop",
            "\
message.orders = {}
object.uploads = {}
http = { auth = \"anonymous\" }
secrets = { DATABASE_URL = \"shop-database\" }
aws.region = \"eu-west-1\"
azure = { location = \"westeurope\", resource_group = \"acme shop\" }
gcp = { project = \"acme\", region = \"europe-west1\" }
",
        ),
        (
            "plain",
            "message.orders = {}\nazure.location = \"westeurope\"\n",
        ),
    ]
    .map(|(name, manifest)| {
        let project = folder.join(name);
        std::fs::create_dir_all(project.join("src")).unwrap();
        std::fs::write(project.join("src/main.rs"), "fn main() {}\n").unwrap();
        let head = format!("[package]\nname = \"{name}\"\n\n[workspace]\n");
        let text = format!("{head}\n[package.metadata.isobar]\n{manifest}");
        std::fs::write(project.join("Cargo.toml"), text).unwrap();
        project
    })
}

/// The exact lines, since nothing here can run them: az and gcloud want an account.
#[test]
fn the_command_lines_of_deploy_logs_and_remove_are_golden() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for project in projects(folder.path()) {
        let root = project.canonicalize().unwrap();
        for cloud in ["--aws", "--azure", "--gcp"] {
            for command in ["deploy", "logs", "remove"] {
                let mut arguments = vec![command, cloud, "--dry-run"];
                if command == "deploy" && cloud != "--gcp" {
                    arguments.extend(["--parameter", "Alarm=the ops' topic"]);
                }
                let shown = isobar(&project, &arguments);
                assert!(shown.status.success(), "{}", stderr(&shown));
                let name = project.file_name().unwrap().display();
                writeln!(lines, "# {name}: {command} {cloud}").unwrap();
                lines += &String::from_utf8(shown.stdout).unwrap();
            }
        }
        lines = lines.replace(&root.display().to_string(), "ROOT");
        if let Ok(target) = std::env::var("CARGO_TARGET_DIR") {
            lines = lines.replace(&target, "ROOT/target");
        }
        assert!(!project.join("infra").exists(), "a dry run writes nothing");
        assert!(!project.join("target").exists(), "a dry run builds nothing");
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden/deploy.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &lines).unwrap();
    }
    assert_eq!(lines, std::fs::read_to_string(golden).unwrap());
}

#[test]
fn deploy_says_where_and_who_has_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let [shop, plain] = projects(folder.path());
    for (project, cloud, wanted) in [
        (&shop, "--aws", "eu-west-1 (the manifest"),
        (&plain, "--aws", "eu-north-1 (AWS_REGION)"),
        (&plain, "--azure", "westeurope (the manifest"),
        (&shop, "--gcp", "europe-west1 (the manifest"),
        (&plain, "--gcp", "REGION (gcloud config"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-isobar"));
        command.args(["isobar", "deploy", cloud, "--dry-run"]);
        command.current_dir(project).env("AWS_REGION", "eu-north-1");
        let shown = command.env("NO_COLOR", "1").output().unwrap();
        let said = stderr(&shown);
        assert!(said.contains(wanted), "{cloud} said: {said}");
    }
}

#[test]
fn deploy_wants_one_cloud_its_tool_and_what_the_cloud_must_know() {
    let folder = tempfile::tempdir().unwrap();
    let [_shop, plain] = projects(folder.path());
    let in_plain = |arguments: &[&str], path: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-isobar"));
        command.arg("isobar").args(arguments).current_dir(&plain);
        let output = command.env("NO_COLOR", "1").env("PATH", path).output();
        output.unwrap()
    };
    for (arguments, code, wanted) in [
        (&["deploy"][..], 2, "--aws"),
        (&["deploy", "--aws", "--gcp"], 2, "cannot be used with"),
        (&["deploy", "--gcp", "--parameter", "A=b"], 2, "setup.sh"),
        (&["deploy", "--azure", "--parameter", "A"], 2, "NAME=VALUE"),
        (&["remove", "--gcp"], 5, "https://cloud.google.com/sdk"),
        (&["deploy", "--azure"], 5, "pip install azure-cli"),
        (&["logs", "--aws"], 5, "pip install awscli"),
    ] {
        // no tool is on an empty path
        let failed = in_plain(arguments, "");
        let said = stderr(&failed);
        assert!(said.contains(wanted), "{arguments:?} said: {said}");
        assert_eq!(failed.status.code(), Some(code), "{said}");
    }
    assert!(!plain.join("infra").exists(), "nothing is made before");
}

/// A tool of one's own stands in for a cloud that is not there: that what it says decides.
#[cfg(unix)]
#[test]
fn credentials_that_are_missing_are_said_before_anything_is_built() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let [shop, _plain] = projects(folder.path());
    let tools = folder.path().join("tools");
    std::fs::create_dir(&tools).unwrap();
    for tool in ["aws", "az", "gcloud"] {
        let script = "#!/bin/sh\necho \"Unable to locate credentials\" >&2\nexit 1\n";
        std::fs::write(tools.join(tool), script).unwrap();
        let runs = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(tools.join(tool), runs).unwrap();
    }
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    for cloud in ["--aws", "--azure", "--gcp"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-isobar"));
        command.args(["isobar", "deploy", cloud]).current_dir(&shop);
        let failed = command.env("PATH", &path).output().unwrap();
        let said = stderr(&failed);
        for wanted in ["Unable to locate credentials", "log in: "] {
            assert!(said.contains(wanted), "{cloud} said: {said}");
        }
        assert_eq!(failed.status.code(), Some(5), "{said}");
        assert!(failed.stdout.is_empty(), "no URL");
    }
    assert!(!shop.join("infra").exists() && !shop.join("target").exists());
}

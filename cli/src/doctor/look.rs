//! What is looked at.

use super::probe::{at_least, file, first_line, on_path, output, variable, version};
use super::{Item, State};
use crate::manifest::Cloud;

/// The oldest Rust that Isobar compiles with.
const RUST: (u32, u32) = (1, 88);

/// Everything, or what one cloud needs.
pub(super) fn all(only: Option<Cloud>) -> Vec<Item> {
    let mut items = vec![rust(), cargo(), linker()];
    items.extend(targets());
    items.extend([zigbuild()]);
    let wanted = |cloud: &Cloud| only.is_none_or(|only| only == *cloud);
    for cloud in Cloud::ALL.into_iter().filter(wanted) {
        items.extend(match cloud {
            Cloud::Aws => aws(),
            Cloud::Azure => azure(),
            Cloud::Gcp => gcp(),
        });
    }
    items
}

fn item(group: &'static str, name: &'static str, found: impl Into<String>) -> Item {
    Item {
        group,
        name,
        state: State::Good,
        found: found.into(),
        mend: None,
    }
}

impl Item {
    fn lacking(mut self, state: State, mend: impl Into<String>) -> Self {
        self.state = state;
        self.mend = Some(mend.into());
        self
    }
}

fn rust() -> Item {
    let install = "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";
    let Some(line) = first_line("rustc", &["--version"]) else {
        return item("Rust", "rustc", "not found").lacking(State::Missing, install);
    };
    let old = !version(&line).is_some_and(|version| at_least(version, RUST));
    let item = item("Rust", "rustc", line);
    if old {
        return item.lacking(State::Missing, "rustup update stable");
    }
    item
}

fn cargo() -> Item {
    match first_line("cargo", &["--version"]) {
        Some(line) => item("Rust", "cargo", line),
        None => {
            item("Rust", "cargo", "not found").lacking(State::Missing, "rustup component add cargo")
        }
    }
}

/// rustc links by `cc` on all systems but Windows.
fn linker() -> Item {
    if cfg!(windows) {
        return item("Rust", "linker", "Visual Studio's, or another");
    }
    match first_line("cc", &["--version"]) {
        Some(line) => item("Rust", "linker (cc)", line),
        None if cfg!(target_os = "macos") => item("Rust", "linker (cc)", "not found")
            .lacking(State::Missing, "xcode-select --install"),
        None => item("Rust", "linker (cc)", "not found")
            .lacking(State::Missing, "sudo apt-get install gcc libc6-dev"),
    }
}

/// The targets of the clouds' machines.
fn targets() -> Vec<Item> {
    let installed = output("rustup", &["target", "list", "--installed"]);
    let host = output("rustc", &["-vV"]).unwrap_or_default();
    let of = |name: &'static str, target: &'static str| {
        let native = host.contains(&format!("host: {target}"));
        let there = installed
            .as_ref()
            .is_some_and(|text| text.lines().any(|line| line == target));
        if native || there {
            return item("Targets", name, target);
        }
        item("Targets", name, format!("{target} is not installed"))
            .lacking(State::Optional, format!("rustup target add {target}"))
    };
    vec![
        of("x86_64", "x86_64-unknown-linux-gnu"),
        of("arm64", "aarch64-unknown-linux-gnu"),
    ]
}

fn zigbuild() -> Item {
    match first_line("cargo-zigbuild", &["--version"]) {
        Some(line) => item("Targets", "cargo-zigbuild", line),
        None => item(
            "Targets",
            "cargo-zigbuild",
            "not found; it links for other machines than this",
        )
        .lacking(State::Optional, "pip install cargo-zigbuild ziglang"),
    }
}

/// A provider's command line tool.
fn tool(group: &'static str, name: &'static str, version: &[&str], install: &str) -> Item {
    if !on_path(name) {
        return item(group, name, "not found; deploying wants it")
            .lacking(State::Optional, install);
    }
    let line =
        first_line(name, version).unwrap_or_else(|| "it does not tell its version".to_owned());
    item(group, name, line)
}

/// Credentials: that there are some, and where; not what they are, nor whether they hold.
fn credentials(
    group: &'static str,
    variables: &[&'static str],
    files: &[&str],
    login: &str,
) -> Item {
    if let Some(name) = variable(variables) {
        return item(group, "credentials", format!("by {name}"));
    }
    match file(files) {
        Some(file) => item(group, "credentials", format!("in {}", file.display())),
        None => item(group, "credentials", "none found; deploying wants them")
            .lacking(State::Optional, login),
    }
}

fn aws() -> Vec<Item> {
    let variables = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ];
    let region = match variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]) {
        Some(name) => item("AWS", "region", format!("by {name}")),
        None if file(&[".aws/config"]).is_some() => item("AWS", "region", "by ~/.aws/config"),
        None => item("AWS", "region", "none found; deploying wants one")
            .lacking(State::Optional, "aws configure set region eu-west-1"),
    };
    vec![
        tool("AWS", "aws", &["--version"], "pip install awscli"),
        credentials(
            "AWS",
            &variables,
            &[".aws/credentials", ".aws/sso/cache"],
            "aws configure",
        ),
        region,
    ]
}

fn azure() -> Vec<Item> {
    let variables = ["AZURE_CLIENT_ID", "IDENTITY_ENDPOINT"];
    let files = [".azure/msal_token_cache.json", ".azure/azureProfile.json"];
    vec![
        tool("Azure", "az", &["--version"], "pip install azure-cli"),
        credentials("Azure", &variables, &files, "az login"),
    ]
}

fn gcp() -> Vec<Item> {
    let variables = ["GOOGLE_APPLICATION_CREDENTIALS"];
    let files = [
        ".config/gcloud/credentials.db",
        ".config/gcloud/application_default_credentials.json",
    ];
    let project = match variable(&["GOOGLE_CLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"]) {
        Some(name) => item("Google Cloud", "project", format!("by {name}")),
        None if file(&[".config/gcloud/configurations/config_default"]).is_some() => {
            item("Google Cloud", "project", "by gcloud's configuration")
        }
        None => item("Google Cloud", "project", "none found; deploying wants one")
            .lacking(State::Optional, "gcloud config set project PROJECT"),
    };
    vec![
        tool(
            "Google Cloud",
            "gcloud",
            &["--version"],
            "curl https://sdk.cloud.google.com | bash",
        ),
        credentials("Google Cloud", &variables, &files, "gcloud auth login"),
        project,
    ]
}

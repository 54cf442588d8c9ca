//! The environment of the program: this shell's own, but for what would name a host; then the
//! manifest's, the file's and the options'.

use std::path::Path;

use isobar_hosts::Launch;

use super::host::Way;
use crate::fail::{Failure, Kind, Result, cause};
use crate::manifest::Manifest;
use crate::wiring;

/// Variables that a host sets. One that this shell happens to have would name a wrong one.
const HOSTS_OWN: [&str; 8] = [
    "AWS_LAMBDA_",
    "FUNCTION_",
    "FUNCTIONS_",
    "K_",
    "WEBSITE_",
    "CLOUD_RUN_",
    "LAMBDA_",
    "PORT",
];

/// What the options say of it.
#[derive(Clone, Debug)]
pub(super) struct Options<'a> {
    /// `--env`.
    pub(super) pairs: &'a [String],
    /// `--env-file`.
    pub(super) file: Option<&'a Path>,
}

/// Sets all variables.
///
/// # Errors
///
/// When an option or a line of the file is no `NAME=VALUE`.
pub(super) fn set(
    mut launch: Launch,
    way: Way,
    manifest: &Manifest,
    options: &Options<'_>,
) -> Result<Launch> {
    for (name, value) in std::env::vars_os() {
        let hosts_own = name.to_str().is_some_and(is_hosts_own);
        if !hosts_own {
            launch = launch.env(name, value);
        }
    }
    for (name, value) in way.settings() {
        if std::env::var_os(name).is_none() {
            launch = launch.env(name, value);
        }
    }
    let variables = match way.cloud() {
        Some(cloud) => wiring::variables(manifest, cloud),
        None => manifest.on(None).environment,
    };
    for (name, value) in variables {
        launch = launch.env(name, value);
    }
    for (name, value) in pairs(options)? {
        launch = launch.env(name, value);
    }
    Ok(launch)
}

fn is_hosts_own(name: &str) -> bool {
    name == "ISOBAR_HOST"
        || HOSTS_OWN.iter().any(|own| match own.strip_suffix('_') {
            Some(_) => name.starts_with(own),
            None => name == *own,
        })
}

fn pairs(options: &Options<'_>) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    if let Some(file) = options.file {
        let text = std::fs::read_to_string(file).map_err(cause(
            Kind::Usage,
            format!("cannot read {}", file.display()),
        ))?;
        for (n, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let line = line.strip_prefix("export ").unwrap_or(line);
            let place = format!("{}:{}", file.display(), n + 1);
            pairs.push(pair(line, &place)?);
        }
    }
    for text in options.pairs {
        pairs.push(pair(text, "--env")?);
    }
    Ok(pairs)
}

fn pair(text: &str, place: &str) -> Result<(String, String)> {
    let parts = text
        .split_once('=')
        .filter(|(name, _)| !name.trim().is_empty());
    let (name, value) = parts.ok_or_else(|| {
        Failure::new(
            Kind::Usage,
            format!("{place}: NAME=VALUE is wanted, not {text}"),
        )
    })?;
    let value = value.trim();
    let unquoted = |quote| {
        value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
    };
    let value = unquoted('"').or_else(|| unquoted('\'')).unwrap_or(value);
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_host_is_left_out() {
        for name in [
            "K_SERVICE",
            "PORT",
            "AWS_LAMBDA_RUNTIME_API",
            "FUNCTION_TARGET",
            "ISOBAR_HOST",
        ] {
            assert!(is_hosts_own(name), "{name}");
        }
        for name in [
            "AWS_REGION",
            "AWS_ACCESS_KEY_ID",
            "PORTAL",
            "KEY",
            "ISOBAR_DEADLINE",
        ] {
            assert!(!is_hosts_own(name), "{name}");
        }
    }

    #[test]
    fn pairs_come_from_a_file_and_from_options() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".env");
        std::fs::write(&file, "# a\n\nA=1\nexport B=\"x y\"\n").unwrap();
        let options = Options {
            pairs: &["A=2".to_owned()],
            file: Some(&file),
        };
        let got = pairs(&options).unwrap();
        let wanted = [("A", "1"), ("B", "x y"), ("A", "2")];
        assert_eq!(got, wanted.map(|(n, v)| (n.to_owned(), v.to_owned())));
        std::fs::write(&file, "\nnonsense\n").unwrap();
        let error = pairs(&options).unwrap_err().to_string();
        assert!(error.contains(".env:2: NAME=VALUE is wanted"), "{error}");
    }
}

//! How things are looked for: programs by their versions, credentials by their files and variables.
//! No credential is read or shown, and nothing is asked over the network.

use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The first line that a command prints, `None` where it cannot be run or fails.
pub(super) fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let text = output(program, arguments)?;
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.to_owned())
}

/// All that a command prints, standard error where it writes nothing else.
pub(super) fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = if output.stdout.is_empty() {
        output.stderr
    } else {
        output.stdout
    };
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&text).into_owned())
}

/// Whether a program is on the path.
pub(crate) fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// The first of these variables that is set.
pub(super) fn variable(names: &[&'static str]) -> Option<&'static str> {
    let set = |name: &&&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    names.iter().find(set).copied()
}

/// The first of these files, below the home folder, that is there.
pub(super) fn file(names: &[&str]) -> Option<PathBuf> {
    let home = std::env::home_dir()?;
    names
        .iter()
        .map(|name| home.join(name))
        .find(|file| file.exists())
}

/// The first version in a text: digits with a dot between.
pub(super) fn version(text: &str) -> Option<&str> {
    let is_version =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    text.split(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '(' | ')'))
        .find(is_version)
}

/// Whether a version is at least another, by its first two numbers.
pub(super) fn at_least(version: &str, wanted: (u32, u32)) -> bool {
    let mut numbers = version.split('.').map(|n| n.parse::<u32>().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    found >= wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_where_tools_write_them() {
        for (text, wanted) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", "1.95.0"),
            ("aws-cli/2.31.0 Python/3.13", "2.31.0"),
            ("Google Cloud SDK 528.0.0", "528.0.0"),
            ("4.1.2", "4.1.2"),
        ] {
            assert_eq!(version(text), Some(wanted));
        }
        assert_eq!(version("none here"), None);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(at_least("1.100.0", (1, 88)) && at_least("2.0", (1, 88)));
        assert!(!at_least("1.9.0", (1, 88)));
    }

    #[test]
    fn what_is_not_there_is_none() {
        assert_eq!(first_line("no-such-program-of-ours", &[]), None);
        assert!(!on_path("no-such-program-of-ours") && on_path("cargo"));
    }
}

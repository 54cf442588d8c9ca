//! Commands of a provider's tool, each shown before it runs.

use std::fmt;
use std::process::{Command, Output, Stdio};

use crate::doctor::on_path;
use crate::fail::{Failure, Kind, Result, cause};
use crate::manifest::Cloud;
use crate::say;

/// A command: its words, none of which a shell reads.
#[derive(Clone, Debug)]
pub(super) struct Line(Vec<String>);

impl Line {
    /// The words of a text that is ours, between its spaces.
    pub(super) fn of(text: &'static str) -> Self {
        Self(text.split(' ').map(str::to_owned).collect())
    }

    /// With an option and its value.
    pub(super) fn option(self, name: &'static str, value: impl Into<String>) -> Self {
        self.word(name).word(value)
    }

    /// With a word.
    pub(super) fn word(mut self, word: impl Into<String>) -> Self {
        self.0.push(word.into());
        self
    }

    /// With these words.
    pub(super) fn words(mut self, words: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(words);
        self
    }

    /// The first words, which say what it does.
    fn head(&self) -> String {
        let words = self.0.iter().map(String::as_str);
        let words = words.take_while(|word| !word.starts_with('-')).take(3);
        words.collect::<Vec<_>>().join(" ")
    }

    fn command(&self) -> Command {
        let mut words = self.0.iter();
        let mut command = Command::new(words.next().map_or("", String::as_str));
        command.args(words).stdin(Stdio::null());
        command
    }

    fn output(&self) -> Result<Output> {
        self.command().output().map_err(self.cannot())
    }

    fn cannot(&self) -> impl FnOnce(std::io::Error) -> Failure {
        cause(Kind::Run, format!("{} cannot be run", self.head()))
    }
}

/// As a shell takes it.
impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, word) in self.0.iter().enumerate() {
            let space = if place == 0 { "" } else { " " };
            write!(f, "{space}{}", quoted(word))?;
        }
        Ok(())
    }
}

/// Runs commands, or only shows them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shell {
    dry: bool,
}

impl Shell {
    /// A shell that has this cloud's tool; one that only shows needs none.
    ///
    /// # Errors
    ///
    /// When the tool is not there.
    pub(super) fn new(dry: bool, cloud: Cloud) -> Result<Self> {
        let (tool, install) = match cloud {
            Cloud::Aws => ("aws", "pip install awscli, or https://aws.amazon.com/cli"),
            Cloud::Azure => (
                "az",
                "pip install azure-cli, or https://aka.ms/installazurecli",
            ),
            Cloud::Gcp => ("gcloud", "https://cloud.google.com/sdk/docs/install"),
        };
        if !dry && !on_path(tool) {
            let message = format!(
                "{} is deployed to by {tool}, which is not found",
                cloud.host()
            );
            return Err(Failure::new(Kind::Run, message).help(install));
        }
        Ok(Self { dry })
    }

    /// Whether commands are only shown.
    pub(super) fn is_dry(self) -> bool {
        self.dry
    }

    /// Runs a command, whose output is the user's.
    ///
    /// # Errors
    ///
    /// When it cannot be run, or fails.
    pub(super) fn run(self, line: &Line) -> Result<()> {
        self.show(line);
        if self.dry {
            return Ok(());
        }
        // stdout is for what this command itself has to tell
        let status = line.command().stdout(std::io::stderr()).status();
        let status = status.map_err(line.cannot())?;
        if status.success() {
            return Ok(());
        }
        let message = format!("{} failed ({status})", line.head());
        Err(Failure::new(Kind::Run, message).help(
            "what it wrote above says why; what was done before it stays, and is found again",
        ))
    }

    /// What a command prints; where nothing is run, the word that stands for it.
    ///
    /// # Errors
    ///
    /// When it cannot be run, fails or prints nothing: with what it wrote, and this help.
    pub(super) fn ask(self, line: &Line, word: &str, help: &str) -> Result<String> {
        self.read(line, word, help)?.ok_or_else(|| {
            let message = format!("{} printed nothing", line.head());
            Failure::new(Kind::Run, message).help(help)
        })
    }

    /// What a command prints, which may be nothing.
    ///
    /// # Errors
    ///
    /// When it cannot be run, or fails.
    pub(super) fn read(self, line: &Line, word: &str, help: &str) -> Result<Option<String>> {
        self.show(line);
        if self.dry {
            return Ok(Some(word.to_owned()));
        }
        let output = line.output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            // the words that aws and gcloud have for nothing
            let none = |printed: &String| ["", "None", "(unset)"].contains(&printed.as_str());
            return Ok(Some(text(&output.stdout)).filter(|printed| !none(printed)));
        }
        let message = format!("{} failed: {}", line.head(), text(&output.stderr));
        Err(Failure::new(Kind::Run, message).help(help))
    }

    /// Whether a command succeeds; where nothing is run, it does not.
    ///
    /// # Errors
    ///
    /// When it cannot be run.
    pub(super) fn succeeds(self, line: &Line) -> Result<bool> {
        self.show(line);
        Ok(!self.dry && line.output()?.status.success())
    }

    fn show(self, line: &Line) {
        if self.dry {
            say::data(line);
        } else {
            say::status("Running", line);
        }
    }
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+%^".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_split_or_expand_them() {
        for (word, wanted) in [
            ("--name=shop", "--name=shop"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$HOME", "'$HOME'"),
            ("it's", r"'it'\''s'"),
        ] {
            assert_eq!(quoted(word), wanted);
        }
    }

    #[test]
    fn a_failure_names_the_command_and_not_its_options() {
        let line = Line::of("aws s3api head-bucket").option("--bucket", "a b");
        assert_eq!(line.head(), "aws s3api head-bucket");
        assert_eq!(line.to_string(), "aws s3api head-bucket --bucket 'a b'");
    }

    #[test]
    fn a_command_that_fails_is_told_with_what_it_wrote() {
        let shell = Shell { dry: false };
        let line = Line::of("sh -c").word("echo no credentials >&2; exit 3");
        let failed = shell.ask(&line, "WORD", "log in").expect_err("it fails");
        assert!(failed.to_string().contains("no credentials"), "{failed}");
        let line = Line::of("echo").word(" x ");
        assert_eq!(shell.ask(&line, "WORD", "").ok().as_deref(), Some("x"));
        for nothing in ["", "None", "(unset)"] {
            let line = Line::of("echo").word(nothing);
            assert_eq!(shell.read(&line, "WORD", "").ok(), Some(None));
            assert!(shell.ask(&line, "WORD", "").is_err());
        }
        assert!(shell.run(&Line::of("false")).is_err());
        assert!(shell.run(&Line::of("no-such-program")).is_err());
    }
}

//! `cargo isobar new`: a project that compiles, tests, runs and builds at once.

mod isobar;
mod name;
mod templates;

use std::path::{Path, PathBuf};

use crate::fail::{Failure, Kind, Result, cause};
use crate::say;

const EXAMPLES: &str = "\
Examples:
  cargo isobar new demo                     HTTP: an axum Router
  cargo isobar new shop --events            messages, objects and a schedule too
  cargo isobar new demo --path work/demo    in a folder of another name
  cargo isobar new demo --isobar-path ~/isobar
                                            against a checkout of Isobar";

/// Make a new function: a project that compiles, tests and runs
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct New {
    /// The function's name, which is the package's; asked for where a terminal is there
    name: Option<String>,
    /// With handlers of messages, objects and a schedule
    #[arg(long)]
    events: bool,
    /// The folder to make; that of the name otherwise
    #[arg(long, value_name = "FOLDER")]
    path: Option<PathBuf>,
    /// A checkout of Isobar to depend on. Isobar is not on crates.io yet: without this it is the
    /// checkout that this command was built from, where that is still there
    #[arg(long, value_name = "FOLDER")]
    isobar_path: Option<PathBuf>,
    /// Print what was made as JSON
    #[arg(long)]
    json: bool,
}

impl New {
    /// Makes the project.
    pub(crate) fn run(self) -> Result<()> {
        let asked = self.name.is_none();
        let name = match self.name {
            Some(name) => name,
            None => ask_name()?,
        };
        name::check(&name)?;
        let events = self.events || (asked && ask_events());
        let folder = self.path.unwrap_or_else(|| PathBuf::from(&name));
        let source = isobar::source(self.isobar_path.as_deref())?;
        let files = templates::files(&templates::Words {
            name: &name,
            events,
            isobar: &source.dependency,
            workspace: inside_a_workspace(&folder),
        });
        write(&folder, &files)?;
        if let Some(warning) = &source.warning {
            say::warn(warning);
        }
        say::status("Created", format_args!("{name} in {}", folder.display()));
        let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
        if self.json {
            say::data(serde_json::json!({"name": name, "path": folder, "files": names}));
        }
        next(&folder, events);
        Ok(())
    }
}

fn ask_name() -> Result<String> {
    say::ask("What is the function to be called?").ok_or_else(|| {
        Failure::new(Kind::Usage, "the new function has no name").help("cargo isobar new demo")
    })
}

fn ask_events() -> bool {
    let answer = say::ask("With handlers of messages, objects and a schedule? [y/N]");
    answer.is_some_and(|answer| answer.to_lowercase().starts_with('y'))
}

/// Writes the files into a folder that is new or empty.
fn write(folder: &Path, files: &[(&str, String)]) -> Result<()> {
    let taken = folder.read_dir().map_or_else(
        |_no_folder| folder.exists(),
        |mut entries| entries.next().is_some(),
    );
    if taken {
        let message = format!("{} is there already, and not empty", folder.display());
        return Err(Failure::new(Kind::Usage, message)
            .help("choose another name, or another folder by --path"));
    }
    for (name, text) in files {
        let file = folder.join(name);
        let parent = file.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&file, text))
            .map_err(cause(
                Kind::Usage,
                format!("cannot write {}", file.display()),
            ))?;
    }
    Ok(())
}

/// Whether a folder above has a workspace, which a new package would be taken for a lost member of.
fn inside_a_workspace(folder: &Path) -> bool {
    let absolute = std::path::absolute(folder).unwrap_or_default();
    let mut above = absolute.ancestors().skip(1);
    above.any(|folder| {
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        text.lines().any(|line| line.trim() == "[workspace]")
    })
}

fn next(folder: &Path, events: bool) {
    let bold = |text: &str| say::paint(say::BOLD, text);
    say::line("");
    say::line(format_args!(
        "  {}",
        bold(&format!("cd {}", folder.display()))
    ));
    for (command, what) in [
        ("cargo test", "test it"),
        (
            "cargo isobar dev",
            "serve it on http://localhost:8080, and again after each change",
        ),
        (
            "cargo isobar dev --as aws",
            "the same as AWS Lambda runs it; azure and gcp likewise",
        ),
    ] {
        say::line(format_args!(
            "  {}{}",
            bold(&format!("{command:<28}")),
            what
        ));
    }
    if events {
        let invoke = bold(&format!(
            "{:<28}",
            "cargo isobar invoke --sqs --body '{\"id\":\"1\",\"seats\":2}'"
        ));
        say::line(format_args!("  {invoke}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let files = [("a/b.txt", "1".to_owned())];
        write(&folder.path().join("new"), &files).unwrap();
        let again = write(&folder.path().join("new"), &files).unwrap_err();
        assert!(again.to_string().contains("there already"), "{again}");
        let file = folder.path().join("file");
        std::fs::write(&file, "x").unwrap();
        assert!(write(&file, &files).is_err());
    }

    #[test]
    fn a_workspace_above_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        assert!(!inside_a_workspace(&inner));
        std::fs::write(folder.path().join("Cargo.toml"), "[workspace]\n").unwrap();
        assert!(inside_a_workspace(&inner));
    }
}

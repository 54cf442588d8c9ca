//! Where a new project gets Isobar from.

use std::path::{Path, PathBuf};

use crate::fail::{Failure, Kind, Result};

/// The dependency's key and value, but for its features, and what has to be said of it.
#[derive(Debug)]
pub(crate) struct Source {
    /// `path = ".."`, or `version = ".."`.
    pub(crate) dependency: String,
    /// What the user should know.
    pub(crate) warning: Option<String>,
}

/// The checkout that is named, else the one that this command was built from, else crates.io.
///
/// # Errors
///
/// When a folder is named that has no Isobar.
pub(crate) fn source(named: Option<&Path>) -> Result<Source> {
    if let Some(folder) = named {
        let found = checkout(folder).ok_or_else(|| {
            let message = format!("{} is no checkout of Isobar", folder.display());
            Failure::new(Kind::Usage, message)
                .help("name the folder that holds Isobar's core/ and adapters/")
        })?;
        return Ok(of_path(&found, None));
    }
    let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    if let Some(found) = built_from.and_then(checkout) {
        let warning = format!(
            "isobar is not on crates.io yet: the project depends on the checkout in {}",
            built_from.unwrap_or(&found).display()
        );
        return Ok(of_path(&found, Some(warning)));
    }
    let version = env!("CARGO_PKG_VERSION");
    let warning = format!(
        "the project depends on isobar {version} of crates.io; where it is not published yet, \
         name a checkout by --isobar-path"
    );
    Ok(Source {
        dependency: format!("version = \"{version}\""),
        warning: Some(warning),
    })
}

fn of_path(adapters: &Path, warning: Option<String>) -> Source {
    let path = adapters.display().to_string();
    Source {
        dependency: format!("path = {}", toml_string(&path)),
        warning,
    }
}

/// The crate `isobar` in a checkout, or in its own folder.
fn checkout(folder: &Path) -> Option<PathBuf> {
    [folder.join("adapters"), folder.to_owned()]
        .into_iter()
        .find(|folder| {
            let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            text.lines().any(|line| line.trim() == "name = \"isobar\"")
        })
        .and_then(|folder| folder.canonicalize().ok())
}

/// A basic string of TOML.
fn toml_string(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkout_is_found_from_its_root_and_from_the_crate() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for folder in [root.to_owned(), root.join("adapters")] {
            let source = source(Some(&folder)).unwrap();
            assert!(source.dependency.ends_with("adapters\""), "{source:?}");
            assert!(source.warning.is_none());
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        let error = source(Some(Path::new("/nowhere"))).unwrap_err();
        assert!(
            error.to_string().contains("no checkout of Isobar"),
            "{error}"
        );
    }

    #[test]
    fn without_a_word_it_is_said_where_it_comes_from() {
        assert!(source(None).unwrap().warning.is_some());
    }
}

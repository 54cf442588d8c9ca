//! The functions of the app: a folder each.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::function::Function;
use super::host_json::HostJson;
use super::settings::unreadable;
use crate::RunError;

/// Returns the functions: those of host.json's routes, else one a folder that has a function.json.
pub(super) fn read(root: &Path, host: &HostJson) -> Result<Vec<Function>, RunError> {
    if host.routes > 0 {
        // The host allows no function.json beside them.
        return Ok((1..=host.routes).map(Function::of_route).collect());
    }
    let mut functions = Vec::new();
    for folder in folders(root)? {
        let file = folder.join("function.json");
        match std::fs::read_to_string(&file) {
            Ok(text) => functions.push(Function::parse(&name(&folder), &file, &text)?),
            Err(error) if is_not_there(&error) => {}
            Err(error) => return Err(unreadable(file, &error)),
        }
    }
    Ok(functions)
}

fn folders(root: &Path) -> Result<Vec<PathBuf>, RunError> {
    let all = match std::fs::read_dir(root) {
        Ok(all) => all,
        Err(error) if is_not_there(&error) => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(root.to_owned(), &error)),
    };
    Ok(all.filter_map(|entry| Some(entry.ok()?.path())).collect())
}

fn is_not_there(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn name(folder: &Path) -> String {
    folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

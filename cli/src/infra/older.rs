//! Files that were generated of another manifest than the one that is there now.

use super::Function;
use super::platform::Platform;
use super::write::{self, Planned, State};
use crate::check::Finding;
use crate::project::Project;

/// Where a file that was generated once does not agree with the manifest as it is now.
pub(crate) fn findings(project: &Project) -> Vec<Finding> {
    let there = Platform::ALL
        .into_iter()
        .filter(|platform| project.folder.join("infra").join(platform.word()).is_dir());
    there
        .flat_map(|platform| differing(project, platform))
        .collect()
}

/// Where a platform's files do not agree with the manifest as it is now.
pub(super) fn differing(project: &Project, platform: Platform) -> Vec<Finding> {
    // what is beyond a cloud's limits is a finding of its own
    let files = platform.files(&Function::of(project));
    match files.and_then(|files| write::plan(&project.folder, files)) {
        Ok(plan) => plan
            .iter()
            .filter_map(|file| finding(platform, file))
            .collect(),
        Err(error) => vec![Finding {
            key: format!("infra/{}", platform.word()),
            message: "it cannot be compared with the manifest".to_owned(),
            help: error.to_string(),
        }],
    }
}

fn finding(platform: Platform, file: &Planned) -> Option<Finding> {
    let command = format!("cargo isobar infra --{}", platform.word());
    let (message, help) = match file.state {
        State::Changed => (
            "it was generated from another manifest, or by another version",
            format!("{command} writes it anew; with --dry-run it shows what changes"),
        ),
        State::Edited => (
            "it was edited, and is older than the manifest",
            format!(
                "{command} --dry-run shows what the manifest asks for now; take it over by hand, with the first line"
            ),
        ),
        State::New | State::Unchanged | State::Kept => return None,
    };
    Some(Finding {
        key: file.shown.clone(),
        message: message.to_owned(),
        help,
    })
}

//! What was made, and how it is told.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::form::Form;
use super::oci::{Lying, Push};
use crate::fail::Result;
use crate::manifest::Cloud;
use crate::project::Project;
use crate::say;

/// The most that Lambda takes by a direct upload, and unpacked, in bytes.
/// docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const AWS_ZIP: u64 = 50 << 20;
const AWS_UNPACKED: u64 = 250 << 20;

/// Something that a cloud takes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Artefact {
    /// What it is, by the word of its option.
    pub(super) form: Form,
    pub(super) cloud: Cloud,
    /// The file, or the folder.
    pub(super) path: PathBuf,
    /// Its size, in bytes.
    pub(super) size: u64,
    /// What is in it.
    pub(super) holds: Vec<Held>,
    /// What only an image has.
    #[serde(flatten)]
    pub(super) image: Option<Known>,
}

/// A file in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Held {
    /// Its name there.
    name: String,
    /// Its size, in bytes.
    size: u64,
}

/// What an image is known by.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Known {
    /// The digest of its manifest, as registries write it.
    pub(super) digest: String,
    /// Its archive for `docker load`.
    pub(super) archive: PathBuf,
    /// Its name and tag in the archive.
    pub(super) name: String,
    /// Its name in a registry, where it was pushed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pushed: Option<String>,
}

impl Held {
    /// A file of so many bytes.
    pub(super) fn new(name: &str, len: usize) -> Self {
        Self {
            name: name.to_owned(),
            size: bytes(len),
        }
    }
}

impl Artefact {
    /// Says what was made, and warns of what its cloud would refuse.
    pub(super) fn tell(&self) {
        say::status(
            "Made",
            format_args!("{} ({})", shown(&self.path), size(self.size)),
        );
        for held in &self.holds {
            say::line(format_args!("{:13}{} ({})", "", held.name, size(held.size)));
        }
        if let Some(image) = &self.image {
            say::line(format_args!("{:13}{}", "", image.digest));
            let archive = shown(&image.archive);
            say::status("Made", format_args!("{archive}, the same for docker load"));
        }
        if self.form == Form::Aws {
            self.limits();
        }
    }

    /// Says what is done with it next.
    pub(super) fn tell_next(&self, project: &Project) {
        let (path, name) = (shown(&self.path), project.name());
        let pushed = self.image.as_ref().and_then(|image| image.pushed.as_ref());
        say::help(match (self.form, pushed) {
            (Form::Aws, _) => return,
            (Form::Azure, _) => format!(
                "az functionapp deployment source config-zip --resource-group {} --name {name} --src {path}",
                project
                    .manifest
                    .azure
                    .resource_group
                    .as_deref()
                    .unwrap_or(name),
            ),
            (Form::Gcp, _) => format!(
                "gcloud run deploy {name} --source {path} --no-build --base-image=osonly24 --command=./server"
            ),
            (Form::Image, None) => "--push REGISTRY/PATH:TAG sends it to a registry".to_owned(),
            (Form::Image, Some(pushed)) => format!("gcloud run deploy {name} --image {pushed}"),
        });
    }

    /// Pushes it, where it is an image.
    ///
    /// # Errors
    ///
    /// When the tool that pushes fails.
    pub(super) fn push(&mut self, push: &Push) -> Result<()> {
        let Some(image) = &mut self.image else {
            return Ok(());
        };
        let pushed = push.run(&Lying {
            folder: &self.path,
            archive: &image.archive,
            name: &image.name,
            digest: &image.digest,
        })?;
        say::status("Pushed", &pushed);
        image.pushed = Some(pushed);
        Ok(())
    }

    /// Warns of what Lambda would refuse.
    fn limits(&self) {
        let unpacked = self.holds.iter().map(|held| held.size).sum::<u64>();
        if self.size > AWS_ZIP {
            say::warn("AWS Lambda takes at most 50 MiB by a direct upload; upload it to S3");
        }
        if unpacked > AWS_UNPACKED {
            say::warn(
                "AWS Lambda takes at most 250 MiB unpacked; a container image may have 10 GiB",
            );
        }
    }
}

/// A length as a size, in bytes.
pub(super) fn bytes(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// A path as short as it can be written here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// A size as people read it, in KiB or MiB.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = bytes.saturating_mul(10) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    if bytes < 1 << 20 {
        format!("{} KiB", tenths(1 << 10))
    } else {
        format!("{} MiB", tenths(1 << 20))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!(size(0), "0.0 KiB");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(1_468_006), "1.3 MiB");
    }
}

//! The forms that a program is packed in.

use std::path::PathBuf;

use serde::Serialize;

use super::azure;
use crate::manifest::Cloud;
use crate::project::Project;

/// What is made for a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    Aws,
    Azure,
    Gcp,
    Image,
}

impl From<Cloud> for Form {
    /// Returns what a cloud takes by itself, without a registry.
    fn from(cloud: Cloud) -> Self {
        match cloud {
            Cloud::Aws => Self::Aws,
            Cloud::Azure => Self::Azure,
            Cloud::Gcp => Self::Gcp,
        }
    }
}

impl Form {
    /// The cloud that takes it.
    pub(super) fn cloud(self) -> Cloud {
        match self {
            Self::Aws => Cloud::Aws,
            Self::Azure => Cloud::Azure,
            Self::Gcp | Self::Image => Cloud::Gcp,
        }
    }

    /// What the program is called in it.
    pub(super) fn program(self) -> &'static str {
        match self {
            Self::Aws => "bootstrap",
            Self::Azure => azure::PROGRAM,
            Self::Gcp | Self::Image => "server",
        }
    }

    /// The archive that it is; `None` where it is a folder.
    pub(super) fn archive(self) -> Option<&'static str> {
        match self {
            Self::Aws => Some("bootstrap.zip"),
            Self::Azure => Some("app.zip"),
            Self::Gcp | Self::Image => None,
        }
    }

    /// Its folder, which holds nothing else.
    pub(super) fn folder(self, project: &Project) -> PathBuf {
        let word = match self {
            Self::Image => "image",
            Self::Aws | Self::Azure | Self::Gcp => self.cloud().word(),
        };
        project.own().join(word)
    }

    /// Where it lies once it is made: the archive, or the folder.
    pub(super) fn path(self, project: &Project) -> PathBuf {
        let folder = self.folder(project);
        match self.archive() {
            Some(archive) => folder.join(archive),
            None => folder,
        }
    }
}

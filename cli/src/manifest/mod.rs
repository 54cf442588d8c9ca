//! `[package.metadata.isobar]`: what a deployment needs to know, by the names that the code uses.
//!
//! The types here are the one description of it: the published schema is made of them, and what a
//! Cargo.toml holds is checked against that schema, so that each error has the path of its key.

mod cron;
mod read;
mod schema;
mod settings;
mod trigger;

pub(crate) use cron::{Cron, without_seven};
pub(crate) use schema::schema;
pub(crate) use settings::{Architecture, Front, Manifest, Mode};
pub(crate) use trigger::{Auth, AwsSource, AzureSource, Change, Message, Object, On, Schedule};

/// A cloud.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cloud {
    /// AWS Lambda
    Aws,
    /// Azure Functions
    Azure,
    /// Google Cloud Run
    Gcp,
}

impl Cloud {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Aws, Self::Azure, Self::Gcp];

    /// The word for it in settings and options.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Azure => "azure",
            Self::Gcp => "gcp",
        }
    }

    /// The name of its host.
    pub(crate) fn host(self) -> &'static str {
        match self {
            Self::Aws => "AWS Lambda",
            Self::Azure => "Azure Functions",
            Self::Gcp => "Google Cloud Run",
        }
    }
}

use isobar_hosts::cloud_run::Service;
use isobar_hosts::local::Local;
use isobar_hosts::{Error, Launch, Started};

/// A host, and the way in where it has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Local,
    CloudRun,
    CloudRunHttp2,
    Knative,
}

/// Every host, in the order of README's table.
pub(crate) const ALL: [Kind; 4] = [
    Kind::Local,
    Kind::CloudRun,
    Kind::CloudRunHttp2,
    Kind::Knative,
];

impl Kind {
    /// Starts a program behind the host.
    pub(crate) async fn start(self, launch: Launch) -> Result<Started, Error> {
        Ok(match self {
            Self::Local => Local::start(launch).await?.any(),
            Self::CloudRun => Service::new(launch).start().await?.any(),
            Self::CloudRunHttp2 => Service::new(launch).http2().start().await?.any(),
            Self::Knative => Service::new(launch).knative().start().await?.any(),
        })
    }

    /// Returns the column's head in README's table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::CloudRun => "Cloud Run",
            Self::CloudRunHttp2 => "Cloud Run, HTTP/2",
            Self::Knative => "Knative",
        }
    }

    /// Returns the client's address as the host says it.
    pub(crate) fn client_ip(self) -> &'static str {
        match self {
            Self::Local => "127.0.0.1",
            _ => "203.0.113.7",
        }
    }

    /// Returns the scheme that the client used.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Local => "http",
            _ => "https",
        }
    }
}

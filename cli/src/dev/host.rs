//! The hosts that a program can be run in.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use isobar_hosts::cloud_run::Service;
use isobar_hosts::functions::{FunctionsHost, Host as Functions};
use isobar_hosts::lambda::{Door, Fleet, Function};
use isobar_hosts::local::Local;
use isobar_hosts::{Front, Launch, Program};

use super::app;
use crate::fail::{Failure, Kind, Result, cause};
use crate::manifest::{Cloud, Front as ManifestFront, Mode};
use crate::project::Project;

/// How long a server has to end, as on Cloud Run.
const GRACE: Duration = Duration::from_secs(10);
/// Where `invoke` sends events to a server, whatever else it serves.
const EVENTS: (&str, &str) = ("ISOBAR_EVENTS_PATH", "/events");
/// As many Lambda sandboxes run at once here.
const SANDBOXES: usize = 10;

/// What stands before a Lambda function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FrontDoor {
    /// A function URL
    Url,
    /// A function URL that streams
    UrlStream,
    /// API Gateway, HTTP API
    HttpApi,
    /// API Gateway, REST API, at the stage `prod`
    RestApi,
    /// API Gateway, REST API that streams
    RestApiStream,
    /// An Application Load Balancer
    Alb,
    /// An Application Load Balancer with multi-value headers
    AlbMulti,
    /// VPC Lattice
    Lattice,
}

impl FrontDoor {
    /// What the manifest says.
    fn of(front: Option<ManifestFront>, streams: bool) -> Self {
        match (front, streams) {
            (None | Some(ManifestFront::Url), false) => Self::Url,
            (None | Some(ManifestFront::Url), true) => Self::UrlStream,
            (Some(ManifestFront::RestApi), false) => Self::RestApi,
            (Some(ManifestFront::RestApi), true) => Self::RestApiStream,
            (Some(ManifestFront::HttpApi), _) => Self::HttpApi,
            (Some(ManifestFront::Alb), _) => Self::Alb,
            (Some(ManifestFront::Lattice), _) => Self::Lattice,
        }
    }

    fn door(self) -> Door {
        match self {
            Self::Url => Door::function_url(),
            Self::UrlStream => Door::function_url_stream(),
            Self::HttpApi => Door::http_api("$default"),
            Self::RestApi => Door::rest_api("prod"),
            Self::RestApiStream => Door::rest_api_stream("prod"),
            Self::Alb => Door::load_balancer(),
            Self::AlbMulti => Door::load_balancer_multi(),
            Self::Lattice => Door::lattice(),
        }
    }

    fn streams(self) -> bool {
        matches!(self, Self::UrlStream | Self::RestApiStream)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Url => "function URL",
            Self::UrlStream => "function URL, streamed",
            Self::HttpApi => "HTTP API",
            Self::RestApi => "REST API",
            Self::RestApiStream => "REST API, streamed",
            Self::Alb => "load balancer",
            Self::AlbMulti => "load balancer, multi-value headers",
            Self::Lattice => "VPC Lattice",
        }
    }
}

/// Which host, and how it is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// None: the program by itself.
    Local,
    /// AWS Lambda.
    Aws(FrontDoor),
    /// Azure Functions.
    Azure(Mode),
    /// Cloud Run.
    Gcp,
}

impl Way {
    /// What the options say, and the manifest where they say nothing.
    ///
    /// # Errors
    ///
    /// When an option belongs to another cloud.
    pub(super) fn of(
        cloud: Option<Cloud>,
        front: Option<FrontDoor>,
        mode: Option<Mode>,
        project: &Project,
    ) -> Result<Self> {
        if front.is_some() && cloud != Some(Cloud::Aws) {
            return Err(Failure::new(Kind::Usage, "--front is AWS's")
                .help("cargo isobar dev --as aws --front ..."));
        }
        if mode.is_some() && cloud != Some(Cloud::Azure) {
            return Err(Failure::new(Kind::Usage, "--mode is Azure's")
                .help("cargo isobar dev --as azure --mode ..."));
        }
        let manifest = &project.manifest;
        Ok(match cloud {
            None => Self::Local,
            Some(Cloud::Aws) => {
                let own = FrontDoor::of(manifest.aws.front, manifest.aws.stream);
                Self::Aws(front.unwrap_or(own))
            }
            Some(Cloud::Azure) => {
                let mode = mode.or(manifest.azure.mode);
                Self::Azure(mode.unwrap_or(Mode::Proxying))
            }
            Some(Cloud::Gcp) => Self::Gcp,
        })
    }

    /// The cloud, none for this machine.
    pub(super) fn cloud(self) -> Option<Cloud> {
        match self {
            Self::Local => None,
            Self::Aws(_) => Some(Cloud::Aws),
            Self::Azure(_) => Some(Cloud::Azure),
            Self::Gcp => Some(Cloud::Gcp),
        }
    }

    /// Settings of the program that have to agree with the host's.
    pub(super) fn settings(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Aws(front) if front.streams() => vec![("ISOBAR_RESPONSE_MODE", "stream")],
            // the emulated front is the platform that lets nobody else in
            // and a laptop is not to be opened to its network, as a container is
            Self::Gcp => vec![
                ("ISOBAR_EVENTS_AUTH", "iam"),
                ("ISOBAR_ADDRESS", "127.0.0.1"),
                EVENTS,
            ],
            Self::Local => vec![EVENTS],
            _ => Vec::new(),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("a local server"),
            Self::Aws(front) => write!(f, "AWS Lambda, {}", front.words()),
            Self::Azure(Mode::Proxying) => f.write_str("Azure Functions, proxied"),
            Self::Azure(Mode::Invocation) => f.write_str("Azure Functions, invocation JSON"),
            Self::Gcp => f.write_str("Google Cloud Run"),
        }
    }
}

/// A host with a program in it.
#[derive(Debug)]
pub(crate) struct Host {
    front: Arc<dyn Front>,
    inner: Inner,
}

/// What only this host has.
#[derive(Debug)]
pub(crate) enum Inner {
    /// This machine.
    Local(Arc<Program>),
    /// AWS Lambda.
    Aws(Arc<Fleet>),
    /// Azure Functions.
    Azure(Arc<FunctionsHost>),
    /// Cloud Run.
    Gcp(Arc<Program>),
}

impl Inner {
    /// The word for it: a cloud's, or `local`.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Local(_) => "local",
            Self::Aws(_) => Cloud::Aws.word(),
            Self::Azure(_) => Cloud::Azure.word(),
            Self::Gcp(_) => Cloud::Gcp.word(),
        }
    }
}

impl Host {
    /// Starts a program, and waits until it can serve.
    ///
    /// # Errors
    ///
    /// When it does not start, or ends before it serves.
    pub(super) async fn start(way: Way, launch: Launch, project: &Project) -> Result<Self> {
        let manifest = project.manifest.on(way.cloud());
        let timeout = manifest.timeout.map(|s| Duration::from_secs(s.into()));
        let started = match way {
            Way::Local => {
                let started = Local::start(launch).await.map_err(not_started)?;
                Self::new(started.front, Inner::Local(started.program))
            }
            Way::Gcp => {
                let mut service = Service::new(launch).name(project.name());
                if let Some(timeout) = timeout {
                    service = service.timeout(timeout);
                }
                let started = service.start().await.map_err(not_started)?;
                Self::new(started.front, Inner::Gcp(started.program))
            }
            Way::Azure(mode) => {
                let app = app::app(project, mode)?;
                let mut host = Functions::new(launch, app).app_service();
                if let Some(timeout) = timeout {
                    host = host.function_timeout(timeout);
                }
                let started = host.start().await.map_err(not_started)?;
                Self::new(Arc::clone(&started.front), Inner::Azure(started.front))
            }
            Way::Aws(front) => {
                let mut function = Function::new(launch).name(project.name());
                if let Some(timeout) = timeout {
                    function = function.timeout(timeout);
                }
                let fleet = Fleet::start(function, front.door(), SANDBOXES).await;
                let fleet = Arc::new(fleet.map_err(not_started)?);
                if let Some(why) = fleet.first_end() {
                    return Err(Failure::new(Kind::Run, why));
                }
                Self::new(Arc::clone(&fleet), Inner::Aws(fleet))
            }
        };
        Ok(started)
    }

    fn new<F: Front + 'static>(front: Arc<F>, inner: Inner) -> Self {
        Self { front, inner }
    }

    /// The way in.
    pub(crate) fn front(&self) -> &Arc<dyn Front> {
        &self.front
    }

    /// What only this host has.
    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// The program, where its end is the host's end.
    pub(super) fn program(&self) -> Option<&Arc<Program>> {
        match &self.inner {
            Inner::Local(program) | Inner::Gcp(program) => Some(program),
            Inner::Aws(_) | Inner::Azure(_) => None,
        }
    }

    /// Ends the program as the host does.
    pub(super) async fn stop(&self) {
        match &self.inner {
            Inner::Local(program) | Inner::Gcp(program) => {
                // one that cannot be stopped has ended
                let _stopped = program.stop(GRACE).await;
            }
            Inner::Aws(fleet) => fleet.stop().await,
            Inner::Azure(host) => host.stop().await,
        }
    }
}

fn not_started<E: std::error::Error>(error: E) -> Failure {
    cause(Kind::Run, "the program does not start")(error)
}

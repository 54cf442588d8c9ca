use std::time::Duration;

use isobar_hosts::cloud_run::Service;
use isobar_hosts::lambda::{Door, Function};
use isobar_hosts::local::Local;
use isobar_hosts::{Error, Launch, Started, functions};

/// A host, and the way in where it has several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Local,
    CloudRun,
    CloudRunHttp2,
    Knative,
    LambdaRest,
    LambdaRestStream,
    LambdaHttpApi,
    LambdaHttpApiStage,
    LambdaUrl,
    LambdaUrlStream,
    LambdaAlb,
    LambdaAlbMulti,
    LambdaLattice,
    LambdaLatticeV1,
    AzureInvocation,
    AzureForwarded,
    AzureProxied,
}

/// Every host, in the order of README's table.
pub(crate) const ALL: &[Kind] = &[
    Kind::Local,
    Kind::CloudRun,
    Kind::CloudRunHttp2,
    Kind::Knative,
    Kind::LambdaRest,
    Kind::LambdaRestStream,
    Kind::LambdaHttpApi,
    Kind::LambdaHttpApiStage,
    Kind::LambdaUrl,
    Kind::LambdaUrlStream,
    Kind::LambdaAlb,
    Kind::LambdaAlbMulti,
    Kind::LambdaLattice,
    Kind::LambdaLatticeV1,
    Kind::AzureInvocation,
    Kind::AzureForwarded,
    Kind::AzureProxied,
];

impl Kind {
    /// Starts a program behind the host.
    pub(crate) async fn start(self, launch: Launch) -> Result<Started, Error> {
        if let Some(door) = self.door() {
            let streams = matches!(self, Self::LambdaRestStream | Self::LambdaUrlStream);
            let launch = if streams {
                launch.env("ISOBAR_RESPONSE_MODE", "stream")
            } else {
                launch
            };
            return Ok(Function::new(launch)
                .timeout(Duration::from_secs(30))
                .start()
                .await?
                .front(door)
                .any());
        }
        if let Some(app) = self.app().transpose()? {
            return Ok(functions::Host::new(launch, app)
                .app_service()
                .start()
                .await?
                .any());
        }
        // The suite's programs take events beside their HTTP: who may send them has to be said.
        let launch = match self {
            Self::CloudRun | Self::CloudRunHttp2 => launch.env("ISOBAR_EVENTS_AUTH", "iam"),
            Self::Knative => launch.env("ISOBAR_EVENTS_AUTH", "none"),
            _ => launch,
        };
        Ok(match self {
            Self::CloudRun => Service::new(launch).start().await?.any(),
            Self::CloudRunHttp2 => Service::new(launch).http2().start().await?.any(),
            Self::Knative => Service::new(launch).knative().start().await?.any(),
            _ => Local::start(launch).await?.any(),
        })
    }

    fn door(self) -> Option<Door> {
        Some(match self {
            Self::LambdaRest => Door::rest_api("prod"),
            Self::LambdaRestStream => Door::rest_api_stream("prod"),
            Self::LambdaHttpApi => Door::http_api("$default"),
            Self::LambdaHttpApiStage => Door::http_api("dev"),
            Self::LambdaUrl => Door::function_url(),
            Self::LambdaUrlStream => Door::function_url_stream(),
            Self::LambdaAlb => Door::load_balancer(),
            Self::LambdaAlbMulti => Door::load_balancer_multi(),
            Self::LambdaLattice => Door::lattice(),
            Self::LambdaLatticeV1 => Door::lattice_v1(),
            _ => return None,
        })
    }

    /// The app's own files, as packaging would lay them: one function that takes every path.
    fn app(self) -> Option<Result<functions::App, Error>> {
        let app = || {
            functions::App::new()?
                .route_prefix("")?
                .http("http", "{*path}")
        };
        Some(match self {
            Self::AzureInvocation => app(),
            Self::AzureForwarded => app().and_then(functions::App::forwarding),
            Self::AzureProxied => app().and_then(functions::App::proxying),
            _ => return None,
        })
    }

    /// Returns the column's head in README's table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::CloudRun => "Cloud Run",
            Self::CloudRunHttp2 => "Cloud Run, HTTP/2",
            Self::Knative => "Knative",
            Self::LambdaRest => "Lambda, REST API",
            Self::LambdaRestStream => "Lambda, REST API, streamed",
            Self::LambdaHttpApi => "Lambda, HTTP API",
            Self::LambdaHttpApiStage => "Lambda, HTTP API, named stage",
            Self::LambdaUrl => "Lambda, function URL",
            Self::LambdaUrlStream => "Lambda, function URL, streamed",
            Self::LambdaAlb => "Lambda, ALB",
            Self::LambdaAlbMulti => "Lambda, ALB, multi-value",
            Self::LambdaLattice => "Lambda, VPC Lattice",
            Self::LambdaLatticeV1 => "Lambda, VPC Lattice 1.0",
            Self::AzureInvocation => "Azure, invocation JSON",
            Self::AzureForwarded => "Azure, forwarded",
            Self::AzureProxied => "Azure, proxied",
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
            // The listener of the suite's load balancer is a plain one.
            Self::Local | Self::LambdaAlb | Self::LambdaAlbMulti => "http",
            _ => "https",
        }
    }

    /// Returns true if it is one of the ways of Azure's host.
    pub(crate) fn is_azure(self) -> bool {
        matches!(
            self,
            Self::AzureInvocation | Self::AzureForwarded | Self::AzureProxied
        )
    }

    /// Returns true if the host begins a trace of its own, which it tells beside the request.
    pub(crate) fn traces_itself(self) -> bool {
        self.door().is_some()
    }
}

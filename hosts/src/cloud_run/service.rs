//! A service: its settings, its start, and the way of a request.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use tokio::time::timeout;

use super::{Metadata, front_end, knative};
use crate::client::Protocol;
use crate::{
    Able, Body, Capabilities, Client, Error, Front, Launch, Limit, Started, Tap, free_port,
};

/// What a function of Cloud Run functions takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// HTTP requests.
    Http,
    /// Events of before `CloudEvents`.
    Event,
    /// `CloudEvents`.
    CloudEvent,
    /// JSON, and answers with JSON.
    Typed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    CloudRun,
    Function,
    Knative,
}

/// A service that is to be started.
#[derive(Debug, Clone)]
pub struct Service {
    launch: Launch,
    settings: Settings,
    name: String,
}

#[derive(Debug, Clone)]
struct Settings {
    flavour: Flavour,
    protocol: Protocol,
    client: IpAddr,
    timeout: Duration,
    iam: bool,
}

impl Service {
    /// A Cloud Run service named `service`, by HTTP/1.1, with a request timeout of 300 s.
    pub fn new(launch: Launch) -> Self {
        let settings = Settings {
            flavour: Flavour::CloudRun,
            protocol: Protocol::Http1,
            client: IpAddr::from([203, 0, 113, 7]),
            timeout: Duration::from_secs(300),
            iam: false,
        };
        Self {
            launch,
            settings,
            name: "service".to_owned(),
        }
    }

    /// Names it: `K_SERVICE`, and the revision after it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Makes it a function: `FUNCTION_TARGET` and `FUNCTION_SIGNATURE_TYPE`.
    #[must_use]
    pub fn function(mut self, target: &str, signature: Signature) -> Self {
        let signature = match signature {
            Signature::Http => "http",
            Signature::Event => "event",
            Signature::CloudEvent => "cloudevent",
            Signature::Typed => "typed",
        };
        self.settings.flavour = Flavour::Function;
        self.launch.default_env("FUNCTION_TARGET", target);
        self.launch
            .default_env("FUNCTION_SIGNATURE_TYPE", signature);
        self
    }

    /// Makes it a service of Knative: its ingress in place of Google's front end.
    #[must_use]
    pub fn knative(mut self) -> Self {
        self.settings.flavour = Flavour::Knative;
        self
    }

    /// Speaks HTTP/2 with the container, as "end-to-end HTTP/2" does.
    #[must_use]
    pub fn http2(mut self) -> Self {
        self.settings.protocol = Protocol::Http2;
        self
    }

    /// Sets the address that requests come from; it is 203.0.113.7 otherwise.
    #[must_use]
    pub fn client_ip(mut self, client: IpAddr) -> Self {
        self.settings.client = client;
        self
    }

    /// Sets the request timeout, after which the client gets a 504.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        let seconds = timeout.as_secs().to_string();
        self.launch
            .default_env("CLOUD_RUN_TIMEOUT_SECONDS", seconds);
        self
    }

    /// Checks callers by IAM: a token's signature does not reach the container.
    #[must_use]
    pub fn iam(mut self) -> Self {
        self.settings.iam = true;
        self
    }

    /// Lets the container find this metadata server, by `GCE_METADATA_HOST`.
    #[must_use]
    pub fn metadata(mut self, metadata: &Metadata) -> Self {
        let host = metadata.address().to_string();
        self.launch.default_env("GCE_METADATA_HOST", host);
        self
    }

    /// Starts the container, and waits until it listens.
    ///
    /// # Errors
    ///
    /// When the program does not start, ends, or does not listen on `PORT`.
    pub async fn start(mut self) -> Result<Started<CloudRun>, Error> {
        let port = free_port()?;
        self.launch.default_port(&["PORT"], &port);
        self.launch
            .default_env("K_REVISION", format!("{}-00001-abc", self.name));
        self.launch
            .default_env("K_CONFIGURATION", self.name.clone());
        self.launch.default_env("K_SERVICE", self.name);
        let program = self.launch.start()?;
        program.wait_listening(port.number()).await?;
        let address = SocketAddr::from(([127, 0, 0, 1], port.number()));
        let client = Client::connect_by(self.settings.protocol, address).await?;
        let settings = self.settings;
        Ok(Started {
            front: Arc::new(CloudRun { client, settings }),
            program: Arc::new(program),
        })
    }
}

/// The front end before a started container.
///
/// It appends to `X-Forwarded-For` and `Forwarded`, sets `X-Forwarded-Proto`, rewrites
/// `traceparent` and `X-Cloud-Trace-Context` keeping the trace id, takes off `X-Google-*` and
/// hop-by-hop headers, keeps `/healthz` and `/_ah/*` for itself, limits bodies over HTTP/1.1 to
/// 32 MiB (an answer only where it says its length), answers 504 at the timeout and makes an answer
/// with a cookie `private`. Knative's leaves traces as they are and has none of the limits.
#[derive(Debug)]
pub struct CloudRun {
    client: Client,
    settings: Settings,
}

impl CloudRun {
    /// Where the container listens, for what a front end would not let through.
    pub fn address(&self) -> SocketAddr {
        self.client.address()
    }

    fn is_knative(&self) -> bool {
        self.settings.flavour == Flavour::Knative
    }

    /// Whether bodies are limited.
    fn limits(&self) -> bool {
        !self.is_knative() && self.settings.protocol == Protocol::Http1
    }

    /// To the container and back, both heads kept where somebody looks.
    async fn exchange(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let Some(tap) = Tap::of(request.extensions()) else {
            return self.client.send(request).await;
        };
        let (parts, body) = request.into_parts();
        tap.request_head(&parts);
        let response = self.client.send(Request::from_parts(parts, body)).await?;
        tap.answer_head(&response);
        Ok(response)
    }

    async fn through(&self, mut request: Request<Body>) -> Result<Response<Body>, Error> {
        if self.is_knative() {
            knative::arrive(request.headers_mut(), self.settings.client);
            return self.exchange(request).await;
        }
        if front_end::is_reserved(request.uri().path()) {
            return Ok(front_end::answer(
                StatusCode::NOT_FOUND,
                "Error 404 (Not Found)!!1",
            ));
        }
        front_end::arrive(
            request.headers_mut(),
            self.settings.client,
            self.settings.iam,
        );
        if !self.limits() {
            let response = self.exchange(request).await?;
            return Ok(front_end::leave(response, false));
        }
        if front_end::length(request.headers()).is_some_and(|length| length > front_end::LIMIT) {
            return Ok(too_large());
        }
        let response = self.exchange(request.map(limited)).await;
        response.map(|response| front_end::leave(response, true))
    }
}

/// Breaks a body off where it is longer than the front end takes.
fn limited(body: Body) -> Body {
    let limit = usize::try_from(front_end::LIMIT).unwrap_or(usize::MAX);
    Limited::new(body, limit).boxed_unsync()
}

fn too_large() -> Response<Body> {
    front_end::answer(
        StatusCode::PAYLOAD_TOO_LARGE,
        "Error 413 (Request Entity Too Large)!!1",
    )
}

fn too_late() -> Response<Body> {
    front_end::answer(StatusCode::GATEWAY_TIMEOUT, "upstream request timeout")
}

#[async_trait]
impl Front for CloudRun {
    fn name(&self) -> &str {
        match (self.settings.flavour, self.settings.protocol) {
            (Flavour::CloudRun, Protocol::Http1) => "cloud-run",
            (Flavour::CloudRun, Protocol::Http2) => "cloud-run-http2",
            (Flavour::Function, _) => "cloud-run-function",
            (Flavour::Knative, _) => "knative",
        }
    }

    fn capabilities(&self) -> Capabilities {
        let buffered = "HTTP/1.1 bodies that are not streamed end at 32 MiB";
        let limit = if self.limits() {
            Limit::bytes(front_end::LIMIT, buffered)
        } else {
            Limit::NONE
        };
        let (websocket, http2) = match self.settings.protocol {
            Protocol::Http1 => (
                Able::Yes,
                Able::No("end-to-end HTTP/2 is a setting, off by default"),
            ),
            Protocol::Http2 => (Able::No("end-to-end HTTP/2 refuses upgrades"), Able::Yes),
        };
        Capabilities {
            request_limit: limit,
            response_limit: limit,
            websocket,
            http2,
            ..Capabilities::PLAIN
        }
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let answer = timeout(self.settings.timeout, self.through(request)).await;
        answer.unwrap_or_else(|_elapsed| Ok(too_late()))
    }
}

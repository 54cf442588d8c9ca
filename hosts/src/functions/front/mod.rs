//! The way in: routes, keys, and the three modes.

mod app_service;
mod capabilities;
mod document;
mod forward;
mod invocation;
mod own;
mod path;
mod proxy;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{HeaderMap, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use serde_json::{Map, Value};
use tokio::task::JoinHandle;

use super::app::{Function, Mode, Settings};
use super::event::HostOutcome;
use super::fired::Fired;
use super::life::{Gone, Lives};
use super::{App, HOST_VERSION, INVOCATION_ID, VERSION};
use crate::client::raw;
use crate::{Body, Capabilities, Error, Front, Program, body, ids};
use own::{empty, own_answer, unmatched};

/// How long a function may go on after its timeout, before the program is killed.
const GRACE: Duration = Duration::from_secs(2);

/// Who is signed in, as Easy Auth says.
#[derive(Debug, Clone)]
pub struct Principal {
    /// `X-MS-CLIENT-PRINCIPAL-ID`.
    pub id: String,
    /// `X-MS-CLIENT-PRINCIPAL-NAME`.
    pub name: String,
    /// `X-MS-CLIENT-PRINCIPAL-IDP`, such as `aad`.
    pub provider: String,
    /// Types and values.
    pub claims: Vec<(String, String)>,
}

/// What lies before the host.
#[derive(Debug, Clone)]
pub(super) struct Outside {
    pub(super) app_service: bool,
    pub(super) principal: Option<Principal>,
    pub(super) client: IpAddr,
    pub(super) key: String,
}

impl Default for Outside {
    fn default() -> Self {
        Self {
            app_service: false,
            principal: None,
            client: IpAddr::from([203, 0, 113, 7]),
            key: "function-key".to_owned(),
        }
    }
}

/// A Functions host with its program.
#[derive(Debug)]
pub struct FunctionsHost {
    /// Kept, so that the folder stays as long as the host.
    _app: App,
    settings: Settings,
    outside: Outside,
    lives: Arc<Lives>,
    supervisor: JoinHandle<()>,
}

/// A client's request on its way to a function.
struct Arrived {
    parts: Parts,
    body: Body,
    parameters: Map<String, Value>,
    invocation: String,
}

impl FunctionsHost {
    pub(super) fn new(app: App, settings: Settings, outside: Outside, lives: Arc<Lives>) -> Self {
        let supervisor = tokio::spawn(Arc::clone(&lives).live());
        Self {
            _app: app,
            settings,
            outside,
            lives,
            supervisor,
        }
    }

    /// Ends for good: the program is killed, as this host kills, and is not started again.
    pub async fn stop(&self) {
        self.supervisor.abort();
        // it may be starting the program again at this very moment: that one is to be killed
        while !self.supervisor.is_finished() {
            tokio::task::yield_now().await;
        }
        // what cannot be killed has ended
        let _killed = self.program().kill().await;
    }

    pub(super) async fn ready(&self) -> Result<(), Gone> {
        self.lives.ready().await.map(drop)
    }

    /// The program that runs now, or ran last.
    pub fn program(&self) -> Arc<Program> {
        self.lives.program()
    }

    /// How many programs were started so far.
    pub fn starts(&self) -> usize {
        self.lives.starts.load(Ordering::Relaxed)
    }

    /// How often the program was pinged so far.
    pub fn pings(&self) -> usize {
        self.lives.pings.load(Ordering::Relaxed)
    }

    /// Pings the program now, and gives its answer.
    ///
    /// # Errors
    ///
    /// When it does not answer.
    pub async fn ping(&self) -> Result<raw::Answer, Error> {
        self.lives.ping().await
    }

    /// Where the program listens, for what the host would not let through.
    pub fn address(&self) -> std::net::SocketAddr {
        self.lives.address()
    }

    /// Delivers an event: `data` has the trigger's value under its name, `metadata` the rest, both
    /// exactly as they are to stand on the wire (see [`super::on_the_wire`]).
    ///
    /// # Errors
    ///
    /// When the app has no such function, or the host has stopped.
    pub async fn invoke(
        &self,
        function: &str,
        data: Value,
        metadata: Value,
    ) -> Result<HostOutcome, Error> {
        let function = self.named(function)?;
        self.invoke_event(function, data, metadata).await
    }

    /// Fires a function's trigger: what it is given is encoded as its binding says.
    ///
    /// # Errors
    ///
    /// When the app has no such function, the binding cannot have such a value, or the host has
    /// stopped.
    pub async fn fire(
        &self,
        function: &str,
        fired: impl Into<Fired>,
    ) -> Result<HostOutcome, Error> {
        let function = self.named(function)?;
        let mut bindings = function.bindings.iter();
        let trigger = bindings
            .find(|binding| binding.is_trigger())
            .ok_or_else(|| Error::malformed("function.json", "no trigger"))?;
        let (value, metadata) = fired.into().encode(trigger)?;
        let data = Map::from_iter([(trigger.name.clone(), value)]);
        self.invoke_event(function, data.into(), metadata).await
    }

    fn named(&self, name: &str) -> Result<&Function, Error> {
        let mut functions = self.settings.functions.iter();
        functions
            .find(|own| own.name.eq_ignore_ascii_case(name))
            .ok_or_else(|| {
                Error::malformed("invocation", format!("the app has no function {name}"))
            })
    }

    /// The name that a function gives the value of its trigger, `None` where there is none.
    pub fn trigger_name(&self, function: &str) -> Option<String> {
        let mut functions = self.settings.functions.iter();
        let function = functions.find(|own| own.name.eq_ignore_ascii_case(function))?;
        let mut bindings = function.bindings.iter();
        let trigger = bindings.find(|binding| binding.is_trigger());
        trigger.map(|trigger| trigger.name.clone())
    }

    /// The function that a path leads to, with the parameters of its route.
    fn route(&self, method: &str, path: &str) -> Option<(&Function, Map<String, Value>)> {
        let rest = path::without_prefix(path, &self.settings.prefix)?;
        let functions = self
            .settings
            .functions
            .iter()
            .filter(|function| !function.disabled);
        let mut matching = functions.filter_map(|f| Some((f, f.matches(method, rest)?)));
        matching.next()
    }

    /// Whether a key is demanded and not given.
    fn lacks_key(&self, function: &Function, parts: &Parts) -> bool {
        let level = function
            .binding("httpTrigger")
            .and_then(|t| t.auth_level.as_deref());
        if level.is_some_and(|level| level.eq_ignore_ascii_case("anonymous")) {
            return false;
        }
        let header = parts
            .headers
            .get("x-functions-key")
            .and_then(|key| key.to_str().ok());
        let mut pairs = parts.uri.query().unwrap_or_default().split('&');
        let code = pairs.find_map(|pair| pair.strip_prefix("code="));
        ![header, code].contains(&Some(self.outside.key.as_str()))
    }

    async fn through(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let (mut parts, body) = request.into_parts();
        if hyper::body::Body::size_hint(&body).exact().is_none() {
            // A client's connection would say so, and the host hands the header on.
            let chunked = HeaderValue::from_static("chunked");
            parts.headers.insert(TRANSFER_ENCODING, chunked);
        }
        self.arrive(&mut parts)?;
        let path = parts.uri.path();
        if let Some(own) = own_answer(path) {
            return Ok(own);
        }
        let Some((function, parameters)) = self.route(parts.method.as_str(), path) else {
            return Ok(unmatched(path));
        };
        if self.lacks_key(function, &parts) {
            return Ok(empty(StatusCode::UNAUTHORIZED));
        }
        let arrived = Arrived {
            parts,
            body,
            parameters,
            invocation: ids::uuid(),
        };
        match self.settings.mode {
            Mode::Proxying if function.is_plain_http() => self.proxy(arrived).await,
            Mode::Forwarding if function.is_plain_http() => self.forward(arrived).await,
            _ => self.invoke_http(function, arrived).await,
        }
    }

    /// What the front end and the host itself do to every request first.
    fn arrive(&self, parts: &mut Parts) -> Result<(), Error> {
        if !parts.headers.contains_key("host") {
            let authority = parts.uri.authority().map(ToString::to_string);
            let host = authority.unwrap_or_else(|| "app.azurewebsites.net".to_owned());
            parts.headers.insert(
                "host",
                HeaderValue::try_from(host).map_err(http::Error::from)?,
            );
        }
        if let Some(principal) = &self.outside.principal {
            app_service::sign_in(&mut parts.headers, principal);
        }
        if self.outside.app_service {
            app_service::arrive(parts, self.outside.client)?;
        }
        if let Some(host) = parts.headers.get("disguised-host").cloned() {
            parts.headers.insert("host", host);
        }
        Ok(())
    }

    /// How long an invocation may take in all.
    fn limit(&self) -> Duration {
        self.settings.timeout + GRACE
    }
}

impl Drop for FunctionsHost {
    fn drop(&mut self) {
        self.supervisor.abort();
    }
}

#[async_trait]
impl Front for FunctionsHost {
    fn name(&self) -> &'static str {
        match self.settings.mode {
            Mode::Json => "functions-json",
            Mode::Forwarding => "functions-forwarding",
            Mode::Proxying => "functions-proxying",
        }
    }

    fn capabilities(&self) -> Capabilities {
        capabilities::of(self.settings.mode, self.outside.app_service)
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let is_head = request.method() == Method::HEAD;
        let response = self.through(request).await?;
        Ok(if is_head {
            response.map(|_none| body::empty())
        } else {
            response
        })
    }
}

/// What the host tells the program of an invocation, in every mode.
fn identify(headers: &mut HeaderMap, invocation: &str, append: bool) {
    for (name, value) in [(INVOCATION_ID, invocation), (HOST_VERSION, VERSION)] {
        let Ok(value) = HeaderValue::try_from(value) else {
            continue;
        };
        if append {
            headers.append(name, value);
        } else {
            headers.insert(name, value);
        }
    }
}

fn target(path: &str, query: Option<&str>) -> Result<Uri, Error> {
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    Uri::try_from(target).map_err(|e| Error::Build(e.into()))
}

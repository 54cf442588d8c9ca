//! Which requests are events, and who may send them.

use bytes::Bytes;
use http::request::Parts;
use isobar_core::{Response, Routes};

use super::auth::Auth;
use super::event::{self, Rules, Signature};
use crate::RunError;
use crate::cloudevents::{Delivery, Endpoint, refused};
use crate::config::Environment;

/// The events that this program takes.
pub(super) struct Events {
    endpoint: Endpoint,
    rules: Rules,
    pub(super) auth: Auth,
}

/// What a request on the events path is.
#[derive(Debug)]
pub(super) enum Arrived {
    /// Something that is answered at once.
    Answered(Response),
    /// A delivery, once its body is there; with what stands behind the events path.
    Delivery(String),
}

impl Events {
    /// Reads what the deployment says; `None` if the program takes no events.
    pub(super) fn new(
        environment: &Environment,
        routes: &Routes,
        function: &str,
    ) -> Result<Option<Self>, RunError> {
        let rules = Rules::new(environment, function)?;
        let is_functions = rules.signature != Signature::Http;
        if is_functions && !routes.takes_events() {
            let wanted = "the program takes no events, so it can only be http";
            return Err(environment.wrong("FUNCTION_SIGNATURE_TYPE", wanted));
        }
        let only_events = is_functions || !routes.takes_http();
        let Some(endpoint) = Endpoint::new(environment, routes, only_events)? else {
            return Ok(None);
        };
        let auth = Auth::new(environment, only_events)?;
        Ok(Some(Self {
            endpoint,
            rules,
            auth,
        }))
    }

    /// Tells whether a request is about events; `None` leaves it to the application.
    pub(super) fn arrived<B>(&self, request: &http::Request<B>) -> Option<Arrived> {
        let (method, headers) = (request.method(), request.headers());
        let rest = self.endpoint.rest(request.uri().path())?;
        let is_googles = event::is_sent_by_google(headers);
        if !self.endpoint.takes_all() {
            let is_ours = rest.is_empty() || event::is_source(rest);
            if !is_ours || !(is_googles || Endpoint::is_about_events(method, headers)) {
                return None;
            }
        }
        if !is_googles && let Some(answer) = self.endpoint.answer(method, headers) {
            return Some(Arrived::Answered(answer));
        }
        Some(Arrived::Delivery(rest.to_owned()))
    }

    /// Reads a delivery.
    pub(super) fn decode(
        &self,
        head: &Parts,
        rest: &str,
        body: &Bytes,
    ) -> Result<Delivery, Box<Response>> {
        event::decode(&self.rules, head, rest, body)
            .map_err(|malformed| Box::new(refused(head.uri.path(), &malformed)))
    }
}

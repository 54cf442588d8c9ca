//! Which requests are events, and who may send them.

use bytes::Bytes;
use http::request::Parts;
use isobar_core::{Kind, Response, Routes};

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
        let takes_calls = routes
            .events()
            .iter()
            .any(|route| matches!(route.kind(), None | Some(Kind::Invoke)));
        if rules.signature == Signature::Typed && !takes_calls {
            let wanted = "the program has no handler of calls (`on_invoke`)";
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

#[cfg(test)]
mod tests {
    use super::*;

    fn events(variables: &[(&str, &str)], routes: &Routes) -> Result<Option<Events>, RunError> {
        Events::new(&Environment::of_list(variables), routes, "f")
    }

    fn arrived(events: &Events, method: &str, path: &str, header: &str) -> &'static str {
        let request = http::Request::builder().method(method).uri(path);
        let request = match header {
            "" => request,
            name => request.header(name, "x"),
        };
        match events.arrived(&request.body(()).unwrap()) {
            None => "http",
            Some(Arrived::Answered(_)) => "answered",
            Some(Arrived::Delivery(_)) => "event",
        }
    }

    #[test]
    fn beside_http_only_the_events_path_is_one_of_events() {
        let routes = Routes::http().event(Kind::Message, "orders");
        let events = events(&[("ISOBAR_EVENTS_AUTH", "iam")], &routes);
        let events = events.unwrap().unwrap();
        for (method, path, header, wanted) in [
            ("POST", "/events", "", "event"),
            ("POST", "/events/projects/p/topics/t", "", "event"),
            ("POST", "/events/else", "", "http"),
            ("POST", "/", "ce-id", "http"),
            ("POST", "/", "x-cloudtasks-taskname", "http"),
            ("GET", "/events", "", "http"),
            ("GET", "/events", "x-cloudscheduler-jobname", "event"),
            ("PUT", "/events", "x-cloudtasks-taskname", "event"),
            ("OPTIONS", "/events", "webhook-request-origin", "answered"),
            ("OPTIONS", "/events", "origin", "http"),
        ] {
            let got = arrived(&events, method, path, header);
            assert_eq!(got, wanted, "{method} {path} {header}");
        }
    }

    #[test]
    fn without_http_every_path_is_one_of_events() {
        let routes = Routes::none().event(Kind::Message, "orders");
        let events = events(&[("K_SERVICE", "s")], &routes).unwrap().unwrap();
        assert_eq!(arrived(&events, "POST", "/any/path", ""), "event");
        assert_eq!(arrived(&events, "GET", "/", ""), "answered");
    }

    #[test]
    fn a_signature_that_the_program_is_not_made_for_is_refused() {
        let messages = Routes::http().event(Kind::Message, "orders");
        let calls = Routes::http().event(Kind::Invoke, "*");
        for (signature, routes, fits) in [
            ("cloudevent", &messages, true),
            ("typed", &calls, true),
            ("http", &Routes::http(), true),
            ("typed", &messages, false),
            ("event", &Routes::http(), false),
            ("else", &messages, false),
        ] {
            let made = events(&[("FUNCTION_SIGNATURE_TYPE", signature)], routes);
            assert_eq!(made.is_ok(), fits, "{signature}");
        }
    }
}

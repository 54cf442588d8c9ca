//! Where events arrive.

use std::borrow::Cow;

use http::Method;
use isobar_core::{Body, HeaderMap, HeaderValue, Response, Routes, StatusCode};
use percent_encoding::percent_decode_str;

use super::answer::status;
use super::handshake::{self, Origins};
use crate::RunError;
use crate::config::Environment;

/// What stands in for the path where the application serves HTTP too.
const DEFAULT: &str = "/events";

/// The path that events are sent to, and whom it consents to.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    /// Without a slash at its end; `None` where every path is one of events.
    path: Option<String>,
    origins: Origins,
}

impl Endpoint {
    /// Reads `ISOBAR_EVENTS_PATH`; `None` if the application takes no events. Where nothing else is
    /// served events may be sent to every path.
    pub(crate) fn new(
        environment: &Environment,
        routes: &Routes,
        only_events: bool,
    ) -> Result<Option<Self>, RunError> {
        if !routes.takes_events() {
            return Ok(None);
        }
        let path = match environment.text("ISOBAR_EVENTS_PATH") {
            Some(path) if is_path(path) => Some(path),
            Some(_) => {
                let wanted = "a path is wanted, such as /events or /";
                return Err(environment.wrong("ISOBAR_EVENTS_PATH", wanted));
            }
            None if only_events => None,
            None => Some(DEFAULT),
        };
        Ok(Some(Self {
            path: path.map(|path| path.trim_end_matches('/').to_owned()),
            origins: Origins::new(environment),
        }))
    }

    /// Returns what stands behind the events path, without slashes around it; `None` where the
    /// path is another.
    pub(crate) fn rest<'p>(&self, path: &'p str) -> Option<&'p str> {
        let own = self.path.as_deref().unwrap_or_default();
        let rest = path.strip_prefix(own)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| rest.trim_matches('/'))
    }

    /// Returns true if nothing but events is served.
    pub(crate) fn takes_all(&self) -> bool {
        self.path.is_none()
    }

    /// Answers what is no delivery: a handshake, and a method that carries no event.
    pub(crate) fn answer(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        if handshake::is_asked(method, headers) {
            return Some(self.origins.answer(headers));
        }
        (method != Method::POST).then(|| {
            let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
            let allow = HeaderValue::from_static("POST");
            response.headers_mut().insert(http::header::ALLOW, allow);
            *response.body_mut() = Body::from("events are sent by POST\n");
            response
        })
    }

    /// Returns true if a request to the path itself is about events: a POST, or a handshake.
    pub(crate) fn is_about_events(method: &Method, headers: &HeaderMap) -> bool {
        method == Method::POST || handshake::is_asked(method, headers)
    }
}

fn is_path(path: &str) -> bool {
    path.starts_with('/')
        && http::uri::PathAndQuery::try_from(path).is_ok_and(|p| p.query().is_none())
}

/// Decodes a segment of a path.
pub(crate) fn segment(segment: &str) -> Cow<'_, str> {
    percent_decode_str(segment).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use isobar_core::Kind;

    use super::*;

    fn endpoint(path: &str, only_events: bool) -> Result<Option<Endpoint>, RunError> {
        let routes = Routes::http().event(Kind::Message, "orders");
        let environment = Environment::of([("ISOBAR_EVENTS_PATH", path)]);
        Endpoint::new(&environment, &routes, only_events)
    }

    #[test]
    fn the_path_is_the_settings_or_the_default_and_ends_at_a_segment() {
        for (setting, only_events, path, wanted) in [
            ("", false, "/events", Some("")),
            ("", false, "/events/", Some("")),
            ("", false, "/events/message/orders", Some("message/orders")),
            ("", false, "/eventsx", None),
            ("", false, "/", None),
            ("/", false, "/", Some("")),
            ("/", false, "/a/b", Some("a/b")),
            ("/a/b/", false, "/a/b/c", Some("c")),
            ("", true, "/", Some("")),
            ("", true, "/any/path", Some("any/path")),
        ] {
            let endpoint = endpoint(setting, only_events).unwrap().unwrap();
            assert_eq!(endpoint.rest(path), wanted, "{setting} {path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused_and_without_handlers_there_is_none() {
        for path in ["events", "/a?b", "/a b"] {
            assert!(endpoint(path, false).is_err(), "{path}");
        }
        let none = Endpoint::new(&Environment::of([]), &Routes::http(), true);
        assert!(none.unwrap().is_none());
    }
}

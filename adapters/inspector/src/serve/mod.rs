//! The page and its data over HTTP, below `/_isobar`.

mod answer;
mod order;
mod stream;

use std::sync::Arc;

use http::{Method, StatusCode};
use isobar_core::{Body, HeaderMap, Request, Response};
use serde_json::json;

use crate::{Driver, Fixture, Record, Store, Summary, is_same, marks, page, snippet};
use answer::{json as as_json, refused};

/// Where it is.
const PATH: &str = "/_isobar";

/// The page of a store: it answers requests below `/_isobar` that know its token. A clone is the same.
///
/// Nothing of it is to be served to any address but the loopback one. Data goes out as JSON only; the
/// page's content security policy forbids to make elements of text.
#[derive(Clone)]
pub struct Inspector(Arc<Inner>);

struct Inner {
    store: Store,
    driver: Box<dyn Driver>,
    token: String,
}

impl std::fmt::Debug for Inspector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inspector").finish_non_exhaustive()
    }
}

impl Inspector {
    /// Makes one; the token is what its URL has to say.
    pub fn new(store: Store, driver: impl Driver, token: String) -> Self {
        Self(Arc::new(Inner {
            store,
            driver: Box::new(driver),
            token,
        }))
    }

    /// Returns the URL of the page, where that is served at `origin`, such as `http://localhost:8080`.
    pub fn url(&self, origin: &str) -> String {
        format!("{origin}{PATH}?token={}", self.0.token)
    }

    /// Returns true if a path is the page's or its data's.
    pub fn is_at(path: &str) -> bool {
        let rest = path.strip_prefix(PATH);
        rest.is_some_and(|rest| matches!(rest, "" | "/") || rest.starts_with("/api/"))
    }

    /// Answers a request.
    pub async fn answer(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query();
        if !is_local(&parts.headers, &parts.uri) {
            return refused(
                StatusCode::FORBIDDEN,
                "the inspector is for this machine: open it as localhost",
            );
        }
        if !self.knows_token(&parts.headers, query) {
            let why =
                "the token is missing or wrong; the program printed the whole URL when it started";
            return refused(StatusCode::FORBIDDEN, why);
        }
        let path = parts.uri.path().strip_prefix(PATH).unwrap_or_default();
        match (&parts.method, path.split_at_checked(5)) {
            (&Method::GET, None | Some(("/", ""))) => page::answer(),
            (&Method::GET, Some(("/api/", what))) => self.get(what),
            (&Method::POST, Some(("/api/", "send"))) => self.send(body).await,
            (&Method::POST, Some(("/api/", "clear"))) => {
                self.0.store.clear();
                as_json(&json!({}))
            }
            _ => refused(StatusCode::NOT_FOUND, "there is no such thing here"),
        }
    }

    fn knows_token(&self, headers: &HeaderMap, query: Option<&str>) -> bool {
        let header = headers.get(http::header::AUTHORIZATION);
        let header = header.and_then(|header| header.to_str().ok()?.strip_prefix("Bearer "));
        let mut pairs = query.unwrap_or_default().split('&');
        let given = header.or_else(|| pairs.find_map(|pair| pair.strip_prefix("token=")));
        given.is_some_and(|given| is_same(given.as_bytes(), self.0.token.as_bytes()))
    }

    fn get(&self, what: &str) -> Response {
        let store = &self.0.store;
        match what.split_once('/') {
            None if what == "hosts" => as_json(&json!({"hosts": self.0.driver.hosts()})),
            None if what == "list" => as_json(&since(store, 0)),
            None if what == "events" => stream::answer(store.clone()),
            Some(("record", id)) => self.record(id, |record| as_json(&self.shown(&record))),
            Some(("fixture", id)) => self.record(id, |record| match Fixture::of(&record) {
                Ok(fixture) => answer::text("application/json", fixture.text()),
                Err(error) => refused(StatusCode::CONFLICT, &error.to_string()),
            }),
            _ => refused(StatusCode::NOT_FOUND, "there is no such thing here"),
        }
    }

    fn record(&self, id: &str, show: impl FnOnce(Record) -> Response) -> Response {
        match self.0.store.get(id) {
            Some(record) => show(record),
            None => refused(StatusCode::NOT_FOUND, "this invocation is no longer kept"),
        }
    }

    /// All that is known of an invocation.
    fn shown(&self, record: &Record) -> serde_json::Value {
        json!({
            "record": record,
            "summary": record.summary(),
            "marks": marks(record),
            "snippet": snippet(record),
            "effect": self.0.driver.effect(record),
        })
    }

    async fn send(&self, body: Body) -> Response {
        let order = match order::read(body, &self.0.store).await {
            Ok(order) => order,
            Err(why) => return refused(StatusCode::BAD_REQUEST, &why),
        };
        match self.0.driver.send(order).await {
            Ok(()) => as_json(&json!({})),
            Err(why) => refused(StatusCode::CONFLICT, &why),
        }
    }
}

/// What has changed, as the page takes it.
fn since(store: &Store, change: u64) -> serde_json::Value {
    let since = store.since(change, Record::summary);
    let changed: &[Summary] = &since.changed;
    json!({
        "changed": changed, "change": since.change, "total": since.total, "first": since.first,
    })
}

/// A name that somebody else's name server gives this machine is not ours.
fn is_local(headers: &HeaderMap, uri: &http::Uri) -> bool {
    let host = headers
        .get(http::header::HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.or_else(|| uri.authority().map(http::uri::Authority::as_str));
    let host = host.unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
        if is_port { name } else { host }
    });
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests;

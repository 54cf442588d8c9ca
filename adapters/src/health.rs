//! The health route: what a platform's probes get, without the application.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use isobar_core::{Body, Function, HeaderValue, Method, Response};
use serde_json::json;

use crate::RunError;
use crate::config::Environment;

const VARIABLE: &str = "ISOBAR_HEALTH_PATH";

/// Answers probes on the path that `ISOBAR_HEALTH_PATH` names; nothing where it is not set.
///
/// A probe is no request of the application: it costs no cold start, and its mark in the log is the
/// field `probe`.
#[derive(Debug)]
pub(crate) struct Health {
    path: Option<String>,
    /// The function's version; empty where the host has none.
    version: String,
    begun: Instant,
    was_asked: AtomicBool,
}

impl Health {
    pub(crate) fn read(environment: &Environment, function: &Function) -> Result<Self, RunError> {
        let path = environment.text(VARIABLE).map(str::to_owned);
        if path.as_ref().is_some_and(|path| !path.starts_with('/')) {
            return Err(environment.wrong(VARIABLE, "a path is wanted, such as /health"));
        }
        Ok(Self {
            path,
            version: function.version().to_owned(),
            begun: Instant::now(),
            was_asked: AtomicBool::new(false),
        })
    }

    /// Answers a GET or a HEAD of the path: that it runs, which version, and for how long.
    pub(crate) fn answer<B>(&self, request: &http::Request<B>) -> Option<Response> {
        let path = self.path.as_deref()?;
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        if path != request.uri().path() || !reads {
            return None;
        }
        if self.was_asked.swap(true, Ordering::Relaxed) {
            tracing::debug!(probe = true, "answered without the application");
        } else {
            tracing::info!(
                probe = true,
                "the first probe: answered without the application"
            );
        }
        let is_head = request.method() == Method::HEAD;
        let body = if is_head {
            Body::empty()
        } else {
            self.body().into()
        };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Some(response)
    }

    fn body(&self) -> String {
        let version = Some(&self.version).filter(|version| !version.is_empty());
        json!({
            "status": "ok",
            "version": version,
            "isobar": env!("CARGO_PKG_VERSION"),
            "uptime_s": self.begun.elapsed().as_secs(),
        })
        .to_string()
    }
}

#[cfg(test)]
mod tests {
    use isobar_core::Provider;
    use serde_json::Value;

    use super::*;

    fn health(path: &str) -> Result<Health, RunError> {
        let environment = Environment::of([(VARIABLE, path)]);
        let function = Function::new(Provider::Gcp, "hello").with_version("hello-00001-abc");
        Health::read(&environment, &function)
    }

    fn request(method: Method, target: &str) -> http::Request<()> {
        let request = http::Request::builder().method(method).uri(target);
        request.body(()).unwrap()
    }

    async fn body(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), 1000).await;
        String::from_utf8(body.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_probe_is_told_version_and_uptime() {
        let health = health("/health").unwrap();
        let answer = health.answer(&request(Method::GET, "/health?x")).unwrap();
        assert_eq!(answer.headers()[CONTENT_TYPE], "application/json");
        let told: Value = serde_json::from_str(&body(answer).await).unwrap();
        assert_eq!(told["version"], "hello-00001-abc");
        assert_eq!(told["isobar"], env!("CARGO_PKG_VERSION"));
        assert!(told["uptime_s"].is_u64() && told["status"] == "ok");
        let head = health.answer(&request(Method::HEAD, "/health")).unwrap();
        assert_eq!(body(head).await, "");
    }

    #[test]
    fn what_is_no_probe_is_the_applications() {
        let on = health("/health").unwrap();
        for (method, target) in [
            (Method::POST, "/health"),
            (Method::GET, "/health/"),
            (Method::GET, "/"),
        ] {
            assert!(on.answer(&request(method, target)).is_none(), "{target}");
        }
        let off = health("").unwrap();
        assert!(off.answer(&request(Method::GET, "/health")).is_none());
        assert!(off.answer(&request(Method::OPTIONS, "*")).is_none());
    }

    #[test]
    fn what_is_no_path_is_named() {
        let error = health("health").unwrap_err().to_string();
        assert!(error.contains(VARIABLE) && error.contains("/health"));
    }
}

//! The webhook's validation handshake: an OPTIONS request that asks whether events are wanted.

use http::header::{ALLOW, HeaderName};
use isobar_core::{HeaderMap, HeaderValue, Response, StatusCode};

use super::answer::status;
use crate::config::Environment;

const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");

/// The origins whose events are wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins(Vec<String>);

impl Origins {
    /// Reads `ISOBAR_EVENTS_ORIGINS`; without it nobody gets consent.
    pub(super) fn new(environment: &Environment) -> Self {
        let all = environment
            .text("ISOBAR_EVENTS_ORIGINS")
            .unwrap_or_default();
        let all = all.split(',').map(str::trim).filter(|one| !one.is_empty());
        Self(all.map(str::to_owned).collect())
    }

    /// Answers: consent is in the headers, never in the status alone. A callback address that the
    /// request may name is not called: it is anybody's word.
    pub(super) fn answer(&self, headers: &HeaderMap) -> Response {
        let asked = headers.get(&REQUEST_ORIGIN);
        let allowed = asked.filter(|origin| self.allows(origin));
        let mut response = status(match allowed {
            Some(_) => StatusCode::OK,
            None => StatusCode::METHOD_NOT_ALLOWED,
        });
        let answer = response.headers_mut();
        answer.insert(ALLOW, HeaderValue::from_static("POST"));
        if let Some(origin) = allowed {
            answer.insert("webhook-allowed-origin", origin.clone());
            answer.insert("webhook-allowed-rate", HeaderValue::from_static("*"));
        } else {
            tracing::warn!(
                "refused the webhook handshake of {asked:?}; ISOBAR_EVENTS_ORIGINS allows origins"
            );
        }
        response
    }

    fn allows(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().unwrap_or_default();
        let fits = |own: &String| own == "*" || own.eq_ignore_ascii_case(origin);
        !origin.is_empty() && self.0.iter().any(fits)
    }
}

/// Returns true if the request is a handshake's.
pub(super) fn is_asked(method: &http::Method, headers: &HeaderMap) -> bool {
    method == http::Method::OPTIONS && headers.contains_key(&REQUEST_ORIGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(setting: &str, origin: &'static str) -> Response {
        let environment = Environment::of([("ISOBAR_EVENTS_ORIGINS", setting)]);
        let mut headers = HeaderMap::new();
        headers.insert(REQUEST_ORIGIN, HeaderValue::from_static(origin));
        Origins::new(&environment).answer(&headers)
    }

    #[test]
    fn consent_is_given_to_whole_origins_and_in_headers() {
        for (setting, origin, wanted) in [
            ("eventgrid.azure.net", "eventgrid.azure.net", true),
            (
                "a.example, EventGrid.azure.net",
                "eventgrid.azure.net",
                true,
            ),
            ("*", "anybody", true),
            ("*", "", false),
            ("eventgrid.azure.net", "eventgrid.azure.net.evil", false),
            ("eventgrid.azure.net", "eventgrid", false),
            ("", "eventgrid.azure.net", false),
        ] {
            let answer = asked(setting, origin);
            let consent = answer.headers().get("webhook-allowed-origin");
            assert_eq!(consent.is_some(), wanted, "{setting} {origin}");
            assert_eq!(answer.status().is_success(), wanted);
            assert_eq!(answer.headers()["allow"], "POST");
        }
    }
}

use std::time::{SystemTime, UNIX_EPOCH};

use isobar_core::{Error, HeaderMap, HeaderValue, IntoResponse, Response, StatusCode};

use super::fetch::Place;
use super::keys::{Keys, Missing};
use super::token::{Token, Wanted};
use crate::RunError;
use crate::config::Environment;

const AUDIENCE: &str = "ISOBAR_EVENTS_AUDIENCE";
const SENDERS: &str = "ISOBAR_EVENTS_SENDERS";

/// Lets in whom a token of Google's names, if it is one of those that may send events.
#[derive(Debug)]
pub(in crate::gcp) struct Verifier {
    wanted: Wanted,
    keys: Keys,
}

/// Why a sender is not let in.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    /// What it shows is not good enough.
    Token(&'static str),
    /// It cannot be said, since Google's keys are not there: it may come again.
    NoKeys,
}

impl Verifier {
    /// Reads whom tokens are for, and who may send events: the issuer alone proves only that
    /// somebody's account at Google asked for a token.
    pub(in crate::gcp) fn new(environment: &Environment) -> Result<Self, RunError> {
        let list = |name, what: &str| {
            let text = environment.text(name).unwrap_or_default();
            let all = text.split(',').map(str::trim).filter(|one| !one.is_empty());
            let all: Vec<String> = all.map(str::to_owned).collect();
            if all.is_empty() {
                let wanted = format!("ISOBAR_EVENTS_AUTH=oidc needs it: {what}");
                return Err(environment.wrong(name, &wanted));
            }
            Ok(all)
        };
        let audiences = list(
            AUDIENCE,
            "what the senders' tokens are for, which for Pub/Sub is the push endpoint's URL unless \
             the subscription says otherwise",
        )?;
        let senders = list(
            SENDERS,
            "the e-mail addresses of the service accounts that may send events",
        )?;
        Ok(Self {
            wanted: Wanted { audiences, senders },
            keys: Keys::new(Place::new(environment)?),
        })
    }

    /// Lets a sender in, or answers it; the log has the reason.
    pub(in crate::gcp) async fn admit(&self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.map_or(0, |since| since.as_secs().cast_signed());
        match self.verify(headers, now).await {
            Ok(()) => Ok(()),
            Err(Refused::Token(reason)) => {
                tracing::warn!("refused a sender of events by its token: {reason}");
                Err(Box::new(unauthorized()))
            }
            Err(Refused::NoKeys) => {
                let detail = "the keys that verify senders cannot be had";
                let error = Error::new(StatusCode::SERVICE_UNAVAILABLE, detail);
                Err(Box::new(error.into_response()))
            }
        }
    }

    /// Lets the next unknown key be asked for at once.
    #[cfg(test)]
    pub(super) async fn forget_pause(&self) {
        self.keys.forget_pause().await;
    }

    async fn verify(&self, headers: &HeaderMap, now: i64) -> Result<(), Refused> {
        let token = bearer(headers).ok_or(Refused::Token("it has none"))?;
        let token = Token::parse(token).map_err(Refused::Token)?;
        let key = match self.keys.find(&token.key_id).await {
            Ok(key) => key,
            Err(Missing::Unknown) => return Err(Refused::Token("its key is not Google's")),
            Err(Missing::Unreachable) => return Err(Refused::NoKeys),
        };
        token.check(&key, &self.wanted, now).map_err(Refused::Token)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized() -> Response {
    let detail = "events are taken from known senders alone";
    let mut response = Error::new(StatusCode::UNAUTHORIZED, detail).into_response();
    let scheme = HeaderValue::from_static("Bearer");
    response
        .headers_mut()
        .insert(http::header::WWW_AUTHENTICATE, scheme);
    response
}

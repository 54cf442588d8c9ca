//! Google's keys: fetched, kept, and fetched again when one is unknown.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::fetch::{Fetched, Place};
use super::token::Key;
use crate::cloudevents::base64;
use crate::cloudevents::json::{self, Members};

/// Unknown keys make no more requests than one in this time: they are anybody's word.
const PAUSE: Duration = Duration::from_secs(60);
/// After a request that failed.
const RETRY: Duration = Duration::from_secs(5);
/// How long keys are used that cannot be fetched anew.
const AT_MOST: Duration = Duration::from_secs(24 * 3600);

/// Keys by their ids.
#[derive(Debug)]
pub(super) struct Keys {
    place: Place,
    known: RwLock<Known>,
    /// When the next request may be made; held while one is.
    next: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Known {
    keys: BTreeMap<String, Key>,
    fetched: Option<Instant>,
    fresh: Duration,
}

/// Why there is no key.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// Google has no such key.
    Unknown,
    /// It could not be asked.
    Unreachable,
}

impl Keys {
    pub(super) fn new(place: Place) -> Self {
        Self {
            place,
            known: RwLock::default(),
            next: Mutex::default(),
        }
    }

    /// Returns a key, asking for it if it is not known or what is known is old.
    pub(super) async fn find(&self, id: &str) -> Result<Key, Missing> {
        if let Some(key) = self.fresh(id) {
            return Ok(key);
        }
        let mut next = self.next.lock().await;
        // Another request may have asked meanwhile.
        if let Some(key) = self.fresh(id) {
            return Ok(key);
        }
        if next.is_none_or(|moment| Instant::now() >= moment) {
            let pause = self.fetch().await;
            *next = Some(Instant::now() + pause);
        }
        drop(next);
        self.any(id)
    }

    #[cfg(test)]
    pub(super) async fn forget_pause(&self) {
        *self.next.lock().await = None;
    }

    /// Fetches; returns how long to wait before the next time.
    async fn fetch(&self) -> Duration {
        match self.place.fetch().await {
            Ok(fetched) => {
                let keys = parse(&fetched.body);
                if keys.is_empty() {
                    tracing::error!("{} has no keys", self.place);
                    return RETRY;
                }
                self.take(keys, &fetched);
                PAUSE
            }
            Err(error) => {
                tracing::error!("cannot fetch keys from {}: {error}", self.place);
                RETRY
            }
        }
    }

    fn take(&self, keys: BTreeMap<String, Key>, fetched: &Fetched) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        *known = Known {
            keys,
            fetched: Some(Instant::now()),
            fresh: fetched.fresh.clamp(PAUSE, AT_MOST),
        };
    }

    fn fresh(&self, id: &str) -> Option<Key> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let fresh = known.fetched?.elapsed() < known.fresh;
        fresh.then(|| known.keys.get(id).cloned()).flatten()
    }

    fn any(&self, id: &str) -> Result<Key, Missing> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let usable = known
            .fetched
            .is_some_and(|moment| moment.elapsed() < AT_MOST);
        if !usable {
            return Err(Missing::Unreachable);
        }
        known.keys.get(id).cloned().ok_or(Missing::Unknown)
    }
}

/// Reads a JSON Web Key Set (RFC 7517); what is no key for RS256 is left out.
fn parse(body: &[u8]) -> BTreeMap<String, Key> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    let set = Members::of(text).unwrap_or_default();
    let keys = set.get("keys").and_then(json::list).unwrap_or_default();
    let read = |key| {
        let key = Members::of(key)?;
        let is = |name, wanted| key.text(name).is_none_or(|value| value == wanted);
        let fits = key.text("kty")? == "RSA" && is("use", "sig") && is("alg", "RS256");
        let number = |name| Some(base64::decode(&key.text(name)?)?.to_vec());
        let (id, n, e) = (key.text("kid")?.into_owned(), number("n")?, number("e")?);
        fits.then_some((id, Key { n, e }))
    };
    keys.into_iter().filter_map(read).collect()
}

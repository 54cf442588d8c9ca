use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use isobar_core::{Method, RequestExt, Text};
use tower_layer::Layer;

use super::service::IdempotencyKey;
use crate::Store;
use crate::claims::Claims;

/// How long an answer is kept, as most public APIs do it.
const KEEP: Duration = Duration::from_secs(24 * 60 * 60);
/// The largest answer that is kept, in bytes.
const ANSWER_LIMIT: usize = 256 * 1024;
/// The largest request with a key, in bytes: axum's own limit.
const BODY_LIMIT: usize = 2 * 1024 * 1024;

/// A tower layer that answers each request with an `Idempotency-Key` once.
///
/// Only requests by POST and PATCH that bear the header are concerned, and no events. Who repeats
/// one gets the first answer again, with `idempotent-replayed: true`. While the first is still being
/// answered a repeat gets a 409 with `Retry-After`; another request (method, target or body) under
/// the same key a 422; a key that is none a 400. All as `application/problem+json`.
///
/// # What is kept
///
/// Answers below 400. One of 400 or more, an error and a panic free the key: the client may repeat
/// the request, or mend it. **An answer of more than 256 KiB is not kept**: it goes out as it is, and
/// a repeat gets a 409 that says so, since the handler must not run again. An answer is read as a
/// whole before it goes out, up to that limit: a stream begins late under a key.
///
/// # Whose key it is
///
/// A key belongs to the caller whom the host vouches for ([`identity`](isobar_core::Context::identity)),
/// else to the request's `Authorization`, so nobody gets another's answer. Where that changes from
/// try to try (a token that is renewed), or callers are told apart by something else (a cookie),
/// say who they are by [`client`](Self::client).
///
/// Source: <https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07>.
///
/// # Example: orders that are taken once
///
/// ```
/// use axum::{Router, routing::post};
/// use isobar_state::{IdempotencyKeyLayer, Memory};
///
/// async fn order() -> &'static str {
///     "your order was taken"
/// }
///
/// let app: Router = Router::new()
///     .route("/orders", post(order))
///     .layer(IdempotencyKeyLayer::new(Memory::new()));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a layer does nothing until it is around a service"]
pub struct IdempotencyKeyLayer<S>(Settings<S>);

#[derive(Clone)]
pub(super) struct Settings<S> {
    pub(super) claims: Claims<S>,
    pub(super) methods: Vec<Method>,
    pub(super) required: bool,
    pub(super) scope: Option<Text>,
    pub(super) client: Arc<ClientOf>,
    pub(super) answer_limit: usize,
    pub(super) body_limit: usize,
}

type ClientOf = dyn Fn(&http::request::Parts) -> String + Send + Sync;

impl<S: Store + Clone> IdempotencyKeyLayer<S> {
    /// Makes one over a store, whose clones are the same store.
    pub fn new(store: S) -> Self {
        let mut claims = Claims::new(store);
        claims.keep = KEEP;
        Self(Settings {
            claims,
            methods: vec![Method::POST, Method::PATCH],
            required: false,
            scope: None,
            client: Arc::new(client),
            answer_limit: ANSWER_LIMIT,
            body_limit: BODY_LIMIT,
        })
    }

    /// Sets which methods' requests are concerned: POST and PATCH, unless told otherwise. The others
    /// are idempotent by themselves.
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.0.methods = methods.into_iter().collect();
        self
    }

    /// Refuses requests of these methods that bear no key, with a 400.
    pub fn required(mut self) -> Self {
        self.0.required = true;
        self
    }

    /// Sets how long a handler may be silent before it counts as dead: 10 seconds, unless told
    /// otherwise; it is renewed while the handler runs. See
    /// [`Idempotent::lease`](crate::Idempotent::lease).
    pub fn lease(mut self, lease: Duration) -> Self {
        self.0.claims.set_lease(lease);
        self
    }

    /// Sets how long an answer is kept: 24 hours, unless told otherwise.
    pub fn keep(mut self, keep: Duration) -> Self {
        self.0.claims.keep = keep;
        self
    }

    /// Sets the largest answer that is kept, in bytes of its body: 256 KiB, unless told otherwise.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.0.answer_limit = bytes;
        self
    }

    /// Sets the largest request that may bear a key, in bytes of its body: 2 MiB, unless told
    /// otherwise. It is read as a whole before the handler runs; a larger one gets a 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.0.body_limit = bytes;
        self
    }

    /// Names whose keys these are, where several functions share a store. The function's name by its
    /// host, unless told otherwise.
    pub fn scope(mut self, scope: impl Into<Text>) -> Self {
        self.0.scope = Some(scope.into());
        self
    }

    /// Sets how clients are told apart, whose keys are their own.
    pub fn client(
        mut self,
        client: impl Fn(&http::request::Parts) -> String + Send + Sync + 'static,
    ) -> Self {
        self.0.client = Arc::new(client);
        self
    }

    #[cfg(test)]
    pub(super) fn clock(mut self, clock: crate::time::Clock) -> Self {
        self.0.claims.clock = clock;
        self
    }
}

/// The caller whom the host vouches for, else what the request says for itself.
fn client(parts: &http::request::Parts) -> String {
    if let Some(identity) = parts.context().identity() {
        let issuer = identity.issuer().unwrap_or_default();
        return format!("identity {issuer} {}", identity.subject());
    }
    let authorization = parts.headers.get("authorization");
    let authorization = authorization.map(|value| String::from_utf8_lossy(value.as_bytes()));
    format!("authorization {}", authorization.unwrap_or_default())
}

impl<S: Clone, T> Layer<T> for IdempotencyKeyLayer<S> {
    type Service = IdempotencyKey<S, T>;

    fn layer(&self, service: T) -> Self::Service {
        IdempotencyKey::new(Arc::new(self.0.clone()), service)
    }
}

impl<S: fmt::Debug> fmt::Debug for Settings<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("claims", &self.claims)
            .field("methods", &self.methods)
            .field("required", &self.required)
            .finish_non_exhaustive()
    }
}

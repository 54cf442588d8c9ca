//! The one line an invocation: what came, what became of it, how long it took.
//!
//! It has no header, no body and no query: what may be secret is in none of the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use http_body::Body as _;
use tracing::{Level, Span};

use super::counted::counted;
use super::{Batch, Outcome};
use crate::{Context, Event, Kind, Request, Response};

/// The target of access lines: `RUST_LOG=info,isobar::access=off` leaves them out.
macro_rules! target {
    () => {
        "isobar::access"
    };
}

pub(super) fn is_wanted() -> bool {
    tracing::enabled!(target: target!(), Level::INFO)
}

/// What is common to all invocations.
struct Begun {
    span: Span,
    at: Instant,
    cold_start: bool,
}

impl Begun {
    fn now(context: &Context) -> Self {
        Self {
            span: context.span().clone(),
            at: Instant::now(),
            cold_start: context.cold_start(),
        }
    }

    fn duration(&self) -> f64 {
        milliseconds_since(self.at)
    }
}

/// Milliseconds, with three decimals.
fn milliseconds_since(at: Instant) -> f64 {
    (at.elapsed().as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// A request that is being answered. Dropped, it writes its line: also where the client went away.
pub(super) struct HttpAccess {
    begun: Begun,
    method: Method,
    uri: Uri,
    request_bytes: Arc<AtomicU64>,
    status: Option<StatusCode>,
    response_bytes: u64,
    /// What has become of the invocation if its body ends well.
    answer: &'static str,
    outcome: &'static str,
}

impl HttpAccess {
    /// Begins where somebody listens; a body of unknown length is counted while it is read.
    pub(super) fn begin(context: &Context, request: &mut Request) -> Option<Box<Self>> {
        if !is_wanted() {
            return None;
        }
        let length = request.body().size_hint().exact();
        let request_bytes = Arc::new(AtomicU64::new(length.unwrap_or_default()));
        if length.is_none() {
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = counted(body, Arc::clone(&request_bytes));
        }
        Some(Box::new(Self {
            begun: Begun::now(context),
            method: request.method().clone(),
            uri: request.uri().clone(),
            request_bytes,
            status: None,
            response_bytes: 0,
            answer: "ok",
            outcome: "cancelled",
        }))
    }

    /// Notes the answer's head, and what has become of the invocation if its body ends well.
    pub(super) fn answered(&mut self, status: StatusCode, answer: &'static str) {
        self.status = Some(status);
        self.answer = answer;
    }

    /// Notes a part of the answer's body.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.response_bytes += bytes as u64;
    }

    /// Writes the line of a body that was sent to its end.
    pub(super) fn end(mut self: Box<Self>) {
        self.outcome = self.answer;
    }

    /// Writes the line of a body that broke off.
    pub(super) fn broke_off(mut self: Box<Self>, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for HttpAccess {
    fn drop(&mut self) {
        let Self {
            begun,
            method,
            uri,
            status,
            ..
        } = self;
        let path = uri.path();
        let status = status.map(|status| status.as_u16());
        tracing::info!(
            target: target!(),
            parent: &begun.span,
            trigger = "http",
            method = method.as_str(),
            path,
            status,
            outcome = self.outcome,
            duration_ms = begun.duration(),
            cold_start = begun.cold_start,
            request_bytes = self.request_bytes.load(Ordering::Relaxed),
            response_bytes = self.response_bytes,
            "{method} {path} {}",
            status.map_or_else(|| self.outcome.to_owned(), |status| status.to_string())
        );
    }
}

/// A batch of events that is being handled. Dropped, it writes its line.
pub(super) struct BatchAccess {
    begun: Begun,
    kind: Option<Kind>,
    source: String,
    items: usize,
    failed: usize,
    request_bytes: usize,
    outcome: &'static str,
}

impl BatchAccess {
    /// Begins where somebody listens.
    pub(super) fn begin(context: &Context, batch: &Batch) -> Option<Self> {
        if !is_wanted() {
            return None;
        }
        let events = &batch.events;
        let (first, items) = (events.first(), events.len() + batch.unreadable);
        let size = |event: &Event| event.data().map_or(0, Bytes::len);
        Some(Self {
            begun: Begun::now(context),
            kind: first.map(Event::kind),
            source: first.map(Event::name).unwrap_or_default().to_owned(),
            items,
            failed: items,
            request_bytes: events.iter().map(size).sum(),
            outcome: "cancelled",
        })
    }

    /// Writes the line.
    pub(super) fn end(mut self, outcomes: &[Outcome], is_late: bool) {
        let is_handled = |outcome: &&Outcome| matches!(outcome, Outcome::Done(_));
        self.failed = self.items - outcomes.iter().filter(is_handled).count();
        self.outcome = match self.failed {
            _ if is_late => "timeout",
            0 => "ok",
            failed if failed < self.items => "partial",
            _ => "error",
        };
    }
}

impl Drop for BatchAccess {
    fn drop(&mut self) {
        let trigger = self.kind.map_or("event", Kind::as_str);
        let Self { begun, source, .. } = self;
        tracing::info!(
            target: target!(),
            parent: &begun.span,
            trigger,
            source = source.as_str(),
            items = self.items,
            failed = self.failed,
            outcome = self.outcome,
            duration_ms = begun.duration(),
            cold_start = begun.cold_start,
            request_bytes = self.request_bytes,
            "{trigger} {source} {}",
            self.outcome
        );
    }
}

/// Writes the line of what never reached the handler.
pub(super) fn refused(
    context: &Context,
    at: Option<Instant>,
    trigger: &'static str,
    head: Option<(&Method, &Uri)>,
    response: Option<&Response>,
) {
    let Some(at) = at else {
        return;
    };
    let (method, path) = head
        .map(|(method, uri)| (method.as_str(), uri.path()))
        .unzip();
    let status = response.map(Response::status);
    let outcome = match status {
        Some(status) if !status.is_server_error() => "refused",
        _ => "error",
    };
    let came = match (method, path) {
        (Some(method), Some(path)) => format!("{method} {path}"),
        _ => trigger.to_owned(),
    };
    tracing::info!(
        target: target!(),
        parent: context.span(),
        trigger,
        method,
        path,
        status = status.map(|status| status.as_u16()),
        outcome,
        duration_ms = milliseconds_since(at),
        cold_start = context.cold_start(),
        response_bytes = response.and_then(|response| response.body().size_hint().exact()),
        "{came} {}",
        status.map_or_else(|| outcome.to_owned(), |status| status.as_u16().to_string())
    );
}

//! The span of one invocation: begun by the host's word, ended when it is over.

use isobar_core::{Context, Event, Outcome, Request};
use opentelemetry::trace::{Status, TraceContextExt};
use opentelemetry::{Context as Active, KeyValue};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::attributes::{self, Begun};
use super::{links, pipeline};

/// An invocation that is observed. Dropped, its span ends, whoever still holds the context.
#[derive(Debug)]
pub(crate) struct Invocation(Option<Active>);

impl Invocation {
    /// Begins the span of a request; its parent is the host's own trace.
    pub(crate) fn of_request(context: &Context, request: &Request) -> Self {
        Self::begin(context, || attributes::of_request(context, request))
    }

    /// Begins the span of a batch; it has a link to where each event was made.
    pub(crate) fn of_events(context: &Context, events: &[Event]) -> Self {
        let invocation = Self::begin(context, || attributes::of_events(context, events));
        if let Some(active) = &invocation.0 {
            let span = active.span();
            let made = events.iter().filter_map(links::of_event);
            made.for_each(|link| span.add_link(link, Vec::new()));
        }
        invocation
    }

    fn begin(context: &Context, describe: impl FnOnce() -> Begun) -> Self {
        if !pipeline::makes_spans() {
            return Self(None);
        }
        let span = context.span();
        let parent = context.trace().and_then(links::remote);
        let parent = parent.map_or_else(Active::new, |parent| {
            Active::new().with_remote_span_context(parent)
        });
        if span.set_parent(parent).is_err() {
            return Self(None);
        }
        let begun = describe();
        span.record("otel.name", &*begun.name);
        span.record("otel.kind", begun.kind);
        let active = span.context();
        active.span().set_attributes(begun.attributes);
        Self(Some(active))
    }

    /// Notes the answer.
    pub(crate) fn answered<B>(&self, response: &http::Response<B>) {
        let Some(active) = &self.0 else { return };
        let (span, status) = (active.span(), response.status());
        let code = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new("http.response.status_code", code));
        if status.is_server_error() {
            span.set_attribute(KeyValue::new("error.type", status.as_str().to_owned()));
            span.set_status(Status::error(""));
        }
    }

    /// Notes what came of the events, and how many items were none.
    pub(crate) fn delivered(&self, outcomes: &[Outcome], unreadable: usize) {
        let Some(active) = &self.0 else { return };
        let is_handled = |outcome: &Outcome| matches!(outcome, Outcome::Done(_));
        if unreadable == 0 && outcomes.iter().all(is_handled) {
            return;
        }
        let has_failed =
            |outcome: &Outcome| matches!(outcome, Outcome::Retry(_) | Outcome::Dropped(_));
        let error = if outcomes.iter().any(has_failed) {
            "HandlerError"
        } else if outcomes.iter().all(is_handled) {
            "MalformedEvent"
        } else {
            "DeadlineExceeded"
        };
        let span = active.span();
        span.set_attribute(KeyValue::new("error.type", error));
        span.set_status(Status::error(""));
    }

    /// Ends the span before the work that outlives the answer.
    #[cfg(feature = "aws")]
    pub(crate) fn end(self) {
        drop(self);
    }
}

impl Drop for Invocation {
    fn drop(&mut self) {
        if let Some(active) = self.0.take() {
            active.span().end();
        }
    }
}

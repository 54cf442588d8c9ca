//! Code that runs for an invocation, so that what it logs carries the ids.
//!
//! Few invocations log anything, and a span costs a twentieth of a small one. So where the subscriber is [`OnDemand`], the
//! thread remembers whose code it runs, and the span is made and entered when somebody logs, makes a span of
//! their own, or asks for the current one.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::pin::Pin;
use std::task::Poll;

use pin_project_lite::pin_project;
use tracing::dispatcher::get_default;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Event, Metadata, Span, Subscriber};
use tracing_core::span::Current;

use super::Context;

thread_local! {
    /// Whose code this thread runs, as long as its span is not entered.
    static PENDING: RefCell<Option<Context>> = const { RefCell::new(None) };
}

/// Returns what was there; nothing is kept on a thread that ends.
fn exchange(pending: Option<Context>) -> Option<Context> {
    PENDING.try_with(|place| place.replace(pending)).ok()?
}

/// Makes a span. That would enter the one of whose code runs here, which may be the very one that is made.
pub(super) fn made(make: impl FnOnce() -> Span) -> Span {
    let pending = exchange(None);
    let span = make();
    exchange(pending);
    span
}

/// Enters the span of whose code runs here, if nobody has.
fn enter_pending() {
    if let Some(context) = exchange(None) {
        context
            .span()
            .with_subscriber(|(id, subscriber)| subscriber.enter(id));
    }
}

impl Context {
    /// Runs a future within the invocation's [`span`](Self::span), which is made no earlier than somebody
    /// needs it. For hosts.
    pub fn instrument<F>(&self, future: F) -> Instrumented<&Self, F> {
        Instrumented::new(self, future)
    }

    /// Runs `f` in the same way. For hosts.
    pub fn in_scope<T>(&self, f: impl FnOnce() -> T) -> T {
        let _entered = self.enter();
        f()
    }

    pub(crate) fn enter(&self) -> Entered<'_> {
        let is_pending = self.span_if_made().is_none() && is_on_demand();
        let outer = exchange(is_pending.then(|| self.clone()));
        if !is_pending {
            self.span()
                .with_subscriber(|(id, subscriber)| subscriber.enter(id));
        }
        Entered {
            context: self,
            outer,
            is_pending,
        }
    }
}

/// Until it is dropped, this thread runs the context's code.
pub(crate) struct Entered<'c> {
    context: &'c Context,
    outer: Option<Context>,
    is_pending: bool,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let left = exchange(self.outer.take());
        if !self.is_pending || left.is_none() {
            self.context
                .span()
                .with_subscriber(|(id, subscriber)| subscriber.exit(id));
        }
    }
}

pin_project! {
    /// A future that runs within an invocation's span, and is dropped within it: what
    /// [`Context::instrument`] returns.
    #[must_use = "futures do nothing unless polled"]
    pub struct Instrumented<C: Borrow<Context>, F> {
        // `None` once it is dropped.
        #[pin]
        future: Option<F>,
        context: C,
    }

    impl<C: Borrow<Context>, F> PinnedDrop for Instrumented<C, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.future.is_some() {
                let _entered = (*this.context).borrow().enter();
                this.future.set(None);
            }
        }
    }
}

impl<C: Borrow<Context>, F> Instrumented<C, F> {
    pub(crate) fn new(context: C, future: F) -> Self {
        Self {
            future: Some(future),
            context,
        }
    }
}

impl<C: Borrow<Context>, F: Future> Future for Instrumented<C, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _entered = (*this.context).borrow().enter();
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        polled
    }
}

/// A subscriber for which spans of invocations are made when somebody needs them, and not before.
///
/// It is for a host's own: whoever counts spans, or wants to be asked for its own type (as
/// `tracing-opentelemetry` does), must be told of each.
pub struct OnDemand(Box<dyn Subscriber + Send + Sync>);

impl OnDemand {
    /// Wraps a subscriber.
    pub fn new(subscriber: impl Subscriber + Send + Sync) -> Self {
        Self(Box::new(subscriber))
    }
}

/// True if what is logged here goes to an [`OnDemand`]. It is asked twice, the second time from within: where
/// threads have subscribers of their own, none is found there, and none could make a span there.
fn is_on_demand() -> bool {
    get_default(|outer| outer.is::<OnDemand>() && get_default(Dispatch::is::<OnDemand>))
}

impl Subscriber for OnDemand {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        self.0.on_register_dispatch(dispatch);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.0.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.0.max_level_hint()
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        enter_pending();
        self.0.new_span(attributes)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.0.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.0.record_follows_from(span, follows);
    }

    fn event_enabled(&self, event: &Event<'_>) -> bool {
        self.0.event_enabled(event)
    }

    fn event(&self, event: &Event<'_>) {
        enter_pending();
        self.0.event(event);
    }

    fn enter(&self, span: &Id) {
        enter_pending();
        self.0.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.0.exit(span);
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.0.clone_span(span)
    }

    fn try_close(&self, span: Id) -> bool {
        self.0.try_close(span)
    }

    fn current_span(&self) -> Current {
        enter_pending();
        self.0.current_span()
    }
}

impl std::fmt::Debug for OnDemand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnDemand").finish_non_exhaustive()
    }
}

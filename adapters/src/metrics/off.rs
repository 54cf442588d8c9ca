//! What an invocation costs where nobody logs and nobody counts: nothing is made of it.

use std::future::pending;

use isobar_core::{App, Batch, Body, Context, Dispatcher, Event, Request};
use tracing::Dispatch;
use tracing::dispatcher::with_default;

use super::meter;
use crate::config::Environment;
use crate::log::subscriber;

const LAMBDA: (&str, &str) = ("AWS_LAMBDA_RUNTIME_API", "x");

/// Runs a request and a batch; returns whether any span was made of them.
fn are_observed(environment: &Environment) -> bool {
    let subscriber = Dispatch::new(subscriber(environment).0);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    with_default(&subscriber, || {
        runtime.unwrap().block_on(async {
            let app = App::new()
                .on_event("*", async || ())
                .http(|_: Request| async {});
            let dispatcher = Dispatcher::new(app);
            let (first, second) = (Context::default(), Context::default());
            let request = Request::new(Body::empty());
            dispatcher.respond(&first, request, pending()).await;
            let event = |id: &'static str| Event::builder("x", id, "s", "t").build();
            let batch = Batch::new(vec![event("1"), event("2")]);
            dispatcher.deliver(&second, batch, pending()).await;
            [first, second]
                .iter()
                .any(|context| !context.span().is_disabled())
        })
    })
}

#[test]
fn where_nothing_is_logged_or_counted_nothing_is_made_of_an_invocation() {
    let off = Environment::of([LAMBDA, ("RUST_LOG", "off")]);
    assert!(meter(&off).is_none());
    assert!(!are_observed(&off));
    assert!(are_observed(&Environment::of([LAMBDA])));
    let counted = Environment::of([LAMBDA, ("RUST_LOG", "off"), ("ISOBAR_METRICS", "emf")]);
    assert!(meter(&counted).is_some() && are_observed(&counted));
}

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use isobar_core::{
    App, Batch, Context, Dispatcher, Event, Function, Invoke, Json, MessageParts, Outcome, Output,
    Outputs, Provider, Result,
};

use super::*;
use crate::Memory;
use crate::time::Clock;

fn message(id: &'static str) -> Event {
    Event::builder("orders", id, "urn:test", "example.order")
        .message(MessageParts::default())
        .build()
}

async fn deliver(dispatcher: &Dispatcher, event: Event) -> Outcome {
    deliver_to(dispatcher, &Context::default(), event).await
}

async fn deliver_to(dispatcher: &Dispatcher, context: &Context, event: Event) -> Outcome {
    let mut batch = Batch::new(vec![event]);
    batch.takes_outputs = true;
    let outcomes = dispatcher.deliver(context, batch, pending()).await;
    outcomes.into_iter().next().unwrap()
}

/// An application that counts, and does what `then` says of the number.
fn counting<T, F>(store: Memory, then: F) -> (Dispatcher, Arc<AtomicU32>)
where
    F: Fn(u32) -> T + Clone + Send + Sync + 'static,
    T: isobar_core::IntoReply + Send + 'static,
{
    let count = Arc::<AtomicU32>::default();
    let runs = Arc::clone(&count);
    let app = App::new().on_message("orders", move || {
        let reply = then(runs.fetch_add(1, Ordering::Relaxed) + 1);
        async { reply }
    });
    (Dispatcher::new(idempotent(store, app)), count)
}

#[tokio::test]
async fn an_event_that_was_handled_is_acknowledged_without_its_handler() {
    let (dispatcher, count) = counting(Memory::new(), |_| ());
    for _ in 0..3 {
        assert!(deliver(&dispatcher, message("17")).await.is_acknowledged());
    }
    assert!(deliver(&dispatcher, message("18")).await.is_acknowledged());
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_handler_that_fails_or_panics_frees_the_key_at_once() {
    let (dispatcher, count) = counting(Memory::new(), |run| match run {
        1 => Err("no luck"),
        2 => panic!("worse"),
        _ => Ok(()),
    });
    for wanted in [false, false, true, true] {
        let outcome = deliver(&dispatcher, message("17")).await;
        assert_eq!(outcome.is_acknowledged(), wanted, "{outcome:?}");
    }
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn outputs_are_given_again() {
    let outputs = Outputs::new()
        .set("receipts", "paid")
        .list("labels", [Output::json(&17).unwrap(), "two".into()]);
    let (dispatcher, count) = counting(Memory::new(), {
        let outputs = outputs.clone();
        move |_| (Json(r#"{"n":1e400}"#), outputs.clone())
    });
    for _ in 0..2 {
        let Outcome::Done(reply) = deliver(&dispatcher, message("17")).await else {
            panic!("not done");
        };
        assert_eq!(reply.outputs(), &outputs);
        assert_eq!(reply.result().unwrap(), r#""{\"n\":1e400}""#);
    }
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn functions_that_share_a_store_handle_their_own() {
    let (dispatcher, count) = counting(Memory::new(), |_| ());
    for name in ["bills", "labels", "bills"] {
        let context = Context::builder(Function::new(Provider::Aws, name)).build();
        deliver_to(&dispatcher, &context, message("17")).await;
    }
    assert_eq!(count.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_long_run_keeps_its_key_and_a_repeat_comes_again_later() {
    let app = App::new().on_message("orders", async || {
        tokio::time::sleep(std::time::Duration::from_secs(100)).await;
    });
    let app = idempotent(Memory::new(), app).clock(Clock::paused());
    let dispatcher = Dispatcher::new(app);
    let first = deliver(&dispatcher, message("17"));
    let again = async {
        tokio::time::sleep(std::time::Duration::from_secs(50)).await;
        deliver(&dispatcher, message("17")).await
    };
    let (first, again) = tokio::join!(first, again);
    assert!(first.is_acknowledged());
    assert!(matches!(again, Outcome::Retry(_)), "{again:?}");
}

#[tokio::test]
async fn http_requests_and_routes_pass_through() {
    let app = App::new()
        .http(async |_: isobar_core::Request| "hello")
        .on_invoke(async |_: Invoke<u32>| -> Result<()> { Ok(()) });
    let wanted = isobar_core::Handler::routes(&app);
    let dispatcher = Dispatcher::new(idempotent(Memory::new(), app));
    assert_eq!(dispatcher.routes(), &wanted);
    let request = isobar_core::Request::default();
    let response = dispatcher
        .respond(&Context::default(), request, pending())
        .await;
    assert_eq!(response.status(), 200);
}

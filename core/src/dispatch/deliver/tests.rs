use std::future::{pending, ready};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::{App, Message, MessageParts, Order, Raw};

fn message(id: &str, key: Option<&str>, data: &str) -> Event {
    let ordering_key = key.map(Into::into);
    let parts = MessageParts {
        ordering_key,
        ..MessageParts::default()
    };
    Event::builder("orders", id, "arn:x", "com.example.message")
        .data("text/plain", data.to_owned())
        .message(parts)
        .build()
}

fn batch(events: Vec<Event>, order: Order) -> Batch {
    Batch {
        order,
        limit: 10,
        ..Batch::new(events)
    }
}

/// An app that fails on `fail`, for good on `never`, panics on `panic`, and notes the rest.
fn app(seen: &'static Mutex<Vec<String>>) -> App {
    App::new().on_message("orders", async move |message: Message<Raw>| {
        match &*message.body().0 {
            b"fail" => return Err(Error::from("failed")),
            b"never" => return Err(Error::from("failed").permanent()),
            b"panic" => panic!("panicked"),
            _ => seen.lock().unwrap().push(message.id().to_owned()),
        }
        Ok(())
    })
}

fn seen() -> &'static Mutex<Vec<String>> {
    Box::leak(Box::default())
}

fn short(outcomes: &[Outcome]) -> String {
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Done(_) => 'd',
        Outcome::Retry(_) => 'r',
        Outcome::Dropped(_) => 'p',
        Outcome::NotTried => 'n',
    };
    outcomes.iter().map(letter).collect()
}

async fn delivered(handler: impl crate::Handler, batch: Batch) -> String {
    let outcomes = Dispatcher::new(handler)
        .deliver(&Context::default(), batch, pending())
        .await;
    short(&outcomes)
}

#[tokio::test]
async fn each_event_has_its_own_outcome() {
    let events = ["ok", "fail", "never", "panic", "ok"];
    let events = events
        .iter()
        .enumerate()
        .map(|(n, data)| message(&n.to_string(), None, data));
    assert_eq!(
        delivered(app(seen()), batch(events.collect(), Order::Any)).await,
        "drprd"
    );
}

#[tokio::test]
async fn a_failure_stops_its_key_and_no_other() {
    // trap 35
    let events = vec![
        message("1", Some("a"), "ok"),
        message("2", Some("b"), "ok"),
        message("3", Some("a"), "fail"),
        message("4", Some("b"), "ok"),
        message("5", Some("a"), "ok"),
        message("6", None, "ok"),
    ];
    assert_eq!(
        delivered(app(seen()), batch(events, Order::PerKey)).await,
        "ddrdnd"
    );
}

#[tokio::test]
async fn a_shard_stops_at_its_first_failure_but_not_at_what_is_dropped() {
    let noted = seen();
    let events = ["ok", "never", "ok", "fail", "ok"];
    let events = events
        .iter()
        .enumerate()
        .map(|(n, data)| message(&n.to_string(), None, data));
    assert_eq!(
        delivered(app(noted), batch(events.collect(), Order::Whole)).await,
        "dpdrn"
    );
    assert_eq!(*noted.lock().unwrap(), ["0", "2"]);
}

#[tokio::test]
async fn an_event_without_a_handler_fails_unless_the_app_ignores_it() {
    // traps 14 and 37
    async fn everything(_: Request) -> &'static str {
        "ok"
    }
    let one = || batch(vec![message("1", None, "ok")], Order::Any);
    assert_eq!(delivered(everything, one()).await, "r");
    assert_eq!(
        delivered(axum::Router::new().fallback(|| async {}), one()).await,
        "r"
    );
    assert_eq!(delivered(App::new().http(everything), one()).await, "r");
    assert_eq!(
        delivered(App::new().ignore_unknown_events(), one()).await,
        "d"
    );
    assert_eq!(delivered(App::new().events(everything), one()).await, "d");
}

#[tokio::test]
async fn no_more_run_at_once_than_the_limit() {
    static RUNNING: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let app = App::new().on_message("*", async || {
        MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        tokio::task::yield_now().await;
        RUNNING.fetch_sub(1, Ordering::SeqCst);
    });
    let events = (0..50)
        .map(|n| message(&n.to_string(), None, "ok"))
        .collect();
    let outcomes = delivered(
        app,
        Batch {
            limit: 7,
            ..Batch::new(events)
        },
    )
    .await;
    assert_eq!(outcomes, "d".repeat(50));
    assert_eq!(MOST.load(Ordering::SeqCst), 7);
}

#[tokio::test]
async fn outputs_fail_where_there_are_no_bindings() {
    use crate::Outputs;
    let app = || App::new().on_message("*", async || Outputs::new().set("queue", "one"));
    let one = || batch(vec![message("1", None, "ok")], Order::Any);
    assert_eq!(delivered(app(), one()).await, "r");
    let with = Batch {
        takes_outputs: true,
        ..one()
    };
    assert_eq!(delivered(app(), with).await, "d");
}

#[tokio::test]
async fn a_call_gets_its_result() {
    use crate::{Invoke, Json};
    let app = App::new().on_invoke(async |n: Invoke<u32>| Json(n.input() * 2));
    let event = Event::builder("price", "1", "arn:x", "com.example.call")
        .data("application/json", "21")
        .invoke()
        .build();
    let outcomes = Dispatcher::new(app)
        .deliver(&Context::default(), Batch::new(vec![event]), pending())
        .await;
    let Some(Outcome::Done(reply)) = outcomes.first() else {
        panic!("{outcomes:?}");
    };
    assert_eq!(reply.result().unwrap(), "42");
}

#[tokio::test]
async fn past_the_deadline_nothing_more_is_tried() {
    let app = App::new().on_message("orders", async || pending::<()>().await);
    let events = vec![message("1", None, "ok"), message("2", None, "ok")];
    let context = Context::default();
    let outcomes = Dispatcher::new(app)
        .deliver(&context, Batch::new(events), ready(()))
        .await;
    assert!(outcomes.iter().all(|outcome| !outcome.is_acknowledged()));
    context.cancelled().await;
}

#[tokio::test]
async fn past_the_deadline_background_work_is_cut_off() {
    for waits in [true, false] {
        let app = App::new().on_message("orders", move |context: Context| async move {
            context.wait_until(pending());
            if waits {
                pending::<()>().await;
            }
        });
        let (context, events) = (Context::default(), vec![message("1", None, "ok")]);
        Dispatcher::new(app)
            .deliver(&context, Batch::new(events), ready(()))
            .await;
        assert!(!context.has_background(), "{waits}");
        context.cancelled().await;
    }
}

#[tokio::test]
async fn background_work_is_finished_before_the_outcome() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    let app = App::new().on_message("orders", async |context: Context| {
        context.wait_until(async {
            tokio::task::yield_now().await;
            DONE.fetch_add(1, Ordering::SeqCst);
        });
    });
    let events = vec![message("1", None, "ok")];
    assert_eq!(delivered(app, batch(events, Order::Any)).await, "d");
    assert_eq!(DONE.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_plain_handler_sees_an_event_as_a_cloudevents_post() {
    let head: &'static Mutex<String> = Box::leak(Box::default());
    let app = App::new().events(move |request: Request| async move {
        use crate::RequestExt;
        let id = request
            .headers()
            .get("ce-id")
            .map(|id| id.to_str().unwrap().to_owned());
        let found = request.event().map(Event::id).map(str::to_owned);
        assert_eq!(id, found);
        *head.lock().unwrap() = format!("{} {}", request.method(), request.uri());
        "ok"
    });
    assert_eq!(
        delivered(app, batch(vec![message("1", None, "ok")], Order::Any)).await,
        "d"
    );
    assert_eq!(*head.lock().unwrap(), "POST /message/orders");
}

#[tokio::test]
async fn data_that_does_not_decode_fails_and_can_be_given_up() {
    let strict = App::new().on_message("orders", async |_: Message<u32>| {});
    let lenient = App::new().on_message("orders", async |m: Result<Message<u32>, Error>| {
        m.map(|_| ()).map_err(Error::permanent)
    });
    let one = || batch(vec![message("1", None, "no number")], Order::Any);
    assert_eq!(delivered(strict, one()).await, "r");
    assert_eq!(delivered(lenient, one()).await, "p");
}

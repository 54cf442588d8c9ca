//! A span that nobody needs is not made, and whoever needs it finds it: for a program whose subscriber makes
//! them on demand. It is the process's own, so all of it is one test.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as it must be"
)]

use std::fmt::Write;
use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use axum::body::Body;
use isobar_core::{
    App, Batch, Context, Dispatcher, Event, Function, OnDemand, Request, RequestExt,
};
use tracing::span::{Attributes, Id};
use tracing::{Instrument, Level, Span, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{self, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// What the subscriber was told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn push(&self, what: String) {
        self.0.lock().unwrap().push(what);
    }
}

/// The request ids and event ids of spans.
struct Ids(String);

struct Visitor<'a>(&'a mut String);

impl tracing::field::Visit for Visitor<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if matches!(field.name(), "request_id" | "event_id" | "message") {
            self.0.push_str(&format!(" {value:?}").replace('"', ""));
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Told {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        let mut ids = attributes.metadata().name().to_owned();
        attributes.record(&mut Visitor(&mut ids));
        self.push(format!("made {ids}"));
        context.span(id).unwrap().extensions_mut().insert(Ids(ids));
    }

    fn on_record(
        &self,
        id: &Id,
        values: &tracing::span::Record<'_>,
        context: layer::Context<'_, S>,
    ) {
        let span = context.span(id).unwrap();
        let mut extensions = span.extensions_mut();
        let ids: &mut Ids = extensions.get_mut().unwrap();
        values.record(&mut Visitor(&mut ids.0));
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: layer::Context<'_, S>) {
        let mut said = String::from("said");
        event.record(&mut Visitor(&mut said));
        for span in context.event_scope(event).into_iter().flatten() {
            let extensions = span.extensions();
            write!(said, " in {}", extensions.get::<Ids>().unwrap().0).unwrap();
        }
        self.push(said);
    }
}

fn context(id: &'static str) -> Context {
    Context::builder(Function::default()).request_id(id).build()
}

fn get(path: &str) -> Request {
    http::Request::get(path).body(Body::empty()).unwrap()
}

/// Does what the path says.
async fn handler(request: Request) -> &'static str {
    let context = request.context().clone();
    match request.uri().path() {
        "/says" => tracing::info!("a"),
        "/span" => {
            async { tracing::info!("b") }
                .instrument(tracing::info_span!("own"))
                .await;
        }
        "/current" => {
            drop(tokio::spawn(async { tracing::info!("c") }.instrument(Span::current())).await);
        }
        "/asks" => drop(
            tokio::spawn(async { tracing::info!("d") }.instrument(context.span().clone())).await,
        ),
        "/later" => {
            tokio::task::yield_now().await;
            tracing::info!("e");
            tokio::task::yield_now().await;
            tracing::info!("f");
        }
        "/within" => {
            let inner = Dispatcher::new(|_: Request| async { tracing::info!("a") });
            inner
                .respond(&self::context("2"), get("/"), pending())
                .await;
            tracing::info!("g");
        }
        "/aside" => context.wait_until(async { tracing::info!("h") }),
        "/dropped" => {
            let _said_at_the_end = Says;
            pending::<()>().await;
        }
        _ => tracing::trace!("nobody hears it"),
    }
    "done"
}

struct Says;

impl Drop for Says {
    fn drop(&mut self) {
        tracing::info!("i");
    }
}

/// What is asked for, and what the subscriber is told then.
const ALL: [(&str, &[&str]); 8] = [
    ("/", &[]),
    ("/says", &["made invocation 1", "said a in invocation 1"]),
    (
        "/span",
        &[
            "made invocation 1",
            "made own",
            "said b in own in invocation 1",
        ],
    ),
    ("/current", &["made invocation 1", "said c in invocation 1"]),
    ("/asks", &["made invocation 1", "said d in invocation 1"]),
    (
        "/later",
        &[
            "made invocation 1",
            "said e in invocation 1",
            "said f in invocation 1",
        ],
    ),
    (
        "/within",
        &[
            "made invocation 2",
            "said a in invocation 2",
            "made invocation 1",
            "said g in invocation 1",
        ],
    ),
    ("/aside", &["made invocation 1", "said h in invocation 1"]),
];

#[tokio::test]
async fn whoever_needs_a_span_finds_it_and_nobody_else_makes_one() {
    let told = Told::default();
    // The line of each invocation is one that needs the span.
    let filter = filter_fn(|metadata| {
        *metadata.level() <= Level::INFO && metadata.target() != "isobar::access"
    });
    let subscriber = tracing_subscriber::registry()
        .with(filter)
        .with(told.clone());
    tracing::subscriber::set_global_default(OnDemand::new(subscriber)).unwrap();
    let dispatcher = Dispatcher::new(handler);
    let ask = async |path: &str| {
        let context = context("1");
        dispatcher.respond(&context, get(path), pending()).await;
        context.background(pending()).await;
        assert!(Span::current().is_none(), "{path}");
        tracing::info!("outside");
        told.take()
    };
    for (path, wanted) in ALL {
        let mut all = ask(path).await;
        assert_eq!(all.pop().unwrap(), "said outside");
        assert_eq!(all, wanted, "{path}");
    }
    dropped(&dispatcher, &told);
    events(&told).await;
}

/// What is said while a client's going away drops the handler.
fn dropped(dispatcher: &Dispatcher, told: &Told) {
    let context = context("1");
    {
        let mut answer = pin!(dispatcher.respond(&context, get("/dropped"), pending()));
        let mut cx = std::task::Context::from_waker(Waker::noop());
        assert!(matches!(answer.as_mut().poll(&mut cx), Poll::Pending));
        assert_eq!(told.take(), [""; 0]);
    }
    assert_eq!(told.take(), ["made invocation 1", "said i in invocation 1"]);
}

async fn events(told: &Told) {
    let app = App::new()
        .on_event("quiet", async || ())
        .on_event("loud", async || tracing::info!("k"));
    let dispatcher = Dispatcher::new(app);
    let event = |ty: &'static str, id: &'static str| Event::builder("x", id, "s", ty).build();
    let deliver = async |events: Vec<Event>| {
        dispatcher
            .deliver(&context("1"), Batch::new(events), pending())
            .await;
        told.take()
    };
    assert_eq!(
        deliver(vec![event("quiet", "7"), event("quiet", "8")]).await,
        [""; 0]
    );
    let single = deliver(vec![event("loud", "7")]).await;
    assert_eq!(single, ["made invocation 1 7", "said k in invocation 1 7"]);
    let one = deliver(vec![event("quiet", "7"), event("loud", "8")]).await;
    assert_eq!(
        one,
        [
            "made invocation 1",
            "made event 8",
            "said k in event 8 in invocation 1"
        ]
    );
}

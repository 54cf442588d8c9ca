//! What the lines of an invocation cost it, on against off in one run:
//! `cargo test --release -p isobar --lib log::cost -- --ignored --nocapture 2>/dev/null`.

use std::future::pending;
use std::time::{Duration, Instant};

use isobar_core::{Body, Context, Dispatcher, Function, Provider, Request, TraceContext};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::form::Form;
use super::layer::Lines;
use super::levels::Levels;
use crate::config::Environment;

const ROUNDS: usize = 40;
const MANY: u32 = 5000;
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn context() -> Context {
    Context::builder(Function::new(Provider::Aws, "hello"))
        .request_id("8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .trace(TraceContext::parse(PARENT))
        .build()
}

fn invocations(runtime: &Runtime, dispatcher: &Dispatcher) -> Duration {
    let begun = Instant::now();
    runtime.block_on(async {
        for _ in 0..MANY {
            let request = Request::new(Body::empty());
            let answer = dispatcher.respond(&context(), request, pending()).await;
            let body = axum::body::to_bytes(answer.into_body(), 100).await;
            assert_eq!(body.unwrap(), "hello");
        }
    });
    begun.elapsed() / MANY
}

fn subscriber(level: &str) -> tracing::Dispatch {
    let (levels, _) = Levels::of(&Environment::of([("RUST_LOG", level)]));
    tracing::Dispatch::new(registry().with(Lines::new(Form::LambdaJson, levels)))
}

#[test]
#[ignore = "it measures"]
fn of_an_invocation() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let dispatcher = Dispatcher::new(|_request: Request| async { "hello" });
    let run = || invocations(&runtime, &dispatcher);
    let without = run().min(run());
    // Of two, each is asked anew at every callsite: a program has one, and pays less.
    let (on, off) = (subscriber("info"), subscriber("off"));
    let costs = (0..ROUNDS).map(|_| {
        let off = tracing::dispatcher::with_default(&off, run);
        let on = tracing::dispatcher::with_default(&on, run);
        on.saturating_sub(off)
    });
    let mut costs: Vec<_> = costs.collect();
    costs.sort_unstable();
    let (least, median) = (costs[0], costs[ROUNDS / 2]);
    println!("without {without:?}; on minus off: median {median:?}, least {least:?}");
}

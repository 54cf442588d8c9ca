//! Prints what the wrapper adds to an event, with the store that `ISOBAR_STATE_URL` names: memory
//! where it is not set.
//!
//! `cargo run --release -p isobar-state --example cost`, with a number of events behind it for
//! stores that take milliseconds.

#![expect(clippy::print_stdout, reason = "it is what the program is for")]

use std::future::pending;
use std::time::{Duration, Instant};

use isobar_core::{App, Batch, Context, Dispatcher, Event, MessageParts};
use isobar_state::{Owner, idempotent, open};

const ROUNDS: usize = 5;

fn app() -> App {
    App::new().on_message("orders", async || {})
}

fn event(number: u32) -> Event {
    let id = format!("{number}-{:x}", Owner::random().as_u64());
    let source = "arn:aws:sqs:eu-west-1:123456789012:orders";
    Event::builder("orders", id, source, "com.amazonaws.sqs.message")
        .message(MessageParts::default())
        .build()
}

/// Delivers each of the events, one after the other, and returns the time of one.
async fn time(dispatcher: &Dispatcher, events: &[Event]) -> Duration {
    let context = Context::default();
    let begun = Instant::now();
    for event in events {
        let batch = Batch::new(vec![event.clone()]);
        let outcomes = dispatcher.deliver(&context, batch, pending()).await;
        assert!(outcomes.iter().all(isobar_core::Outcome::is_acknowledged));
    }
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    begun.elapsed() / count.max(1)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count = std::env::args()
        .nth(1)
        .map_or(Ok(50_000), |it| it.parse())?;
    let mut rows = Vec::new();
    for _ in 0..ROUNDS {
        let events: Vec<_> = (0..count).map(event).collect();
        let plain = time(&Dispatcher::new(app()), &events).await;
        let wrapped = Dispatcher::new(idempotent(open().await?, app()));
        let first = time(&wrapped, &events).await;
        let repeat = time(&wrapped, &events).await;
        rows.push([
            plain,
            first.saturating_sub(plain),
            repeat.saturating_sub(plain),
        ]);
    }
    for (column, what) in ["without it", "it adds to the first", "to a repeat"]
        .iter()
        .enumerate()
    {
        let mut times: Vec<_> = rows.iter().filter_map(|row| row.get(column)).collect();
        times.sort();
        if let Some(median) = times.get(ROUNDS / 2) {
            println!("{what}: {median:?} an event");
        }
    }
    Ok(())
}

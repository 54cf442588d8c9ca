//! What the inspector is tried on: a handler of every kind, that does as it is told.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::{Json, Router};
use isobar::{App, Change, Event, Invoke, Message, Object, Result, Schedule};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Order {
    seats: u32,
}

#[derive(Debug)]
struct NoSeats(std::num::ParseIntError);

impl std::fmt::Display for NoSeats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the books cannot be read")
    }
}

impl std::error::Error for NoSeats {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

async fn take(order: Message<Order>) -> Result<()> {
    let Order { seats } = *order.body();
    tracing::info!(seats, "an order by {}", order.id());
    if seats > 100 {
        "many".parse::<u32>().map_err(NoSeats)?;
    }
    Ok(())
}

async fn uploaded(object: Object) {
    tracing::info!("{} was uploaded to {}", object.key(), object.bucket());
}

async fn nightly(schedule: Schedule) {
    tracing::info!("{} is due", schedule.name());
}

async fn changed(change: Change<Value>) {
    tracing::info!("{:?}", change.after());
}

async fn quote(input: Invoke<Value>) -> Json<Value> {
    Json(json!({"quoted": input.into_input()}))
}

async fn any_event(event: Event) {
    tracing::info!("{}", event.ty());
}

#[derive(Deserialize)]
struct Name {
    name: Option<String>,
}

async fn hello(Query(name): Query<Name>) -> Json<Value> {
    let name = name.name.unwrap_or_else(|| "world".into());
    tracing::info!("greets {name}");
    Json(json!({"message": format!("Hello, {name}!")}))
}

async fn echo(body: Bytes) -> impl IntoResponse {
    ([(header::SET_COOKIE, "seen=1")], body)
}

/// The smallest picture: one red dot.
async fn picture() -> impl IntoResponse {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";
    ([(header::CONTENT_TYPE, "image/png")], PNG)
}

fn app() -> App {
    let http = Router::new()
        .route("/hello", get(hello))
        .route("/echo", any(echo))
        .route("/picture", get(picture));
    App::new()
        .http(http)
        .on_message("orders", take)
        .on_object("uploads", uploaded)
        .on_schedule("nightly", nightly)
        .on_change("customers", changed)
        .on_invoke(quote)
        .on_event("*", any_event)
}

fn main() -> isobar::Exit {
    isobar::start(app())
}

#[cfg(test)]
mod recorded {
    use super::*;

    include!("recorded.rs");
}

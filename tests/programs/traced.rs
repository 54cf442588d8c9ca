//! A program whose spans are exported; `suite/otel` reads what a collector gets of it.

use std::time::Duration;

use axum::extract::Query;
use axum::routing::get;
use axum::{Json, Router};
use isobar::{App, Context, Error, Exit, HeaderMap, Message, Raw, Result};
use serde_json::{Value, json};
use tracing::Instrument;

/// Answers with the trace as it came, and as it is handed on from a span of the program's own.
async fn traced(context: Context) -> Json<Value> {
    let work = async {
        tracing::info!(items = 3, "at work");
        tracing::debug!("in detail");
        let mut headers = HeaderMap::new();
        isobar::trace::inject(&context, &mut headers);
        let sent = headers.get("traceparent").and_then(|v| v.to_str().ok());
        let came = context.trace().map(isobar::TraceContext::traceparent);
        Json(json!({"came": came, "sent": sent, "id": context.request_id()}))
    };
    work.instrument(tracing::info_span!("work", order = 17))
        .await
}

async fn fails() -> Result<&'static str> {
    Err(Error::from("no stock"))
}

async fn sleeps(Query(query): Query<Value>) -> &'static str {
    let ms = query.get("ms").and_then(|ms| ms.as_str()?.parse().ok());
    tokio::time::sleep(Duration::from_millis(ms.unwrap_or(0))).await;
    "slept"
}

async fn orders(message: Message<Raw>) -> Result<()> {
    if message.body().0.starts_with(b"fail") {
        return Err(Error::from("as asked for"));
    }
    Ok(())
}

fn main() -> Exit {
    let router = Router::new()
        .route("/fail", get(fails))
        .route("/sleep", get(sleeps))
        .fallback(traced);
    isobar::start(App::new().http(router).on_message("orders", orders))
}

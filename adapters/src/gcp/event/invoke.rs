//! Typed functions: JSON in, JSON out.
//!
//! Source: <https://github.com/GoogleCloudPlatform/functions-framework> (typed functions).

use bytes::Bytes;
use isobar_core::{Context, Event, Text};

use super::Rules;
use crate::cloudevents::{Malformed, Payload};

/// Makes a call of any JSON; nothing names it but the function itself.
pub(super) fn event(rules: &Rules, body: &Bytes) -> Result<Event, Malformed> {
    let is_json = |p: &Payload| serde_json::from_str::<serde::de::IgnoredAny>(p.as_str()).is_ok();
    if !Payload::of(body).is_some_and(|payload| is_json(&payload)) {
        return Err(Malformed::new("typed function", "body", "is not JSON"));
    }
    let id = Text::from(Context::default().request_id());
    let source = format!("//run.googleapis.com/functions/{}", rules.function);
    let ty = "google.cloud.functions.call";
    Ok(Event::builder(rules.function.clone(), id, source, ty)
        .data("application/json", body.clone())
        .native(body.clone())
        .invoke()
        .build())
}

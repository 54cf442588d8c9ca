//! A direct invoke: any JSON in, the handler's result out.
//!
//! Step Functions, EventBridge Scheduler with an input of its own, and whoever calls the Invoke API
//! send what they like; what is no other source's event is taken for that.

use isobar_core::{Event, Text};

use super::gather::Gathered;
use super::scope::{JSON, Scope};
use crate::aws::context::Call;

/// Makes the event, which is the payload as a whole.
pub(super) fn read(scope: Scope<'_>, call: &Call) -> Gathered {
    let arn = call.arn.clone().unwrap_or_default();
    let name = scope.part(name(&arn));
    let source = if arn.is_empty() {
        Text::from_static("aws:lambda")
    } else {
        arn
    };
    let id = call.request_id.clone();
    let event = Event::builder(scope.name(&name), id, source, "com.amazonaws.lambda.invoke")
        .data(JSON, scope.payload.as_bytes().clone())
        .native(scope.payload.as_bytes().clone())
        .invoke();
    Gathered::one(event.build())
}

/// The function's name: `arn:aws:lambda:REGION:ACCOUNT:function:NAME`, and perhaps a version.
fn name(arn: &str) -> &str {
    arn.split(':').nth(6).unwrap_or("function")
}

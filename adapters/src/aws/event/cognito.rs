//! The triggers of a Cognito user pool: a call that wants its own event back, changed or not.
//!
//! Source: <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html>.

use std::borrow::Cow;

use isobar_core::Event;

use super::scope::{JSON, Scope};
use crate::aws::context::Call;
use crate::aws::http::event::Event as Signs;

/// Reads one; `None` if it is none for certain.
pub(super) fn event(scope: Scope<'_>, signs: &Signs<'_>, call: &Call) -> Option<Event> {
    let (trigger, pool) = (signs.trigger.as_deref()?, signs.user_pool.clone()?);
    if !(signs.request.is_there && signs.response.is_there) {
        return None;
    }
    let arn = call.arn.as_deref().unwrap_or_default();
    let mut parts = arn.split(':').skip(1);
    let partition = parts.next().filter(|partition| !partition.is_empty());
    let account = parts.nth(2).unwrap_or_default();
    let region = signs.region.as_deref().unwrap_or_default();
    let source = format!(
        "arn:{}:cognito-idp:{region}:{account}:userpool/{pool}",
        partition.unwrap_or("aws")
    );
    let name = scope.name(&scope.text(pool));
    let ty = format!("com.amazonaws.cognito.{trigger}");
    let user = signs.user.as_deref().filter(|user| !user.is_empty());
    let event = Event::builder(name, call.request_id.clone(), source, ty)
        .subject(user.map(|user| scope.text(Cow::Borrowed(user))))
        .data(JSON, scope.payload.as_bytes().clone())
        .native(scope.payload.as_bytes().clone())
        .invoke();
    Some(event.build())
}

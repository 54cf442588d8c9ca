//! What an event handler gave back, kept and given again.

use std::sync::Arc;

use isobar_core::{Error, IntoReply, IntoResponse, Json, Reply, Response, Result};
use serde_json::value::RawValue;

use crate::Kept;

/// Returns what is kept of a success; `None` for what the dispatcher takes as a failure.
pub(super) fn kept(result: &Result<Response>) -> Option<Kept> {
    let response = result.as_ref().ok()?;
    let failed = response.extensions().get::<Arc<Error>>().is_some();
    if failed || !response.status().is_success() {
        return None;
    }
    let Some(reply) = response.extensions().get::<Reply>() else {
        return Some(Kept::Nothing);
    };
    Some(Kept::Reply {
        result: reply.result().cloned(),
        outputs: reply.outputs().clone(),
    })
}

/// Makes the response that the first run gave.
pub(super) fn restore(kept: &Kept) -> Result<Response> {
    let mut response = ().into_response();
    if let Kept::Reply { result, outputs } = kept {
        let outputs = outputs.clone();
        let reply = match result {
            Some(json) => {
                let json: &RawValue = serde_json::from_slice(json)?;
                (Json(json), outputs).into_reply()?
            }
            None => outputs.into_reply()?,
        };
        response.extensions_mut().insert(reply);
    }
    Ok(response)
}

//! What a program posts: responses, errors, and an init that failed.

use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::connection::{Connection, Then};
use super::memory::{Phase, Posted, Refusal};
use super::reply::{Reply, failure};
use super::{ERROR_LIMIT, ERROR_TYPE, INVOCATION_ID, MODE, PAYLOAD_LIMIT, STREAM_LIMIT};
use crate::Error;
use crate::lambda::OnAnswer;
use crate::lambda::answer::{Kind, Part};
use crate::wire::{Framing, Head, Piece};

pub(super) async fn response(
    connection: &mut Connection,
    head: &Head,
    id: &str,
) -> Result<Then, Error> {
    let mischief = connection.state.change(|inner| inner.on_answer.pop_front());
    if matches!(mischief, Some(OnAnswer::ResetUnread)) {
        return Ok(Then::Reset);
    }
    if let Some(refused) = refusal(connection, head, id).await? {
        return Ok(refused);
    }
    let reply = match head.get(MODE).as_deref() {
        None => buffered(connection, head, id).await?,
        Some("streaming") => streamed(connection, head, id).await?,
        Some(_) => invalid_mode(connection, head, id).await?,
    };
    Ok(answered(mischief, reply).await)
}

pub(super) async fn error(
    connection: &mut Connection,
    head: &Head,
    id: &str,
) -> Result<Then, Error> {
    let mischief = connection.state.change(|inner| inner.on_answer.pop_front());
    if let Some(refused) = refusal(connection, head, id).await? {
        return Ok(refused);
    }
    let body = connection.body(head, PAYLOAD_LIMIT).await?;
    if connection.state.is_concurrent() && body.len() > ERROR_LIMIT {
        return Ok(Then::Reply(failure(413)));
    }
    let error_type = valid_type(&head.get(ERROR_TYPE).unwrap_or_default());
    whole(connection, head, id, Kind::Error, &error_type, body);
    Ok(answered(mischief, Reply::accepted()).await)
}

/// The error of an init, or of a restore: a program that is in one of these phases may post it.
pub(super) async fn init_error(
    connection: &mut Connection,
    head: &Head,
    of: &[Phase],
) -> Result<Then, Error> {
    let body = connection.body(head, PAYLOAD_LIMIT).await?;
    let error_type = valid_type(&head.get(ERROR_TYPE).unwrap_or_default());
    let taken = connection.state.init_failed(&body, &error_type, of);
    Ok(Then::Reply(if taken {
        Reply::accepted()
    } else {
        failure(403)
    }))
}

/// Refuses what is out of turn or not for a running invocation.
async fn refusal(
    connection: &mut Connection,
    head: &Head,
    id: &str,
) -> Result<Option<Then>, Error> {
    let nonce = head.get(INVOCATION_ID).map(String::into_bytes);
    let Err(refusal) = connection.state.answer(id, nonce.as_deref()) else {
        return Ok(None);
    };
    connection.body(head, 0).await?;
    Ok(Some(Then::Reply(failure(match refusal {
        Refusal::InvalidRequestId => 400,
        Refusal::InvalidStateTransition => 403,
        Refusal::InvokeTimeout => 410,
    }))))
}

/// A response that is taken whole, up to the limit.
async fn buffered(connection: &mut Connection, head: &Head, id: &str) -> Result<Reply, Error> {
    let mut framing = head.framing(Framing::Sized(0))?;
    let (mut parts, mut length) = (Vec::new(), 0_usize);
    loop {
        match connection.read.piece(&mut framing).await {
            Ok(Piece::Bytes(bytes)) => {
                length += bytes.len();
                if length <= PAYLOAD_LIMIT {
                    parts.push(Part::Bytes(bytes));
                }
            }
            Ok(Piece::End(trailers)) => {
                parts.push(Part::End(trailers));
                break;
            }
            Err(broken) => {
                truncated(connection, id);
                return Err(broken);
            }
        }
    }
    if length > PAYLOAD_LIMIT {
        too_large(connection, id);
        return Ok(failure(413));
    }
    let way = begin(connection, head, id, Kind::Response, "");
    for part in parts {
        let _unheard = way.send(part);
    }
    connection.state.answered(id);
    Ok(Reply::accepted())
}

/// A response that is handed on while it comes.
async fn streamed(connection: &mut Connection, head: &Head, id: &str) -> Result<Reply, Error> {
    let way = begin(connection, head, id, Kind::Response, "");
    let mut framing = head.framing(Framing::Sized(0))?;
    let mut length = 0;
    loop {
        match connection.read.piece(&mut framing).await {
            Ok(Piece::Bytes(bytes)) => {
                length += bytes.len() as u64;
                let oversized = length > STREAM_LIMIT;
                let too_large = || Part::Broken("Function.ResponseSizeTooLarge".to_owned());
                let part = if oversized {
                    too_large()
                } else {
                    Part::Bytes(bytes)
                };
                let _unheard = way.send(part);
            }
            Ok(Piece::End(trailers)) => {
                let _unheard = way.send(Part::End(trailers));
                connection.state.answered(id);
                let oversized = length > STREAM_LIMIT;
                return Ok(if oversized {
                    failure(413)
                } else {
                    Reply::accepted()
                });
            }
            Err(broken) => {
                let _unheard = way.send(Part::Broken("Runtime.TruncatedResponse".to_owned()));
                connection.state.answered(id);
                return Err(broken);
            }
        }
    }
}

/// A mode that does not exist fails the invocation, and leaves the runtime where it cannot go on.
async fn invalid_mode(connection: &mut Connection, head: &Head, id: &str) -> Result<Reply, Error> {
    connection.body(head, 0).await?;
    let way = begin(
        connection,
        head,
        id,
        Kind::Error,
        "Runtime.InvalidResponseModeHeader",
    );
    let _unheard = way.send(Part::End(Vec::new()));
    let message = "Invalid function response mode";
    Ok(Reply::error(400, "InvalidFunctionResponseMode", message))
}

fn too_large(connection: &Connection, id: &str) {
    let kind = "Function.ResponseSizeTooLarge";
    let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    own_error(connection, id, kind, message);
}

fn truncated(connection: &Connection, id: &str) {
    own_error(
        connection,
        id,
        "Runtime.TruncatedResponse",
        "Response payload was truncated.",
    );
}

/// An error that the host makes of an answer it cannot use.
fn own_error(connection: &Connection, id: &str, kind: &str, message: &str) {
    let body = serde_json::json!({"errorType": kind, "errorMessage": message});
    let body = body.to_string().into_bytes();
    whole(connection, &Head::default(), id, Kind::Error, kind, body);
}

fn whole(
    connection: &Connection,
    head: &Head,
    id: &str,
    kind: Kind,
    error_type: &str,
    body: Vec<u8>,
) {
    let way = begin(connection, head, id, kind, error_type);
    let _unheard = way.send(Part::Bytes(body.into()));
    let _unheard = way.send(Part::End(Vec::new()));
    connection.state.answered(id);
}

fn begin(
    connection: &Connection,
    head: &Head,
    id: &str,
    kind: Kind,
    error_type: &str,
) -> UnboundedSender<Part> {
    let posted = Posted {
        kind,
        headers: head.headers.clone(),
        error_type: error_type.to_owned(),
    };
    Arc::clone(&connection.state).head(id, posted)
}

async fn answered(mischief: Option<OnAnswer>, reply: Reply) -> Then {
    match mischief {
        None => Then::Reply(reply),
        Some(OnAnswer::Refuse(status)) => Then::Reply(failure(status)),
        Some(OnAnswer::Close) => Then::Close(Vec::new()),
        Some(OnAnswer::Reset | OnAnswer::ResetUnread) => Then::Reset,
        Some(OnAnswer::Slow(by)) => {
            sleep(by).await;
            Then::Reply(reply)
        }
    }
}

/// An error's type as the platform corrects it: it holds `Runtime.` or `Function.` and a word that
/// begins upper case (`fatalerror.GetValidRuntimeOrFunctionErrorType`, whose pattern is not anchored).
fn valid_type(sent: &str) -> String {
    let matches = ["Runtime.", "Function."].into_iter().any(|prefix| {
        sent.match_indices(prefix).any(|(at, _)| {
            let mut word = sent
                .chars()
                .skip(sent.get(..at).unwrap_or_default().chars().count());
            let mut word = word.by_ref().skip(prefix.len());
            word.next().is_some_and(|c| c.is_ascii_uppercase())
                && word.next().is_some_and(|c| c.is_ascii_alphabetic())
        })
    });
    match sent {
        _ if matches => sent.to_owned(),
        _ if sent.starts_with("Function.") => "Function.Unknown".to_owned(),
        _ => "Runtime.Unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::valid_type;

    #[test]
    fn error_types_are_corrected() {
        assert_eq!(valid_type("Function.HandlerError"), "Function.HandlerError");
        assert_eq!(valid_type("Runtime.InvalidEvent"), "Runtime.InvalidEvent");
        assert_eq!(valid_type("Function.bad"), "Function.Unknown");
        assert_eq!(valid_type("unhandled"), "Runtime.Unknown");
        assert_eq!(valid_type("Runtime.A"), "Runtime.Unknown");
    }
}

//! A streamed answer: chunks as they come, and a failure in mid-stream as trailers.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming>.

use std::io::Error;
use std::pin::Pin;
use std::task::Poll;

use bytes::Bytes;
use isobar_core::{Body, BoxError, Response};

use super::reply::Head;
use super::worker::Worker;
use super::{buffer, call, invoke};
use crate::aws::context::Call;
use crate::aws::error::Failure;
use crate::aws::http::{self, Door};
use crate::inspect;

/// The document wants the connection closed afterwards.
const LINES: &str = "lambda-runtime-function-response-mode: streaming\r\n\
    content-type: application/vnd.awslambda.http-integration-response\r\n\
    transfer-encoding: chunked\r\n\
    trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\
    connection: close\r\n\r\n";

/// Sends an answer as it comes.
pub(super) async fn answer(worker: &mut Worker, call: &Call, door: Door, response: Response) {
    let mut body = begin(worker, call, door, response);
    match send(worker, &mut body).await {
        Ok(()) => receive(worker, call).await,
        Err(error) => invoke::lost(call, &error),
    }
    worker.connection.close();
}

/// Writes what stands before the body: the request's head, the prelude and eight NULs, each of the
/// two a chunk of its own, as emulators want them.
fn begin(worker: &mut Worker, call: &Call, door: Door, mut response: Response) -> Body {
    // The answer's length is the stream's own; what a handler says of it may be wrong (trap 26).
    response
        .headers_mut()
        .remove(::http::header::CONTENT_LENGTH);
    let (mut parts, mut body) = response.into_parts();
    worker.out.clear();
    let said = http::write_prelude(&mut worker.out, door, (parts.status, &parts.headers));
    if let Err(unsayable) = said {
        let error = invoke::unsayable(unsayable);
        invoke::log(call, &error);
        (parts, body) = invoke::problem(call, error).into_parts();
        worker.out.clear();
        let _the_problems_own_headers_are_text =
            http::write_prelude(&mut worker.out, door, (parts.status, &parts.headers));
    }
    inspect::told("response, streamed", &worker.out);
    let head = &mut worker.head;
    call::of_invocation(head, worker.connection.endpoint(), call, "/response");
    head.extend_from_slice(LINES.as_bytes());
    push_size(head, worker.out.len());
    head.extend_from_slice(&worker.out);
    head.extend(*b"\r\n8\r\n\0\0\0\0\0\0\0\0\r\n");
    body
}

fn push_size(out: &mut Vec<u8>, size: usize) {
    call::push_number(out, size, 16);
    out.extend(*b"\r\n");
}

/// Sends chunks until the body ends. What stands in `head` waits for the first one, if that is
/// ready: three small writes would be three packets.
async fn send(worker: &mut Worker, body: &mut Body) -> Result<(), Error> {
    let mut piece = ready(body).await;
    if piece.is_none() {
        worker.connection.send(&[&worker.head]).await?;
        worker.head.clear();
    }
    loop {
        let next = match piece.take() {
            Some(piece) => piece,
            None => buffer::data(body).await,
        };
        match next {
            Ok(Some(data)) if data.is_empty() => {}
            Ok(Some(data)) => {
                inspect::told_more(&data);
                push_size(&mut worker.head, data.len());
                worker
                    .connection
                    .send(&[&worker.head, &data, b"\r\n"])
                    .await?;
                worker.head.clear();
            }
            Ok(None) => {
                worker.head.extend(*b"0\r\n\r\n");
                return worker.connection.send(&[&worker.head]).await;
            }
            Err(error) => {
                push_trailers(&mut worker.head, &error);
                return worker.connection.send(&[&worker.head]).await;
            }
        }
    }
}

/// Returns the body's first piece if it is there already.
async fn ready(body: &mut Body) -> Option<Result<Option<Bytes>, BoxError>> {
    let mut data = std::pin::pin!(buffer::data(body));
    std::future::poll_fn(|cx| match Pin::as_mut(&mut data).poll(cx) {
        Poll::Ready(piece) => Poll::Ready(Some(piece)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Ends the chunks with what broke the body off, as trailers: the client must not take the half for
/// the whole. The log has heard of it when it happened.
fn push_trailers(out: &mut Vec<u8>, error: &BoxError) {
    let failure = Failure::interrupted(&**error);
    out.extend(*b"0\r\n");
    call::line(
        out,
        "Lambda-Runtime-Function-Error-Type",
        failure.error_type,
    );
    let json = failure.json();
    inspect::told_more(&json);
    let body = base64_simd::STANDARD.encode_to_string(json);
    call::line(out, "Lambda-Runtime-Function-Error-Body", &body);
    out.extend(*b"\r\n");
}

async fn receive(worker: &mut Worker, call: &Call) {
    match worker
        .connection
        .receive(&|head: &Head<'_, '_>| head.status)
        .await
    {
        Ok((200..=299, _)) => {}
        Ok((status, body)) => tracing::error!(
            request_id = &*call.request_id,
            "the Runtime API refused the stream with status {status}: {}",
            String::from_utf8_lossy(&body)
        ),
        Err(error) => invoke::lost(call, &error),
    }
}

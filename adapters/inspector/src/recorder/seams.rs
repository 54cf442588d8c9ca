//! The calls, in the order in which an invocation makes them.

use std::sync::{Arc, OnceLock};

use isobar_core::{Body, Context, Error, Event, Outcome, Request, Response};

use super::draft::{CURRENT, Draft, Guard, RECORDER, now_ms};
use super::tee::Tee;
use crate::{Answer, Blob, Line, Native, Portable, Store, portable};

/// So many events of a batch are kept.
const ITEMS: usize = 500;

static HOST: OnceLock<&'static str> = OnceLock::new();

/// Records from now on, for as long as the process lives; the first store that is given counts.
pub fn record_into(store: Store) {
    let _the_first_counts = RECORDER.set(store);
}

/// Returns true if anything is recorded.
pub fn is_on() -> bool {
    RECORDER.get().is_some()
}

/// Says whose host it is, also for what is refused before a handler sees it.
pub fn serves(host: &'static str) {
    let _the_first_counts = HOST.set(host);
}

pub(super) fn host() -> &'static str {
    HOST.get().copied().unwrap_or_default()
}

/// Records an exchange of a host that speaks HTTP, if a request arrives within it. What is done in it
/// stands on the heap: it is large.
pub fn exchange<F>(run: F) -> impl Future<Output = Response> + Send
where
    F: Future<Output = Response> + Send,
{
    let run = Box::pin(run);
    async move {
        let Some(store) = RECORDER.get() else {
            return run.await;
        };
        let draft = Draft::begin(store, |_| {});
        let mut guard = Guard::new(draft.clone());
        let response = CURRENT.scope(draft.clone(), run).await;
        if draft.is_of_nothing() {
            return response;
        }
        guard.is_answered = true;
        sent(draft, guard, response)
    }
}

/// Records what the client is answered, until its body has been sent.
fn sent(draft: Draft, guard: Guard, response: Response) -> Response {
    let (parts, body) = response.into_parts();
    draft.change(|record| {
        record.native_out = Some(Native {
            line: format!("{:?} {}", parts.version, parts.status),
            headers: portable::headers(&parts.headers),
            body: Blob::default(),
        });
    });
    let body = Tee::wrap(body, move |blob| {
        draft.change(|record| {
            if let Some(told) = &mut record.native_out {
                told.body = blob;
            }
        });
        drop(guard);
    });
    Response::from_parts(parts, body)
}

/// Records the head of a request that has arrived.
pub fn arrived<B>(request: &http::Request<B>) {
    current(|draft| {
        let target = request.uri().path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let line = format!("{} {target} {:?}", request.method(), request.version());
        draft.change(|record| {
            record.native_in.line = line;
            record.native_in.headers = portable::headers(request.headers());
        });
    });
}

/// Records the body of that request, as it arrives.
pub fn arriving(body: Body) -> Body {
    let mut draft = None;
    current(|current| draft = Some(current.clone()));
    let Some(draft) = draft else {
        return body;
    };
    Tee::wrap_whole(body, move |blob| {
        draft.change(|record| record.native_in.body = blob);
    })
}

/// Records an invocation that comes as a document. What is done within it stands on the heap: it is
/// large.
pub fn invocation<F: Future + Send>(run: F) -> impl Future<Output = F::Output> + Send {
    let run = Box::pin(run);
    async move {
        let Some(store) = RECORDER.get() else {
            return run.await;
        };
        let draft = Draft::begin(store, |record| {
            "event".clone_into(&mut record.native_in.line);
        });
        let mut guard = Guard::new(draft.clone());
        let output = CURRENT.scope(draft, run).await;
        guard.is_answered = true;
        output
    }
}

/// Records the document, with the headers that came beside it.
pub fn invoked(headers: &[(String, String)], payload: &str) {
    current(|draft| {
        draft.change(|record| {
            record.native_in.headers = headers.to_vec();
            record.native_in.body = Blob::of(payload.as_bytes());
        });
    });
}

fn current(with: impl FnOnce(&Draft)) {
    if is_on() {
        let _outside_of_any = CURRENT.try_with(with);
    }
}

/// Says which trigger it came through, in the host's words.
pub fn through(trigger: impl FnOnce() -> String) {
    current(|draft| draft.change(|record| record.trigger = trigger()));
}

/// Records a request as the handler gets it.
pub fn request(context: &Context, request: &mut Request) {
    current(|draft| {
        let seen = crate::Request {
            method: request.method().to_string(),
            uri: request.uri().to_string(),
            headers: portable::headers(request.headers()),
            body: Blob::default(),
        };
        begin(draft, context, draft.elapsed(), Portable::Request(seen));
        let (body, draft) = (std::mem::take(request.body_mut()), draft.clone());
        *request.body_mut() = Tee::wrap(body, move |blob| {
            draft.change(|record| {
                if let Portable::Request(request) = &mut record.portable {
                    request.body = blob;
                }
            });
        });
    });
}

/// Records events as the handler gets them.
pub fn events(context: &Context, events: &[Event]) {
    current(|draft| {
        let items = { events.iter().take(ITEMS) }.map(portable::item).collect();
        let left_out = events.len().saturating_sub(ITEMS) as u64;
        let decoded = draft.elapsed();
        begin(draft, context, decoded, Portable::Events(items));
        draft.change(|record| {
            record.items_left_out = left_out;
            if record.trigger.is_empty() {
                record.trigger = events
                    .first()
                    .map(|event| event.ty().to_owned())
                    .unwrap_or_default();
            }
        });
    });
}

fn begin(draft: &Draft, context: &Context, decoded: u64, portable: Portable) {
    draft.change(|record| {
        context.request_id().clone_into(&mut record.request_id);
        context.provider().as_str().clone_into(&mut record.host);
        record.context = portable::context(context);
        record.timing.decoded = Some(decoded);
        record.portable = portable;
    });
    draft.show();
}

/// Records the answer that a handler comes to.
pub async fn answer<B>(answer: impl Future<Output = http::Response<B>> + Send) -> http::Response<B>
where
    B: From<Body> + Into<Body>,
{
    let mut response = answer.await.map(Into::into);
    current(|draft| answered(draft, &mut response));
    response.map(B::from)
}

fn answered(draft: &Draft, response: &mut Response) {
    let error = response.extensions().get::<Arc<Error>>();
    let answer = Answer {
        status: response.status().as_u16(),
        headers: portable::headers(response.headers()),
        body: Blob::default(),
        error: error.map(|error| portable::failure(error)),
    };
    let handled = draft.elapsed();
    draft.change(|record| {
        record.timing.handled = Some(handled);
        record.answer = Some(answer);
    });
    let (body, draft) = (std::mem::take(response.body_mut()), draft.clone());
    *response.body_mut() = Tee::wrap(body, move |blob| {
        draft.change(|record| {
            if let Some(answer) = &mut record.answer {
                answer.body = blob;
            }
        });
    });
}

/// Records what came of events, one outcome an event.
pub fn outcomes(outcomes: &[Outcome]) {
    current(|draft| {
        let handled = draft.elapsed();
        draft.change(|record| {
            record.timing.handled = Some(handled);
            if let Portable::Events(items) = &mut record.portable {
                for (item, outcome) in items.iter_mut().zip(outcomes) {
                    item.outcome = Some(portable::outcome(outcome));
                }
            }
        });
    });
}

/// Records what a host is told that is no HTTP server's client.
pub fn told(line: &str, body: &[u8]) {
    current(|draft| {
        let told = draft.elapsed();
        draft.change(|record| {
            record.timing.told = Some(told);
            record.native_out = Some(Native {
                line: line.to_owned(),
                headers: Vec::new(),
                body: Blob::of(body),
            });
        });
    });
}

/// Records what a host is told further, in a stream.
pub fn told_more(more: &[u8]) {
    current(|draft| {
        let told = draft.elapsed();
        draft.change(|record| {
            record.timing.told = Some(told);
            if let Some(native) = &mut record.native_out {
                native.body.push(more);
            }
        });
    });
}

/// Records a line of the log: of the invocation that has this id of the host's, else of the one
/// within which it was written.
pub fn logged(request_id: Option<&str>, line: impl FnOnce(u64) -> Line) {
    let Some(store) = RECORDER.get() else {
        return;
    };
    let line = line(now_ms());
    let left = match request_id {
        Some(id) => store.log(id, line),
        None => Some(line),
    };
    if let Some(line) = left {
        current(|draft| draft.change(|record| record.log(line)));
    }
}

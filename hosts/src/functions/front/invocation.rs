//! Invocation JSON: the document that is posted, and its answer.

use std::time::Instant;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderValue, Method, Request, Response, StatusCode, Uri};
use hyper::body::Body as _;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::document::{document, sys};
use super::own::{empty, gone};
use super::{Arrived, FunctionsHost, identify, target};
use crate::client::Client;
use crate::functions::VERSION;
use crate::functions::answer::{self, Read};
use crate::functions::app::Function;
use crate::functions::event::{self, HostOutcome};
use crate::functions::life::Gone;
use crate::{Body, Error, Tap, body, ids};

/// The longest request body.
pub(super) const LIMIT: usize = 100 * 1000 * 1000;
/// As many redirects are followed.
const REDIRECTS: usize = 50;

/// How many bytes .NET writes at once: it counts characters, of which a document has mostly those of one byte.
const WRITER: usize = 1024;

/// What the handler answered, and how the host reads it.
struct Exchange {
    read: Read,
    status: u16,
    raw: Bytes,
}

impl FunctionsHost {
    pub(super) async fn invoke_http(
        &self,
        function: &Function,
        arrived: Arrived,
    ) -> Result<Response<Body>, Error> {
        let Arrived {
            parts,
            body,
            parameters,
            invocation,
        } = arrived;
        let sized = body.size_hint().exact().is_some();
        let content = if sized {
            body::collect_within(body, LIMIT).await?
        } else {
            Some(Bytes::new())
        };
        let Some(content) = content else {
            return Ok(empty(StatusCode::PAYLOAD_TOO_LARGE));
        };
        let document = document(self, function, &parts, &parameters, &content);
        let exchange = match self.exchange(function, &document, &invocation).await {
            Ok(exchange) => exchange,
            Err(why) => return Ok(gone(&why)),
        };
        if let Some(tap) = Tap::of(&parts.extensions) {
            tap.request(document.to_string());
            tap.answer(exchange.raw.clone());
        }
        let response = match exchange.read {
            Read::Done(parts) => answer::response(function, &parts),
            Read::Failed(_) | Read::Hangs => None,
        };
        Ok(response.unwrap_or_else(|| empty(StatusCode::INTERNAL_SERVER_ERROR)))
    }

    pub(super) async fn invoke_event(
        &self,
        function: &Function,
        data: Value,
        metadata: Value,
    ) -> Result<HostOutcome, Error> {
        let mut metadata = metadata;
        if let Some(metadata) = metadata.as_object_mut() {
            metadata.entry("sys").or_insert_with(|| sys(function));
        }
        let document = json!({"Data": data, "Metadata": metadata});
        let began = Instant::now();
        let exchange = self.exchange(function, &document, &ids::uuid()).await;
        let exchange = exchange.map_err(|gone| Error::Stopped(format!("{gone:?}")))?;
        let mut outcome = event::outcome(function, exchange.read, exchange.status, exchange.raw);
        outcome.took = began.elapsed();
        Ok(outcome)
    }

    /// Posts a document and reads the answer. One that never ends is waited for until the function
    /// has timed out, and the program is killed with all that runs in it.
    async fn exchange(
        &self,
        function: &Function,
        document: &Value,
        invocation: &str,
    ) -> Result<Exchange, Gone> {
        let client = self.lives.ready().await?;
        let began = Instant::now();
        let posted = self.post(&client, function, document, invocation);
        let exchange = match timeout(self.limit(), posted).await {
            Ok(Ok(exchange)) => exchange,
            Ok(Err(error)) => {
                self.lives.look().await;
                Exchange::failed(error.to_string())
            }
            Err(_elapsed) => Exchange::hangs(),
        };
        if matches!(exchange.read, Read::Hangs) {
            sleep(self.limit().saturating_sub(began.elapsed())).await;
            self.lives.kill();
            self.lives.look().await;
        }
        Ok(exchange)
    }

    /// Posts to the function's own path, and follows redirects as .NET's client does.
    async fn post(
        &self,
        client: &Client,
        function: &Function,
        document: &Value,
        invocation: &str,
    ) -> Result<Exchange, Error> {
        let document = Bytes::from(document.to_string());
        let mut method = Method::POST;
        let mut to = target(&format!("/{}", function.name), None)?;
        for _ in 0..REDIRECTS {
            let content = (method == Method::POST).then(|| self.content(&document));
            let request = posted(&method, to.clone(), content, invocation)?;
            let (parts, body) = client.send(request).await?.into_parts();
            let raw = body::collect(body).await?;
            let Some(next) = redirect(&parts, client)? else {
                let read = answer::read(parts.status, &parts.headers, &raw);
                let status = parts.status.as_u16();
                return Ok(Exchange { read, status, raw });
            };
            to = next;
            if !matches!(parts.status.as_u16(), 307 | 308) {
                method = Method::GET;
            }
        }
        Ok(Exchange::failed("too many redirects".to_owned()))
    }

    /// How a document goes over the wire.
    ///
    /// Source: the host makes an `ObjectContent`, of which nobody knows the length before it is written, so that
    /// .NET's client sends chunks: one each time that the `StreamWriter`, which has room for 1024 characters, is
    /// full. The Core Tools log the document first (`_enableRequestTracing` of `DefaultHttpWorkerService`), and
    /// know its length then.
    fn content(&self, document: &Bytes) -> Body {
        if !self.outside.app_service {
            return body::full(document.clone());
        }
        let pieces: Vec<_> = { document.chunks(WRITER) }
            .map(|piece| document.slice_ref(piece))
            .collect();
        body::chunks(pieces)
    }
}

impl Exchange {
    fn failed(why: String) -> Self {
        Self {
            read: Read::Failed(why),
            status: 0,
            raw: Bytes::new(),
        }
    }

    fn hangs() -> Self {
        Self {
            read: Read::Hangs,
            status: 0,
            raw: Bytes::new(),
        }
    }
}

fn posted(
    method: &Method,
    to: Uri,
    content: Option<Body>,
    invocation: &str,
) -> Result<Request<Body>, Error> {
    let has_body = content.is_some();
    let content = content.unwrap_or_else(body::empty);
    let mut request = Request::builder().method(method).uri(to).body(content)?;
    let headers = request.headers_mut();
    if has_body {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, json);
    }
    identify(headers, invocation, false);
    if let Ok(agent) = HeaderValue::try_from(format!("Azure-Functions-Host/{VERSION}")) {
        headers.insert(USER_AGENT, agent);
    }
    Ok(request)
}

/// Where a redirect leads, `None` where it is none. Only the handler itself is followed to.
fn redirect(parts: &http::response::Parts, client: &Client) -> Result<Option<Uri>, Error> {
    if !matches!(parts.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = parts.headers.get(LOCATION).and_then(|to| to.to_str().ok()) else {
        return Ok(None);
    };
    let to = Uri::try_from(location).map_err(|e| Error::Build(e.into()))?;
    let elsewhere = to
        .authority()
        .is_some_and(|authority| authority.as_str() != client.address().to_string());
    if elsewhere {
        let why = format!("the host would follow to {to}, which is not the handler");
        return Err(Error::malformed("redirect", why));
    }
    Ok(Some(to))
}

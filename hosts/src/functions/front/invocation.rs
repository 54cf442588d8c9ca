//! Invocation JSON: the document that is posted, and its answer.

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, LOCATION, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use hyper::body::Body as _;
use serde_json::{Map, Value, json};
use tokio::time::{sleep, timeout};

use super::{Arrived, FunctionsHost, empty, gone, identify, path, target};
use crate::client::Client;
use crate::functions::VERSION;
use crate::functions::answer::{self, Read};
use crate::functions::app::Function;
use crate::functions::event::{self, HostOutcome, on_the_wire};
use crate::functions::life::Gone;
use crate::{Body, Error, body, calendar, ids};

/// The longest request body.
pub(super) const LIMIT: usize = 100 * 1000 * 1000;
/// As many redirects are followed.
const REDIRECTS: usize = 50;

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
        let posted = post(&client, function, document, invocation);
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

/// Posts to the function's own path, and follows redirects as .NET's client does.
async fn post(
    client: &Client,
    function: &Function,
    document: &Value,
    invocation: &str,
) -> Result<Exchange, Error> {
    let document = Bytes::from(document.to_string());
    let mut method = Method::POST;
    let mut to = target(&format!("/{}", function.name), None)?;
    for _ in 0..REDIRECTS {
        let request = posted(&method, to.clone(), &document, invocation)?;
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

fn posted(
    method: &Method,
    to: Uri,
    document: &Bytes,
    invocation: &str,
) -> Result<Request<Body>, Error> {
    let has_body = method == Method::POST;
    let content = if has_body {
        body::full(document.clone())
    } else {
        body::empty()
    };
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

/// The document of an HTTP request.
fn document(
    host: &FunctionsHost,
    function: &Function,
    parts: &Parts,
    parameters: &Map<String, Value>,
    content: &Bytes,
) -> Value {
    let query = parts.uri.query().unwrap_or_default();
    let dictionary: Map<_, _> = path::dictionary(query)
        .into_iter()
        .map(|(n, v)| (n, v.into()))
        .collect();
    let headers = headers(&parts.headers);
    let mut request = json!({
        "Url": url(parts),
        "Method": parts.method.as_str(),
        "Query": dictionary,
        "Headers": headers,
        "Params": parameters,
        "Identities": identities(host),
    });
    if let (false, Some(request)) = (content.is_empty(), request.as_object_mut()) {
        request.insert("Body".to_owned(), body_value(&parts.headers, content));
    }
    let mut metadata = named(&dictionary, parameters, content);
    metadata.insert("Query".to_owned(), dictionary.into());
    metadata.insert("Headers".to_owned(), first_values(&parts.headers));
    metadata.insert("sys".to_owned(), sys(function));
    let trigger = function
        .binding("httpTrigger")
        .map_or("req", |trigger| trigger.name.as_str());
    let data = Map::from_iter([(trigger.to_owned(), request)]);
    json!({"Data": data, "Metadata": metadata})
}

/// The client's own names in the metadata: of the query, the route, and the body's properties.
fn named(
    query: &Map<String, Value>,
    parameters: &Map<String, Value>,
    content: &Bytes,
) -> Map<String, Value> {
    let body: Map<String, Value> = serde_json::from_slice(content).unwrap_or_default();
    let all = query.iter().chain(parameters).chain(&body);
    all.filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), on_the_wire(value)))
        .collect()
}

fn url(parts: &Parts) -> String {
    let text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let scheme = text("x-forwarded-proto").unwrap_or("http");
    let host = text(HOST.as_str()).unwrap_or_default();
    let path = path::encoded_again(parts.uri.path());
    let query = parts
        .uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    format!("{scheme}://{host}{path}{query}")
}

/// Every header with its values, spelt as HTTP/1.1 clients do.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let value = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let values = |name| headers.get_all(name).iter().map(value).collect::<Vec<_>>();
    headers
        .keys()
        .map(|name| (title(name.as_str()), values(name).into()))
        .collect()
}

fn first_values(of: &HeaderMap) -> Value {
    let all = headers(of).into_iter();
    let joined = all.map(|(name, values)| {
        let values = values
            .as_array()
            .map(|values| values.iter().filter_map(Value::as_str));
        (
            name,
            values
                .map(|values| values.collect::<Vec<_>>().join(","))
                .into(),
        )
    });
    Value::Object(joined.collect())
}

fn title(name: &str) -> String {
    let upper = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(upper).collect::<Vec<_>>().join("-")
}

/// Text, but base64 for octet-streams and multiparts: other bytes are mangled by being text.
fn body_value(headers: &HeaderMap, content: &Bytes) -> Value {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    if kind.starts_with("application/octet-stream") || kind.starts_with("multipart/") {
        return STANDARD.encode(content).into();
    }
    String::from_utf8_lossy(content).into()
}

fn identities(host: &FunctionsHost) -> Value {
    let name_type = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
    let role_type = "http://schemas.microsoft.com/ws/2008/06/identity/claims/role";
    let identity = |kind: Option<&str>, name: Option<&str>, claims: Vec<Value>| {
        json!({
            "AuthenticationType": kind, "IsAuthenticated": kind.is_some(), "Actor": null,
            "BootstrapContext": null, "Claims": claims, "Label": null, "Name": name,
            "NameClaimType": name_type, "RoleClaimType": role_type,
        })
    };
    let Some(principal) = &host.outside.principal else {
        return json!([identity(None, None, Vec::new())]);
    };
    let claim = |(kind, value): &(String, String)| {
        json!({
            "Type": kind, "Value": value, "ValueType": "http://www.w3.org/2001/XMLSchema#string",
            "Issuer": "LOCAL AUTHORITY", "OriginalIssuer": "LOCAL AUTHORITY", "Properties": {},
        })
    };
    let claims = principal.claims.iter().map(claim).collect();
    json!([identity(
        Some(&principal.provider),
        Some(&principal.name),
        claims
    )])
}

fn sys(function: &Function) -> Value {
    json!({
        "MethodName": function.name,
        "UtcNow": calendar::round_trip(ids::now()),
        "RandGuid": ids::uuid(),
    })
}

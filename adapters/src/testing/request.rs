//! A client's request, through a host's translations and back.

use std::borrow::Cow;
use std::future::pending;
use std::net::Ipv4Addr;

use http::header::COOKIE;
use http::uri::Scheme;
use isobar_core::{
    Body, Bytes, Context, Dispatcher, Function, Handler, HeaderMap, HeaderName, HeaderValue,
    Provider, Request, Response, StatusCode,
};
use serde_json::{Value, json};

use super::native::unfit;
use crate::{aws, azure, gcp, serve};

/// Begins a client's request, which comes through the local host unless [`on`](Call::on) says
/// otherwise.
///
/// # Panics
///
/// When HTTP knows no such method or target.
pub fn request(method: &str, target: &str) -> Call {
    let request = http::Request::builder().method(method).uri(target);
    match request.header("host", "localhost").body(Bytes::new()) {
        Ok(request) => Call {
            request,
            provider: Provider::Local,
        },
        Err(error) => unfit(&format!("the request {method} {target}: {error}")),
    }
}

/// A client's request, to be run.
#[derive(Clone, Debug)]
pub struct Call {
    request: http::Request<Bytes>,
    provider: Provider,
}

/// What the client gets.
#[derive(Clone, Debug)]
pub struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Call {
    /// Adds a header.
    ///
    /// # Panics
    ///
    /// When it is none that HTTP knows.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.request.headers_mut().append(name, value),
            _ => unfit(&format!("the header {name}: {value}")),
        };
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        *self.request.body_mut() = body.into();
        self
    }

    /// Says whose host delivers it: AWS Lambda's HTTP API, Azure Functions by proxy, Cloud Run, or
    /// this machine.
    #[must_use]
    pub fn on(mut self, provider: Provider) -> Self {
        self.provider = provider;
        self
    }

    /// Runs a handler on it through the host's translations, in-process.
    ///
    /// # Panics
    ///
    /// When the host cannot deliver such a request.
    pub async fn run(self, handler: impl Handler) -> Answered {
        let dispatcher = Dispatcher::new(handler);
        match self.provider {
            Provider::Aws => through_lambda(&self.request, &dispatcher).await,
            Provider::Azure => through_functions(self.request, &dispatcher).await,
            Provider::Gcp => through_cloud_run(self.request, dispatcher).await,
            _ => through_this_machine(self.request, &dispatcher).await,
        }
    }
}

impl Answered {
    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns the body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body as text; what is none in it is replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    fn of(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

async fn collected(response: Response) -> http::Response<Bytes> {
    let (parts, body) = response.into_parts();
    match serve::whole(body).await {
        Ok(body) => http::Response::from_parts(parts, body),
        Err(error) => unfit(&format!("an answer whose body breaks off: {error}")),
    }
}

async fn through_this_machine(request: http::Request<Bytes>, dispatcher: &Dispatcher) -> Answered {
    let context = Context::builder(Function::new(Provider::Local, ""));
    let context = context.client_ip(Some(Ipv4Addr::LOCALHOST.into())).build();
    let mut request: Request = request.map(Body::from);
    serve::absolute(&mut request, Scheme::HTTP);
    let response = dispatcher.respond(&context, request, pending()).await;
    Answered::of(collected(response).await)
}

async fn through_cloud_run(request: http::Request<Bytes>, dispatcher: Dispatcher) -> Answered {
    let variables = [("K_SERVICE", "function"), ("ISOBAR_EVENTS_AUTH", "iam")];
    match gcp::translate::App::new(dispatcher, &variables) {
        Ok(app) => Answered::of(app.deliver(request).await),
        Err(error) => unfit(&error.to_string()),
    }
}

async fn through_functions(mut request: http::Request<Bytes>, dispatcher: &Dispatcher) -> Answered {
    let host = json!({"version": "2.0", "customHandler": {"enableProxyingHttpRequest": true},
        "extensions": {"http": {"routePrefix": ""}}});
    let web = json!({"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": "{*route}"},
        {"type": "http", "direction": "out", "name": "res"}]});
    let id = HeaderValue::from_static("00000000-0000-0000-0000-000000000000");
    request.headers_mut().insert("x-ms-invocation-id", id);
    match azure::translate::App::new(&host.to_string(), &[("web", &web.to_string())]) {
        Ok(app) => Answered::of(app.respond(request, dispatcher).await),
        Err(error) => unfit(&error.to_string()),
    }
}

async fn through_lambda(request: &http::Request<Bytes>, dispatcher: &Dispatcher) -> Answered {
    use aws::translate::{Incoming, decode, encode};
    let event = http_api(request).to_string();
    let Ok(Incoming::Request(arrived)) = decode(event.into(), &HeaderMap::new()) else {
        unfit("such a request to AWS Lambda")
    };
    let response = dispatcher
        .respond(&arrived.context, arrived.request, pending())
        .await;
    arrived.context.background(pending()).await;
    let (parts, body) = collected(response).await.into_parts();
    let head = http::Response::from_parts(parts, ());
    let told = encode(arrived.door, &head, &body);
    let told = told.and_then(|told| serde_json::from_slice(&told).ok());
    match told.and_then(|told: Value| of_http_api(&told)) {
        Some(answered) => answered,
        None => unfit("an answer that AWS Lambda cannot carry"),
    }
}

/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
fn http_api(request: &http::Request<Bytes>) -> Value {
    let headers = request.headers();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let joined = |name: &HeaderName| {
        let values: Vec<_> = headers.get_all(name).iter().map(text).collect();
        (name.as_str().to_owned(), Value::from(values.join(",")))
    };
    let plain = headers.keys().filter(|name| **name != COOKIE);
    let cookies: Vec<_> = headers.get_all(COOKIE).iter().map(text).collect();
    let (uri, method) = (request.uri(), request.method().as_str());
    let mut event = json!({
        "version": "2.0", "routeKey": "$default",
        "rawPath": uri.path(), "rawQueryString": uri.query().unwrap_or_default(),
        "headers": plain.map(joined).collect::<serde_json::Map<_, _>>(),
        "requestContext": {
            "accountId": "123456789012", "apiId": "api", "domainName": "localhost", "domainPrefix": "localhost",
            "http": {"method": method, "path": uri.path(), "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test"},
            "requestId": "1", "routeKey": "$default", "stage": "$default",
            "time": "09/Oct/2026:17:58:31 +0000", "timeEpoch": 1_791_568_711_000_u64,
        },
        "body": base64_simd::STANDARD.encode_to_string(request.body()),
        "isBase64Encoded": true,
    });
    if !cookies.is_empty() {
        event["cookies"] = cookies.into();
    }
    event
}

fn of_http_api(told: &Value) -> Option<Answered> {
    let status = told.get("statusCode")?.as_u64()?;
    let mut headers = HeaderMap::new();
    for (name, value) in told
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let name = HeaderName::try_from(name).ok()?;
        headers.append(name, value.as_str()?.parse().ok()?);
    }
    for cookie in told
        .get("cookies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        headers.append(http::header::SET_COOKIE, cookie.as_str()?.parse().ok()?);
    }
    let body = told.get("body").and_then(Value::as_str).unwrap_or_default();
    let body: Bytes = if told.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        base64_simd::STANDARD.decode_to_vec(body).ok()?.into()
    } else {
        body.to_owned().into()
    };
    Some(Answered {
        status: StatusCode::from_u16(u16::try_from(status).ok()?).ok()?,
        headers,
        body,
    })
}

//! The document of an HTTP request, as invocation JSON has it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::{FunctionsHost, path};
use crate::functions::app::Function;
use crate::functions::event::on_the_wire;
use crate::headers::title;
use crate::{calendar, ids};

/// The document of an HTTP request.
pub(super) fn document(
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

/// What every metadata has.
pub(super) fn sys(function: &Function) -> Value {
    json!({
        "MethodName": function.name,
        "UtcNow": calendar::round_trip(ids::now()),
        "RandGuid": ids::uuid(),
    })
}

//! A request as it arrives at a door, and the maps that events are made of.

use std::borrow::Cow;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, request::Parts};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::headers::{append_to_list, set};
use crate::ids;

/// What all doors know of a request.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) method: String,
    /// As the client sent it.
    pub(super) path: String,
    /// As the client sent it, empty where there is none.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) client: String,
    pub(super) host: String,
    pub(super) user_agent: String,
    pub(super) trace: String,
    pub(super) authorizer: Option<Value>,
}

/// How a door is called from outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outside {
    /// Its own name, where a client names none.
    pub(super) host: &'static str,
    pub(super) scheme: &'static str,
    pub(super) port: &'static str,
}

impl Arrival {
    pub(super) fn new(parts: Parts, body: Bytes, client: IpAddr, outside: Outside) -> Self {
        let mut headers = parts.headers;
        take_off(&mut headers);
        let authority = parts.uri.authority().map(http::uri::Authority::as_str);
        let host = text(headers.get(HOST)).or_else(|| authority.map(ToOwned::to_owned));
        let host = host.unwrap_or_else(|| outside.host.to_owned());
        let trace = format!(
            "Root=1-{:08x}-{:016x}{:08x}",
            ids::now().as_secs(),
            ids::random(),
            7
        );
        let client = client.to_string();
        set(&mut headers, "host", &host);
        append_to_list(&mut headers, "x-forwarded-for", &client);
        set(&mut headers, "x-forwarded-port", outside.port);
        set(&mut headers, "x-forwarded-proto", outside.scheme);
        set(&mut headers, "x-amzn-trace-id", &trace);
        if !body.is_empty() {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
        }
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            user_agent: text(headers.get(USER_AGENT)).unwrap_or_default(),
            headers,
            body,
            client,
            host,
            trace,
            authorizer: None,
        }
    }

    /// Every header, its values joined by a comma, but for the names that are left out.
    pub(super) fn joined(&self, without: &[&str]) -> Value {
        let names = self
            .headers
            .keys()
            .filter(|name| !without.contains(&name.as_str()));
        let joined = names.map(|name| {
            (
                name.to_string(),
                self.values(name.as_str()).join(",").into(),
            )
        });
        Value::Object(joined.collect())
    }

    /// Every header with the last of its values, under the name that `spell` makes.
    pub(super) fn last(&self, spell: fn(&str) -> String) -> Map<String, Value> {
        let last = self.headers.keys().filter_map(|name| {
            let last = self.values(name.as_str()).pop()?;
            Some((spell(name.as_str()), last.into()))
        });
        last.collect()
    }

    /// Every header with all of its values, under the name that `spell` makes.
    pub(super) fn all(&self, spell: fn(&str) -> String) -> Map<String, Value> {
        let all = self.headers.keys();
        all.map(|name| (spell(name.as_str()), self.values(name.as_str()).into()))
            .collect()
    }

    fn values(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values
            .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
            .collect()
    }

    /// Every single cookie.
    pub(super) fn cookies(&self) -> Vec<String> {
        let lines = self.values("cookie");
        let cookies = lines.iter().flat_map(|line| line.split(';'));
        cookies
            .map(|cookie| cookie.trim().to_owned())
            .filter(|c| !c.is_empty())
            .collect()
    }

    /// The query's pairs, as they were sent.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// The body as text, or as base64 where `encodes` says so or it is no text. AWS does not
    /// document what becomes of bytes that are no UTF-8 under a textual type: base64 here.
    pub(super) fn text_or_base64(&self, encodes: bool) -> (String, bool) {
        match std::str::from_utf8(&self.body) {
            Ok(text) if !encodes => (text.to_owned(), false),
            _ => (STANDARD.encode(&self.body), true),
        }
    }

    /// Whether a body of this kind is sent as base64 by load balancers and HTTP APIs: it is unless
    /// its type is textual and it is not encoded. Forms and bodies without a type are.
    pub(super) fn is_binary(&self) -> bool {
        if self.body.is_empty() {
            return false;
        }
        let kind = text(self.headers.get(CONTENT_TYPE)).unwrap_or_default();
        let kind = kind
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let textual = kind.starts_with("text/")
            || matches!(
                kind.as_str(),
                "application/json" | "application/javascript" | "application/xml"
            );
        !textual || self.headers.contains_key(CONTENT_ENCODING)
    }
}

/// Takes off what belongs to one connection.
fn take_off(headers: &mut HeaderMap) {
    let hop_by_hop = [
        "connection",
        "keep-alive",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    for name in hop_by_hop {
        headers.remove(name);
    }
}

fn text(value: Option<&HeaderValue>) -> Option<String> {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// A part of a path or query, decoded; what is no UTF-8 then is replaced.
pub(super) fn decoded(encoded: &str) -> Cow<'_, str> {
    percent_decode_str(encoded).decode_utf8_lossy()
}

/// A part of a query, decoded as a form: `+` is a space.
pub(super) fn form_decoded(encoded: &str) -> String {
    decoded(&encoded.replace('+', " ")).into_owned()
}

/// Pairs with the last value of each name, `None` where there are none.
pub(super) fn last_of(pairs: impl Iterator<Item = (String, String)>) -> Option<Map<String, Value>> {
    let map: Map<_, _> = pairs.map(|(name, value)| (name, value.into())).collect();
    (!map.is_empty()).then_some(map)
}

/// Pairs with every value of each name, `None` where there are none.
pub(super) fn all_of(pairs: impl Iterator<Item = (String, String)>) -> Option<Map<String, Value>> {
    let mut map = Map::new();
    for (name, value) in pairs {
        let values = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(values) = values {
            values.push(value.into());
        }
    }
    (!map.is_empty()).then_some(map)
}

/// Pairs with the values of each name joined by a comma, `None` where there are none.
pub(super) fn joined_of(
    pairs: impl Iterator<Item = (String, String)>,
) -> Option<Map<String, Value>> {
    let mut map = all_of(pairs)?;
    for value in map.values_mut() {
        let joined = value
            .as_array()
            .map(|values| values.iter().filter_map(Value::as_str));
        *value = joined
            .map(|values| values.collect::<Vec<_>>().join(","))
            .into();
    }
    Some(map)
}

/// Takes a name as it is.
pub(super) fn as_it_is(name: &str) -> String {
    name.to_owned()
}

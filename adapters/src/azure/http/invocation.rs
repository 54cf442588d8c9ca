//! Invocation JSON: the client's request as a document.

use std::borrow::Cow;
use std::fmt;

use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use isobar_core::{Body, Bytes, Method, Request, TraceContext, Uri};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::headers::{INVOCATION_ID, id};
use super::incoming::{Incoming, Rules};
use super::{body, identities, keys, target};
use crate::azure::app::Function;
use crate::azure::error::Refused;
use crate::serve::absolute;

/// Reads the client's request out of what the host posts.
///
/// `Query` joins repeated keys and `Params` and `Metadata` are of the client's making: path and
/// query are those of `Url`, and of the rest nothing is read.
///
/// # Errors
///
/// When it is no invocation of an HTTP function, or the request is one that HTTP does not know, has
/// a body over the limit, or one that the host has dropped or changed.
pub(crate) fn invocation(
    rules: &Rules,
    function: &Function,
    limit: u64,
    posted: &HeaderMap,
    payload: &Bytes,
) -> Result<Incoming, Refused> {
    let trigger = read(payload, function.trigger.as_deref()).map_err(Refused::malformed)?;
    let body = body::decode(payload, trigger.body.map(|text| text.0), &trigger.headers.0)?;
    if body.len() as u64 > limit {
        return Err(Refused::too_long(limit));
    }
    let url = Url::split(&trigger.url.0);
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = Method::from_bytes(trigger.method.0.as_bytes())
        .map_err(|_no_token| Refused::illegal("the method is none that HTTP knows"))?;
    *request.headers_mut() = trigger.headers.0;
    if !request.headers().contains_key(HOST) {
        *request.uri_mut() = url.origin();
    }
    let root_path = target::set(&rules.prefix, &mut request, url.target)
        .ok_or_else(|| Refused::illegal("the URL is none that HTTP knows"))?;
    keys::hide(request.headers_mut());
    absolute(&mut request, url.scheme.clone());
    let headers = request.headers();
    let identity = rules.conninfo.identity(headers);
    Ok(Incoming {
        request_id: id(posted, &INVOCATION_ID),
        root_path,
        // The host's own activity where it tells, else the client's.
        trace: TraceContext::from_headers(posted).or_else(|| TraceContext::from_headers(headers)),
        client_ip: rules.conninfo.client_ip(headers),
        identity: identity.or_else(|| identities::identity(trigger.identities?)),
        native: keys::redact(payload.clone(), headers, url.target),
        request,
    })
}

/// `Url`: what the host knows of the client's own, encoded as it was sent.
struct Url<'u> {
    scheme: Scheme,
    authority: &'u str,
    target: &'u str,
}

impl<'u> Url<'u> {
    fn split(url: &'u str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let border = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(border).unwrap_or_default();
        let is_https = scheme.eq_ignore_ascii_case("https");
        Self {
            scheme: if is_https {
                Scheme::HTTPS
            } else {
                Scheme::HTTP
            },
            authority,
            target: if target.is_empty() { "/" } else { target },
        }
    }

    /// The URI of its root, for a request that has no `Host`.
    fn origin(&self) -> Uri {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Authority::try_from(self.authority).ok();
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        Uri::from_parts(parts).unwrap_or_default()
    }
}

/// `Data.{trigger}` of an HTTP function.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trigger<'a> {
    #[serde(borrow)]
    url: Str<'a>,
    method: Str<'a>,
    #[serde(default, deserialize_with = "null_is_none")]
    headers: Headers,
    identities: Option<&'a RawValue>,
    body: Option<Str<'a>>,
}

/// Text that is borrowed where it can be.
#[derive(Deserialize)]
struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

fn null_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Headers, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `Headers`: a list of values a name.
#[derive(Default)]
struct Headers(HeaderMap);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("headers, a list of values a name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = HeaderMap::with_capacity(16);
                while let Some((name, values)) = map.next_entry::<Str<'de>, Values<'de>>()? {
                    add(&mut headers, &name.0, values);
                }
                Ok(Headers(headers))
            }
        }
        deserializer.deserialize_map(Read)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values<'a> {
    Several(#[serde(borrow)] Vec<Str<'a>>),
    One(#[serde(borrow)] Str<'a>),
    None(IgnoredAny),
}

/// What HTTP can not carry is left out.
fn add(headers: &mut HeaderMap, name: &str, values: Values<'_>) {
    let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else {
        tracing::debug!("left out a header whose name is none");
        return;
    };
    let values = match values {
        Values::Several(values) => values,
        Values::One(value) => vec![value],
        Values::None(_) => Vec::new(),
    };
    for value in values {
        match HeaderValue::from_bytes(value.0.as_bytes()) {
            Ok(value) => drop(headers.try_append(&name, value)),
            Err(_illegal) => tracing::debug!("left out a value of the header {name}"),
        }
    }
}

/// Reads the trigger of that name; without a name, the only one there is.
fn read<'p>(payload: &'p [u8], name: Option<&str>) -> Result<Trigger<'p>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(payload);
    let data = Member {
        name: Some("Data"),
        value: Member {
            name,
            value: std::marker::PhantomData::<Trigger<'p>>,
        },
    };
    let trigger = data.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(trigger)
}

/// One member of an object; all others are passed over.
struct Member<'n, V> {
    name: Option<&'n str>,
    value: V,
}

impl<'de, V: DeserializeSeed<'de>> DeserializeSeed<'de> for Member<'_, V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, V: DeserializeSeed<'de>> Visitor<'de> for Member<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with {:?}", self.name.unwrap_or("one member"))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        let mut seed = Some(self.value);
        let mut found = None;
        while let Some(name) = map.next_key::<Str<'de>>()? {
            let is_it = self.name.is_none_or(|wanted| wanted == name.0);
            match seed.take_if(|_| is_it) {
                Some(seed) => found = Some(map.next_value_seed(seed)?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let name = self.name.unwrap_or("one member");
        found.ok_or_else(|| A::Error::custom(format_args!("{name:?} is missing")))
    }
}

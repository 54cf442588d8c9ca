//! `Data.{trigger}` of an HTTP function: one borrowed pass over the payload.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads the trigger of that name; without a name, the only one there is.
pub(super) fn read<'p>(
    payload: &'p [u8],
    name: Option<&str>,
) -> Result<Trigger<'p>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(payload);
    let data = Member {
        name: Some("Data"),
        value: Member {
            name,
            value: PhantomData::<Trigger<'p>>,
        },
    };
    let trigger = data.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(trigger)
}

/// What the host says of a client's request.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Trigger<'a> {
    #[serde(borrow)]
    pub(super) url: Str<'a>,
    pub(super) method: Str<'a>,
    #[serde(default, deserialize_with = "null_is_none")]
    pub(super) headers: Headers,
    pub(super) identities: Option<&'a RawValue>,
    pub(super) body: Option<Str<'a>>,
}

/// Text that is borrowed where it can be.
#[derive(Deserialize)]
pub(super) struct Str<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

fn null_is_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Headers, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// `Headers`: a list of values a name.
#[derive(Default)]
pub(super) struct Headers(pub(super) HeaderMap);

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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str, name: Option<&str>) -> Result<String, String> {
        let trigger = read(json.as_bytes(), name).map_err(|error| error.to_string())?;
        Ok(format!("{} {}", trigger.method.0, trigger.url.0))
    }

    #[test]
    fn the_trigger_is_known_by_its_name_and_what_stands_beside_it_is_passed_over() {
        let json = r#"{"Metadata":{"Data":{"req":1}},"Data":{"blob":"\u00e9","req":
            {"Url":"/x","Method":"GET","Query":"{}","Params":null,"Headers":null,"Body":null}},"x":[{}]}"#;
        assert_eq!(of(json, Some("req")).unwrap(), "GET /x");
        let missing = of(json, Some("request")).unwrap_err();
        assert!(missing.contains("\"request\" is missing"), "{missing}");
    }

    #[test]
    fn without_a_name_it_is_the_first_there_is() {
        let json = r#"{"Data":{"r":{"Url":"/x","Method":"GET"}}}"#;
        assert_eq!(of(json, None).unwrap(), "GET /x");
    }

    #[test]
    fn what_is_no_http_request_is_refused() {
        for json in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"Data":{}}"#,
            r#"{"Data":{"req":"\"text\""}}"#,
            r#"{"Data":{"req":{"Method":"GET"}}}"#,
            r#"{"Data":{"req":{"Url":"/x","Method":"GET","Body":{}}}}"#,
            r#"{"Data":{"req":{"Url":"/x","Method":"GET"}}} more"#,
        ] {
            assert!(of(json, Some("req")).is_err(), "{json}");
        }
    }

    #[test]
    fn a_name_or_a_value_that_http_can_not_carry_is_left_out() {
        let json = r#"{"Data":{"req":{"Url":"/x","Method":"GET","Headers":
            {"X-A":["1","2"],"a b":["3"],"X-B":["4\n"],"X-C":"5","X-D":null,"X-E":["\u00e9"]}}}}"#;
        let headers = read(json.as_bytes(), Some("req")).unwrap().headers.0;
        let all: Vec<_> = { headers.iter() }
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let wanted: [(&str, &[u8]); 4] = [
            ("x-a", b"1"),
            ("x-a", b"2"),
            ("x-c", b"5"),
            ("x-e", "\u{e9}".as_bytes()),
        ];
        assert_eq!(all, wanted);
    }
}

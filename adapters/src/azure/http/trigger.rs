//! `Data.{trigger}` of an HTTP function: one borrowed pass over the payload.

use std::borrow::Cow;
use std::fmt;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use isobar_core::Bytes;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::value::RawValue;

use crate::azure::text::Str;
use crate::json::read_string;

/// Reads the trigger of that name; without a name, the first there is.
pub(super) fn read<'p>(
    payload: &'p Bytes,
    name: Option<&str>,
) -> Result<Trigger<'p>, serde_json::Error> {
    // Checked as a whole it costs less than string by string.
    let text = std::str::from_utf8(payload).map_err(serde_json::Error::custom)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // Filled where it stands: it is large, and each level would hand a copy on.
    let mut trigger = Trigger::default();
    let data = Member {
        name: Some("Data"),
        value: Member {
            name,
            value: Fields(payload, &mut trigger),
        },
    };
    data.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(trigger)
}

/// What the host says of a client's request.
#[derive(Default)]
pub(super) struct Trigger<'p> {
    pub(super) url: Cow<'p, str>,
    pub(super) method: Cow<'p, str>,
    pub(super) headers: HeaderMap,
    pub(super) identities: Option<&'p RawValue>,
    pub(super) body: Option<Cow<'p, str>>,
}

/// The fields of a [`Trigger`]; all others are passed over.
struct Fields<'t, 'p>(&'p Bytes, &'t mut Trigger<'p>);

impl<'p> DeserializeSeed<'p> for Fields<'_, 'p> {
    type Value = ();

    fn deserialize<D: Deserializer<'p>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'p> Visitor<'p> for Fields<'_, 'p> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an HTTP request")
    }

    fn visit_map<A: MapAccess<'p>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(payload, trigger) = self;
        let (mut has_url, mut has_method) = (false, false);
        while let Some(name) = map.next_key::<Str<'p>>()? {
            match &*name.0 {
                "Url" => {
                    trigger.url = map.next_value::<Str<'p>>()?.0;
                    has_url = true;
                }
                "Method" => {
                    trigger.method = map.next_value::<Str<'p>>()?.0;
                    has_method = true;
                }
                "Headers" => {
                    trigger.headers.clear();
                    map.next_value_seed(Headers(payload, &mut trigger.headers))?;
                }
                "Identities" => trigger.identities = map.next_value()?,
                "Body" => trigger.body = text(map.next_value()?).map_err(A::Error::custom)?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match (has_url, has_method) {
            (true, true) => Ok(()),
            (false, _) => Err(A::Error::missing_field("Url")),
            (_, false) => Err(A::Error::missing_field("Method")),
        }
    }
}

/// `Body`: a text, or null.
fn text(body: Option<&RawValue>) -> Result<Option<Cow<'_, str>>, serde_json::Error> {
    let Some(body) = body.map(RawValue::get) else {
        return Ok(None);
    };
    match read_string(body) {
        Some(text) => Ok(Some(text)),
        None => serde_json::from_str::<Str<'_>>(body).map(|text| Some(text.0)),
    }
}

/// `Headers`: a list of values a name, or null.
struct Headers<'h, 'p>(&'p Bytes, &'h mut HeaderMap);

impl<'p> DeserializeSeed<'p> for Headers<'_, 'p> {
    type Value = ();

    fn deserialize<D: Deserializer<'p>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'p> Visitor<'p> for Headers<'_, 'p> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers, a list of values a name")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'p>>(self, mut map: A) -> Result<(), A::Error> {
        let Self(payload, headers) = self;
        // more than most requests have
        let _there_is_room = headers.try_reserve(16);
        while let Some(name) = map.next_key::<Str<'p>>()? {
            let values = Values {
                payload,
                name: HeaderName::from_bytes(name.0.as_bytes()).ok(),
                headers,
            };
            map.next_value_seed(values)?;
        }
        Ok(())
    }
}

/// The values of one header: a list, one alone, or null.
struct Values<'h, 'p> {
    payload: &'p Bytes,
    /// `None` if it can be none; then its values are left out.
    name: Option<HeaderName>,
    headers: &'h mut HeaderMap,
}

impl Values<'_, '_> {
    /// What HTTP cannot carry is left out. A value that is borrowed stays a part of the payload.
    fn add(&mut self, text: Cow<'_, str>) {
        let value = match text {
            Cow::Borrowed(text) => {
                HeaderValue::from_maybe_shared(self.payload.slice_ref(text.as_bytes()))
            }
            Cow::Owned(text) => HeaderValue::from_maybe_shared(Bytes::from(text)),
        };
        let (Some(name), Ok(value)) = (&self.name, value) else {
            tracing::debug!("left out a header that HTTP cannot carry");
            return;
        };
        drop(self.headers.try_append(name, value));
    }
}

impl<'p> DeserializeSeed<'p> for Values<'_, 'p> {
    type Value = ();

    fn deserialize<D: Deserializer<'p>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'p> Visitor<'p> for Values<'_, 'p> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the values of a header")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.add(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'p>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<Option<Str<'p>>>()? {
            if let Some(value) = value {
                self.add(value.0);
            }
        }
        Ok(())
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
        let json = Bytes::copy_from_slice(json.as_bytes());
        let trigger = read(&json, name).map_err(|error| error.to_string())?;
        Ok(format!("{} {}", trigger.method, trigger.url))
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
            r#"{"Data":{"req":{"Url":"/x","Method":"GET","Headers":[]}}}"#,
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
        let headers = read(&Bytes::from(json), Some("req")).unwrap().headers;
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

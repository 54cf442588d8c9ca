//! `Data.{trigger}` of an HTTP function: one borrowed pass over the payload.

use std::borrow::Cow;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use isobar_core::Bytes;
use serde::de::Error;

use super::identities::Nobody;
use crate::header_name::header_name;
use crate::json::{Malformed, Reader, why};

/// Reads the trigger of that name; without a name, the first there is. It is filled where it stands, since it is
/// large.
pub(super) fn read<'p>(
    payload: &'p Bytes,
    name: Option<&str>,
    nobody: &Nobody,
    trigger: &mut Trigger<'p>,
) -> Result<(), serde_json::Error> {
    // Checked as a whole it costs less than string by string.
    let text = std::str::from_utf8(payload).map_err(serde_json::Error::custom)?;
    let mut missing = Some("Data");
    let read = Reader::whole(text, |document| {
        first(document, Some("Data"), |data| {
            missing = Some(name.unwrap_or("one member"));
            first(data, name, |request| {
                missing = None;
                trigger.read(payload, nobody, request)
            })
        })
    });
    match (read, missing.or_else(|| trigger.missing())) {
        (Err(Malformed), _) => Err(why(
            text,
            "an HTTP request, `Data` in which it is, and texts in it",
        )),
        (Ok(()), Some(missing)) => Err(Error::custom(format_args!("{missing:?} is missing"))),
        (Ok(()), None) => Ok(()),
    }
}

/// What the host says of a client's request.
#[derive(Default)]
pub(super) struct Trigger<'p> {
    /// There, as the method is, in what [`read`] returns.
    pub(super) url: Option<Cow<'p, str>>,
    pub(super) method: Option<Cow<'p, str>>,
    pub(super) headers: HeaderMap,
    pub(super) seen: Seen,
    /// A list of JSON that may tell of somebody.
    pub(super) identities: Option<&'p str>,
    pub(super) body: Option<Cow<'p, str>>,
}

impl<'p> Trigger<'p> {
    /// Reads its members, and passes over all others.
    fn read(
        &mut self,
        payload: &Bytes,
        nobody: &Nobody,
        request: &mut Reader<'p>,
    ) -> Result<(), Malformed> {
        request.object(|value, name| {
            match &*name {
                "Url" => self.url = Some(value.string()?),
                "Method" => self.method = Some(value.string()?),
                "Headers" => {
                    self.headers.clear();
                    self.seen = Seen::default();
                    self.read_headers(payload, value)?;
                }
                "Identities" => self.identities = nobody.identities(value)?,
                "Body" => self.body = text(value)?,
                _ => value.pass()?,
            }
            Ok(())
        })
    }

    /// Reads headers: values a name, or null.
    fn read_headers(&mut self, payload: &Bytes, value: &mut Reader<'p>) -> Result<(), Malformed> {
        if value.is_null()? {
            return Ok(());
        }
        let Self { headers, seen, .. } = self;
        // more than most requests have
        let _there_is_room = headers.try_reserve(16);
        value.object(|value, name| {
            let Some(name) = header_name(&name) else {
                left_out();
                return value.pass();
            };
            seen.note(name.as_str());
            if !value.is_next(b'[') {
                return add(headers, &name, payload, value);
            }
            value.list(|value| add(headers, &name, payload, value))
        })
    }

    fn missing(&self) -> Option<&'static str> {
        if self.url.is_none() {
            Some("Url")
        } else if self.method.is_none() {
            Some("Method")
        } else {
            None
        }
    }
}

/// Reads the first member of that name, or the first there is, and passes over all others.
fn first<'p>(
    object: &mut Reader<'p>,
    wanted: Option<&str>,
    read: impl FnOnce(&mut Reader<'p>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut read = Some(read);
    object.object(|value, name| {
        let is_it = wanted.is_none_or(|wanted| wanted == name);
        match read.take_if(|_| is_it) {
            Some(read) => read(value),
            None => value.pass(),
        }
    })
}

/// Reads a text, or null.
fn text<'p>(value: &mut Reader<'p>) -> Result<Option<Cow<'p, str>>, Malformed> {
    if value.is_null()? {
        return Ok(None);
    }
    value.string().map(Some)
}

/// Which headers were seen that few requests have: each look for one in the map costs more.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a header")]
pub(super) struct Seen {
    pub(super) upgrade: bool,
    /// The client's own target, by the front end's word.
    pub(super) target: bool,
    pub(super) key: bool,
    /// One of App Service authentication.
    pub(super) principal: bool,
    pub(super) trace: bool,
}

impl Seen {
    fn note(&mut self, name: &str) {
        match name {
            "upgrade" => self.upgrade = true,
            "traceparent" => self.trace = true,
            "x-functions-key" => self.key = true,
            "x-original-url" | "x-waws-unencoded-url" => self.target = true,
            _ => self.principal |= name.starts_with("x-ms-client-principal"),
        }
    }
}

/// Adds a value, or null. What HTTP cannot carry is left out; a value that is borrowed stays a part of the payload.
fn add(
    headers: &mut HeaderMap,
    name: &HeaderName,
    payload: &Bytes,
    value: &mut Reader<'_>,
) -> Result<(), Malformed> {
    let value = match text(value)? {
        None => return Ok(()),
        Some(Cow::Borrowed(text)) => {
            HeaderValue::from_maybe_shared(payload.slice_ref(text.as_bytes()))
        }
        Some(Cow::Owned(text)) => HeaderValue::from_maybe_shared(Bytes::from(text)),
    };
    match value.map(|value| headers.try_append(name, value)) {
        Ok(Ok(_is_another)) => {}
        Ok(Err(_)) | Err(_) => left_out(),
    }
    Ok(())
}

fn left_out() {
    tracing::debug!("left out a header that HTTP cannot carry");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str, name: Option<&str>) -> Result<String, String> {
        let json = Bytes::copy_from_slice(json.as_bytes());
        let mut trigger = Trigger::default();
        read(&json, name, &Nobody::default(), &mut trigger).map_err(|error| error.to_string())?;
        Ok(format!(
            "{} {}",
            trigger.method.unwrap(),
            trigger.url.unwrap()
        ))
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
    fn a_list_that_tells_of_nobody_is_known_again_and_no_other_is_taken_for_it() {
        let nobody = Nobody::default();
        let told = |identities: &str| {
            let json = format!(
                r#"{{"Data":{{"r":{{"Url":"/x","Method":"GET","Identities":{identities},"Body":"b"}}}}}}"#
            );
            let (json, mut trigger) = (Bytes::from(json), Trigger::default());
            let read = read(&json, None, &nobody, &mut trigger);
            let is_read = read.is_ok() && trigger.body.as_deref() == Some("b");
            is_read.then(|| trigger.identities.map(str::to_owned))
        };
        let anonymous = r#"[{"Name":null,"IsAuthenticated":false}]"#;
        let user = r#"[{"Name":null,"IsAuthenticated":true}]"#;
        let in_a_string = r#""[{\"IsAuthenticated\":true}]""#;
        assert_eq!(told(in_a_string), Some(Some(in_a_string.to_owned())));
        assert_eq!(told(user), Some(Some(user.to_owned())));
        assert_eq!(told("null"), Some(None));
        assert_eq!(nobody.0.get(), None);
        for _ in 0..2 {
            for (list, wanted) in [
                (anonymous, Some(None)),
                (user, Some(Some(user.to_owned()))),
                ("[]", Some(None)),
                ("[{}]", Some(None)),
                (" \n[ ]", Some(None)),
                (anonymous.strip_suffix(']').unwrap(), None),
                (&format!("{anonymous}]"), None),
                (&format!("{anonymous} 1"), None),
            ] {
                assert_eq!(told(list), wanted, "{list}");
            }
        }
        assert_eq!(nobody.0.get().map(|list| &**list), Some(anonymous));
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
        let (json, mut trigger) = (Bytes::from(json), Trigger::default());
        read(&json, Some("req"), &Nobody::default(), &mut trigger).unwrap();
        let headers = trigger.headers;
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

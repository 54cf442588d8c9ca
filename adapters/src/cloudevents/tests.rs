//! What is written in each mode reads back as it was, and what is malformed says so.

use bytes::Bytes;
use isobar_core::{HeaderMap, Text};
use proptest::prelude::*;

use super::*;

fn event() -> impl Strategy<Value = CloudEvent> {
    let text = || "\\PC{1,12}".prop_map(Text::from);
    let maybe = || prop::option::of("\\PC{1,12}".prop_map(Text::from));
    let extension = (
        "x[a-z0-9]{0,8}".prop_map(Text::from),
        "\\PC{0,12}".prop_map(Text::from),
    );
    let extensions = prop::collection::btree_map(extension.0, extension.1, 0..4);
    let data = prop_oneof![
        Just((None, None)),
        prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|data| (Some("application/octet-stream"), Some(Bytes::from(data)))),
        "\\PC{0,20}".prop_map(|text| (Some("text/plain; charset=utf-8"), Some(Bytes::from(text)))),
        "[a-z\"\\\\ ]{0,9}".prop_map(|text| (
            Some("application/json"),
            Some(serde_json::to_vec(&[text]).unwrap().into())
        )),
        Just((
            Some("application/vnd.x+json"),
            Some(Bytes::from_static(b"{\"a\": 1.50}"))
        )),
        Just((Some("application/json"), Some(Bytes::from_static(b"null")))),
        Just((
            Some("application/json"),
            Some(Bytes::from_static(b"no json"))
        )),
    ];
    (
        text(),
        text(),
        text(),
        maybe(),
        maybe(),
        maybe(),
        extensions,
        data,
    )
        .prop_map(
            |(id, source, ty, subject, time, data_schema, extensions, (media_type, data))| {
                CloudEvent {
                    id,
                    source,
                    ty,
                    subject,
                    time,
                    data_schema,
                    data_content_type: media_type.map(Text::from_static),
                    extensions: extensions.into_iter().collect(),
                    data,
                    native: Bytes::new(),
                }
            },
        )
}

/// An event without what differs by the mode, which is what was delivered.
fn plain(mut event: CloudEvent) -> CloudEvent {
    event.native = Bytes::new();
    event.extensions.sort();
    event
}

proptest! {
    #[test]
    fn binary_mode_reads_back(event in event()) {
        let (headers, body) = encode_binary(&event);
        prop_assert_eq!(Mode::of(&headers).unwrap(), Some(Mode::Binary));
        prop_assert_eq!(plain(binary(&headers, &body).unwrap()), plain(event));
    }

    #[test]
    fn structured_mode_reads_back(event in event()) {
        let body = Bytes::from(encode_structured(&event));
        prop_assert_eq!(plain(structured(&body).unwrap()), plain(event));
    }

    #[test]
    fn batched_mode_reads_back(events in prop::collection::vec(event(), 0..4)) {
        let body = Bytes::from(encode_batch(&events));
        let read: Vec<_> = batch(&body).unwrap().into_iter().map(plain).collect();
        prop_assert_eq!(read, events.into_iter().map(plain).collect::<Vec<_>>());
    }
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pairs = pairs.iter().map(|(name, value)| {
        let name = isobar_core::HeaderName::from_static(name);
        (
            name,
            isobar_core::HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        )
    });
    pairs.collect()
}

#[test]
fn the_mode_is_the_media_types_whatever_its_case() {
    for (media_type, wanted) in [
        ("application/cloudevents+json", Some(Mode::Structured)),
        (
            "Application/CloudEvents+JSON; charset=utf-8",
            Some(Mode::Structured),
        ),
        ("application/cloudevents-batch+json", Some(Mode::Batch)),
        ("application/json", None),
        ("", None),
    ] {
        let headers = headers(&[("content-type", media_type)]);
        assert_eq!(Mode::of(&headers).unwrap(), wanted, "{media_type}");
    }
    let avro = Mode::of(&headers(&[(
        "content-type",
        "application/cloudevents+avro",
    )]));
    assert_eq!(avro.unwrap_err().to_error().status(), 415);
}

#[test]
fn data_is_a_value_a_text_or_bytes() {
    for (document, media_type, data) in [
        (
            r#""data":{"a": 1}"#,
            Some("application/json"),
            Some(r#"{"a": 1}"#),
        ),
        (
            r#""data":"{\"a\":1}""#,
            Some("application/json"),
            Some(r#""{\"a\":1}""#),
        ),
        (
            r#""datacontenttype":"text/plain","data":"a\nb""#,
            Some("text/plain"),
            Some("a\nb"),
        ),
        (
            r#""datacontenttype":"application/xml","data_base64":"aGk=""#,
            Some("application/xml"),
            Some("hi"),
        ),
        (r#""data_base64":"aGk=""#, None, Some("hi")),
        (r#""data":null"#, Some("application/json"), Some("null")),
        (r#""x":null"#, None, None),
    ] {
        let body =
            format!(r#"{{"specversion":"1.0","id":"1","source":"/s","type":"t",{document}}}"#);
        let event = structured(&Bytes::from(body)).unwrap();
        assert_eq!(event.data_content_type.as_deref(), media_type, "{document}");
        assert_eq!(event.data.as_deref(), data.map(str::as_bytes), "{document}");
    }
}

#[test]
fn numbers_and_booleans_are_extensions_and_null_is_none() {
    let body = br#"{"specversion":"1.0","id":"1","source":"/s","type":"t","a":7,"b":true,"c":null,"d":"x"}"#;
    let event = structured(&Bytes::from_static(body)).unwrap();
    let texts: Vec<_> = event
        .extensions
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    assert_eq!(texts, ["a=7", "b=true", "d=x"]);
}

#[test]
fn what_is_malformed_is_named() {
    for (body, wanted) in [
        ("{", "CloudEvent: body"),
        ("[]", "CloudEvent: body"),
        (
            r#"{"id":"1","source":"/s","type":"t"}"#,
            "CloudEvent: specversion",
        ),
        (
            r#"{"specversion":"0.3","id":"1","source":"/s","type":"t"}"#,
            "\"0.3\" is not understood",
        ),
        (
            r#"{"specversion":"1.0","id":1,"source":"/s","type":"t"}"#,
            "CloudEvent: id",
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"","type":"t"}"#,
            "CloudEvent: source",
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data":1,"data_base64":""}"#,
            "data_base64: excludes",
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":"?"}"#,
            "data_base64: is not",
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":1234}"#,
            "data_base64: is not",
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","subject":5}"#,
            "subject: a text is wanted",
        ),
        (
            r#"{"specversion":"1.0","id":"1","source":"/s","type":"t","datacontenttype":{}}"#,
            "datacontenttype: a text is wanted",
        ),
    ] {
        let error = structured(&Bytes::from(body)).unwrap_err().to_string();
        assert!(error.contains(wanted), "{body}: {error}");
    }
    let second = batch(&Bytes::from(
        r#"[{"specversion":"1.0","id":"1","source":"/s","type":"t"},{}]"#,
    ));
    assert!(second.unwrap_err().to_string().contains("[1].specversion"));
    assert!(structured(&Bytes::from_static(b"\xff")).is_err());
}

#[test]
fn a_header_that_is_not_utf_8_is_refused() {
    let all = [
        ("ce-specversion", "1.0"),
        ("ce-id", "1"),
        ("ce-source", "/s"),
        ("ce-type", "t"),
    ];
    let mut with = headers(&all);
    with.insert("ce-x", "%C0%A0".parse().unwrap());
    let error = binary(&with, &Bytes::new()).unwrap_err().to_string();
    assert_eq!(error, "CloudEvent: ce-x: is not UTF-8");
    let without = headers(&all[..3]);
    assert!(missing(&without).unwrap().to_string().contains("ce-type"));
}

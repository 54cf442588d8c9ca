//! The form in which one output binding's values survive the host.

use base64_simd::STANDARD;
use isobar_core::{Bytes, Output};
use serde_json::value::RawValue;

use crate::azure::app::OutputBinding;
use crate::azure::http::is_date;
use crate::json::{escape, push_string};

/// Why a value cannot be sent; it names the output.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Problem(pub(super) String);

/// What a binding takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Messages: one as bytes, or several as text.
    Messages,
    /// One blob.
    Blob,
    /// Objects: one, or a list.
    Documents,
    /// What is not known.
    Anything,
}

impl Takes {
    fn of(kind: &str) -> Self {
        let is = |kinds: &[&str]| kinds.iter().any(|own| own.eq_ignore_ascii_case(kind));
        if is(&["queue", "serviceBus", "eventHub", "kafka"]) {
            Self::Messages
        } else if is(&["blob"]) {
            Self::Blob
        } else if is(&["cosmosDB", "table", "sql", "signalR", "eventGrid"]) {
            Self::Documents
        } else {
            Self::Anything
        }
    }
}

/// Writes values as JSON; `None` if there are none.
///
/// # Errors
///
/// When the host has no form that keeps them as they are.
pub(super) fn form(
    binding: &OutputBinding,
    values: Vec<Output>,
) -> Result<Option<Vec<u8>>, Problem> {
    let takes = Takes::of(&binding.kind);
    let one = match <[Output; 1]>::try_from(values) {
        Ok([value]) => Ok(value),
        Err(values) if values.is_empty() => return Ok(None),
        Err(values) => Err(values),
    };
    let json = match (one, takes) {
        (Ok(value), Takes::Documents) => document(binding, &value)?.to_vec(),
        (Ok(Output::Json(json)), Takes::Anything) if is_structure(&json) => json.to_vec(),
        (Ok(value), _) => exact(binding, takes, &bytes(binding, &value)?)?,
        (Err(_), Takes::Blob) => {
            return Err(problem(
                binding,
                "takes one value, and the handlers returned several",
            ));
        }
        (Err(values), Takes::Documents) => list(&values, |value, out| {
            out.extend_from_slice(&document(binding, value)?);
            Ok(())
        })?,
        (Err(values), Takes::Messages | Takes::Anything) => {
            list(&values, |value, out| text(binding, value, out))?
        }
    };
    Ok(Some(json))
}

/// Bytes that arrive as they are: as base64, or as text where the host decodes none.
fn exact(binding: &OutputBinding, takes: Takes, bytes: &Bytes) -> Result<Vec<u8>, Problem> {
    let mut out = vec![b'"'];
    if !binding.is_binary {
        out.extend_from_slice(STANDARD.encode_to_string(bytes).as_bytes());
        out.push(b'"');
        return Ok(out);
    }
    // of text that is JSON the host makes messages of its own form
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| !is_date(text));
    let is_kept = |text: &&str| takes != Takes::Messages || !is_structure(text.as_bytes());
    let text = text.filter(is_kept).ok_or_else(|| {
        problem(binding, "would change these bytes: take dataType off it in function.json, and any bytes arrive as they are")
    })?;
    escape(&mut out, text);
    out.push(b'"');
    Ok(out)
}

fn list(
    values: &[Output],
    write: impl Fn(&Output, &mut Vec<u8>) -> Result<(), Problem>,
) -> Result<Vec<u8>, Problem> {
    let mut out = Vec::new();
    for value in values {
        out.push(if out.is_empty() { b'[' } else { b',' });
        write(value, &mut out)?;
    }
    out.push(b']');
    Ok(out)
}

/// One of several messages: the host sends text only, and writes a date in a form of its own.
fn text(binding: &OutputBinding, value: &Output, out: &mut Vec<u8>) -> Result<(), Problem> {
    let bytes = bytes(binding, value)?;
    let text = std::str::from_utf8(&bytes).map_err(|_not_text| {
        problem(binding, "takes several messages only as UTF-8 text, which one of them is not: return one message an invocation")
    })?;
    if is_date(text) {
        let what = "takes several messages only as text, and writes a date in another form: return one message an invocation";
        return Err(problem(binding, what));
    }
    push_string(out, text);
    Ok(())
}

/// A document: an object, or a list of them.
fn document(binding: &OutputBinding, value: &Output) -> Result<Bytes, Problem> {
    let bytes = bytes(binding, value)?;
    let is_json = || serde_json::from_slice::<&RawValue>(&bytes).is_ok();
    if is_structure(&bytes) && is_json() {
        return Ok(bytes);
    }
    Err(problem(
        binding,
        "takes documents: a JSON object is wanted, or several",
    ))
}

fn bytes(binding: &OutputBinding, value: &Output) -> Result<Bytes, Problem> {
    match value {
        Output::Bytes(bytes) | Output::Json(bytes) => Ok(bytes.clone()),
        _ => Err(problem(binding, "cannot be given a list within a list")),
    }
}

/// Returns true for text that begins as a JSON object or list does.
fn is_structure(json: &[u8]) -> bool {
    matches!(json.trim_ascii_start().first(), Some(b'{' | b'['))
}

fn problem(binding: &OutputBinding, what: &str) -> Problem {
    Problem(format!(
        "the output {} ({}) {what}",
        binding.name, binding.kind
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn of(kind: &str, values: Vec<Output>) -> Result<Value, String> {
        of_type(kind, false, values)
    }

    fn of_type(kind: &str, is_binary: bool, values: Vec<Output>) -> Result<Value, String> {
        let (name, kind) = ("out".to_owned(), kind.to_owned());
        let binding = OutputBinding {
            name,
            kind,
            is_binary,
        };
        let json = form(&binding, values).map_err(|problem| problem.to_string())?;
        Ok(serde_json::from_slice(&json.unwrap()).unwrap())
    }

    fn bytes(bytes: &'static [u8]) -> Output {
        Output::from(bytes)
    }

    fn document(json: &Value) -> Output {
        Output::json(json).unwrap()
    }

    #[test]
    fn one_message_or_blob_is_base64_and_so_any_bytes() {
        // trap 31: `test` would be three other bytes
        for kind in [
            "queue",
            "ServiceBus",
            "eventHub",
            "kafka",
            "blob",
            "unheardOf",
        ] {
            assert_eq!(of(kind, vec![bytes(b"test")]).unwrap(), "dGVzdA==");
            assert_eq!(of(kind, vec![bytes(b"\0\xff")]).unwrap(), "AP8=");
            assert_eq!(of(kind, vec![bytes(b"")]).unwrap(), "");
        }
        assert_eq!(of("queue", vec![document(&json!([1]))]).unwrap(), "WzFd");
        assert_eq!(of("blob", vec![document(&json!(1))]).unwrap(), "MQ==");
    }

    #[test]
    fn several_messages_are_text() {
        let several = vec![
            bytes(b"a\"b"),
            document(&json!({"n": 1})),
            bytes(b"dGVzdA=="),
        ];
        assert_eq!(
            of("queue", several).unwrap(),
            json!(["a\"b", "{\"n\":1}", "dGVzdA=="])
        );
        for wrong in [&b"\xff"[..], b"2024-01-02T03:04:05Z"] {
            let error = of("queue", vec![bytes(b"a"), bytes(wrong)]).unwrap_err();
            assert!(error.contains("out (queue)"), "{error}");
        }
        assert!(of("blob", vec![bytes(b"a"), bytes(b"b")]).is_err());
    }

    #[test]
    fn documents_are_objects() {
        let object = json!({"id": "1"});
        for kind in [
            "cosmosDB",
            "table",
            "sql",
            "signalR",
            "eventGrid",
            "unheardOf",
        ] {
            assert_eq!(of(kind, vec![document(&object)]).unwrap(), object);
        }
        let two = vec![document(&object), bytes(br#"{"id": "2"}"#)];
        assert_eq!(
            of("cosmosDB", two).unwrap(),
            json!([{"id": "1"}, {"id": "2"}])
        );
        for wrong in [
            bytes(b"text"),
            bytes(b"{"),
            document(&json!(1)),
            Output::List(vec![]),
        ] {
            assert!(of("cosmosDB", vec![wrong]).is_err());
        }
    }

    #[test]
    fn where_the_host_decodes_no_base64_text_goes_as_text() {
        assert_eq!(
            of_type("queue", true, vec![bytes(b"test")]).unwrap(),
            "test"
        );
        assert_eq!(of_type("blob", true, vec![bytes(b"{}")]).unwrap(), "{}");
        for wrong in [&b"\xff"[..], b" [1]", b"2024-01-02T03:04:05Z"] {
            let error = of_type("queue", true, vec![bytes(wrong)]).unwrap_err();
            assert!(error.contains("dataType"), "{error}");
        }
    }
}

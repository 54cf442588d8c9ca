//! The body in invocation JSON: text, or base64 for the two types that the host knows as bytes.

use std::borrow::Cow;

use base64_simd::STANDARD;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use isobar_core::{Bytes, HeaderMap};

use crate::azure::error::Refused;

/// Returns the client's own bytes, or refuses what the host has dropped or changed.
pub(super) fn decode(
    payload: &Bytes,
    body: Option<Cow<'_, str>>,
    headers: &HeaderMap,
) -> Result<Bytes, Refused> {
    let Some(text) = body else {
        // Trap 18: the host reads a body only where the request states its length.
        let is_dropped = headers.contains_key(TRANSFER_ENCODING);
        return if is_dropped {
            Err(Refused::chunked())
        } else {
            Ok(Bytes::new())
        };
    };
    if is_base64(headers)
        && let Ok(bytes) = STANDARD.decode_to_vec(text.as_bytes())
    {
        return Ok(bytes.into());
    }
    if is_mangled(&text, headers) {
        return Err(Refused::mangled());
    }
    Ok(match text {
        Cow::Borrowed(text) => payload.slice_ref(text.as_bytes()),
        Cow::Owned(text) => text.into(),
    })
}

/// As the host judges it: `HttpRequestExtensions.IsMediaTypeOctetOrMultipart`.
fn is_base64(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], |kind| kind.as_bytes());
    let essence = kind.split(|byte| *byte == b';').next();
    let essence = essence.unwrap_or_default().trim_ascii();
    let multipart = b"multipart/";
    let start = essence.get(..multipart.len()).unwrap_or_default();
    essence.eq_ignore_ascii_case(b"application/octet-stream")
        || start.eq_ignore_ascii_case(multipart)
}

/// The host puts U+FFFD where bytes are no UTF-8. A client may have sent one too, but then the
/// length is that which it stated.
fn is_mangled(text: &str, headers: &HeaderMap) -> bool {
    let stated = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let stated: Option<usize> = stated.and_then(|text| text.parse().ok());
    stated.is_some_and(|stated| stated != text.len()) && text.contains('\u{fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: Option<&str>, headers: &[(&'static str, &str)]) -> Result<Bytes, u16> {
        let headers = { headers.iter() }
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect();
        let body = text.map(|text| Cow::Owned(text.to_owned()));
        decode(&Bytes::new(), body, &headers).map_err(|refused| match refused {
            Refused::Request(error) => error.status().as_u16(),
            Refused::Invocation(_) => 0,
        })
    }

    #[test]
    fn bytes_are_base64_for_two_types_and_text_for_all_others() {
        // trap 17
        for kind in [
            "application/octet-stream",
            "Multipart/form-data; boundary=x",
        ] {
            assert_eq!(
                of(Some("AP8="), &[("content-type", kind)]).unwrap(),
                &b"\0\xff"[..]
            );
        }
        for kind in ["image/png", "application/octet-streaming"] {
            assert_eq!(of(Some("AP8="), &[("content-type", kind)]).unwrap(), "AP8=");
        }
        assert_eq!(of(Some("AP8="), &[]).unwrap(), "AP8=");
        assert_eq!(of(None, &[]).unwrap(), "");
    }

    #[test]
    fn a_body_that_the_host_has_dropped_is_a_411() {
        // trap 18
        assert_eq!(of(None, &[("transfer-encoding", "chunked")]), Err(411));
    }

    #[test]
    fn a_body_that_the_host_has_changed_is_a_415() {
        let png = [("content-type", "image/png"), ("content-length", "4")];
        assert_eq!(of(Some("\u{fffd}PNG"), &png), Err(415));
        let own = [("content-type", "text/plain"), ("content-length", "6")];
        assert_eq!(of(Some("\u{fffd}PNG"), &own).unwrap(), "\u{fffd}PNG");
    }
}

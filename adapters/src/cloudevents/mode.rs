use isobar_core::{HeaderMap, StatusCode};

use super::Malformed;

/// How a request carries events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// One, its attributes in headers.
    Binary,
    /// One, as a JSON document.
    Structured,
    /// Several, as a JSON list.
    Batch,
}

const REQUIRED: [&str; 4] = ["ce-specversion", "ce-id", "ce-source", "ce-type"];

impl Mode {
    /// Tells the mode by the headers; `None` if it is no CloudEvent.
    ///
    /// # Errors
    ///
    /// When the media type is one of CloudEvents in a format other than JSON.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, Malformed> {
        let media_type = headers.get("content-type").and_then(|v| v.to_str().ok());
        let essence = media_type.and_then(|text| text.split(';').next());
        let essence = essence.unwrap_or_default().trim().to_ascii_lowercase();
        // The batch's begins with the other's.
        if let Some(format) = essence.strip_prefix("application/cloudevents-batch") {
            return json(format, Self::Batch);
        }
        if let Some(format) = essence.strip_prefix("application/cloudevents") {
            return json(format, Self::Structured);
        }
        let is_binary = REQUIRED.iter().all(|name| headers.contains_key(*name));
        Ok(is_binary.then_some(Self::Binary))
    }
}

fn json(format: &str, mode: Mode) -> Result<Option<Mode>, Malformed> {
    if matches!(format, "" | "+json") {
        return Ok(Some(mode));
    }
    let problem = format!("the format {format:?} is not understood; send JSON");
    Err(Malformed::new("CloudEvent", "content-type", problem)
        .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

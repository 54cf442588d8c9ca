//! Answers of the Runtime API, each in one write.

use std::fmt::Write;

use serde_json::json;

/// A whole answer, ready to be written.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    head: String,
    raw_headers: Vec<u8>,
    body: Vec<u8>,
}

impl Reply {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
        Self {
            head,
            raw_headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(super) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, body.to_string()).header("Content-Type", "application/json")
    }

    /// 202, as every accepted post is answered.
    pub(super) fn accepted() -> Self {
        Self::json(202, &json!({"status": "OK"}))
    }

    /// An error in AWS's form.
    pub(super) fn error(status: u16, kind: &str, message: &str) -> Self {
        Self::json(status, &json!({"errorMessage": message, "errorType": kind}))
    }

    pub(super) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.raw_headers.extend_from_slice(name.as_bytes());
        self.raw_headers.extend_from_slice(b": ");
        self.raw_headers.extend_from_slice(value.as_ref());
        self.raw_headers.extend_from_slice(b"\r\n");
        self
    }

    /// The bytes on the wire, without a body the length too.
    pub(super) fn bytes(mut self) -> Vec<u8> {
        if !self.head.contains(" 204 ") {
            let length = self.body.len();
            // writing to a String does not fail
            let _written = write!(self.head, "Content-Length: {length}\r\n");
        }
        let mut bytes = self.head.into_bytes();
        bytes.append(&mut self.raw_headers);
        bytes.extend_from_slice(b"\r\n");
        bytes.append(&mut self.body);
        bytes
    }
}

fn reason(status: u16) -> &'static str {
    let status = http::StatusCode::from_u16(status).ok();
    status
        .and_then(|s| s.canonical_reason())
        .unwrap_or("Unknown")
}

/// Any failure that a test asks for, by the names that AWS gives it.
pub(super) fn failure(status: u16) -> Reply {
    let (kind, message) = match status {
        400 => ("InvalidRequestID", "Invalid request ID"),
        403 => ("InvalidStateTransition", "State transition is not allowed"),
        410 => ("InvokeTimeout", "Invoke timeout"),
        413 => (
            "RequestEntityTooLarge",
            "Exceeded maximum allowed payload size (6291556 bytes).",
        ),
        _ => ("InternalServerError", "Internal Server Error"),
    };
    Reply::error(status, kind, message)
}

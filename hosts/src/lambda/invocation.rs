//! What is delivered: an event, and what the Runtime API says beside it.

use std::time::Duration;

use bytes::Bytes;

use crate::ids;

/// One invocation: an event and its headers.
#[derive(Debug, Clone)]
pub struct Invocation {
    pub(super) event: Bytes,
    pub(super) request_id: String,
    pub(super) timeout: Option<Duration>,
    pub(super) deadline: Deadline,
    pub(super) headers: Vec<(&'static str, Option<Vec<u8>>)>,
}

/// The deadline that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// The true one.
    True,
    /// A millisecond of 1970 (cargo-lambda says `600000` always).
    Constant(u64),
    /// None: the header is missing.
    Missing,
}

impl Invocation {
    /// An invocation with this event, a fresh id, and the headers that AWS always sends.
    pub fn new(event: impl Into<Bytes>) -> Self {
        Self {
            event: event.into(),
            request_id: ids::uuid(),
            timeout: None,
            deadline: Deadline::True,
            headers: Vec::new(),
        }
        .header(super::api::INVOCATION_ID, ids::uuid())
        .header(super::api::TRACE_ID, trace())
    }

    /// Sets the request id, `Lambda-Runtime-Aws-Request-Id`.
    #[must_use]
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.request_id = id.into();
        self
    }

    /// Sets how long it may take; it is the function's timeout otherwise.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Tells another deadline than the true one.
    #[must_use]
    pub fn deadline(mut self, deadline: Deadline) -> Self {
        self.deadline = deadline;
        self
    }

    /// Sets `Lambda-Runtime-Trace-Id`.
    #[must_use]
    pub fn trace_id(self, trace: impl Into<Vec<u8>>) -> Self {
        self.header(super::api::TRACE_ID, trace)
    }

    /// Sets `Lambda-Runtime-Client-Context`: any caller may send anything here.
    #[must_use]
    pub fn client_context(self, context: impl Into<Vec<u8>>) -> Self {
        self.header("Lambda-Runtime-Client-Context", context)
    }

    /// Sets `Lambda-Runtime-Cognito-Identity`.
    #[must_use]
    pub fn cognito_identity(self, identity: impl Into<Vec<u8>>) -> Self {
        self.header("Lambda-Runtime-Cognito-Identity", identity)
    }

    /// Sets `Lambda-Runtime-Aws-Tenant-Id`.
    #[must_use]
    pub fn tenant_id(self, tenant: impl Into<Vec<u8>>) -> Self {
        self.header("Lambda-Runtime-Aws-Tenant-Id", tenant)
    }

    /// Sets any header of the delivery, byte for byte.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.set(name, Some(value.into()));
        self
    }

    /// Leaves a header out of the delivery.
    #[must_use]
    pub fn without(mut self, name: &'static str) -> Self {
        self.set(name, None);
        self
    }

    fn set(&mut self, name: &'static str, value: Option<Vec<u8>>) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name, value));
    }

    /// The value that is sent under a name, `None` where it is not set or left out.
    pub(super) fn value(&self, name: &str) -> Option<&[u8]> {
        let mut of = self.headers.iter();
        let (_, value) = of.find(|(n, _)| n.eq_ignore_ascii_case(name))?;
        value.as_deref()
    }

    /// Whether a header is set or left out here.
    pub(super) fn decides(&self, name: &str) -> bool {
        self.headers
            .iter()
            .any(|(n, _)| n.eq_ignore_ascii_case(name))
    }
}

/// A trace header as X-Ray writes it, sampled.
fn trace() -> String {
    let (time, id, more) = (ids::now().as_secs(), ids::random(), ids::random());
    let (low, parent) = (more & 0xffff_ffff, ids::random());
    format!("Root=1-{time:08x}-{id:016x}{low:08x};Parent={parent:016x};Sampled=1")
}

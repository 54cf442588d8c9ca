//! What all hosts that serve HTTP have in common.

use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};

use crate::{Body, Error, Program};

/// The way of an HTTP request through a host: in at its front, to the program, and back.
///
/// What `send` gives is what the client of that cloud would have got, the host's own answers
/// (a 502 for a malformed one, a 504 for a late one) included. An [`Error`] means that there was
/// no answer at all.
#[async_trait]
pub trait Front: Send + Sync + std::fmt::Debug {
    /// The host's name, such as `lambda-url` or `cloud-run`.
    fn name(&self) -> &str;

    /// What the host can do.
    fn capabilities(&self) -> Capabilities;

    /// Sends a client's request through the host.
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error>;
}

/// A host with a program behind it. Dropping it kills the program.
#[derive(Debug)]
pub struct Started<F: ?Sized = dyn Front> {
    /// The way in.
    pub front: Arc<F>,
    /// The program that was started.
    pub program: Arc<Program>,
}

impl<F: Front + 'static> Started<F> {
    /// Forgets which host it is, so that one suite can run over all.
    pub fn any(self) -> Started {
        Started {
            front: self.front,
            program: self.program,
        }
    }
}

/// Whether a host can do something, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Able {
    /// It can.
    Yes,
    /// It cannot, for this reason.
    No(&'static str),
}

impl Able {
    /// Whether it can.
    pub const fn yes(self) -> bool {
        matches!(self, Self::Yes)
    }

    /// Why not.
    pub const fn reason(self) -> Option<&'static str> {
        match self {
            Self::Yes => None,
            Self::No(reason) => Some(reason),
        }
    }
}

/// The longest body that a host carries, and what limits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// In bytes; `None` where there is no limit.
    pub bytes: Option<u64>,
    /// What limits it, empty where nothing does.
    pub reason: &'static str,
}

impl Limit {
    /// No limit.
    pub const NONE: Self = Self {
        bytes: None,
        reason: "",
    };

    /// A limit, and its reason.
    pub const fn bytes(bytes: u64, reason: &'static str) -> Self {
        let bytes = Some(bytes);
        Self { bytes, reason }
    }
}

/// What a host can do itself, whatever the program behind it: a suite asserts the documented
/// fallback where it says no, and the portability table is made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// A request's body reaches the program while it is being sent.
    pub streams_requests: Able,
    /// An answer's body reaches the client while it is being made.
    pub streams_responses: Able,
    /// The longest request body.
    pub request_limit: Limit,
    /// The longest answer body.
    pub response_limit: Limit,
    /// Request bodies of any bytes arrive unchanged.
    pub binary_requests: Able,
    /// Answer bodies of any bytes arrive unchanged.
    pub binary_responses: Able,
    /// A request header that is sent twice arrives as two values.
    pub repeated_request_headers: Able,
    /// An answer header that is set twice arrives as two values.
    pub repeated_response_headers: Able,
    /// An answer can set several cookies.
    pub several_cookies: Able,
    /// `Content-Encoding` and its kin of a request arrive.
    pub request_content_headers: Able,
    /// A client's `traceparent` arrives, its trace id at least.
    pub traceparent: Able,
    /// The query arrives byte for byte.
    pub raw_query: Able,
    /// The path arrives byte for byte.
    pub raw_path: Able,
    /// An answer 3xx reaches the client.
    pub passes_redirects: Able,
    /// An answer 4xx or 5xx reaches the client with its headers and body.
    pub passes_errors: Able,
    /// A connection can be upgraded to a WebSocket.
    pub websocket: Able,
    /// The program can be spoken to by HTTP/2, with trailers.
    pub http2: Able,
}

impl Capabilities {
    /// All that plain HTTP/1.1 can do: each host takes away from it.
    pub const PLAIN: Self = Self {
        streams_requests: Able::Yes,
        streams_responses: Able::Yes,
        request_limit: Limit::NONE,
        response_limit: Limit::NONE,
        binary_requests: Able::Yes,
        binary_responses: Able::Yes,
        repeated_request_headers: Able::Yes,
        repeated_response_headers: Able::Yes,
        several_cookies: Able::Yes,
        request_content_headers: Able::Yes,
        traceparent: Able::Yes,
        raw_query: Able::Yes,
        raw_path: Able::Yes,
        passes_redirects: Able::Yes,
        passes_errors: Able::Yes,
        websocket: Able::Yes,
        http2: Able::Yes,
    };

    /// Every yes or no, under the name that a table gives it.
    pub fn rows(&self) -> [(&'static str, Able); 15] {
        [
            ("streams requests", self.streams_requests),
            ("streams responses", self.streams_responses),
            ("binary requests", self.binary_requests),
            ("binary responses", self.binary_responses),
            ("repeated request headers", self.repeated_request_headers),
            ("repeated response headers", self.repeated_response_headers),
            ("several cookies", self.several_cookies),
            ("request content headers", self.request_content_headers),
            ("traceparent", self.traceparent),
            ("raw query", self.raw_query),
            ("raw path", self.raw_path),
            ("redirects", self.passes_redirects),
            ("error answers", self.passes_errors),
            ("WebSockets", self.websocket),
            ("HTTP/2", self.http2),
        ]
    }

    /// The longest bodies, of a request and of an answer.
    pub fn limits(&self) -> [(&'static str, Limit); 2] {
        [
            ("request body", self.request_limit),
            ("response body", self.response_limit),
        ]
    }
}

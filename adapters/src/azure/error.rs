//! Why what the host sent is no request.

use http::StatusCode;
use isobar_core::Error;

/// Remedy of all that only invocation JSON cannot carry.
pub(super) const REMEDY: &str = "set customHandler.enableProxyingHttpRequest in host.json, on a function whose bindings are one \
     httpTrigger and one http output";

/// An invocation that is no request; who is told depends on whose fault it is.
#[derive(Debug)]
pub(super) enum Refused {
    /// The client's: the answer is one like any other, and the invocation succeeds.
    Request(Error),
    /// The host's, or a program's that takes itself for it: the invocation fails.
    Invocation(Error),
}

impl Refused {
    /// What should be an invocation, and is none.
    pub(super) fn malformed(error: serde_json::Error) -> Self {
        let detail = format!("this is no invocation of an HTTP function: {error}");
        Self::Invocation(Error::new(StatusCode::BAD_REQUEST, detail).with_source(error))
    }

    /// A request that HTTP does not know.
    pub(super) fn illegal(what: &'static str) -> Self {
        Self::Request(Error::new(StatusCode::BAD_REQUEST, what))
    }

    /// The host leaves out the body of a request without a length.
    pub(super) fn chunked() -> Self {
        let detail = format!(
            "the Functions host drops a body without a Content-Length in this mode: send one, or {REMEDY}"
        );
        Self::Request(Error::new(StatusCode::LENGTH_REQUIRED, detail))
    }

    /// The host decodes most bodies as UTF-8, and what is none it changes.
    pub(super) fn mangled() -> Self {
        let detail = format!(
            "the Functions host changed the body, which is no UTF-8 text: send it as \
             application/octet-stream, or {REMEDY}"
        );
        Self::Request(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
    }

    pub(super) fn too_long(limit: u64) -> Self {
        let detail = format!("the request's body is over the limit of {limit} bytes");
        Self::Request(Error::new(StatusCode::PAYLOAD_TOO_LARGE, detail))
    }
}

/// Why a response cannot go into invocation JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotCarried {
    #[error("a body that is not UTF-8")]
    Body,
    #[error("more than one set-cookie")]
    Cookies,
    #[error("a header that is not ASCII")]
    Header,
}

impl NotCarried {
    /// Tells the client and the log what the way is to blame for, and what to do.
    pub(super) fn error(self) -> Error {
        let detail = format!("the Functions host cannot carry {self} in this mode: {REMEDY}");
        Error::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }
}

/// What the app's files do not let expect.
pub(super) fn unknown() -> Error {
    let detail = "the app has no function of this name: no folder of it with a function.json lies \
                  beside host.json, and the request is none that host.json lets the host forward or proxy";
    Error::new(StatusCode::NOT_FOUND, detail)
}

use axum_core::body::Body;
use http::request::Parts;

use crate::{Context, Event};

/// An HTTP request as the client sent it, whatever the host; its [`Context`] is in the extensions.
pub type Request = http::Request<Body>;

/// An HTTP response as the client will get it, whatever the host.
pub type Response = http::Response<Body>;

/// Reads what Isobar adds to a request: its context and, for an event, the event.
///
/// Implemented for [`Request`] and for [`http::request::Parts`]. In axum handlers the same two
/// are extractors: [`Context`] and [`Event`].
///
/// # Example: the request id in a plain handler
///
/// ```
/// use isobar_core::{Request, RequestExt};
///
/// async fn whoami(request: Request) -> String {
///     request.context().request_id().to_owned()
/// }
/// ```
pub trait RequestExt: sealed::Sealed {
    /// Returns the context of this invocation.
    ///
    /// A request that no host delivered (one made in a test) has the context of a local host
    /// with nothing known, so this neither panics nor makes you unwrap.
    fn context(&self) -> &Context;

    /// Returns the event that this request stands for, `None` for an HTTP request.
    ///
    /// Only a host can set it: headers that merely look like those of CloudEvents change nothing.
    fn event(&self) -> Option<&Event>;
}

/// The mark of an event that a host delivered; private, so that nothing else can set it.
#[derive(Clone, Debug)]
pub(crate) struct Delivered(pub(crate) Event);

impl<B> RequestExt for http::Request<B> {
    fn context(&self) -> &Context {
        context_of(self.extensions())
    }

    fn event(&self) -> Option<&Event> {
        event_of(self.extensions())
    }
}

impl RequestExt for Parts {
    fn context(&self) -> &Context {
        context_of(&self.extensions)
    }

    fn event(&self) -> Option<&Event> {
        event_of(&self.extensions)
    }
}

fn context_of(extensions: &http::Extensions) -> &Context {
    extensions.get().unwrap_or_else(|| Context::detached())
}

fn event_of(extensions: &http::Extensions) -> Option<&Event> {
    extensions.get::<Delivered>().map(|delivered| &delivered.0)
}

mod sealed {
    #[expect(unnameable_types, reason = "only we implement it")]
    pub trait Sealed {}
    impl<B> Sealed for http::Request<B> {}
    impl Sealed for http::request::Parts {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_no_host_delivered_has_a_context() {
        let request = Request::new(Body::empty());
        assert_eq!(request.context().provider(), crate::Provider::Local);
        assert!(request.event().is_none());
    }

    #[test]
    fn event_headers_alone_make_no_event() {
        let request = http::Request::builder()
            .header("ce-specversion", "1.0")
            .header("ce-id", "1")
            .header("ce-source", "/x")
            .header("ce-type", "t")
            .body(Body::empty())
            .unwrap();
        assert!(request.event().is_none());
    }
}

//! The portable types of Isobar: what one handler sees on every cloud.
//!
//! This crate holds everything that has a meaning independent of a host: the [`Handler`] trait,
//! [`Request`] and [`Response`], the [`Context`] of an invocation, [`Error`], the portable
//! [`Event`] and the [`App`] that joins HTTP and events. The [`Dispatcher`] gives each semantic
//! (deadline, panic, acknowledgement) its one home, so that an adapter only translates.
//!
//! Users depend on the `isobar` crate, which re-exports all of this and adds the hosts. Depend on
//! `isobar-core` alone to write a host of your own.
//!
//! # What is not here
//!
//! No provider, no server, no runtime, no I/O and no environment variable: those live in
//! `isobar`. No router: [`axum::Router`] is a [`Handler`]. No middleware system: tower layers
//! wrap a handler by [`into_service`] and [`service`].
//!
//! # Example: a handler, called as a host calls it
//!
//! ```
//! use isobar_core::{Body, Context, Dispatcher, Request, RequestExt};
//!
//! async fn hello(request: Request) -> String {
//!     format!("Hello from {}", request.uri().path())
//! }
//!
//! # async fn demo() {
//! let dispatcher = Dispatcher::new(hello);
//! let request = Request::new(Body::empty());
//! let response = dispatcher.respond(&Context::default(), request, std::future::pending()).await;
//! assert_eq!(response.status(), 200);
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]

mod app;
mod context;
mod dispatch;
mod error;
mod event;
mod handler;
mod request;
mod routes;
mod service;

pub use app::{App, Arguments, EventHandler, IntoReply, Layered, Output, Outputs, Reply};
pub use async_trait::async_trait;
pub use axum::Json;
pub use axum_core::body::Body;
pub use axum_core::response::IntoResponse;
pub use bytes::Bytes;
pub use context::{
    Context, ContextBuilder, Function, Identity, Instrumented, OnDemand, Provider, TraceContext,
};
pub use dispatch::{Batch, Content, Dispatcher, Interrupted, Order, Outcome, Refusal, log_panic};
pub use error::{BoxError, DecodeError, Error, add_request_id, chain};
pub use event::{
    Change, ChangeParts, Event, EventBuilder, FromData, Invoke, Kind, Message, MessageParts,
    Object, ObjectParts, Operation, Raw, Schedule, ScheduleParts,
};
pub use handler::{Answer, Handler};
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
pub use request::{Request, RequestExt, Response};
pub use routes::{EventRoute, Routes};
pub use service::{FromService, IntoService, into_service, service};

/// Text whose clone costs a reference count: a slice of the payload it came in.
pub type Text = bytestring::ByteString;

/// A result whose error is [`Error`]; every other error becomes one by `?`.
pub type Result<T, E = Error> = std::result::Result<T, E>;

#[cfg(test)]
mod tests {
    fn is_send_and_sync<T: Send + Sync>() {}

    #[test]
    fn every_public_type_can_cross_threads() {
        is_send_and_sync::<crate::App>();
        is_send_and_sync::<crate::Context>();
        is_send_and_sync::<crate::ContextBuilder>();
        is_send_and_sync::<crate::DecodeError>();
        is_send_and_sync::<crate::Dispatcher>();
        is_send_and_sync::<crate::Error>();
        is_send_and_sync::<crate::Event>();
        is_send_and_sync::<crate::EventBuilder>();
        is_send_and_sync::<crate::Message>();
        is_send_and_sync::<crate::Change>();
        is_send_and_sync::<crate::Outcome>();
        is_send_and_sync::<crate::Reply>();
        is_send_and_sync::<crate::Routes>();
        is_send_and_sync::<crate::TraceContext>();
    }
}

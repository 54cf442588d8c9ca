//! CloudEvents over HTTP, in all three modes, and the endpoint that takes them.
//!
//! The hosts that get CloudEvents share it. It decodes what the specification asks for and most
//! senders do not do (percent-encoded and quoted values), which the `cloudevents-sdk` crate leaves
//! undone, as it does batches. Sources, all of <https://github.com/cloudevents/spec>:
//! `cloudevents/bindings/http-protocol-binding.md`, `cloudevents/formats/json-format.md`,
//! `cloudevents/http-webhook.md`.

pub(crate) mod answer;
pub(crate) mod base64;
mod binary;
#[cfg(any(test, all(feature = "translate", feature = "gcp")))]
mod encode;
pub(crate) mod endpoint;
mod error;
#[cfg_attr(
    not(feature = "gcp"),
    expect(dead_code, reason = "local asks for less")
)]
pub(crate) mod event;
mod handshake;
mod header;
#[cfg_attr(
    not(feature = "gcp"),
    expect(dead_code, reason = "local asks for less")
)]
pub(crate) mod json;
mod mode;
mod payload;
mod receive;
mod structured;
#[cfg(test)]
mod tests;
pub(crate) mod time;

pub(crate) use binary::{binary, missing};
#[cfg(any(test, all(feature = "translate", feature = "gcp")))]
pub(crate) use encode::{encode_batch, encode_binary, encode_structured};
pub(crate) use endpoint::Endpoint;
pub(crate) use error::Malformed;
pub(crate) use event::CloudEvent;
pub(crate) use mode::Mode;
pub(crate) use payload::Payload;
pub(crate) use receive::{Delivery, answered, refused, settle, take};
pub(crate) use structured::{batch, structured};

//! CloudEvents over HTTP, in all three modes, and the endpoint that takes them.
//!
//! The hosts that get CloudEvents share it. It decodes what the specification asks for and most
//! senders do not do (percent-encoded and quoted values), which the `cloudevents-sdk` crate leaves
//! undone, as it does batches. Sources, all of <https://github.com/cloudevents/spec>:
//! `cloudevents/bindings/http-protocol-binding.md`, `cloudevents/formats/json-format.md`,
//! `cloudevents/http-webhook.md`.

pub(crate) mod answer;
mod base64;
mod binary;
#[cfg(any(test, feature = "translate"))]
mod encode;
pub(crate) mod endpoint;
mod error;
mod event;
mod handshake;
mod header;
pub(crate) mod json;
mod mode;
mod payload;
mod receive;
mod structured;
#[cfg(test)]
mod tests;
pub(crate) mod time;

pub(crate) use base64::decode as from_base64;
pub(crate) use binary::{binary, missing};
#[cfg(any(test, feature = "translate"))]
pub(crate) use encode::{encode_batch, encode_binary, encode_structured};
pub(crate) use endpoint::Endpoint;
pub(crate) use error::Malformed;
pub(crate) use event::{CloudEvent, last_segment};
pub(crate) use mode::Mode;
pub(crate) use payload::Payload;
pub(crate) use receive::{Delivery, refused, take};
pub(crate) use structured::{batch, structured};

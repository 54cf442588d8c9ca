//! The form of before CloudEvents, in which background functions got their events: to CloudEvents,
//! and for functions of the signature type `event` back.
//!
//! Source: `docs/mapping.md` of
//! <https://github.com/GoogleCloudPlatform/functions-framework-conformance>. Where it differs from
//! the Functions Frameworks and from its own fixtures (the service of a Realtime Database), the
//! fixtures are followed.

mod back;
mod forward;
mod place;
mod table;
mod write;

pub(super) use back::of_cloud_event;
pub(super) use forward::to_cloud_event;

const TRIGGER: &str = "background event";

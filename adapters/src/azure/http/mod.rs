//! HTTP requests: a file a way in which they arrive, and what the ways share.

mod answer;
mod body;
mod dates;
mod forwarded;
mod headers;
mod identities;
mod incoming;
mod invocation;
mod keys;
mod original;
mod ping;
mod plain;
mod prefix;
mod proxied;
mod target;
mod trigger;
mod way;

pub(super) use crate::serve::whole;
pub(super) use answer::encode;
pub(super) use dates::is_date;
pub(super) use headers::{WANTED, invocation_id};
pub(super) use incoming::{Incoming, Rules};
pub(super) use way::Way;
pub(super) use {forwarded::forwarded, invocation::invocation, proxied::proxied};

//! Not part of the API: what is sent to the events path, for fuzzers.

use isobar_core::{Bytes, Error, Event, HeaderMap};

use super::event::{Rules, decode as events};
use crate::config::Environment;

/// Reads events; `rest` is what stands behind the events path.
///
/// # Errors
///
/// When they are malformed, or nothing that is known.
pub fn decode(headers: &HeaderMap, rest: &str, body: &Bytes) -> Result<Vec<Event>, Error> {
    let rules = Rules::new(&Environment::default())?;
    let delivery = events(&rules, headers, rest, body).map_err(|malformed| malformed.to_error())?;
    Ok(delivery.open().0.events)
}

//! The inspector within a program: it records what passes the seams, and shows it on this machine.
//!
//! On the developer's own machine the program serves the page itself. Where `cargo isobar dev` plays a
//! host, it is told by `ISOBAR_INSPECT`; on any other host nothing is recorded.

#[cfg(feature = "serve")]
mod own;
#[cfg(feature = "serve")]
mod page;
mod settings;

use std::net::SocketAddr;

use isobar_core::Function;
use isobar_inspector::{Store, mirror};

use crate::config::Environment;
use settings::Told;

pub(crate) use isobar_inspector::recorder::{
    answer, arrived, arriving, events, invocation, invoked, is_on, logged, outcomes, request,
    through, told, told_more,
};
#[cfg(feature = "serve")]
pub(crate) use page::{Page, served, wanted};

/// Names and values, as a host sends them beside an event.
pub(crate) type Noted = Vec<(String, String)>;

/// Notes the headers that come beside an event.
#[cfg(feature = "aws")]
pub(crate) fn note<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Noted {
    let pair = |(name, value): (&str, &[u8])| {
        let value = String::from_utf8_lossy(value).into_owned();
        (name.to_ascii_lowercase(), value)
    };
    fields.map(pair).collect()
}

/// Begins to record, where somebody looks: a `dev` that says so.
pub(crate) fn serves(environment: &Environment, function: &Function) {
    isobar_inspector::recorder::serves(function.provider().as_str());
    match settings::read(environment) {
        Ok(Some(Told::To { address, word })) => tell(address, &word),
        Ok(_) => {}
        Err(wrong) => tracing::error!("nothing is recorded: {wrong}"),
    }
}

fn tell(address: SocketAddr, word: &str) {
    let store = Store::default();
    match mirror::tell(store.clone(), address, word) {
        Ok(()) => isobar_inspector::recorder::record_into(store),
        Err(error) => tracing::error!("nothing is recorded: nobody listens at {address}: {error}"),
    }
}

//! From a payload to what it brings: a request, or events.

use std::borrow::Cow;

use bytestring::ByteString;
use isobar_core::Error;

use super::context::Call;
use super::event::{self, Delivery, Malformed};
use super::http::event::Event;
use super::http::{self, Door, Misfit};
use super::json::{Read as _, why};
use super::settings::Settings;
use crate::json::{Malformed as NoJson, Reader};

/// What a payload brings.
#[derive(Debug)]
pub(super) enum Incoming {
    Request(Box<http::Incoming>),
    Events(Delivery),
}

/// Why a payload brings nothing.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is nothing that is taken; the text names what it is.
    Foreign(Cow<'static, str>),
    /// It is of a source of events, but cannot be read.
    Event(Malformed),
    /// It is of a request that cannot be: the client hears of it.
    Request(Door, Error),
}

/// Reads a payload: one pass tells what it is.
pub(super) fn decode(
    payload: &ByteString,
    settings: &Settings,
    call: &Call,
) -> Result<Incoming, Refused> {
    if let Some(delivery) = event::decode_at_once(payload, &settings.events) {
        return Ok(Incoming::Events(delivery));
    }
    let mut signs = Event::default();
    Reader::whole(payload, |event| signs.read(event)).map_err(|NoJson| not_json(payload))?;
    match http::shape(&signs) {
        Ok(shape) => match http::read(payload, signs, shape, &settings.http) {
            Ok(incoming) => Ok(Incoming::Request(Box::new(incoming))),
            Err((door, error)) => Err(Refused::Request(door, error)),
        },
        Err(Misfit::Never(what)) => Err(Refused::Foreign(what)),
        Err(Misfit::NoHttp) => event::decode(payload, &signs, &settings.events, call)
            .map(Incoming::Events)
            .map_err(|refused| match refused {
                event::Refused::Foreign(what) => Refused::Foreign(what),
                event::Refused::Malformed(malformed) => Refused::Event(malformed),
            }),
    }
}

fn not_json(payload: &str) -> Refused {
    Refused::Foreign(format!("no JSON ({})", why(payload)).into())
}

//! One invocation of a function by an event: its parts, before any trigger's own meaning.

use isobar_core::{Bytes, Error, Event, EventBuilder, HeaderMap, StatusCode, Text};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::metadata::Metadata;
use super::value::{Json, Members, slice};
use crate::azure::app::Function;
use crate::azure::http::invocation_id;
use crate::names::Names;

/// What the host posts, as far as it matters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'p> {
    #[serde(borrow)]
    data: Members<'p>,
    metadata: Option<Members<'p>>,
}

/// An invocation: the trigger's value, and what the host says of it.
pub(super) struct Delivery<'d> {
    pub(super) function: &'d Function,
    /// The logical name of the source.
    pub(super) name: Text,
    /// The function's, which is the host's own name of the source.
    pub(super) source_name: Text,
    /// The host's id of the invocation; another one each time that an event is delivered.
    pub(super) id: Text,
    pub(super) payload: Text,
    pub(super) value: Json,
    pub(super) metadata: Metadata,
}

impl<'d> Delivery<'d> {
    /// Reads what the host posts, in one pass.
    pub(super) fn read(
        function: &'d Function,
        names: &Names,
        posted: &HeaderMap,
        payload: &Bytes,
    ) -> Result<Self, Error> {
        let wrong = |problem: &dyn std::fmt::Display| malformed(function, "the body", problem);
        let payload = Text::try_from(payload.clone()).map_err(|error| wrong(&error))?;
        let Envelope { data, metadata } =
            serde_json::from_str(&payload).map_err(|error| wrong(&error))?;
        let wanted = function.trigger.name.as_deref();
        let value = { data.0.iter() }
            .find(|(name, _)| wanted.is_none_or(|wanted| wanted == name))
            .map(|(_, value)| Json::within(&payload, value))
            .ok_or_else(|| {
                let problem = "it is missing, though function.json names the trigger so";
                malformed(function, &field(function), &problem)
            })?;
        let own =
            |(name, value): (_, &RawValue)| (slice(&payload, name), Json::within(&payload, value));
        let members = metadata.map(|metadata| metadata.0.into_iter().map(own).collect());
        let source_name = Text::from(&*function.name);
        Ok(Self {
            function,
            name: names.logical(&source_name),
            source_name,
            id: invocation_id(posted).unwrap_or_default(),
            value,
            metadata: Metadata::new(members.unwrap_or_default()),
            payload,
        })
    }

    /// Begins an event of this source.
    pub(super) fn event(&self, id: Text, ty: impl Into<Text>) -> EventBuilder {
        Event::builder(
            self.name.clone(),
            id,
            self.function.trigger.source.clone(),
            ty,
        )
    }

    /// An id for an event whose source has given it none: another one when it is delivered again.
    pub(super) fn id_of(&self, place: usize) -> Text {
        match place {
            0 => self.id.clone(),
            place => format!("{}/{place}", self.id).into(),
        }
    }

    /// Returns the whole invocation, the native form of an event that came alone.
    pub(super) fn native(&self) -> Bytes {
        self.payload.as_bytes().clone()
    }

    /// The error for a value that is not what this trigger has.
    pub(super) fn wrong(&self, problem: &dyn std::fmt::Display) -> Error {
        malformed(self.function, &field(self.function), problem)
    }
}

fn field(function: &Function) -> String {
    format!(
        "Data.{}",
        function.trigger.name.as_deref().unwrap_or_default()
    )
}

fn malformed(function: &Function, field: &str, problem: &dyn std::fmt::Display) -> Error {
    let detail = format!(
        "the invocation of {} ({}) cannot be read: {field}: {problem}",
        function.name, function.trigger.kind
    );
    Error::new(StatusCode::BAD_REQUEST, detail)
}

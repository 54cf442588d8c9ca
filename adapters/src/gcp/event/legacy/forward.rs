//! Background events as CloudEvents.

use std::borrow::Cow;

use bytes::Bytes;
use isobar_core::Text;

use super::TRIGGER;
use super::place::place;
use super::table::{AUTH, PUBSUB, SERVICES, TYPES};
use super::write::{form, members, renamed, text_member};
use crate::cloudevents::json::{self, Members};
use crate::cloudevents::{CloudEvent, Malformed, Payload};
use crate::gcp::event::Signature;

/// What a background event says of itself, at its root or in its context.
struct Background<'a> {
    id: Cow<'a, str>,
    timestamp: Cow<'a, str>,
    ty: Cow<'a, str>,
    /// As it stands.
    resource: &'a str,
    data: &'a str,
}

impl<'a> Background<'a> {
    fn of(root: &Members<'a>) -> Option<Self> {
        let context = root.object("context").unwrap_or_default();
        let text = |name| context.text(name).or_else(|| root.text(name));
        Some(Self {
            id: text("eventId")?,
            timestamp: text("timestamp")?,
            ty: text("eventType")?,
            resource: context.get("resource").or_else(|| root.get("resource"))?,
            data: root.value("data")?,
        })
    }

    fn resource_object(&self) -> Members<'a> {
        Members::of(self.resource).unwrap_or_default()
    }

    fn resource_name(&self) -> Option<Cow<'a, str>> {
        let plain = json::text(self.resource);
        plain.or_else(|| self.resource_object().text("name"))
    }
}

/// Reads a background event; `None` if it is none.
///
/// # Errors
///
/// When its type is unknown, or it lacks what its conversion needs.
pub(in crate::gcp::event) fn to_cloud_event(
    signature: Signature,
    payload: &Payload,
    root: &Members<'_>,
) -> Result<Option<CloudEvent>, Malformed> {
    let Some(background) = Background::of(root) else {
        return Ok(None);
    };
    let malformed =
        |field: &'static str, problem: &'static str| Malformed::new(TRIGGER, field, problem);
    if background.id.is_empty() {
        return Err(malformed("eventId", "is empty"));
    }
    let ty = { TYPES.iter() }.find(|(before, _)| *before == background.ty);
    let (_, ty) = ty.ok_or_else(|| malformed("eventType", "is not known"))?;
    let name = background.resource_name();
    let name = name.ok_or_else(|| malformed("resource", "has no name"))?;
    let service = { SERVICES.iter() }.find(|(prefix, _)| ty.starts_with(prefix));
    let service = service.map_or("", |(_, service)| service);
    let own = background.resource_object().text("service");
    let place = place(service, &name, root, background.data)?;
    let data = data_of_cloud_event(service, payload, &background)?;
    let native = match signature {
        Signature::Event => background_form(&background),
        _ => data.clone(),
    };
    Ok(Some(CloudEvent {
        id: payload.text(background.id),
        source: format!("//{}/{}", own.as_deref().unwrap_or(service), place.source).into(),
        ty: Text::from_static(ty),
        subject: place.subject.map(Text::from),
        time: Some(payload.text(background.timestamp)),
        data_content_type: Some(Text::from_static("application/json")),
        data: Some(data),
        native,
        ..CloudEvent::default()
    }))
}

fn data_of_cloud_event(
    service: &str,
    payload: &Payload,
    background: &Background<'_>,
) -> Result<Bytes, Malformed> {
    match service {
        PUBSUB => {
            let message = Members::of(background.data)
                .ok_or_else(|| Malformed::new(TRIGGER, "data", "a message is a JSON object"))?;
            let mut out = b"{\"message\":{".to_vec();
            members(&mut out, &message, &["messageId", "publishTime"]);
            text_member(&mut out, "messageId", &background.id);
            text_member(&mut out, "publishTime", &background.timestamp);
            out.extend_from_slice(b"}}");
            Ok(out.into())
        }
        AUTH => Ok(renamed(background.data, |(before, after)| (before, after)).into()),
        _ => Ok(payload.bytes(Cow::Borrowed(background.data))),
    }
}

/// Writes the form of before of an event that came in it: what is promised of it, and no more.
fn background_form(background: &Background<'_>) -> Bytes {
    let (id, time, ty) = (&background.id, &background.timestamp, &background.ty);
    form(
        [id, time, ty],
        background.resource.as_bytes(),
        background.data.as_bytes(),
    )
}

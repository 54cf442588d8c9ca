//! The form of before CloudEvents, in which background functions got their events: to CloudEvents,
//! and for functions of the signature type `event` back.
//!
//! Source: `docs/mapping.md` of
//! <https://github.com/GoogleCloudPlatform/functions-framework-conformance>. Where it differs from
//! the Functions Frameworks and from its own fixtures (the service of a Realtime Database), the
//! fixtures are followed.

use std::borrow::Cow;

use bytes::Bytes;
use isobar_core::Text;

use super::Signature;
use crate::cloudevents::json::{self, Members, push_text};
use crate::cloudevents::{CloudEvent, Malformed, Payload};

const TRIGGER: &str = "background event";

/// The type of before, and that of CloudEvents; the way back takes the first that fits.
const TYPES: [(&str, &str); 19] = [
    (
        "google.pubsub.topic.publish",
        "google.cloud.pubsub.topic.v1.messagePublished",
    ),
    (
        "providers/cloud.pubsub/eventTypes/topic.publish",
        "google.cloud.pubsub.topic.v1.messagePublished",
    ),
    (
        "google.storage.object.finalize",
        "google.cloud.storage.object.v1.finalized",
    ),
    (
        "google.storage.object.delete",
        "google.cloud.storage.object.v1.deleted",
    ),
    (
        "google.storage.object.archive",
        "google.cloud.storage.object.v1.archived",
    ),
    (
        "google.storage.object.metadataUpdate",
        "google.cloud.storage.object.v1.metadataUpdated",
    ),
    (
        "providers/cloud.storage/eventTypes/object.change",
        "google.cloud.storage.object.v1.finalized",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.write",
        "google.cloud.firestore.document.v1.written",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.create",
        "google.cloud.firestore.document.v1.created",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.update",
        "google.cloud.firestore.document.v1.updated",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.delete",
        "google.cloud.firestore.document.v1.deleted",
    ),
    (
        "providers/firebase.auth/eventTypes/user.create",
        "google.firebase.auth.user.v1.created",
    ),
    (
        "providers/firebase.auth/eventTypes/user.delete",
        "google.firebase.auth.user.v1.deleted",
    ),
    (
        "providers/firebase.remoteConfig/remoteconfig.update",
        "google.firebase.remoteconfig.remoteConfig.v1.updated",
    ),
    (
        "providers/google.firebase.analytics/eventTypes/event.log",
        "google.firebase.analytics.log.v1.written",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.create",
        "google.firebase.database.ref.v1.created",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.write",
        "google.firebase.database.ref.v1.written",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.update",
        "google.firebase.database.ref.v1.updated",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.delete",
        "google.firebase.database.ref.v1.deleted",
    ),
];

/// The service of a CloudEvents type, by how that begins.
const SERVICES: [(&str, &str); 7] = [
    ("google.cloud.pubsub.", PUBSUB),
    ("google.cloud.storage.", STORAGE),
    ("google.cloud.firestore.", FIRESTORE),
    ("google.firebase.auth.", AUTH),
    (
        "google.firebase.remoteconfig.",
        "firebaseremoteconfig.googleapis.com",
    ),
    ("google.firebase.analytics.", ANALYTICS),
    ("google.firebase.database.", DATABASE),
];

const PUBSUB: &str = "pubsub.googleapis.com";
const STORAGE: &str = "storage.googleapis.com";
const FIRESTORE: &str = "firestore.googleapis.com";
const AUTH: &str = "firebaseauth.googleapis.com";
const ANALYTICS: &str = "firebaseanalytics.googleapis.com";
const DATABASE: &str = "firebasedatabase.googleapis.com";

/// The names of two times in an Auth user's metadata: before, and in CloudEvents.
const TIMES: [(&str, &str); 2] = [
    ("createdAt", "createTime"),
    ("lastSignedInAt", "lastSignInTime"),
];

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
pub(super) fn to_cloud_event(
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

/// The parts of a resource's name.
#[derive(Debug, Default)]
struct Place {
    source: String,
    subject: Option<String>,
}

impl Place {
    /// Cuts a name at the slash before the first of these segments.
    fn cut(name: &str, at: &str) -> Self {
        match name.find(at).and_then(|place| name.split_at_checked(place)) {
            Some((source, subject)) => Self {
                source: source.to_owned(),
                subject: Some(subject.trim_start_matches('/').to_owned()),
            },
            None => Self {
                source: name.to_owned(),
                subject: None,
            },
        }
    }
}

fn place(service: &str, name: &str, root: &Members<'_>, data: &str) -> Result<Place, Malformed> {
    let data = Members::of(data).unwrap_or_default();
    Ok(match service {
        STORAGE => {
            let mut place = Place::cut(name, "/objects/");
            let generation = data.text("generation");
            place.subject = place
                .subject
                .map(|subject| without(&subject, generation.as_deref()));
            place
        }
        FIRESTORE => Place::cut(name, "/documents/"),
        AUTH => Place {
            source: name.to_owned(),
            subject: data.text("uid").map(|uid| format!("users/{uid}")),
        },
        ANALYTICS => {
            let mut place = Place::cut(name, "/events/");
            let user = data
                .object("userDim")
                .and_then(|user| user.object("appInfo"));
            if let Some(app) = user.and_then(|app| app.text("appId")) {
                place.source = format!("{}/apps/{app}", place.source);
            }
            place
        }
        DATABASE => {
            let location = location(root)?;
            let mut place = Place::cut(name, "/refs/");
            let instances = format!("/locations/{location}/instances/");
            place.source = place.source.replacen("/instances/", &instances, 1);
            place
        }
        _ => Place::cut(name, "\0"),
    })
}

/// Cuts `#generation` off an object's name, which may itself hold a `#`.
fn without(subject: &str, generation: Option<&str>) -> String {
    let cut = subject
        .rsplit_once('#')
        .filter(|(_, end)| match generation {
            Some(generation) => *end == generation,
            None => !end.is_empty() && end.bytes().all(|b| b.is_ascii_digit()),
        });
    cut.map_or(subject, |(name, _)| name).to_owned()
}

/// The location of a Realtime Database, by its domain.
fn location(root: &Members<'_>) -> Result<String, Malformed> {
    let domain = root.get("domain").filter(|domain| domain.starts_with('"'));
    let domain = domain.and_then(json::text);
    let domain = domain.ok_or_else(|| Malformed::new(TRIGGER, "domain", "is missing"))?;
    let first = domain.split('.').next().unwrap_or_default();
    Ok(match &*domain {
        "firebaseio.com" => "us-central1".to_owned(),
        _ => first.to_owned(),
    })
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

/// Writes an Auth user with the times of its metadata renamed.
fn renamed(
    data: &str,
    pair: fn((&'static str, &'static str)) -> (&'static str, &'static str),
) -> Vec<u8> {
    let user = Members::of(data).unwrap_or_default();
    let Some(metadata) = user.object("metadata") else {
        return data.as_bytes().to_vec();
    };
    let mut out = b"{".to_vec();
    members(&mut out, &user, &["metadata"]);
    name(&mut out, "metadata");
    out.push(b'{');
    for (known, value) in metadata.iter() {
        let new = TIMES.into_iter().map(pair).find(|(from, _)| from == known);
        name(&mut out, new.map_or(known, |(_, to)| to));
        out.extend_from_slice(value.as_bytes());
    }
    out.extend_from_slice(b"}}");
    out
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

/// Converts a CloudEvent to the form of before; `None` where that has none.
pub(super) fn of_cloud_event(event: &CloudEvent) -> Option<Bytes> {
    let (ty, _) = TYPES.iter().find(|(_, after)| **after == *event.ty)?;
    let data = event.data.as_deref().filter(|_| event.is_json())?;
    let data = std::str::from_utf8(data).ok()?;
    let (service, name) = event.source.strip_prefix("//")?.split_once('/')?;
    let with_subject = match &event.subject {
        Some(subject) => format!("{name}/{subject}"),
        None => name.to_owned(),
    };
    let mut resource = Vec::new();
    let mut plain = Cow::Borrowed(data.as_bytes());
    match service {
        PUBSUB => {
            let message = Members::of(data)?.object("message")?;
            let mut out = b"{".to_vec();
            members(
                &mut out,
                &message,
                &["messageId", "message_id", "publishTime", "publish_time"],
            );
            out.push(b'}');
            plain = Cow::Owned(out);
            let ty = "type.googleapis.com/google.pubsub.v1.PubsubMessage";
            resource_object(&mut resource, service, name, Some(ty));
        }
        STORAGE => {
            let kind = Members::of(data)?.text("kind");
            resource_object(&mut resource, service, &with_subject, kind.as_deref());
        }
        AUTH => {
            plain = Cow::Owned(renamed(data, |(before, after)| (after, before)));
            push_text(&mut resource, name);
        }
        DATABASE => push_text(&mut resource, &without_location(&with_subject)),
        _ => push_text(&mut resource, &with_subject),
    }
    let time = event.time.as_deref().unwrap_or_default();
    Some(form([&event.id, time, ty], &resource, &plain))
}

fn resource_object(out: &mut Vec<u8>, service: &str, resource: &str, ty: Option<&str>) {
    out.push(b'{');
    text_member(out, "service", service);
    text_member(out, "name", resource);
    if let Some(ty) = ty {
        text_member(out, "type", ty);
    }
    out.push(b'}');
}

fn without_location(name: &str) -> String {
    let Some((project, rest)) = name.split_once("/locations/") else {
        return name.to_owned();
    };
    let rest = rest.split_once('/').map_or("", |(_, rest)| rest);
    format!("{project}/{rest}")
}

fn form([id, timestamp, ty]: [&str; 3], resource: &[u8], data: &[u8]) -> Bytes {
    let mut out = b"{\"context\":{".to_vec();
    text_member(&mut out, "eventId", id);
    text_member(&mut out, "timestamp", timestamp);
    text_member(&mut out, "eventType", ty);
    name(&mut out, "resource");
    out.extend_from_slice(resource);
    out.extend_from_slice(b"},\"data\":");
    out.extend_from_slice(data);
    out.push(b'}');
    out.into()
}

/// Writes the members of an object but some.
fn members(out: &mut Vec<u8>, object: &Members<'_>, but: &[&str]) {
    for (known, value) in object.iter().filter(|(known, _)| !but.contains(&&***known)) {
        name(out, known);
        out.extend_from_slice(value.as_bytes());
    }
}

fn text_member(out: &mut Vec<u8>, key: &str, value: &str) {
    name(out, key);
    push_text(out, value);
}

fn name(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    push_text(out, name);
    out.push(b':');
}

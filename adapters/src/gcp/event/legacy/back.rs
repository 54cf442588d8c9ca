//! CloudEvents as background events.

use std::borrow::Cow;

use bytes::Bytes;

use super::table::{AUTH, DATABASE, PUBSUB, STORAGE, TYPES};
use super::write::{form, members, renamed, text_member};
use crate::cloudevents::CloudEvent;
use crate::cloudevents::json::Members;
use crate::json::push_string;

/// Converts a CloudEvent to the form of before; `None` where that has none.
pub(in crate::gcp::event) fn of_cloud_event(event: &CloudEvent) -> Option<Bytes> {
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
            push_string(&mut resource, name);
        }
        DATABASE => push_string(&mut resource, &without_location(&with_subject)),
        _ => push_string(&mut resource, &with_subject),
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

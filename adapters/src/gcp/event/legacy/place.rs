//! Where an event happened: a resource's name as source and subject.

use super::TRIGGER;
use super::table::{ANALYTICS, AUTH, DATABASE, FIRESTORE, STORAGE};
use crate::cloudevents::Malformed;
use crate::cloudevents::json::{self, Members};

/// The parts of a resource's name.
#[derive(Debug, Default)]
pub(super) struct Place {
    pub(super) source: String,
    pub(super) subject: Option<String>,
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

pub(super) fn place(
    service: &str,
    name: &str,
    root: &Members<'_>,
    data: &str,
) -> Result<Place, Malformed> {
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

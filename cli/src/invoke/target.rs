//! What is sent to which host: its own native events, and to a local server the CloudEvents that
//! they become.

use std::fmt::Write;

use isobar::gcp::translate::{Mode, encode};
use isobar::testing::{Item, Native, Source};
use isobar::{Kind as EventKind, Object, Provider};
use serde_json::json;

use super::sample::{self, Parts};
use super::{event_order, explained};
use crate::dev::Order;
use crate::explain::{Input, Reading, portable_events};
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;
use crate::package::azure;
use crate::project::Project;

/// What is sent, and what it is.
#[derive(Debug)]
pub(crate) struct Sent {
    /// In print.
    pub(crate) title: String,
    /// The portable side; of a request, what came of it tells.
    pub(crate) explained: Option<Reading>,
    /// What dev is to do.
    pub(crate) order: Order,
}

/// A sample of a trigger.
///
/// # Errors
///
/// When dev plays another cloud, or the trigger cannot deliver such a thing.
pub(crate) fn of_sample(
    project: &Project,
    host: &str,
    source: Source,
    parts: &Parts,
) -> Result<Sent> {
    let logical = match &parts.source {
        Some(name) => name.clone(),
        None => wanted_name(project, source.kind()),
    };
    let items = sample::items(source, parts)?;
    of_items(project, host, source, (&logical, items))
}

/// Items of a source of this name.
///
/// # Errors
///
/// When dev plays another cloud, or the trigger cannot deliver such a thing.
pub(super) fn of_items(
    project: &Project,
    host: &str,
    source: Source,
    (logical, items): (&str, Vec<Item>),
) -> Result<Sent> {
    let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.word() == host);
    let own = cloud.map_or(logical, |cloud| {
        own_name(project, source.kind(), logical, cloud)
    });
    let native = sample::native(source, own, items)?;
    let title = format!("{source}: {own}");
    let input = input(&native);
    let is_local = matches!(source.provider(), Provider::Local) || cloud.is_none();
    if is_local {
        if cloud.is_some_and(|cloud| cloud != Cloud::Gcp) {
            return Err(wrong_host(host, source));
        }
        return as_cloud_event(&title, &native, &input);
    }
    if source.provider().to_string() != host {
        return Err(wrong_host(host, source));
    }
    let headers = headers(&native);
    let path = match cloud {
        Some(Cloud::Azure) => format!("/{}", azure::function_name(logical)),
        Some(Cloud::Gcp) if source != Source::TypedFunction => "/events".to_owned(),
        _ => "/".to_owned(),
    };
    Ok(Sent {
        title,
        explained: Some(explained(&input)),
        order: event_order(path, headers, &native.body),
    })
}

/// A native event from a file.
///
/// # Errors
///
/// When Azure's function is not named.
pub(super) fn of_file(host: &str, input: &Input, function: Option<&str>) -> Result<Sent> {
    let reading = explained(input);
    let title = format!("{} {}", reading.host, reading.source);
    let request = crate::explain::http(&input.bytes);
    let (mut path, mut headers, body) = match &request {
        Some(request) => (
            request.uri().to_string(),
            lines(request.headers()),
            request.body().to_vec(),
        ),
        None => ("/events".to_owned(), Vec::new(), input.bytes.clone()),
    };
    if request.is_none() && host != "aws" {
        let structured = reading.source.starts_with("a CloudEvent");
        let kind = if structured {
            "application/cloudevents+json"
        } else {
            "application/json"
        };
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    if host == "azure" {
        let named = function.map(str::to_owned).or_else(|| {
            request
                .as_ref()
                .map(|request| request.uri().path().trim_matches('/').to_owned())
        });
        let named = named.ok_or_else(|| {
            Failure::new(Kind::Usage, "which function of the app is invoked?")
                .help("--function NAME")
        })?;
        path = format!("/{named}");
    }
    Ok(Sent {
        title,
        explained: Some(reading),
        order: event_order(path, headers, &body),
    })
}

/// The events that a native one becomes, as a local server takes them.
fn as_cloud_event(title: &str, native: &Native, input: &Input) -> Result<Sent> {
    let events = portable_events(input);
    let Some(first) = events.first() else {
        return Err(Failure::new(
            Kind::Usage,
            format!("there is no event in {title}"),
        ));
    };
    let mut request = if native.source == Source::CloudEvent {
        let mut request = encode(&events, Mode::Binary);
        *request.headers_mut() = native.headers.clone();
        request
    } else {
        encode(std::slice::from_ref(first), Mode::Binary)
    };
    if let Some(object) = Object::of(first) {
        *request.body_mut() = plain(&object).into();
    }
    let path = match first.kind() {
        EventKind::Other => "/events".to_owned(),
        kind => format!("/events/{kind}/{}", first.name()),
    };
    if events.len() > 1 {
        return Err(
            Failure::new(Kind::Usage, "a local server takes one event at a time")
                .help("give --body once, or dev --as aws"),
        );
    }
    Ok(Sent {
        title: format!("{title}, as a CloudEvent"),
        explained: Some(explained(input)),
        order: event_order(path, lines(request.headers()), request.body()),
    })
}

/// What a local server reads of an object: its own key, whatever the cloud's form of it.
fn plain(object: &Object) -> String {
    let json = json!({
        "key": object.key(), "size": object.size(), "etag": object.etag(),
        "version": object.version(), "deleted": object.is_deleted(),
    });
    json.to_string()
}

fn wrong_host(host: &str, source: Source) -> Failure {
    let cloud = |word: &str| {
        Cloud::ALL
            .into_iter()
            .find(|cloud| cloud.word() == word)
            .map(Cloud::host)
    };
    let own = source.provider().to_string();
    let message = format!(
        "dev plays {}, and {source} is of {}",
        cloud(host).unwrap_or("no cloud"),
        cloud(&own).unwrap_or("this machine"),
    );
    let start = match own.as_str() {
        "local" => "cargo isobar dev".to_owned(),
        own => format!("cargo isobar dev --as {own}"),
    };
    Failure::new(Kind::Usage, message).help(start)
}

/// A native event or request as it came, its target a path.
pub(crate) fn of_native(
    title: String,
    path: &str,
    headers: Vec<(String, String)>,
    body: &[u8],
) -> Sent {
    Sent {
        title,
        explained: None,
        order: event_order(path.to_owned(), headers, body),
    }
}

/// The logical name where nobody says one: the manifest's first, else one for show.
pub(crate) fn wanted_name(project: &Project, kind: EventKind) -> String {
    let manifest = &project.manifest;
    let names: Vec<_> = match kind {
        EventKind::Message => manifest.message.keys().collect(),
        EventKind::Object => manifest.object.keys().collect(),
        EventKind::Schedule => manifest.schedule.keys().collect(),
        EventKind::Change => manifest.change.keys().collect(),
        _ => Vec::new(),
    };
    match names.first() {
        Some(first) => (*first).clone(),
        None => default_name(kind).to_owned(),
    }
}

/// A name for show, where the manifest has none.
pub(super) fn default_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Message => "orders",
        EventKind::Object => "uploads",
        EventKind::Schedule => "nightly",
        EventKind::Change => "records",
        _ => "events",
    }
}

fn own_name<'a>(project: &'a Project, kind: EventKind, logical: &'a str, cloud: Cloud) -> &'a str {
    let manifest = &project.manifest;
    let own = match kind {
        EventKind::Message => manifest
            .message
            .get(logical)
            .map(|t| t.name(logical, cloud)),
        EventKind::Object => manifest.object.get(logical).map(|t| t.name(logical, cloud)),
        EventKind::Change => manifest.change.get(logical).map(|t| t.name(logical, cloud)),
        _ => None,
    };
    own.unwrap_or(logical)
}

/// A native event in the form in which it is explained.
fn input(native: &Native) -> Input {
    if native.source.provider() == Provider::Aws {
        return Input {
            bytes: native.body.to_vec(),
            function: None,
        };
    }
    let function = native.function_json.clone().map(|text| {
        let name = native.path.trim_matches('/').to_owned();
        (name, text)
    });
    Input {
        bytes: request_text(native).into_bytes(),
        function,
    }
}

/// A request as text.
pub(super) fn request_text(native: &Native) -> String {
    let mut text = format!("POST {} HTTP/1.1\n", native.path);
    for (name, value) in headers(native) {
        // a String takes all that is written
        let _written = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
    text.push_str(&String::from_utf8_lossy(&native.body));
    text
}

fn headers(native: &Native) -> Vec<(String, String)> {
    lines(&native.headers)
}

fn lines(headers: &isobar::HeaderMap) -> Vec<(String, String)> {
    let lines = headers.iter().map(|(name, value)| {
        (
            name.to_string(),
            String::from_utf8_lossy(value.as_bytes()).into_owned(),
        )
    });
    lines.collect()
}

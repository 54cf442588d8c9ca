//! VPC Lattice, event structures 1.0 and 2.0.
//!
//! Source: <https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html>.

use std::borrow::Cow;

use http::uri::Scheme;

use super::answer::Door;
use super::event::Event;
use super::query;
use super::wire::Wire;
use crate::aws::conninfo;

/// Reads Lattice's request: 1.0 has `raw_path` and single values, 2.0 lists.
pub(super) fn read(event: Event<'_>) -> Wire<'_> {
    let identity = conninfo::of_lattice(&event);
    let (path, query) = match event.lattice_path {
        Some(raw) => split(raw),
        None => (event.path.unwrap_or_default(), None),
    };
    Wire {
        door: Door::Lattice,
        method: event.method.unwrap_or_default(),
        path,
        query: query.unwrap_or_else(|| query::of_unsure(&event.query).into()),
        fields: event.headers.pairs,
        cookies: Vec::new(),
        body: event.body,
        is_base64: event.is_base64,
        scheme: Scheme::HTTPS,
        domain: None,
        stage: None,
        root_path: "".into(),
        source_ip: None,
        identity,
    }
}

/// A raw path may have its query with it.
fn split(raw: Cow<'_, str>) -> (Cow<'_, str>, Option<Cow<'_, str>>) {
    match raw.split_once('?') {
        Some((path, query)) => (path.to_owned().into(), Some(query.to_owned().into())),
        None => (raw, None),
    }
}

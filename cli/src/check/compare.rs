//! The code beside the manifest, both ways.

use super::{Finding, Route, Routes};
use crate::manifest::Manifest;

/// The kinds that have a table of triggers, and the method that takes them.
const KINDS: [(&str, &str); 4] = [
    ("message", "on_message"),
    ("object", "on_object"),
    ("schedule", "on_schedule"),
    ("change", "on_change"),
];

/// What one has and the other has not.
pub(super) fn findings(manifest: &Manifest, routes: &Routes) -> Vec<Finding> {
    let mut findings = http(manifest, routes.http);
    for (kind, method) in KINDS {
        let triggers = names(manifest, kind);
        let handlers: Vec<_> = routes
            .events
            .iter()
            .filter(|route| is_of(route, kind))
            .collect();
        for route in &handlers {
            let named = triggers.iter().any(|name| fits(&route.name, name));
            if !named && route.kind.is_some() {
                findings.push(no_trigger(kind, method, &route.name));
            }
        }
        for name in triggers {
            if !handlers
                .iter()
                .any(|route| route.kind.is_none() || fits(&route.name, name))
            {
                findings.push(no_handler(kind, method, name));
            }
        }
    }
    findings
}

fn http(manifest: &Manifest, takes: bool) -> Vec<Finding> {
    let key = "package.metadata.isobar.http".to_owned();
    match (takes, &manifest.http) {
        (true, None) => vec![Finding {
            message: "the code takes HTTP requests, and the manifest has no http".to_owned(),
            help: format!("[{key}]\n         auth = \"anonymous\"   # or \"iam\", \"key\""),
            key,
        }],
        (false, Some(_)) => vec![Finding {
            message: "the manifest has an HTTP side, and the code takes no HTTP request".to_owned(),
            help: "give the App a Router by .http(..), or take the table out".to_owned(),
            key,
        }],
        _ => Vec::new(),
    }
}

fn names<'a>(manifest: &'a Manifest, kind: &str) -> Vec<&'a str> {
    let names: Box<dyn Iterator<Item = &String>> = match kind {
        "message" => Box::new(manifest.message.keys()),
        "object" => Box::new(manifest.object.keys()),
        "schedule" => Box::new(manifest.schedule.keys()),
        _ => Box::new(manifest.change.keys()),
    };
    names.map(String::as_str).collect()
}

/// A route of this kind; one by type may be of any.
fn is_of(route: &Route, kind: &str) -> bool {
    route.kind.as_deref().is_none_or(|own| own == kind)
}

/// Whether a name fits a pattern, in which `*` stands for any run of characters.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    let mut ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
    ends.any(|at| rest.get(at..).is_some_and(|rest| fits(after, rest)))
}

fn no_trigger(kind: &str, method: &str, name: &str) -> Finding {
    let shown = if name.contains('*') { "NAME" } else { name };
    let key = format!("package.metadata.isobar.{kind}.{shown}");
    let line = match kind {
        "message" => format!("queue = \"{shown}\""),
        "object" => format!("bucket = \"{shown}\""),
        "schedule" => "cron = \"0 3 * * *\"".to_owned(),
        _ => format!("table = \"{shown}\""),
    };
    Finding {
        message: format!("the code has {method}(\"{name}\", ..), and the manifest no such trigger"),
        help: format!("[{key}]\n         {line}"),
        key,
    }
}

fn no_handler(kind: &str, method: &str, name: &str) -> Finding {
    Finding {
        key: format!("package.metadata.isobar.{kind}.{name}"),
        message: "the manifest has this trigger, and the code no handler for it: what it delivers would fail".to_owned(),
        help: format!("give the App a handler by .{method}(\"{name}\", ..), or take the table out"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    fn found(manifest: &serde_json::Value, routes: &serde_json::Value) -> Vec<String> {
        let manifest = Manifest::read(Path::new("Cargo.toml"), Some(manifest)).unwrap();
        let routes = serde_json::from_value(routes.clone()).unwrap();
        findings(&manifest, &routes)
            .into_iter()
            .map(|finding| finding.key)
            .collect()
    }

    #[test]
    fn what_agrees_has_no_finding() {
        let routes = json!({"http": true, "ignores_unknown": false, "events": [
            {"kind": "message", "name": "orders"},
            {"kind": "object", "name": "up*"},
            {"kind": "invoke", "name": "*"},
        ]});
        let manifest = json!({"http": {}, "message": {"orders": {}}, "object": {"uploads": {}}});
        assert!(found(&manifest, &routes).is_empty());
    }

    #[test]
    fn each_side_without_the_other_is_found() {
        let routes = json!({"http": true, "events": [
            {"kind": "message", "name": "orders"}, {"kind": "schedule", "name": "nightly"},
        ]});
        let manifest = json!({"message": {"order": {}}, "change": {"users": {}}});
        assert_eq!(
            found(&manifest, &routes),
            [
                "package.metadata.isobar.http",
                "package.metadata.isobar.message.orders",
                "package.metadata.isobar.message.order",
                "package.metadata.isobar.schedule.nightly",
                "package.metadata.isobar.change.users",
            ]
        );
        let no_http = json!({"http": false, "events": []});
        assert_eq!(
            found(&json!({"http": {}}), &no_http),
            ["package.metadata.isobar.http"]
        );
    }

    #[test]
    fn a_handler_of_a_type_may_take_any_trigger() {
        let routes = json!({"http": false, "events": [{"kind": null, "name": "com.example.*"}]});
        assert!(found(&json!({"message": {"orders": {}}}), &routes).is_empty());
    }

    #[test]
    fn a_star_is_any_run() {
        for (pattern, name, yes) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*c*", "abcd", true),
            ("a*d", "abc", false),
            ("a", "ab", false),
            ("é*", "éa", true),
        ] {
            assert_eq!(fits(pattern, name), yes, "{pattern} {name}");
        }
    }
}

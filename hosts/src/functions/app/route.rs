//! Route templates: `orders/{id:int}`, `{name?}`, `{*path}`.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A route, its segments in order.
#[derive(Debug, Clone)]
pub(in crate::functions) struct Route(Vec<Segment>);

#[derive(Debug, Clone)]
enum Segment {
    Literal(String),
    Parameter {
        name: String,
        constraint: String,
        optional: bool,
    },
    Rest(String),
}

impl Route {
    pub(in crate::functions) fn parse(template: &str) -> Self {
        let segments = template.split('/').filter(|segment| !segment.is_empty());
        Self(segments.map(segment).collect())
    }

    /// The parameters, where the path matches; an optional one that is absent is null.
    pub(in crate::functions) fn matches(&self, path: &str) -> Option<Map<String, Value>> {
        let path = path.trim_matches('/');
        let mut given = path.split('/').filter(|segment| !segment.is_empty());
        let mut parameters = Map::new();
        for segment in &self.0 {
            match segment {
                Segment::Rest(name) => {
                    let rest = given.by_ref().map(decoded).collect::<Vec<_>>().join("/");
                    let rest = if rest.is_empty() {
                        Value::Null
                    } else {
                        rest.into()
                    };
                    parameters.insert(name.clone(), rest);
                }
                Segment::Literal(literal) => {
                    decoded(given.next()?)
                        .eq_ignore_ascii_case(literal)
                        .then_some(())?;
                }
                Segment::Parameter {
                    name,
                    constraint,
                    optional,
                } => {
                    let value = match given.next().map(decoded) {
                        Some(value) if fits(&value, constraint) => value.into(),
                        None if *optional => Value::Null,
                        _ => return None,
                    };
                    parameters.insert(name.clone(), value);
                }
            }
        }
        given.next().is_none().then_some(parameters)
    }
}

fn segment(template: &str) -> Segment {
    let inner = template
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let Some(inner) = inner else {
        return Segment::Literal(template.to_owned());
    };
    if let Some(name) = inner.strip_prefix('*') {
        return Segment::Rest(name.trim_start_matches('*').to_owned());
    }
    let optional = inner.ends_with('?');
    let inner = inner.trim_end_matches('?');
    let (name, constraint) = inner.split_once(':').unwrap_or((inner, ""));
    Segment::Parameter {
        name: name.to_owned(),
        constraint: constraint.to_owned(),
        optional,
    }
}

fn fits(value: &str, constraint: &str) -> bool {
    match constraint {
        "int" => value.parse::<i32>().is_ok(),
        "long" => value.parse::<i64>().is_ok(),
        "bool" => value.parse::<bool>().is_ok(),
        "alpha" => value.bytes().all(|b| b.is_ascii_alphabetic()),
        _ => true,
    }
}

fn decoded(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matched(template: &str, path: &str) -> Option<Value> {
        Route::parse(template).matches(path).map(Value::Object)
    }

    #[test]
    fn templates_match_as_aspnet_has_them() {
        assert_eq!(
            matched("orders/{id:int}", "/Orders/7"),
            Some(json!({"id": "7"}))
        );
        assert_eq!(matched("orders/{id:int}", "/orders/x"), None);
        assert_eq!(
            matched("orders/{id?}", "/orders"),
            Some(json!({"id": null}))
        );
        assert_eq!(
            matched("{*path}", "/a/b%20c"),
            Some(json!({"path": "a/b c"}))
        );
        assert_eq!(matched("{*path}", "/"), Some(json!({"path": null})));
        assert_eq!(matched("a", "/a/b"), None);
    }
}

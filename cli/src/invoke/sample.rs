//! Samples: a trigger's native event, made of portable parts.

use std::panic;

use isobar::Kind as EventKind;
use isobar::testing::{Delivery, Item, Native, Source};
use serde_json::{Value, json};

use crate::fail::{Failure, Kind, Result};

/// What a sample is made of.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Parts of a sample")]
pub(crate) struct Parts {
    /// The queue, topic, bucket, schedule or table, by its logical name; the manifest's, where it
    /// has but one
    #[arg(long, value_name = "NAME")]
    pub(crate) source: Option<String>,
    /// A message's body, a call's input, an event's data; several make a batch. Also a request's body
    #[arg(short = 'd', long, value_name = "TEXT")]
    pub(crate) body: Vec<String>,
    /// An attribute of a message
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) attribute: Vec<String>,
    /// An object's key, a record's key, or the key whose messages keep their order
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// How often a message was delivered
    #[arg(long, value_name = "COUNT")]
    pub(crate) attempt: Option<u32>,
    /// The object, or record, is gone
    #[arg(long)]
    pub(crate) deleted: bool,
    /// An event's CloudEvents type
    #[arg(long = "type", value_name = "TYPE")]
    pub(crate) ty: Option<String>,
}

/// Makes a trigger's native event.
///
/// # Errors
///
/// When the trigger cannot deliver such items.
pub(super) fn native(source: Source, name: &str, items: Vec<Item>) -> Result<Native> {
    if items.len() > 1 && !source.takes_batches() {
        let message = format!("{source} delivers one at a time");
        return Err(Failure::new(Kind::Usage, message).help("give --body once"));
    }
    let delivery = items
        .into_iter()
        .fold(Delivery::new(source, name), Delivery::item);
    // what a trigger cannot carry is a panic there: it is made for tests
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_quiet| {}));
    let native = panic::catch_unwind(|| delivery.native());
    panic::set_hook(hook);
    native.map_err(|why| {
        let why = why.downcast_ref::<String>().cloned().unwrap_or_default();
        Failure::new(Kind::Usage, format!("{source} cannot deliver that: {why}"))
    })
}

/// Makes the items of a sample.
///
/// # Errors
///
/// When the parts do not make one.
pub(super) fn items(source: Source, parts: &Parts) -> Result<Vec<Item>> {
    let key = |default: &str| parts.key.clone().unwrap_or_else(|| default.to_owned());
    let body = |default: &str| {
        parts
            .body
            .first()
            .cloned()
            .unwrap_or_else(|| default.to_owned())
    };
    Ok(match source.kind() {
        EventKind::Message => messages(parts)?,
        EventKind::Object => {
            let object = Item::object(key("a.txt"));
            vec![if parts.deleted { object.gone() } else { object }]
        }
        EventKind::Schedule => vec![Item::schedule()],
        EventKind::Change => {
            let record = json_of(&body(r#"{"name":"Ada"}"#))?;
            let key = key("1");
            vec![if parts.deleted {
                Item::deleted(key, record)
            } else {
                Item::inserted(key, record)
            }]
        }
        EventKind::Invoke => {
            let input = body(r#"{"hello":"world"}"#);
            json_of(&input)?;
            vec![Item::invoke(input)]
        }
        _ => {
            let ty = parts
                .ty
                .clone()
                .unwrap_or_else(|| "com.example.happened".to_owned());
            let data = parts
                .body
                .first()
                .map_or_else(|| Ok(json!({"hello": "world"})), |text| json_of(text))?;
            vec![Item::event(ty, data)]
        }
    })
}

fn messages(parts: &Parts) -> Result<Vec<Item>> {
    let default = ["hello".to_owned()];
    let bodies = if parts.body.is_empty() {
        &default[..]
    } else {
        &parts.body
    };
    let mut items = Vec::new();
    for body in bodies {
        let mut item = Item::message(body.clone());
        for attribute in &parts.attribute {
            let (name, value) = attribute.split_once('=').ok_or_else(|| {
                Failure::new(
                    Kind::Usage,
                    format!("--attribute: NAME=VALUE is wanted, not {attribute}"),
                )
            })?;
            item = item.attribute(name, value);
        }
        if let Some(key) = &parts.key {
            item = item.ordering_key(key);
        }
        if let Some(count) = parts.attempt {
            item = item.delivery_count(count);
        }
        items.push(item);
    }
    Ok(items)
}

fn json_of(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Failure::new(Kind::Usage, format!("--body: JSON is wanted, not {text}")).because(&error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: Source, name: &str, parts: &Parts) -> Result<Native> {
        native(source, name, items(source, parts)?)
    }

    #[test]
    fn every_trigger_has_a_sample() {
        for source in Source::ALL {
            let native = of(*source, "orders", &Parts::default()).unwrap();
            assert_eq!(native.source, *source);
        }
    }

    #[test]
    fn what_a_trigger_can_not_deliver_is_an_error() {
        let two = Parts {
            body: vec!["1".to_owned(), "2".to_owned()],
            ..Parts::default()
        };
        assert!(of(Source::Sqs, "orders", &two).is_ok());
        let error = of(Source::Sns, "orders", &two).unwrap_err().to_string();
        assert!(error.contains("one at a time"), "{error}");
        let no_pair = Parts {
            attribute: vec!["x".to_owned()],
            ..Parts::default()
        };
        assert!(of(Source::Sqs, "orders", &no_pair).is_err());
        let no_json = Parts {
            body: vec!["{".to_owned()],
            ..Parts::default()
        };
        assert!(of(Source::DynamoDb, "t", &no_json).is_err());
        let no_header = Parts { ..Parts::default() };
        assert!(of(Source::CloudScheduler, "a\nb", &no_header).is_err());
    }
}

//! A test of the user's own, of what was seen.

use std::fmt::Write;

use serde_json::Value;

use crate::{Answer, Blob, Item, Portable, Record, Request};

/// Headers that hosts and clients write on their own, which no test wants.
const NOISE: [&str; 14] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "forwarded",
    "host",
    "traceparent",
    "user-agent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-azure-ref",
];

/// A longer answer is not written into a test.
const COMPARED: usize = 1000;

/// Writes a test that sends the same to the handler and wants what came of it, on `isobar::testing`.
/// It calls `app()`, which is to make the handler. `None` where there is nothing that a test could
/// send, or not all of it was kept.
pub fn snippet(record: &Record) -> Option<String> {
    if record.state == crate::State::Running || record.items_left_out > 0 {
        return None;
    }
    match &record.portable {
        Portable::Request(request) => of_request(record, request, record.answer.as_ref()?),
        Portable::Events(items) => of_events(record, items),
        Portable::Nothing => None,
    }
}

fn test(name: &str, body: &str) -> String {
    let mut text = format!("#[tokio::test]\nasync fn {name}() {{\n");
    for line in body.lines() {
        // a String takes all that is written
        let _written = writeln!(text, "    {line}");
    }
    text.push_str("}\n");
    text
}

/// A name that a function can have.
fn name_of(parts: &[&str]) -> String {
    let mut name = String::from("recorded");
    for part in parts {
        name.push('_');
        for letter in part.chars().take(40) {
            name.push(if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            });
        }
    }
    while name.contains("__") {
        name = name.replace("__", "_");
    }
    name.trim_end_matches('_').to_owned()
}

fn of_request(record: &Record, request: &Request, answer: &Answer) -> Option<String> {
    if request.body.is_cut() {
        return None;
    }
    let target = request
        .uri
        .split_once("://")
        .map_or(&*request.uri, |(_, rest)| {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
        });
    let host = match record.host.as_str() {
        "aws" => "Aws",
        "azure" => "Azure",
        "gcp" => "Gcp",
        _ => "Local",
    };
    let mut body = format!(
        "let answer = isobar::testing::request({}, {})\n",
        text(&request.method),
        text(target)
    );
    let _ = writeln!(body, "    .on(isobar::Provider::{host})");
    let headers = request.headers.iter();
    for (name, value) in headers.filter(|(name, _)| !is_noise(name)) {
        let _ = writeln!(body, "    .header({}, {})", text(name), text(value));
    }
    if !request.body.is_empty() {
        let _ = writeln!(body, "    .body({})", bytes(&request.body));
    }
    body.push_str("    .run(app())\n    .await;\n");
    let _ = writeln!(body, "assert_eq!(answer.status(), {});", answer.status);
    let compared = answer
        .body
        .text()
        .filter(|text| text.len() <= COMPARED && !text.is_empty());
    if let (Some(said), true, false) = (compared, answer.status < 500, answer.body.is_cut()) {
        let _ = writeln!(body, "assert_eq!(answer.text(), {});", text(said));
    }
    let path = target.split('?').next().unwrap_or_default();
    Some(test(&name_of(&[&request.method, path]), &body))
}

fn is_noise(name: &str) -> bool {
    NOISE.contains(&name)
        || name.starts_with("x-amzn-")
        || name.starts_with("x-azure-functions")
        || name == "x-ms-invocation-id"
}

fn of_events(record: &Record, items: &[Item]) -> Option<String> {
    let first = items.first()?;
    let kind = word(first, "kind");
    let name = word(first, "name");
    let source = source(record, items)?;
    let mut body = format!("let ran = isobar::testing::{source}({})\n", text(&name));
    let has_ids = matches!(source, "sqs" | "sqs_fifo");
    for item in items {
        let made = made(item, &kind, has_ids)?;
        let _ = writeln!(body, "    .item({made})");
    }
    body.push_str("    .run(app())\n    .await;\n");
    let again = items.iter().filter(|item| {
        let outcome = item.outcome.as_ref();
        outcome.is_some_and(crate::Outcome::comes_again)
    });
    let again: Vec<_> = again.map(|item| text(&word(item, "id"))).collect();
    if again.is_empty() && record.state != crate::State::Failed {
        body.push_str("assert!(ran.is_success(), \"{ran}\");\n");
    } else if has_ids {
        let _ = writeln!(body, "assert_eq!(ran.again(), [{}]);", again.join(", "));
    } else {
        body.push_str("assert!(!ran.is_success(), \"{ran}\");\n");
    }
    let title = if kind == "other" {
        word(first, "type")
    } else {
        name
    };
    Some(test(&name_of(&[&kind, &title]), &body))
}

/// The function of `isobar::testing` for where it came from; where that has none, for the source of
/// this kind that the host has.
fn source(record: &Record, items: &[Item]) -> Option<&'static str> {
    let first = items.first()?;
    let said = format!("{} {}", record.trigger, word(first, "type")).to_ascii_lowercase();
    let says = |word: &str| said.contains(word);
    let is_ordered = first.view.contains_key("ordering_key");
    let is_gone = first.view.contains_key("deleted");
    let kind = word(first, "kind");
    Some(match (record.host.as_str(), kind.as_str()) {
        ("azure", "message") if items.len() == 1 && says("servicebus") => "service_bus",
        ("azure", "message") if says("eventhub") => "event_hub",
        ("azure", "message") if items.len() == 1 && says("kafka") => "azure_kafka",
        ("azure", "message") if items.len() == 1 => "storage_queue",
        ("gcp", "message") if says("eventarc") || says("pubsub.topic") => "pub_sub_push",
        ("gcp", "message") if says("tasks") => "cloud_tasks",
        ("gcp", "message") if items.len() == 1 => "pub_sub_push",
        (_, "message") if says("sns") && items.len() == 1 => "sns",
        (_, "message") if says("kinesis") => "kinesis",
        (_, "message") if says("kafka") => "kafka",
        (_, "message") if says("rabbitmq") => "rabbit_mq",
        (_, "message") if says("activemq") => "active_mq",
        (_, "message") if is_ordered => "sqs_fifo",
        (_, "message") => "sqs",
        ("azure", "object") if is_gone || says("eventgrid") => "event_grid_blob",
        ("azure", "object") => "blob",
        ("gcp", "object") => "cloud_storage",
        (_, "object") => "s3",
        ("azure", "schedule") => "timer",
        ("gcp", "schedule") => "cloud_scheduler",
        (_, "schedule") => "event_bridge_schedule",
        ("azure", "change") if says("sql") => "azure_sql",
        ("azure", "change") if word(first, "operation") == "write" => "cosmos_db",
        ("gcp", "change") if items.len() == 1 => "firestore",
        (_, "change") => "dynamo_db",
        ("gcp", "invoke") => "typed_function",
        (_, "invoke") => "lambda_invoke",
        ("azure", "other") => "event_grid",
        ("gcp", "other") => "eventarc",
        _ => "event_bridge",
    })
}

/// The item, as `isobar::testing` makes it.
fn made(item: &Item, kind: &str, has_ids: bool) -> Option<String> {
    let data = item.data.as_ref().filter(|data| !data.is_cut());
    let empty = Blob::default();
    let mut made = String::from("isobar::testing::Item::");
    match kind {
        "message" => {
            let _ = write!(
                made,
                "message({})",
                bytes(data.or_else(|| item.data.is_none().then_some(&empty))?)
            );
            let attributes = item.view.get("attributes").and_then(Value::as_object);
            for (name, value) in attributes.into_iter().flatten() {
                let value = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                let _ = write!(made, ".attribute({}, {})", text(name), text(&value));
            }
            if let Some(key) = item.view.get("ordering_key").and_then(Value::as_str) {
                let _ = write!(made, ".ordering_key({})", text(key));
            }
            if let Some(count) = item
                .view
                .get("delivery_count")
                .and_then(Value::as_u64)
                .filter(|n| *n > 1)
            {
                let _ = write!(made, ".delivery_count({count})");
            }
        }
        "object" => {
            let _ = write!(made, "object({})", text(&word(item, "key")));
            if let Some(size) = item.view.get("size").and_then(Value::as_u64) {
                let _ = write!(made, ".size({size})");
            }
            if item.view.contains_key("deleted") {
                made.push_str(".gone()");
            }
        }
        "schedule" => made.push_str("schedule()"),
        "change" => made.push_str(&changed(item)),
        "invoke" => {
            let _ = write!(made, "invoke({})", bytes(data?));
        }
        _ => {
            let json: Value =
                serde_json::from_slice(data.unwrap_or(&empty).bytes()).unwrap_or_default();
            let _ = write!(
                made,
                "event({}, {})",
                text(&word(item, "type")),
                value(&json)
            );
        }
    }
    if has_ids {
        let _ = write!(made, ".id({})", text(&word(item, "id")));
    }
    Some(made)
}

fn changed(item: &Item) -> String {
    let of = |name: &str| item.view.get(name).cloned().unwrap_or_default();
    let keys = of("keys");
    let key = keys
        .as_object()
        .and_then(|keys| keys.values().next())
        .unwrap_or(&keys);
    let key = match key {
        Value::Null => of("after").get("id").cloned().unwrap_or_else(|| "1".into()),
        key => key.clone(),
    };
    let key = text(&key.as_str().map_or_else(|| key.to_string(), str::to_owned));
    match (word(item, "operation").as_str(), of("before"), of("after")) {
        ("delete", before, _) => format!("deleted({key}, {})", value(&before)),
        ("update", before, after) if !before.is_null() => {
            format!("updated({key}, {}, {})", value(&before), value(&after))
        }
        (_, _, after) => format!("inserted({key}, {})", value(&after)),
    }
}

fn word(item: &Item, name: &str) -> String {
    let word = item.view.get(name).and_then(Value::as_str);
    word.unwrap_or_default().to_owned()
}

/// A JSON value, as Rust makes it.
fn value(json: &Value) -> String {
    format!("{}.parse().unwrap()", text(&json.to_string()))
}

fn bytes(blob: &Blob) -> String {
    match blob.text() {
        Some(said) => text(said),
        None => format!("&b\"{}\"[..]", blob.bytes().escape_ascii()),
    }
}

/// A text as a literal; raw where that is easier to read.
fn text(said: &str) -> String {
    let is_plain = |letter: char| !letter.is_control() || letter == '\n';
    let reads_better = said.contains(['"', '\\']) && said.chars().all(is_plain);
    if !reads_better {
        return format!("{said:?}");
    }
    let mut hashes = String::from("#");
    while said.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{said}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Outcome, State};

    #[test]
    fn texts_are_literals_whatever_stands_in_them() {
        for (said, wanted) in [
            ("plain", "\"plain\""),
            ("{\"a\":1}", "r#\"{\"a\":1}\"#"),
            ("\"#", "r##\"\"#\"##"),
            ("\u{1b}[31m\"", "\"\\u{1b}[31m\\\"\""),
        ] {
            assert_eq!(text(said), wanted);
        }
        assert_eq!(bytes(&Blob::of(b"\xff\"\n")), "&b\"\\xff\\\"\\n\"[..]");
    }

    #[test]
    fn a_batch_wants_again_what_came_again() {
        let item = |id: &str, what: &str| Item {
            view: serde_json::json!({"kind": "message", "name": "orders", "id": id})
                .as_object()
                .unwrap()
                .clone(),
            data: Some(Blob::of(b"{\"seats\":2}")),
            outcome: Some(Outcome {
                what: what.to_owned(),
                ..Outcome::default()
            }),
        };
        let record = Record {
            host: "aws".to_owned(),
            state: State::Partly,
            portable: Portable::Events(vec![item("a", "done"), item("b", "again")]),
            ..Record::default()
        };
        let wanted = "#[tokio::test]\nasync fn recorded_message_orders() {\n    \
            let ran = isobar::testing::sqs(\"orders\")\n        \
            .item(isobar::testing::Item::message(r#\"{\"seats\":2}\"#).id(\"a\"))\n        \
            .item(isobar::testing::Item::message(r#\"{\"seats\":2}\"#).id(\"b\"))\n        \
            .run(app())\n        .await;\n    assert_eq!(ran.again(), [\"b\"]);\n}\n";
        assert_eq!(snippet(&record).unwrap(), wanted);
    }

    #[test]
    fn a_request_keeps_what_the_client_said_and_leaves_out_noise() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let record = Record {
            host: "gcp".to_owned(),
            state: State::Done,
            portable: Portable::Request(Request {
                method: "POST".to_owned(),
                uri: "https://shop.example/orders/7?x=1".to_owned(),
                headers: vec![
                    pair("host", "shop.example"),
                    pair("content-type", "text/csv"),
                ],
                body: Blob::of(b"a,b"),
            }),
            answer: Some(Answer {
                status: 201,
                body: Blob::of(b"made"),
                ..Answer::default()
            }),
            ..Record::default()
        };
        let snippet = snippet(&record).unwrap();
        for wanted in [
            "fn recorded_post_orders_7()",
            "request(\"POST\", \"/orders/7?x=1\")",
            ".on(isobar::Provider::Gcp)",
            ".header(\"content-type\", \"text/csv\")",
            ".body(\"a,b\")",
            "assert_eq!(answer.status(), 201);",
            "assert_eq!(answer.text(), \"made\");",
        ] {
            assert!(snippet.contains(wanted), "{wanted}\n{snippet}");
        }
        assert!(!snippet.contains("shop.example"), "{snippet}");
    }
}

//! Invocation JSON of Azure Functions.

use isobar::azure::translate::{App, Decoded, Delivered};
use isobar::{Bytes, Event, Outcome, RequestExt};
use serde_json::{Map, Value, json};

use super::reading::{Brings, Reading, Told};
use super::request::futures_now;
use super::{effects, outcomes, portable, request};

const HOST: &str = "Azure Functions";

/// Whether a document is an invocation.
pub(super) fn fits(document: &Value) -> bool {
    document.get("Data").is_some_and(Value::is_object)
        && document.get("Metadata").is_some_and(Value::is_object)
}

/// Explains an invocation. Its trigger stands in function.json; where that is not given, it is
/// guessed by what is there.
pub(crate) fn read(payload: &[u8], name: Option<&str>, function_json: Option<&str>) -> Reading {
    let document: Value = serde_json::from_slice(payload).unwrap_or_default();
    let name = name.unwrap_or("function");
    let (function, mut signs) = match function_json {
        Some(text) => (text.to_owned(), vec!["function.json says so".to_owned()]),
        None => guessed(&document),
    };
    let trigger = trigger(&function);
    signs.insert(
        0,
        "Data and Metadata are there, as the host posts them to a custom handler".to_owned(),
    );
    let mut reading = Reading {
        host: HOST,
        source: trigger.clone(),
        known: true,
        signs,
        brings: Brings::Nothing(String::new()),
        note: None,
        changes: Vec::new(),
        outcomes: Vec::new(),
    };
    let app = match App::new("{}", &[(name, &function)]) {
        Ok(app) => app,
        Err(error) => {
            reading.brings = Brings::Nothing(error.to_string());
            return reading;
        }
    };
    match app.decode(posted(name, payload)) {
        Decoded::Http(http, _answered) => {
            let context = http.context().clone();
            reading.brings = Brings::Request(request::shown(*http, &context));
            reading.changes = vec![
                "a body that is not UTF-8 does not arrive, nor does one of unknown length"
                    .to_owned(),
                "an answer has one value a header, and one cookie".to_owned(),
            ];
            reading.outcomes = request::outcomes(invocation_answer);
        }
        Decoded::Events(delivered) => of_events(&mut reading, &trigger, &delivered),
        Decoded::Refused(error, _) | Decoded::Failed(error) => {
            reading.known = false;
            reading.brings = Brings::Nothing(format!("it is refused: {error}"));
        }
        _ => reading.brings = Brings::Nothing("it is the host's ping".to_owned()),
    }
    reading
}

fn of_events(reading: &mut Reading, trigger: &str, delivered: &Delivered) {
    let source = effects::on_azure(trigger);
    let events = &delivered.batch.events;
    reading.brings = Brings::Events(events.iter().map(portable::event).collect());
    reading.changes = source
        .changes
        .iter()
        .map(|text| (*text).to_owned())
        .collect();
    let settle = |outcomes: &[Outcome]| {
        let answer = futures_now(delivered.settle(outcomes));
        answer.map_or(Value::Null, |answer| shown(&answer))
    };
    let played = outcomes::all(events.len());
    reading.outcomes = played
        .into_iter()
        .map(|played| Told {
            outcome: played.name,
            answer: settle(&played.outcomes),
            effect: source.effect(played.kind),
        })
        .collect();
}

/// The events of an invocation.
pub(super) fn events(payload: &[u8], name: &str, function_json: &str) -> Vec<Event> {
    let app = App::new("{}", &[(name, function_json)]).ok();
    match app.map(|app| app.decode(posted(name, payload))) {
        Some(Decoded::Events(delivered)) => delivered.batch.events,
        _ => Vec::new(),
    }
}

fn shown(answer: &http::Response<Bytes>) -> Value {
    json!({"status": answer.status().as_u16(), "body": portable::bytes(answer.body())})
}

/// An HTTP answer in invocation JSON.
fn invocation_answer(response: &http::Response<()>, body: &[u8]) -> Value {
    let mut answer = isobar::Response::new(Bytes::copy_from_slice(body).into());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = response.headers().clone();
    let output = isobar::azure::translate::Answered::Output("res".to_owned());
    let encoded = futures_now(isobar::azure::translate::encode(&output, answer));
    encoded.map_or(Value::Null, |answer| shown(&answer))
}

/// The request that the host posts.
pub(super) fn posted(name: &str, payload: &[u8]) -> http::Request<Bytes> {
    let mut request = http::Request::new(Bytes::copy_from_slice(payload));
    *request.method_mut() = http::Method::POST;
    if let Ok(uri) = format!("/{name}").parse() {
        *request.uri_mut() = uri;
    }
    let headers = [
        ("content-type", "application/json"),
        (
            "x-azure-functions-invocationid",
            "00000000-0000-0000-0000-000000000000",
        ),
        ("x-azure-functions-hostversion", "4.0"),
        ("user-agent", "Azure-Functions-Host/4.0"),
    ];
    for (name, value) in headers {
        request
            .headers_mut()
            .insert(name, http::HeaderValue::from_static(value));
    }
    request
}

fn trigger(function_json: &str) -> String {
    let function: Value = serde_json::from_str(function_json).unwrap_or_default();
    let bindings = function.get("bindings").and_then(Value::as_array);
    let mut types = bindings
        .into_iter()
        .flatten()
        .filter_map(|binding| binding.get("type")?.as_str());
    let trigger = types.find(|ty| ty.to_ascii_lowercase().ends_with("trigger"));
    trigger.unwrap_or("no trigger").to_owned()
}

/// A function.json whose trigger would be delivered so, and the signs of that.
fn guessed(document: &Value) -> (String, Vec<String>) {
    let empty = Map::new();
    let data = document
        .get("Data")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let metadata = document
        .get("Metadata")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let (name, value) = data
        .iter()
        .next()
        .map_or(("event", &Value::Null), |(n, v)| (n.as_str(), v));
    let (binding, sign) = binding(value, metadata);
    let mut binding = binding;
    if let Some(binding) = binding.as_object_mut() {
        binding.insert("name".to_owned(), name.into());
        binding.insert("direction".to_owned(), "in".into());
        if value
            .as_str()
            .is_some_and(|text| serde_json::from_str::<Value>(text).is_err())
        {
            binding.insert("dataType".to_owned(), "binary".into());
        }
    }
    let mut bindings = vec![binding];
    if bindings
        .first()
        .and_then(|b| b.get("type"))
        .and_then(Value::as_str)
        == Some("httpTrigger")
    {
        bindings.push(json!({"type": "http", "direction": "out", "name": "res"}));
    }
    let function = json!({"bindings": bindings}).to_string();
    (
        function,
        vec![
            sign.to_owned(),
            "function.json, which says it for certain, is given by --function".to_owned(),
        ],
    )
}

fn binding(value: &Value, metadata: &Map<String, Value>) -> (Value, &'static str) {
    let has = |name: &str| metadata.keys().any(|own| own.eq_ignore_ascii_case(name));
    let of = |name: &str| value.get(name).is_some();
    if of("Method") && of("Url") {
        (
            json!({"type": "httpTrigger", "authLevel": "anonymous", "route": "{*path}"}),
            "the value has Method and Url",
        )
    } else if of("IsPastDue") || of("ScheduleStatus") {
        (
            json!({"type": "timerTrigger", "schedule": "0 * * * * *"}),
            "the value has a schedule's status",
        )
    } else if (of("specversion") && of("type")) || (of("eventType") && of("subject")) {
        (
            json!({"type": "eventGridTrigger"}),
            "the value is an event of Event Grid's",
        )
    } else if has("DequeueCount") {
        (
            json!({"type": "queueTrigger", "queueName": "queue", "connection": "AzureWebJobsStorage"}),
            "Metadata has DequeueCount",
        )
    } else if has("DeliveryCount") || has("DeliveryCountArray") || has("LockToken") {
        let mut binding =
            json!({"type": "serviceBusTrigger", "queueName": "queue", "connection": "ServiceBus"});
        many(
            &mut binding,
            has("DeliveryCountArray") || has("MessageIdArray"),
        );
        (binding, "Metadata has DeliveryCount")
    } else if has("Topic") && has("Offset") {
        (
            json!({"type": "kafkaTrigger", "topic": "topic", "brokerList": "Broker"}),
            "Metadata has Topic and Offset",
        )
    } else if has("SequenceNumber") || has("SequenceNumberArray") || has("PartitionContext") {
        let mut binding =
            json!({"type": "eventHubTrigger", "eventHubName": "hub", "connection": "EventHub"});
        many(&mut binding, has("SequenceNumberArray"));
        (binding, "Metadata has SequenceNumber and Offset")
    } else if has("Uri") {
        (
            json!({"type": "blobTrigger", "path": "container/{name}", "connection": "AzureWebJobsStorage"}),
            "Metadata has the blob's Uri",
        )
    } else if value
        .as_str()
        .is_some_and(|text| text.contains("Operation") && text.contains("Item"))
    {
        (
            json!({"type": "sqlTrigger", "tableName": "dbo.table", "connectionStringSetting": "Sql"}),
            "the value has rows with Operation and Item",
        )
    } else {
        (
            json!({"type": "cosmosDBTrigger", "databaseName": "database", "containerName": "container", "connection": "CosmosDB"}),
            "the value is a list of documents",
        )
    }
}

fn many(binding: &mut Value, many: bool) {
    if let (Some(binding), true) = (binding.as_object_mut(), many) {
        binding.insert("cardinality".to_owned(), "many".into());
    }
}

//! What hosts deliver, and which events must come of it, as data.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::deployed::{Deployed, Told};
use crate::programs::program;

const FILES: [&str; 2] = [
    include_str!("../../data/vectors/events.json"),
    include_str!("../../data/vectors/more_events.json"),
];

fn of(host: &str) -> Vec<Value> {
    let files = FILES.iter();
    let all = files.flat_map(|file| serde_json::from_str::<Vec<Value>>(file).unwrap());
    all.filter(|vector| vector["host"] == host).collect()
}

/// Asserts that all hold, with what does not.
fn hold(wrong: &[String], vectors: usize) {
    assert!(vectors > 20, "there are {vectors} vectors");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_lambda_delivers_becomes_these_events() {
    let vectors = of("aws-lambda");
    let mut deployed = Deployed::lambda(program("mirror")).await;
    let mut wrong = Vec::new();
    for vector in &vectors {
        let payload = vector["deliver"].to_string();
        let told = deployed.send("/", &HeaderMap::new(), payload.into()).await;
        wrong.extend(judge(vector, &told, &deployed.seen()));
    }
    hold(&wrong, vectors.len());
}

#[tokio::test]
async fn what_the_functions_host_delivers_becomes_these_events() {
    let vectors = of("azure-json");
    let mut wrong = Vec::new();
    for vector in &vectors {
        let functions = vector["functions"].as_object().unwrap().clone();
        let mut deployed = Deployed::functions(program("mirror"), functions).await;
        let deliver = &vector["deliver"];
        let body = Bytes::from(deliver["json"].to_string());
        let path = deliver["path"].as_str().unwrap();
        let told = deployed.send(path, &HeaderMap::new(), body).await;
        wrong.extend(judge(vector, &told, &deployed.seen()));
    }
    hold(&wrong, vectors.len());
}

#[tokio::test]
async fn what_cloud_run_delivers_becomes_these_events() {
    let vectors = of("gcp-http");
    let mut deployed = Deployed::cloud_run(program("mirror")).await;
    let mut wrong = Vec::new();
    for vector in &vectors {
        let deliver = &vector["deliver"];
        let pairs = deliver["headers"].as_array().unwrap().iter();
        let headers = pairs.map(|pair| {
            let text = |at: usize| pair[at].as_str().unwrap().to_owned();
            let name: HeaderName = text(0).parse().unwrap();
            (name, text(1).parse::<HeaderValue>().unwrap())
        });
        let body = BASE64_STANDARD.decode(deliver["body"].as_str().unwrap());
        let target = deliver["target"].as_str().unwrap();
        let (headers, body) = (headers.collect(), body.unwrap());
        let told = deployed.send(target, &headers, body.into()).await;
        wrong.extend(judge(vector, &told, &deployed.seen()));
    }
    hold(&wrong, vectors.len());
}

/// Returns what is wrong with what came of a vector.
fn judge(vector: &Value, told: &Told, seen: &[Value]) -> Vec<String> {
    let name = vector["name"].as_str().unwrap();
    let mut wrong = Vec::new();
    let outcome = match &vector["outcome"] {
        Value::Object(outcome) => {
            let items = outcome["batchItemFailures"].as_array().unwrap();
            let items = items.iter();
            let items = items.map(|item| item["itemIdentifier"].as_str().unwrap());
            !told.failed && items.eq(told.again.iter().map(String::as_str))
        }
        outcome if outcome == "ok" => told.done,
        outcome if outcome == "refused" => told.text.starts_with('4'),
        _ => told.failed,
    };
    if !outcome {
        wrong.push(format!("{name}: {told:?}, not {}", vector["outcome"]));
    }
    let wanted = vector["events"].as_array().unwrap();
    let ordered = vector["ordered"] == true;
    let found = wanted.iter().enumerate().all(|(place, event)| {
        let mut rows = seen.iter().enumerate();
        rows.any(|(row, seen)| (!ordered || row == place) && within(event, seen, ""))
    });
    if !found || wanted.len() != seen.len() {
        wrong.push(format!("{name}: {seen:?}, not {wanted:?}"));
    }
    wrong
}

/// Returns true if all that is wanted is there; documents are equal, and JSON data the same JSON.
fn within(wanted: &Value, seen: &Value, key: &str) -> bool {
    match (key, wanted, seen) {
        ("before" | "after" | "keys", ..) => wanted == seen,
        ("time" | "due", Value::String(wanted), Value::String(seen)) => {
            let plain = |text: &str| text.replace(".000Z", "Z").replace("+00:00", "Z");
            plain(wanted) == plain(seen)
        }
        ("data", Value::String(wanted), Value::String(seen)) => {
            let read = |text: &str| BASE64_STANDARD.decode(text).unwrap();
            let json = |text: &str| serde_json::from_slice::<Value>(&read(text)).ok();
            read(wanted) == read(seen) || (json(wanted).is_some() && json(wanted) == json(seen))
        }
        (_, Value::Object(wanted), _) => {
            let mut members = wanted.iter();
            members.all(|(name, wanted)| within(wanted, &seen[name], name))
        }
        _ => wanted == seen,
    }
}

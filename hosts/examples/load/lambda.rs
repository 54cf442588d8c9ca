//! Lambda's loop, one invocation after the other.

use std::time::{Duration, Instant};

use isobar_hosts::Launch;
use isobar_hosts::lambda::{Function, Invocation, Kind};
use serde_json::{Value, json};

use crate::measure::Measured;
use crate::{Result, Wanted};

/// A function URL's event with a body of that length.
fn request(method: &str, path: &str, length: usize) -> Value {
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": "a=1", "body": "x".repeat(length),
        "headers": {"host": "a.example", "content-type": "text/plain", "x-a": "1"},
        "requestContext": {"domainName": "a.lambda-url.eu-west-1.on.aws", "stage": "$default",
            "http": {"method": method, "sourceIp": "203.0.113.7"}},
        "isBase64Encoded": false,
    })
}

fn queue() -> Value {
    let record = |n: u32| {
        json!({"messageId": n.to_string(), "body": "x".repeat(100), "eventSource": "aws:sqs",
            "attributes": {"SentTimestamp": "1545082649183"},
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders"})
    };
    json!({"Records": (0..10).map(record).collect::<Vec<_>>()})
}

/// Invokes as often as is wanted.
pub(crate) async fn load(wanted: &Wanted) -> Result<Measured> {
    let launch = Launch::new(&wanted.program)
        .env("RUST_LOG", "off")
        .env("MIRROR_EVENTS", "/dev/null");
    let function = Function::new(launch).timeout(Duration::from_secs(30));
    let sandbox = function.start().await?;
    let events = [
        request("POST", "/x", 10),
        request("POST", "/echo", 1000),
        request("POST", "/x", 100_000),
        queue(),
        request("GET", "/fail", 0),
    ];
    let events = events.map(|event| event.to_string());
    let mut measured = Measured::default();
    let begun = Instant::now();
    let look = (wanted.invocations / 100).max(1);
    for n in 0..wanted.invocations {
        let which = match n % 20 {
            19 => 4,
            15..=18 => 3,
            14 => 2,
            7..=13 => 1,
            _ => 0,
        };
        let event = events.get(which).cloned().unwrap_or_default();
        let asked = Instant::now();
        let answer = sandbox.invoke(Invocation::new(event)).await?;
        let said = answer.json();
        let said = said.get("statusCode").and_then(Value::as_u64);
        if answer.kind == Kind::Response && said == status(which) {
            measured.answered(asked.elapsed());
        } else {
            measured.wrong(format!("{:?}: {}", answer.kind, answer.error_type));
        }
        if n % look == look - 1 {
            measured.look(&sandbox.program())?;
        }
    }
    measured.took = begun.elapsed();
    let starts = sandbox.starts().await;
    if starts != 1 {
        measured.wrong(format!("the process was started {starts} times"));
    }
    Ok(measured)
}

/// The status that is answered; events have none.
fn status(which: usize) -> Option<u64> {
    match which {
        4 => Some(500),
        3 => None,
        _ => Some(200),
    }
}

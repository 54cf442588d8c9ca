//! The exact lines.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;

fn line(variables: &[(&str, &str)], measurement: &Measurement) -> Value {
    let emf = Emf::new(&Environment::of_list(variables), Arc::default()).unwrap();
    let now = UNIX_EPOCH + Duration::from_millis(1_587_651_905_349);
    let line = emf.line(measurement, now);
    let line = String::from_utf8(line).unwrap();
    assert_eq!(line.lines().count(), 1);
    assert!(line.ends_with('\n'));
    serde_json::from_str(&line).unwrap()
}

fn request() -> Measurement {
    Measurement {
        trigger: "http",
        outcome: "ok",
        method: Some("GET"),
        duration: Duration::from_micros(1250),
        cold_start: true,
        items: None,
        failed: 0,
        request_id: "req-1".into(),
    }
}

#[test]
fn a_request_has_exactly_this_line() {
    let lambda = [
        ("AWS_LAMBDA_FUNCTION_NAME", "shop"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
    ];
    let wanted = json!({
        "_aws": {
            "Timestamp": 1_587_651_905_349_u64,
            "CloudWatchMetrics": [{
                "Namespace": "Isobar",
                "Dimensions": [["FunctionName"], ["FunctionName", "Trigger", "Outcome"]],
                "Metrics": [
                    {"Name": "Invocations", "Unit": "Count"},
                    {"Name": "Errors", "Unit": "Count"},
                    {"Name": "Duration", "Unit": "Milliseconds"},
                    {"Name": "ColdStarts", "Unit": "Count"},
                    {"Name": "InFlight", "Unit": "Count"},
                ],
            }],
        },
        "FunctionName": "shop", "Trigger": "http", "Outcome": "ok",
        "Invocations": 1, "Errors": 0, "Duration": 1.25, "ColdStarts": 1, "InFlight": 0,
        "Method": "GET", "FunctionVersion": "7", "requestId": "req-1",
    });
    assert_eq!(line(&lambda, &request()), wanted);
}

#[test]
fn a_batch_has_its_size_and_what_failed() {
    let batch = Measurement {
        trigger: "message",
        outcome: "partial",
        method: None,
        items: Some(10),
        failed: 3,
        ..request()
    };
    let line = line(&[(NAMESPACE, "shop/prod")], &batch);
    let directive = &line["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(directive["Namespace"], "shop/prod");
    assert_eq!(directive["Metrics"][5]["Name"], "BatchSize");
    assert_eq!(
        (&line["BatchSize"], &line["FailedItems"]),
        (&json!(10), &json!(3))
    );
    assert_eq!(
        (&line["Errors"], &line["Outcome"]),
        (&json!(1), &json!("partial"))
    );
    assert_eq!(line["FunctionName"], UNNAMED);
    assert_eq!(line.get("Method"), None);
}

#[test]
fn a_client_that_went_away_is_no_error() {
    let outcome = |outcome| Measurement {
        outcome,
        ..request()
    };
    for (name, errors) in [
        ("cancelled", 0),
        ("timeout", 1),
        ("panic", 1),
        ("broken", 1),
    ] {
        assert_eq!(line(&[], &outcome(name))["Errors"], errors, "{name}");
    }
}

#[test]
fn a_filter_by_level_does_not_take_it() {
    for (level, wanted) in [("INFO", None), ("debug", None), ("error", Some("ERROR"))] {
        let line = line(&[("AWS_LAMBDA_LOG_LEVEL", level)], &request());
        assert_eq!(line.get("level").and_then(Value::as_str), wanted);
        let time = wanted.map(|_| "2020-04-23T14:25:05.349Z");
        assert_eq!(line.get("timestamp").and_then(Value::as_str), time);
    }
}

#[test]
fn a_namespace_that_cloudwatch_refuses_is_named() {
    let long = "x".repeat(256);
    for wrong in ["AWS/Lambda", ":x", "a\nb", "ä", &long] {
        let environment = Environment::of([(NAMESPACE, wrong)]);
        let error = namespace(&environment).unwrap_err().to_string();
        assert!(error.contains(NAMESPACE), "{error}");
    }
    let environment = Environment::of([(NAMESPACE, "Acme Shop/prod#1")]);
    assert_eq!(namespace(&environment).unwrap(), "Acme Shop/prod#1");
}

//! What holds of the lines on every host.

use isobar_hosts::lambda::{Function, Invocation};
use isobar_hosts::local::Local;
use isobar_hosts::program::Stream;
use serde_json::{Value, json};

use super::{ALL, AZURE, CLOUD_RUN, LAMBDA_JSON, LOCAL, PARENT, PATIENCE, TRACE};
use super::{Reader, lines, lines_with, program};
use crate::host::{Host, Kind, get, post};

#[tokio::test]
async fn an_errors_line_has_its_ids_where_only_errors_are_written() {
    for reader in ALL {
        let host = reader.start(&[("RUST_LOG", "error")]).await;
        let answer = host
            .send(get("/fail").header("traceparent", PARENT), "")
            .await;
        host.line("connection refused").await;
        let lines = lines_with(&host, "");
        assert_eq!(lines.len(), 1, "{lines:?}");
        let quoted = answer.json()["request_id"].as_str().map(str::to_owned);
        assert!(quoted.is_some());
        assert_eq!(reader.request_id(&lines[0]), quoted, "{lines:?}");
        // On Lambda the service's own trace counts.
        let is_lambdas = reader.kind == Kind::LambdaUrl;
        let trace = if is_lambdas { "trace" } else { TRACE };
        assert!(lines[0].contains(trace), "{lines:?}");
    }
}

#[tokio::test]
async fn a_misspelt_setting_is_warned_of_once_and_stops_nothing() {
    for reader in ALL {
        let variables = [("ISOBAR_MARIGN", "s3cret"), ("ISOBAR_MARGIN", "0.1")];
        let host = reader.start(&variables).await;
        assert_eq!(host.get("/hello").await.status, 200);
        host.line("GET /hello 200").await;
        let told = lines_with(&host, "ISOBAR_MARIGN");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("WARN"), "{told:?}");
        assert!(told[0].contains("did you mean ISOBAR_MARGIN?"), "{told:?}");
        assert_eq!(lines_with(&host, "s3cret"), [""; 0]);
    }
}

#[tokio::test]
async fn a_body_that_is_streamed_is_within_the_invocation_and_its_line_comes_last() {
    let streamed = Reader {
        kind: Kind::LambdaUrlStream,
        ..LAMBDA_JSON
    };
    for reader in [CLOUD_RUN, streamed] {
        let host = reader.start(&[]).await;
        assert_eq!(host.get("/stream").await.text(), "piecepiece");
        host.line("GET /stream 200").await;
        let lines = lines_with(&host, "");
        let access = lines.last().unwrap();
        assert!(access.contains("GET /stream 200"), "{lines:?}");
        assert!(access.contains("10"), "{access}");
        let id = reader.request_id(access);
        let pieces = lines_with(&host, "piece ");
        assert_eq!(pieces.len(), 3, "{pieces:?}");
        assert!(id.is_some() && pieces.iter().all(|piece| reader.request_id(piece) == id));
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_logged_once() {
    let streamed = Reader {
        kind: Kind::LambdaUrlStream,
        ..LAMBDA_JSON
    };
    for reader in [CLOUD_RUN, LAMBDA_JSON, streamed, AZURE] {
        let host = reader.start(&[]).await;
        host.get("/breaks").await;
        host.line(r#""outcome":"broken""#).await;
        host.get("/hello").await;
        host.line("GET /hello 200").await;
        let said = lines_with(&host, "the disk is gone");
        assert_eq!(said.len(), 1, "{said:?}");
        let failures = lines_with(&host, "ERROR");
        assert_eq!(failures.len(), 1, "{failures:?}");
    }
}

#[tokio::test]
async fn work_that_outlives_the_answer_is_within_the_invocation() {
    for reader in [CLOUD_RUN, LAMBDA_JSON, LOCAL] {
        let host = reader.start(&[]).await;
        host.get("/later").await;
        host.line("afterwards").await;
        host.line("GET /later 200").await;
        let id = |text| reader.request_id(&lines_with(&host, text)[0]);
        assert!(id("GET /later").is_some());
        assert_eq!(id("afterwards"), id("GET /later"));
    }
}

#[tokio::test]
async fn foreign_text_forges_no_line_and_no_level() {
    let foreign =
        "a warning\nLanguageWorkerConsoleLog forged\r\n2020-01-01T00:00:00.000Z INFO \u{1b}[31mx";
    for reader in ALL {
        let host = reader.start(&[]).await;
        let before = lines(&host.program).len();
        host.send(post("/foreign"), foreign).await;
        host.line("POST /foreign 200").await;
        let lines = host.program.lines().split_off(before);
        for line in &lines {
            let begins = line.text.starts_with('{') || line.text.starts_with("20");
            let goes_on = reader.kind == Kind::Local && line.text.starts_with("    ");
            assert!(begins || goes_on, "{line:?}");
            assert!(!line.text.contains(['\u{1b}', '\r']), "{line:?}");
        }
        let said: Vec<_> = { lines.iter() }
            .filter(|line| line.text.contains("forged"))
            .collect();
        let is_one = reader.kind == Kind::Local || said.len() == 1;
        assert!(is_one, "{lines:?}");
        if reader.kind == Kind::AzureInvocation {
            assert_eq!(said[0].stream, Stream::Stderr);
            assert!(!said[0].text.to_lowercase().contains("warn"), "{said:?}");
            let json: Value = serde_json::from_str(&said[0].text).unwrap();
            assert_eq!(json["message"], foreign);
        }
    }
}

#[tokio::test]
async fn the_functions_host_finds_information_on_stdout() {
    let host = AZURE.start(&[]).await;
    host.get("/hello").await;
    host.line("GET /hello 200").await;
    assert!(
        host.program.stderr().is_empty(),
        "{:?}",
        host.program.stderr()
    );
}

#[tokio::test]
async fn nothing_secret_is_in_a_line() {
    for reader in ALL {
        let host = reader.start(&[("RUST_LOG", "debug")]).await;
        let request = post("/size?code=s3cret").header("authorization", "Bearer s3cret");
        host.send(request, "s3cret").await;
        host.line("POST /size 200").await;
        assert!(
            lines_with(&host, "s3cret").is_empty(),
            "{:?}",
            lines(&host.program)
        );
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_counted() {
    let host = LAMBDA_JSON.start(&[]).await;
    host.send(post("/size"), "four").await;
    host.line(r#""request_bytes":4,"response_bytes":1"#).await;
    let host = CLOUD_RUN.start(&[]).await;
    let pieces = isobar_hosts::body::chunks(["four", "four"].map(Into::into));
    let answer = host.send_body(post("/size"), pieces).await;
    assert_eq!(answer.text(), "8");
    host.line(r#""requestSize":"8","responseSize":"1""#).await;
}

#[tokio::test]
async fn lambdas_own_level_is_heard() {
    let details = async |variables: &[(&str, &str)]| {
        let host = LAMBDA_JSON.start(variables).await;
        host.get("/hello").await;
        host.get("/fail").await;
        host.line("connection refused").await;
        let access = lines_with(&host, "GET /hello 200").len();
        (lines_with(&host, "in detail").len(), access)
    };
    assert_eq!(details(&[("AWS_LAMBDA_LOG_LEVEL", "DEBUG")]).await, (1, 1));
    assert_eq!(details(&[("AWS_LAMBDA_LOG_LEVEL", "WARN")]).await, (0, 0));
    let both = [
        ("AWS_LAMBDA_LOG_LEVEL", "WARN"),
        ("RUST_LOG", "logs=debug,isobar=error"),
    ];
    assert_eq!(details(&both).await, (1, 0));
}

#[tokio::test]
async fn a_failure_has_its_backtrace_where_that_is_enabled() {
    let host = LAMBDA_JSON.start(&[("RUST_BACKTRACE", "1")]).await;
    for (path, said) in [("/fail", "the request failed"), ("/panic", "panicked at")] {
        host.get(path).await;
        host.line(said).await;
        let lines = lines_with(&host, said);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        let trace = line["stackTrace"].as_array().unwrap();
        let is_ours = |frame: &Value| frame.as_str().is_some_and(|frame| frame.contains("logs"));
        assert!(trace.iter().any(is_ours), "{line}");
    }
}

#[tokio::test]
async fn a_batch_has_one_line_and_each_of_its_failures_another() {
    let launch = program().env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let sandbox = Function::new(launch).start().await.unwrap();
    let record = |(id, body): (&str, &str)| {
        json!({
            "messageId": id, "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:1:orders",
        })
    };
    let records = [("m1", "ok"), ("m2", "fail"), ("m3", "panic")].map(record);
    let payload = json!({ "Records": records }).to_string();
    let root = "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1";
    let invocation = Invocation::new(payload).request_id("r-1").trace_id(root);
    sandbox.invoke(invocation).await.unwrap();
    let program = sandbox.program();
    program
        .wait_line("message orders partial", PATIENCE)
        .await
        .unwrap();
    let lines = program.stderr();
    let lines = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let lines: Vec<_> = lines.filter(|line| line["requestId"] == "r-1").collect();
    let with = |text: &str| {
        let found = lines
            .iter()
            .filter(|line| line["message"].as_str().unwrap().contains(text));
        let found: Vec<_> = found.collect();
        assert_eq!(found.len(), 1, "{text}: {lines:?}");
        found[0].clone()
    };
    let failed = with("failed message \"orders\" m2");
    assert_eq!(
        (&failed["level"], &failed["fields"]["event_id"]),
        (&json!("ERROR"), &json!("m2"))
    );
    assert_eq!(with("panicked at")["level"], "ERROR");
    assert_eq!(with("whose handler panicked")["fields"]["event_id"], "m3");
    assert_eq!(with("panicked at")["fields"]["event_id"], "m3");
    let taken = with("taken");
    assert_eq!(
        (&taken["xray_trace_id"], &taken["fields"]["event_id"]),
        (&json!("1-0af76519-16cd43dd8448eb211c80319c"), &json!("m1"))
    );
    let access = &with("message orders partial")["fields"];
    assert_eq!(
        (&access["items"], &access["failed"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(lines.len(), 5, "{lines:?}");
}

#[tokio::test]
async fn a_subscriber_of_ones_own_is_left_alone() {
    let started = Local::start(program().arg("own-subscriber")).await.unwrap();
    let any = started.any();
    let host = Host {
        can: any.front.capabilities(),
        front: any.front,
        program: any.program,
    };
    host.get("/hello").await;
    host.get("/panic").await;
    host.line("own: isobar::access").await;
    let lines = lines_with(&host, "");
    // With it std's own words of a panic stay what they are.
    let stds = |line: &String| line.contains("panicked at") || line.contains("out of \"range\"");
    let others: Vec<_> = lines
        .iter()
        .filter(|line| !line.starts_with("own: "))
        .collect();
    assert!(!others.is_empty(), "{lines:?}");
    assert!(others.iter().any(|line| stds(line)), "{lines:?}");
    assert!(
        !lines.iter().any(|line| line.starts_with("20")),
        "{lines:?}"
    );
}

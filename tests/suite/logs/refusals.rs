//! What never reaches the handler, or cannot be sent, is found in the log all the same.

use isobar_hosts::lambda::{Function, Invocation};
use isobar_hosts::{Body, body};
use serde_json::json;

use super::{ALL, AZURE, CLOUD_RUN, LAMBDA_JSON, LOCAL, PATIENCE, Reader, lines_with, program};
use crate::host::{Answer, Host, Kind, get, post};

/// The one access line of an answer that was refused, in which the id stands by which the host knows it.
fn refused(host: &Host, reader: Reader, came: &str) -> String {
    let lines = lines_with(host, came);
    assert_eq!(lines.len(), 1, "{}: {lines:?}", reader.name);
    let line = lines[0].clone();
    let is_refused = line.contains(r#""outcome":"refused""#) || line.contains(" outcome=refused ");
    assert!(is_refused, "{line}");
    assert!(reader.request_id(&line).is_some(), "{line}");
    line
}

async fn post_of(host: &Host, target: &str, headers: &[(&str, &str)], body: Body) -> Answer {
    let request = { headers.iter() }.fold(post(target), |request, (name, value)| {
        request.header(*name, *value)
    });
    host.send_body(request, body).await
}

#[tokio::test]
async fn a_body_that_is_too_long_has_its_line_on_every_host() {
    for reader in ALL {
        let host = reader.start(&[("ISOBAR_BODY_LIMIT", "8")]).await;
        let answer = post_of(&host, "/size?s3cret", &[], body::full("more than eight")).await;
        assert_eq!(answer.status, 413, "{}", reader.name);
        // On Azure it is the host's own request that is refused, which has the function's name.
        let came = if reader.name == "azure" {
            "POST /http 413"
        } else {
            "POST /size 413"
        };
        host.line(came).await;
        refused(&host, reader, came);
        assert!(lines_with(&host, "s3cret").is_empty());
        host.send(post("/size"), "eight").await;
        host.line("POST /size 200").await;
        assert_eq!(lines_with(&host, "outcome").len(), 2, "one line each");
    }
}

#[tokio::test]
async fn a_body_that_the_functions_host_drops_has_its_line() {
    let host = AZURE.start(&[]).await;
    let chunks = body::chunks(["four", "four"].map(Into::into));
    assert_eq!(post_of(&host, "/size", &[], chunks).await.status, 411);
    host.line("POST /http 411").await;
    refused(&host, AZURE, "POST /http 411");
}

#[tokio::test]
async fn what_is_no_event_has_its_line() {
    let cloud_event = [("ce-id", "1"), ("ce-specversion", "1.0")];
    for reader in [CLOUD_RUN, LOCAL] {
        let host = reader.start(&[]).await;
        let answer = post_of(&host, "/events", &cloud_event, body::full("x")).await;
        assert_eq!(answer.status, 400, "{}", reader.name);
        host.line("POST /events 400").await;
        let line = refused(&host, reader, "POST /events 400");
        assert!(
            reader.name == "local" || line.contains(r#""trigger":"event""#),
            "{line}"
        );
    }
}

#[tokio::test]
async fn an_invocation_that_nothing_takes_has_its_line_on_lambda() {
    let launch = program().env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let sandbox = Function::new(launch).start().await.unwrap();
    let program = sandbox.program();
    let unknown = json!({"Records": [{"eventSource": "aws:x"}]}).to_string();
    for (id, event) in [("r-1", "no JSON".to_owned()), ("r-2", unknown)] {
        let invocation = Invocation::new(event).request_id(id);
        let answer = sandbox.invoke(invocation).await.unwrap();
        assert!(answer.json()["errorType"].is_string(), "{answer:?}");
        let of = format!(r#""message":"event error","logger":"isobar::access","requestId":"{id}""#);
        program.wait_line(&of, PATIENCE).await.unwrap();
        let said = program.stderr();
        let said: Vec<_> = said.iter().filter(|line| line.contains(&of)).collect();
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(r#""trigger":"event""#), "{said:?}");
    }
}

#[tokio::test]
async fn a_request_that_can_not_be_read_has_its_line_on_lambda() {
    let launch = program().env("AWS_LAMBDA_LOG_FORMAT", "JSON");
    let sandbox = Function::new(launch).start().await.unwrap();
    let event = json!({"version": "2.0", "rawPath": "/size", "rawQueryString": "", "headers": {},
        "requestContext": {"http": {"method": "POST", "path": "/size"}},
        "isBase64Encoded": true, "body": "no base64!"});
    let invocation = Invocation::new(event.to_string()).request_id("r-1");
    let answer = sandbox.invoke(invocation).await.unwrap().json();
    assert_eq!(answer["statusCode"], 400);
    let program = sandbox.program();
    let line = program.wait_line("http 400", PATIENCE).await.unwrap();
    let wanted = [r#""outcome":"refused""#, r#""requestId":"r-1""#];
    assert!(
        wanted.iter().all(|wanted| line.text.contains(wanted)),
        "{line:?}"
    );
}

/// The problem quotes the id that the line has in which the reason stands.
async fn quotes_its_id(reader: Reader, target: &str, status: u16, reason: &str) {
    let host = reader.start(&[]).await;
    let answer = host.send(get(target), "").await;
    assert_eq!(answer.status, status, "{target} on {}", reader.name);
    host.line(reason).await;
    let lines = lines_with(&host, reason);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let quoted = answer.json()["request_id"].as_str().map(str::to_owned);
    assert!(quoted.is_some(), "{}", answer.text());
    assert_eq!(reader.request_id(&lines[0]), quoted, "{lines:?}");
}

#[tokio::test]
async fn the_problem_in_the_place_of_an_answer_that_can_not_be_sent_quotes_its_id() {
    let streamed = Reader {
        kind: Kind::LambdaUrlStream,
        ..LAMBDA_JSON
    };
    let unsendable = "the response cannot be sent";
    quotes_its_id(LAMBDA_JSON, "/huge", 502, unsendable).await;
    quotes_its_id(LAMBDA_JSON, "/odd", 502, unsendable).await;
    quotes_its_id(streamed, "/odd", 502, unsendable).await;
    quotes_its_id(AZURE, "/odd", 500, "cannot carry").await;
}

#[tokio::test]
async fn a_mode_that_the_front_door_can_not_take_is_a_problem_with_its_id_and_a_line() {
    let mistaken = Reader {
        kind: Kind::LambdaAlb,
        ..LAMBDA_JSON
    };
    let host = mistaken.start(&[("ISOBAR_RESPONSE_MODE", "stream")]).await;
    let answer = host.send(get("/hello"), "").await;
    assert_eq!(answer.status, 502);
    host.line("GET /hello 502").await;
    let lines = lines_with(&host, "GET /hello 502");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains(r#""outcome":"error""#), "{lines:?}");
    let quoted = answer.json()["request_id"].as_str().map(str::to_owned);
    assert_eq!(mistaken.request_id(&lines[0]), quoted);
}

#[tokio::test]
async fn a_sender_of_events_that_fail_can_quote_the_id() {
    for reader in [CLOUD_RUN, LOCAL] {
        let host = reader.start(&[]).await;
        let headers = [
            ("ce-id", "1"),
            ("ce-specversion", "1.0"),
            ("ce-source", "s"),
            ("ce-type", "t"),
        ];
        let answer = post_of(&host, "/events", &headers, body::empty()).await;
        assert_eq!(answer.status, 500);
        host.line("no handler for").await;
        let lines = lines_with(&host, "no handler for");
        let quoted = answer.json()["request_id"].as_str().map(str::to_owned);
        assert!(quoted.is_some(), "{}", answer.text());
        assert_eq!(reader.request_id(&lines[0]), quoted, "{lines:?}");
    }
}

//! Translations alone, again and again: what callgrind counts of them.
//!
//! usage: translations NAME TIMES

#[path = "../src/sample.rs"]
#[expect(dead_code, reason = "the hosts' other deliveries")]
mod sample;

use std::hint::black_box;

use bytes::Bytes;
use isobar::{HeaderMap, Outcome, Reply, aws, azure};

type Problem = Box<dyn std::error::Error>;

fn main() -> Result<(), Problem> {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().ok_or("a name is wanted")?;
    let times: usize = arguments.next().ok_or("a number is wanted")?.parse()?;
    match &*name {
        "aws-v2-read" => read(sample::http_api("GET", "/hello", "", None), times),
        "aws-v1-read" => read(sample::rest_api("/hello"), times),
        "aws-alb-read" => read(sample::load_balancer("/hello"), times),
        "aws-100k-read" => {
            let body = sample::binary(100 << 10);
            read(sample::bytes("/echo", &body), times)
        }
        "aws-v2-write" => write(times),
        "aws-sqs-10" => queue(times),
        "azure-hello-read" => azure_read(None, times),
        "azure-1k-read" => azure_read(Some(&sample::document(1024)), times),
        _ => Err(format!("there is no translation {name}").into()),
    }
}

fn failed(refused: &aws::translate::Refused) -> Problem {
    format!("{refused:?}").into()
}

fn read(event: Vec<u8>, times: usize) -> Result<(), Problem> {
    let deployment = aws::translate::Deployment::new([])?;
    let (event, headers) = (Bytes::from(event), HeaderMap::new());
    for _ in 0..times {
        let incoming = deployment.decode(event.clone(), &headers);
        drop(black_box(incoming.map_err(|refused| failed(&refused))?));
    }
    Ok(())
}

fn write(times: usize) -> Result<(), Problem> {
    let event = Bytes::from(sample::http_api("GET", "/hello", "", None));
    let incoming = aws::translate::decode(event, &HeaderMap::new());
    let aws::translate::Incoming::Request(arrived) =
        incoming.map_err(|refused| failed(&refused))?
    else {
        return Err("no request".into());
    };
    let response = http::Response::builder()
        .header("content-type", "application/json")
        .body(())?;
    for _ in 0..times {
        let answer =
            aws::translate::encode(arrived.door, &response, br#"{"message":"Hello, world!"}"#);
        drop(black_box(answer.ok_or("not to be said")?));
    }
    Ok(())
}

fn queue(times: usize) -> Result<(), Problem> {
    let deployment = aws::translate::Deployment::new([])?;
    let (event, headers) = (Bytes::from(sample::queue(10)), HeaderMap::new());
    for _ in 0..times {
        let incoming = deployment.decode(event.clone(), &headers);
        let aws::translate::Incoming::Events(events) =
            incoming.map_err(|refused| failed(&refused))?
        else {
            return Err("no events".into());
        };
        let outcomes: Vec<_> = events
            .batch
            .events
            .iter()
            .map(|_| Outcome::Done(Reply::default()))
            .collect();
        let answer = events.tell.encode(&outcomes);
        drop(black_box(answer.map_err(|refused| failed(&refused))?));
    }
    Ok(())
}

fn azure_read(body: Option<&str>, times: usize) -> Result<(), Problem> {
    let function = r#"{"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "route": "{*path}"},
        {"type": "http", "direction": "out", "name": "res"}]}"#;
    let host = r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;
    let app = azure::translate::App::new(host, &[("http", function)])?;
    let delivery = sample::invocation("POST", "/echo", body);
    let text = String::from_utf8(delivery)?;
    let (_, invocation) = text.split_once("\r\n\r\n").ok_or("no body")?;
    let invocation = Bytes::copy_from_slice(invocation.as_bytes());
    for _ in 0..times {
        let request = http::Request::post("/http")
            .header("content-type", "application/json; charset=utf-8")
            .header(
                "x-azure-functions-invocationid",
                "6b6b2f0e-0000-0000-0000-000000000001",
            )
            .body(invocation.clone())?;
        let decoded = app.decode(request);
        if !matches!(decoded, azure::translate::Decoded::Http(..)) {
            return Err(format!("no request: {decoded:?}").into());
        }
        drop(black_box(decoded));
    }
    Ok(())
}

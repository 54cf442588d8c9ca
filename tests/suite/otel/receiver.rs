//! A collector of the least: OTLP over HTTP, and what came.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::points::{Point, points};

/// A span, and the resource that it came under.
#[derive(Clone, Debug)]
pub(super) struct Got {
    pub(super) span: Span,
    pub(super) resource: Value,
}

impl Got {
    pub(super) fn name(&self) -> &str {
        &self.span.name
    }

    pub(super) fn attributes(&self) -> Value {
        object(&self.span.attributes)
    }

    /// `00-{trace}-{span}-01`, as who was called by it sees it.
    pub(super) fn traceparent(&self) -> String {
        let Span {
            trace_id, span_id, ..
        } = &self.span;
        format!("00-{}-{}-01", hex(trace_id), hex(span_id))
    }

    /// The same of its parent.
    pub(super) fn parent(&self) -> String {
        let Span {
            trace_id,
            parent_span_id,
            ..
        } = &self.span;
        format!("00-{}-{}-01", hex(trace_id), hex(parent_span_id))
    }

    /// True if its status is an error.
    pub(super) fn has_failed(&self) -> bool {
        self.span
            .status
            .as_ref()
            .is_some_and(|status| status.code == 2)
    }
}

/// How it answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    Well,
    Never,
}

/// What came: the spans, the points of each export of metrics, and the path of each request.
#[derive(Default)]
struct Inbox {
    spans: Vec<Got>,
    exports: Vec<Vec<Point>>,
    paths: Vec<String>,
}

/// A collector on loopback; it is gone when this is dropped.
pub(super) struct Receiver {
    pub(super) endpoint: String,
    inbox: Arc<Mutex<Inbox>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn new(manner: Manner) -> Self {
        Self::at(0, manner).await
    }

    /// A collector at a port that is known before it is there.
    pub(super) async fn at(port: u16, manner: Manner) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let inbox = Arc::<Mutex<Inbox>>::default();
        let to = Arc::clone(&inbox);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                drop(tokio::spawn(serve(stream, Arc::clone(&to), manner)));
            }
        });
        Self {
            endpoint,
            inbox,
            task,
        }
    }

    /// How many requests came to a path.
    pub(super) fn requests(&self, path: &str) -> usize {
        let inbox = self.inbox.lock().unwrap();
        inbox.paths.iter().filter(|came| *came == path).count()
    }

    /// The points of each export of metrics.
    pub(super) fn exports(&self) -> Vec<Vec<Point>> {
        self.inbox.lock().unwrap().exports.clone()
    }

    pub(super) fn spans(&self) -> Vec<Got> {
        self.inbox.lock().unwrap().spans.clone()
    }

    /// Waits until as many spans of this name have come as are wanted.
    pub(super) async fn wait(&self, name: &str, wanted: usize) -> Vec<Got> {
        let begun = Instant::now();
        loop {
            let all = self.spans();
            let found: Vec<_> = all
                .iter()
                .filter(|got| got.name() == name)
                .cloned()
                .collect();
            if found.len() >= wanted {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{name}: {all:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: TcpStream, inbox: Arc<Mutex<Inbox>>, manner: Manner) {
    let mut bytes = Vec::new();
    loop {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
            continue;
        };
        let head = String::from_utf8(bytes[..end].to_vec())
            .unwrap()
            .to_lowercase();
        let path = head.strip_prefix("post ").unwrap().split(' ').next();
        let path = path.unwrap().to_owned();
        assert!(
            head.contains("content-type: application/x-protobuf"),
            "{head}"
        );
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
        while bytes.len() < end + 4 + length {
            assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "cut off");
        }
        if manner == Manner::Never {
            return std::future::pending().await;
        }
        let rest = bytes.split_off(end + 4 + length);
        inbox.lock().unwrap().take(path, &bytes[end + 4..]);
        bytes = rest;
        let answer =
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

impl Inbox {
    fn take(&mut self, path: String, body: &[u8]) {
        match &*path {
            "/v1/traces" => {
                let request = ExportTraceServiceRequest::decode(body).unwrap();
                self.spans.extend(spans(request));
            }
            "/v1/metrics" => {
                let request = ExportMetricsServiceRequest::decode(body).unwrap();
                self.exports.push(points(request));
            }
            other => panic!("{other}"),
        }
        self.paths.push(path);
    }
}

fn spans(request: ExportTraceServiceRequest) -> Vec<Got> {
    let of_resource = request.resource_spans.into_iter().flat_map(|group| {
        let resource = object(&group.resource.unwrap().attributes);
        let spans = group.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| Got {
            span,
            resource: resource.clone(),
        })
    });
    of_resource.collect()
}

pub(super) fn object(attributes: &[KeyValue]) -> Value {
    let value = |of: &KeyValue| match of.value.clone().unwrap().value.unwrap() {
        any_value::Value::StringValue(text) => json!(text),
        any_value::Value::BoolValue(flag) => json!(flag),
        any_value::Value::IntValue(number) => json!(number),
        other => json!(format!("{other:?}")),
    };
    let all = attributes.iter().map(|of| (of.key.clone(), value(of)));
    Value::Object(all.collect::<Map<_, _>>())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

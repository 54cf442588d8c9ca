//! What the page of a program has sent: through the program's own listener.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use isobar_core::{Kind, async_trait};
use isobar_inspector::{Driver, Host, Native, Order, Portable, Record, Sample, Trigger, What};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends through the program's own listener.
pub(super) struct Own {
    address: SocketAddr,
}

impl Own {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address }
    }
}

/// So long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

#[async_trait]
impl Driver for Own {
    fn hosts(&self) -> Vec<Host> {
        let of = |kind: Kind, name: &str| Trigger {
            word: kind.as_str().to_owned(),
            title: format!("{kind} by POST"),
            kind: kind.as_str().to_owned(),
            name: name.to_owned(),
            batches: false,
        };
        vec![Host {
            word: "local".to_owned(),
            title: "This machine".to_owned(),
            triggers: vec![
                of(Kind::Message, "orders"),
                of(Kind::Object, "uploads"),
                of(Kind::Schedule, "nightly"),
                of(Kind::Change, "records"),
                of(Kind::Invoke, "quote"),
                of(Kind::Other, "any"),
            ],
        }]
    }

    async fn send(&self, order: Order) -> Result<(), String> {
        let native = match order.what {
            What::Again(record) => again(*record)?,
            What::Native(native) => native,
            What::Request(request) => of_request(request),
            What::Sample(sample) => of_sample(&sample),
        };
        let sent = tokio::time::timeout(PATIENCE, send(self.address, &native)).await;
        let sent =
            sent.map_err(|_late| "the program has not answered within a minute".to_owned())?;
        sent.map_err(|error| error.to_string())
    }
}

/// What came from this host goes as it came; a request of another's as the handler saw it.
fn again(record: Record) -> Result<Native, String> {
    match record.portable {
        _ if record.native_in.target().is_some() && record.host == "local" => Ok(record.native_in),
        Portable::Request(request) => Ok(of_request(request)),
        _ => Err(format!(
            "an event of the host {} is sent again by cargo isobar dev --as {0}",
            record.host
        )),
    }
}

fn of_request(request: isobar_inspector::Request) -> Native {
    let target = request
        .uri
        .split_once("://")
        .map_or(&*request.uri, |(_, rest)| {
            rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
        });
    Native {
        line: format!("{} {target} HTTP/1.1", request.method),
        headers: request.headers,
        body: request.body,
    }
}

fn of_sample(sample: &Sample) -> Native {
    let data = sample.bodies.first().cloned().unwrap_or_default();
    let name: String = sample.name.bytes().map(escaped).collect();
    let (body, media_type) = match sample.trigger.as_str() {
        "object" => {
            let json = serde_json::json!({"key": sample.key, "size": data.len()});
            (json.to_string(), "application/json")
        }
        "change" => {
            let after: serde_json::Value = serde_json::from_str(&data).unwrap_or_default();
            let json = serde_json::json!({"after": after, "keys": {"id": sample.key}});
            (json.to_string(), "application/json")
        }
        _ if serde_json::from_str::<serde_json::Value>(&data).is_ok() => (data, "application/json"),
        _ => (data, "text/plain; charset=utf-8"),
    };
    Native {
        line: format!("POST /events/{}/{name} HTTP/1.1", sample.trigger),
        headers: vec![("content-type".to_owned(), media_type.to_owned())],
        body: isobar_inspector::Blob::of(body.as_bytes()),
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).into()
        }
        byte => format!("%{byte:02X}"),
    }
}

/// Sends a request, and waits for the end of its answer.
async fn send(address: SocketAddr, native: &Native) -> std::io::Result<()> {
    let wrong = |what: &str| std::io::Error::other(format!("{what} cannot be sent"));
    let is_text = |text: &str| text.bytes().all(|byte| byte >= b' ' && byte != 0x7f);
    let (method, target) = native
        .target()
        .ok_or_else(|| wrong("a request without a path"))?;
    if !is_text(&native.line) || method.is_empty() {
        return Err(wrong("a request of such a line"));
    }
    // a String takes all that is written
    let mut head = format!("{method} {target} HTTP/1.1\r\n");
    let hop = [
        "connection",
        "content-length",
        "transfer-encoding",
        "keep-alive",
        "expect",
    ];
    let headers = native
        .headers
        .iter()
        .filter(|(name, _)| !hop.contains(&name.as_str()));
    for (name, value) in headers {
        if name.is_empty() || !is_text(name) || name.contains([':', ' ']) || !is_text(value) {
            return Err(wrong(&format!("the header {name:?}")));
        }
        let _written = write!(head, "{name}: {value}\r\n");
    }
    if !native.headers.iter().any(|(name, _)| name == "host") {
        let _written = write!(head, "host: localhost:{}\r\n", address.port());
    }
    let length = native.body.bytes().len();
    let _written = write!(
        head,
        "content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(&[head.as_bytes(), native.body.bytes()].concat())
        .await?;
    let mut answer = [0; 8 << 10];
    while stream.read(&mut answer).await? > 0 {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(trigger: &str, body: &str) -> Native {
        of_sample(&Sample {
            trigger: trigger.to_owned(),
            name: "a b/c".to_owned(),
            bodies: vec![body.to_owned()],
            key: "k".to_owned(),
        })
    }

    #[test]
    fn a_sample_is_a_post_behind_the_events_path() {
        let message = sample("message", "plain");
        assert_eq!(message.line, "POST /events/message/a%20b%2Fc HTTP/1.1");
        assert_eq!(message.body.text(), Some("plain"));
        let object = sample("object", "data");
        assert_eq!(object.body.text(), Some(r#"{"key":"k","size":4}"#));
        let change = sample("change", r#"{"a":1}"#);
        let wanted = r#"{"after":{"a":1},"keys":{"id":"k"}}"#;
        assert_eq!(change.body.text(), Some(wanted));
    }

    #[test]
    fn an_event_of_another_host_says_what_sends_it() {
        let record = Record {
            host: "aws".to_owned(),
            ..Record::default()
        };
        assert!(again(record).unwrap_err().contains("dev --as aws"));
    }

    #[tokio::test]
    async fn a_head_can_not_be_split_by_what_stands_in_it() {
        for (line, name, value) in [
            ("GET /\r\nx: 1 HTTP/1.1", "a", "b"),
            ("GET / HTTP/1.1", "a\r\nb", "c"),
            ("GET / HTTP/1.1", "a", "b\r\nc: d"),
            ("nothing", "a", "b"),
        ] {
            let native = Native {
                line: line.to_owned(),
                headers: vec![(name.to_owned(), value.to_owned())],
                ..Native::default()
            };
            let nobody = ([127, 0, 0, 1], 1).into();
            let error = send(nobody, &native).await.unwrap_err().to_string();
            assert!(
                error.contains("cannot be sent"),
                "{line:?} {name:?}: {error}"
            );
        }
    }
}

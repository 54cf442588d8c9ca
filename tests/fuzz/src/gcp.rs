//! Google Cloud: deliveries of every sender, Firestore's protobuf, CloudEvents there and back, tokens.

use arbitrary::Arbitrary;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use isobar::gcp::translate::{self, App, Decoded, Mode};
use isobar::{Bytes, Dispatcher, Event, Kind, Outcome, Reply};

fn served(variables: &[(&str, &str)]) -> App {
    let handler = isobar::App::new()
        .http(|_: isobar::Request| async { "hello" })
        .on_event("*", async || {});
    App::new(Dispatcher::new(handler), variables).unwrap()
}

thread_local! {
    /// A service of HTTP and events, and functions of each signature.
    static APPS: [App; 4] = [
        served(&[("K_SERVICE", "s"), ("ISOBAR_EVENTS_AUTH", "iam")]),
        served(&[("FUNCTION_SIGNATURE_TYPE", "cloudevent")]),
        served(&[("FUNCTION_SIGNATURE_TYPE", "event")]),
        served(&[("FUNCTION_SIGNATURE_TYPE", "typed")]),
    ];
}

/// A request, as anybody could send it to a service or to a function, by the first byte.
pub fn delivery(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let Some(request) = super::request(rest) else {
        return;
    };
    APPS.with(|apps| decoded(&apps[usize::from(*first) % apps.len()], request));
}

fn decoded(app: &App, request: http::Request<Bytes>) {
    match app.decode(request) {
        Decoded::Events(batch) => {
            batch.events.iter().for_each(super::look);
            batch.events.iter().for_each(again);
            let outcomes = vec![Outcome::Done(Reply::default()); batch.events.len()];
            assert_eq!(translate::encode_events(&outcomes).status(), 204);
        }
        Decoded::Call(batch) => batch.events.iter().for_each(super::look),
        Decoded::Answered(answer) => assert!(
            answer.status().is_client_error() || answer.status().is_success(),
            "{answer:?}"
        ),
        _ => {}
    }
}

/// What is no more than a CloudEvent comes back as it went.
fn again(event: &Event) {
    if event.kind() != Kind::Other {
        return;
    }
    let sent = translate::encode(std::slice::from_ref(event), Mode::Structured);
    let Decoded::Events(batch) = APPS.with(|apps| apps[1].decode(sent)) else {
        panic!("it does not come back: {event:?}");
    };
    is_same(&batch.events[0], event);
}

fn is_same(got: &Event, event: &Event) {
    let attributes = |event: &Event| {
        let texts = [event.id(), event.source(), event.ty()].map(str::to_owned);
        let optional = [event.subject(), event.time(), event.data_schema()];
        (texts, optional.map(|text| text.map(str::to_owned)))
    };
    assert_eq!(attributes(got), attributes(event));
    let extensions = |event: &Event| -> Vec<_> {
        let pairs = event.extensions();
        let mut all: Vec<_> = pairs.map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        all.sort();
        all
    };
    assert_eq!(extensions(got), extensions(event));
    // What stands around a JSON value is no part of it.
    let is_json = event
        .data_content_type()
        .is_some_and(|ty| ty.contains("json"));
    let value = |event: &Event| {
        let data = event.data().map(|data| data.to_vec());
        data.map(|data| {
            if is_json {
                data.trim_ascii().to_vec()
            } else {
                data
            }
        })
    };
    assert_eq!(value(got), value(event));
}

/// A document as Eventarc delivers it: protobuf, by hand.
pub fn firestore(data: &[u8]) {
    let Some((first, body)) = data.split_first() else {
        return;
    };
    let ty = match first % 3 {
        0 => "google.cloud.firestore.document.v1.written",
        1 => "google.cloud.firestore.document.v1.deleted",
        _ => "google.cloud.datastore.entity.v1.written",
    };
    let request = http::Request::post("/")
        .header("ce-specversion", "1.0")
        .header("ce-id", "1")
        .header(
            "ce-source",
            "//firestore.googleapis.com/projects/p/databases/d",
        )
        .header("ce-type", ty)
        .header("content-type", "application/protobuf");
    let request = request.body(Bytes::copy_from_slice(body)).unwrap();
    APPS.with(|apps| decoded(&apps[1], request));
}

/// A CloudEvent that somebody sends.
#[derive(Arbitrary, Clone, Debug)]
pub struct Sent {
    id: String,
    source: String,
    ty: String,
    subject: Option<String>,
    time: Option<String>,
    schema: Option<String>,
    extensions: Vec<(u8, String)>,
    data: Option<(Media, Vec<u8>)>,
}

#[derive(Arbitrary, Clone, Debug)]
enum Media {
    Text,
    Bytes,
}

/// An event comes back from each mode as it went.
pub fn cloud_event(sent: Sent) {
    let ty = format!("com.example.{}", sent.ty);
    let (id, source) = (format!("e{}", sent.id), format!("/{}", sent.source));
    let mut event = Event::builder("n", id, source, ty)
        .subject(sent.subject.filter(|text| !text.is_empty()).map(Into::into))
        .time(sent.time.filter(|text| !text.is_empty()).map(Into::into))
        .data_schema(sent.schema.filter(|text| !text.is_empty()).map(Into::into));
    let mut names = std::collections::BTreeSet::new();
    for (name, value) in sent.extensions {
        if names.insert(name) && !value.is_empty() {
            event = event.extension(format!("x{name}"), value);
        }
    }
    let event = match sent.data {
        Some((Media::Text, bytes)) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            event.data("text/plain", text.into_bytes())
        }
        Some((Media::Bytes, bytes)) => event.data("application/octet-stream", bytes),
        None => event,
    };
    let event = event.build();
    for mode in [Mode::Binary, Mode::Structured, Mode::Batch] {
        let sent = translate::encode(std::slice::from_ref(&event), mode);
        let Decoded::Events(batch) = APPS.with(|apps| apps[1].decode(sent)) else {
            panic!("{mode:?}: it does not come back: {event:?}");
        };
        is_same(&batch.events[0], &event);
    }
}

/// A token: whatever it says, nobody but Google signs it.
pub fn token(data: &[u8]) {
    const N: &str = concat!(
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W",
        "-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q",
        "NLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    );
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let n = BASE64_URL_SAFE_NO_PAD.decode(N).unwrap();
    let wanted = (
        "https://svc.a.run.app/events",
        "push@p.iam.gserviceaccount.com",
    );
    let key = (&*n, &[1, 0, 1][..]);
    assert!(
        !translate::accepts(text, key, wanted, 1_790_000_000),
        "{text}"
    );
    // A key that is none is no way in.
    assert!(!translate::accepts(text, (&[], &[]), wanted, 1_790_000_000));
}

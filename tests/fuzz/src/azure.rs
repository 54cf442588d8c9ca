//! Azure Functions: a client's request in each of its ways, invocations, the app's files, answers.

use http::header::HeaderValue;
use isobar::azure::translate::{self, Answered, App, Decoded};
use isobar::{Bytes, Dispatcher, IntoResponse, RequestExt};
use serde_json::Value;

const HTTP: &str = r#"{"bindings": [{"type": "httpTrigger", "direction": "in", "name": "req"},
    {"type": "http", "direction": "out", "name": "res"}]}"#;

const MODES: [&str; 3] = [
    "",
    r#""enableForwardingHttpRequest": true"#,
    r#""enableProxyingHttpRequest": true"#,
];

/// The bindings of a function with each trigger.
pub const TRIGGERS: [&str; 15] = [
    r#""type": "queueTrigger""#,
    r#""type": "queueTrigger", "dataType": "binary""#,
    r#""type": "serviceBusTrigger""#,
    r#""type": "serviceBusTrigger", "cardinality": "many""#,
    r#""type": "eventHubTrigger""#,
    r#""type": "eventHubTrigger", "cardinality": "many""#,
    r#""type": "kafkaTrigger""#,
    r#""type": "kafkaTrigger", "cardinality": "many""#,
    r#""type": "eventGridTrigger""#,
    r#""type": "blobTrigger", "path": "c/{name}""#,
    r#""type": "timerTrigger""#,
    r#""type": "cosmosDBTrigger""#,
    r#""type": "sqlTrigger""#,
    r#""type": "warmupTrigger""#,
    r#""type": "activityTrigger""#,
];

fn http_apps() -> Vec<App> {
    let app = |mode: &&str| {
        let host_json = format!(r#"{{"customHandler": {{{mode}}}}}"#);
        App::new(&host_json, &[("http", HTTP)]).unwrap()
    };
    MODES.iter().map(app).collect()
}

fn event_apps() -> Vec<App> {
    let app = |trigger: &&str| {
        let function =
            format!(r#"{{"bindings": [{{{trigger}, "name": "x", "direction": "in"}}]}}"#);
        App::new("{}", &[("f", &*function)]).unwrap()
    };
    TRIGGERS.iter().map(app).collect()
}

thread_local! {
    static HTTP_APPS: Vec<App> = http_apps();
    static EVENT_APPS: Vec<App> = event_apps();
    static EVENTS: Dispatcher = Dispatcher::new(isobar::App::new().on_event("*", async || {}));
}

/// A first byte that says which, and the rest.
fn which<T>(all: &[T], data: &[u8]) -> Option<(usize, Vec<u8>)> {
    let (first, rest) = data.split_first()?;
    Some((usize::from(*first) % all.len(), rest.to_vec()))
}

/// A client's request, as the host delivers it: by invocation JSON, forwarded, or proxied.
pub fn http(data: &[u8]) {
    HTTP_APPS.with(|apps| {
        let Some((app, rest)) = which(apps, data) else {
            return;
        };
        if let Some(request) = super::request(&rest) {
            client(&apps[app], request);
        }
    });
}

fn client(app: &App, delivered: http::Request<Bytes>) {
    let (response, answered) = match app.decode(delivered) {
        Decoded::Http(request, answered) => {
            let root = request.context().root_path();
            assert!(root.is_empty() || root.starts_with('/'), "{root}");
            let body = request.into_body();
            (isobar::Response::new(body), answered)
        }
        Decoded::Refused(error, answered) => (error.into_response(), answered),
        Decoded::Failed(error) => {
            assert!(error.status().is_client_error(), "{error:?}");
            return;
        }
        _ => return,
    };
    if matches!(answered, Answered::Output(_)) {
        is_output(response, &answered);
    }
}

/// The host gets an object, always: anything else would hang, or hide what is wrong.
fn is_output(response: isobar::Response, answered: &Answered) -> Value {
    let answer = super::run(translate::encode(answered, response));
    assert_eq!(answer.status(), 200);
    let json: Value = serde_json::from_slice(answer.body()).unwrap();
    assert!(json["Outputs"]["res"]["statusCode"].is_string(), "{json}");
    json["Outputs"]["res"].clone()
}

/// An invocation of a function of events.
pub fn event(data: &[u8]) {
    EVENT_APPS.with(|apps| {
        let Some((app, rest)) = which(apps, data) else {
            return;
        };
        invoked(&apps[app], &Bytes::from(rest));
    });
}

fn invoked(app: &App, payload: &Bytes) {
    let delivered = || http::Request::post("/f").body(payload.clone()).unwrap();
    let is_event = match app.decode(delivered()) {
        Decoded::Events(delivered) => {
            delivered.batch.events.iter().for_each(super::look);
            true
        }
        Decoded::Failed(error) => {
            assert!(error.status().is_client_error(), "{error:?}");
            false
        }
        other => panic!("{other:?}"),
    };
    let answer = EVENTS.with(|dispatcher| super::run(app.respond(delivered(), dispatcher)));
    if answer.status() == 200 {
        let json: Value = serde_json::from_slice(answer.body()).unwrap();
        assert!(json["Outputs"].is_object(), "{json}");
    } else {
        assert!(!is_event, "{answer:?}");
    }
}

/// The app's own files: host.json and a function's, parted by a NUL.
pub fn files(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (host, function) = text.split_once('\0').unwrap_or((text, HTTP));
    match App::new(host, &[("f", function)]) {
        Ok(app) => {
            let routes = isobar::Routes::http();
            let _said = app.warnings(&routes);
            let post = http::Request::post("/f").body(Bytes::from_static(b"{}"));
            let _decoded = app.decode(post.unwrap());
        }
        // The operator has to find the place.
        Err(error) => assert!(error.to_string().len() > 8, "{error}"),
    }
}

/// A handler's answer in invocation JSON: its body arrives, or is refused with the remedy.
pub fn answer(answer: super::Answer) {
    let response = answer.response();
    let (status, body) = (response.status().as_u16().to_string(), answer.body());
    let output = is_output(response, &Answered::Output("res".to_owned()));
    if status == "500" {
        // It cannot be told from a refusal.
    } else if output["statusCode"] == *status {
        let text = output["body"].as_str().unwrap_or_default();
        // One that a date could be taken from is kept from the host's parser by a space.
        let is_whole =
            text.as_bytes() == body || text.trim_end().as_bytes() == body.trim_ascii_end();
        assert!(is_whole, "{text:?} is not {body:?}");
    } else {
        assert_eq!(output["statusCode"], "500", "{output}");
    }
    let headers = output["headers"].as_object().unwrap();
    for value in headers.values() {
        assert!(HeaderValue::from_str(value.as_str().unwrap()).is_ok());
    }
}

//! What is Azure's alone: its pings, its three ways, the moment at which it kills, its vectors.

use std::sync::Arc;
use std::time::{Duration, Instant};

use isobar_hosts::client::raw;
use isobar_hosts::functions::{App, FunctionsHost, Host as Functions};
use isobar_hosts::{Error, Front, Launch, Started, body};
use serde_json::{Value, json};

use crate::host::{Answer, Host, Kind, get};
use crate::programs::program;

const WAYS: [Kind; 3] = [
    Kind::AzureInvocation,
    Kind::AzureForwarded,
    Kind::AzureProxied,
];

fn app() -> App {
    App::new().unwrap().http("http", "{*path}").unwrap()
}

async fn start(app: App) -> Result<Started<FunctionsHost>, Error> {
    Functions::new(program("mirror"), app).start().await
}

async fn send(front: &Arc<FunctionsHost>, request: http::request::Builder) -> Answer {
    let request = request.body(body::empty()).unwrap();
    Answer::read(front.send(request).await.unwrap()).await
}

#[tokio::test]
async fn the_hosts_pings_never_reach_the_application() {
    let started = start(app()).await.unwrap();
    for _ in 0..3 {
        assert_eq!(started.front.ping().await.unwrap().status, 200);
    }
    let first = send(&started.front, get("/api/x")).await.json();
    assert_eq!(
        first["context"]["cold_start"], true,
        "a ping was the first request"
    );
    assert_eq!(started.front.ping().await.unwrap().body(), "");
}

#[tokio::test]
async fn a_clients_own_root_is_no_ping() {
    for kind in WAYS {
        let seen = Host::mirror(kind).await.seen(get("/"), "").await;
        assert_eq!(
            (&seen["method"], &seen["path"]),
            (&json!("GET"), &json!("/")),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_refused_does_not_reset_the_connection() {
    let started = Functions::new(
        program("mirror").env("ISOBAR_BODY_LIMIT", "1000"),
        app().proxying().unwrap(),
    );
    let address = started.start().await.unwrap();
    let address = address.front.address();
    let mut connection = raw::Connection::open(address).await.unwrap();
    let head = "POST /api/x HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: 1\r\ncontent-length: 20000000\r\n\r\n";
    connection.send(head).await.unwrap();
    connection.send(vec![b'x'; 20_000_000]).await.unwrap();
    assert_eq!(connection.answer().await.unwrap().status, 413);
    // and the connection goes on
    connection
        .send("GET /api/x HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: 2\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(connection.answer().await.unwrap().status, 200);
}

#[tokio::test]
async fn a_slow_handler_is_answered_before_the_host_kills() {
    for app in [
        app(),
        app().forwarding().unwrap(),
        app().proxying().unwrap(),
    ] {
        let app = app
            .host_json(&json!({"functionTimeout": "00:00:02"}))
            .unwrap();
        // longer than the host allows: the host's word holds
        let launch = program("mirror").env("ISOBAR_DEADLINE", "60");
        let started = Functions::new(launch, app).start().await.unwrap();
        let begun = Instant::now();
        let answer = send(&started.front, get("/api/sleep?ms=20000")).await;
        assert_eq!(answer.status, 504);
        assert!(
            begun.elapsed() < Duration::from_secs(2),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(send(&started.front, get("/api/x")).await.status, 200);
        assert_eq!(started.front.starts(), 1, "the host killed the program");
    }
}

#[tokio::test]
async fn what_can_not_start_says_which_setting_is_at_fault() {
    let queue = json!([{"type": "queueTrigger", "direction": "in", "name": "m"}]);
    let forgeable = app().forwarding().unwrap().route_prefix("").unwrap();
    let forgeable = forgeable.function("orders", &queue).unwrap();
    let wrong = app()
        .host_json(&json!({"functionTimeout": "soon"}))
        .unwrap();
    for (app, named) in [
        (forgeable, "extensions.http.routePrefix"),
        (wrong, "functionTimeout"),
    ] {
        let launch = environment(program("mirror"), &app);
        let program = launch.start().unwrap();
        program
            .wait_line(named, Duration::from_secs(5))
            .await
            .unwrap();
        let status = program.wait(Duration::from_secs(5)).await.unwrap();
        assert_eq!(
            status.code(),
            Some(1),
            "the host never starts what ended with 0 again"
        );
    }
}

fn environment(launch: Launch, app: &App) -> Launch {
    let root = app.path().to_str().unwrap();
    launch
        .env("FUNCTIONS_CUSTOMHANDLER_PORT", "0")
        .env("FUNCTIONS_APP_ROOT_PATH", root)
}

#[tokio::test]
async fn what_invocation_json_can_not_carry_is_refused_with_the_remedy() {
    let host = Host::mirror(Kind::AzureInvocation).await;
    let cookies = [("set-cookie", "a=1"), ("set-cookie", "b=2")];
    for answer in [
        host.respond(200, &cookies, b"x").await,
        host.respond(200, &[("content-type", "image/png")], b"\x89PNG")
            .await,
    ] {
        assert_eq!(answer.status, 500);
        assert!(
            answer.text().contains("enableProxyingHttpRequest"),
            "{}",
            answer.text()
        );
    }
    host.line("cannot carry").await;
}

#[tokio::test]
async fn a_date_is_kept_from_the_hosts_date_parser() {
    let date = "2024-01-02T03:04:05Z";
    let host = Host::mirror(Kind::AzureInvocation).await;
    let answer = host.respond(200, &[("x-at", date)], date.as_bytes()).await;
    assert_eq!(answer.text().trim_end(), date);
    assert_eq!(answer.all("x-at").first().map(|at| at.trim()), Some(date));
}

#[tokio::test]
async fn a_body_that_the_host_drops_is_a_411() {
    let started = start(app()).await.unwrap();
    let trigger = json!({"Url": "https://a.example/api/x", "Method": "POST", "Headers": {"Transfer-Encoding": ["chunked"]}});
    let outcome = started
        .front
        .invoke("http", json!({"req": trigger}), json!({}))
        .await
        .unwrap();
    let answer: Value = serde_json::from_slice(&outcome.raw).unwrap();
    assert_eq!(answer["Outputs"]["res"]["statusCode"], "411", "{answer}");
}

#[tokio::test]
async fn every_vector_holds() {
    let mut held = 0;
    for vector in crate::vectors::of("azure-proxy") {
        let started = start(folder(&vector, &json!({"enableProxyingHttpRequest": true}))).await;
        let address = started.as_ref().unwrap().front.address();
        let answer = crate::gcp::deliver(address, &vector["deliver"]).await;
        let wrong = crate::vectors::wrong(&vector, &answer);
        assert!(wrong.is_empty(), "{}: {wrong:?}", vector["name"]);
        held += 1;
    }
    for vector in crate::vectors::of("azure-json") {
        let started = start(folder(&vector, &json!({}))).await.unwrap();
        let answer = invoke(started.front.address(), &vector["deliver"]).await;
        let wrong = wrong_output(&vector, &answer["Outputs"]["res"]);
        assert!(wrong.is_empty(), "{}: {wrong:?}", vector["name"]);
        held += 1;
    }
    assert!(held >= 13, "{held}");
}

/// The app's own files, as a vector wants them.
fn folder(vector: &Value, handler: &Value) -> App {
    let app = app().host_json(&json!({"customHandler": handler})).unwrap();
    match vector.get("host_json") {
        Some(more) => app.host_json(more).unwrap(),
        None => app,
    }
}

fn wrong_output(vector: &Value, output: &Value) -> Vec<String> {
    let Some(native) = vector["native"].as_object() else {
        let seen = serde_json::from_str(output["body"].as_str().unwrap()).unwrap();
        return crate::vectors::wrong_seen(vector, &seen);
    };
    let wrong = native
        .iter()
        .filter(|(key, wanted)| &output[*key] != *wanted);
    wrong
        .map(|(key, wanted)| format!("{key}: {}, not {wanted}", output[key]))
        .collect()
}

async fn invoke(address: std::net::SocketAddr, native: &Value) -> Value {
    let payload = native["json"].to_string();
    let mut connection = raw::Connection::open(address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nhost: 127.0.0.1\r\nx-azure-functions-invocationid: 1\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        native["path"].as_str().unwrap(),
        payload.len()
    );
    connection.send(head + &payload).await.unwrap();
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.status, 200);
    serde_json::from_slice(&answer.body()).unwrap()
}

#[tokio::test]
async fn function_keys_are_shown_nowhere() {
    let host = Host::mirror(Kind::AzureInvocation).await;
    let request = get("/fail?code=s3cret-in-query").header("x-functions-key", "s3cret-in-header");
    host.send(request, "").await;
    host.line("as asked for").await;
    let lines = host.program.stderr().join("\n");
    assert!(!lines.contains("s3cret"), "{lines}");
}

/// How an invocation goes over the wire: the Core Tools know the document's length, the host in the cloud does not.
fn on_the_wire(path: &str, length: bool) -> String {
    let url = format!("https://a.example/api{path}");
    let request = json!({"Url": url, "Method": "GET", "Headers": {"x-own": ["1"]}});
    let document = json!({"Data": {"req": request}, "Metadata": {}}).to_string();
    let head = "POST /http HTTP/1.1\r\nhost: 127.0.0.1\r\nx-azure-functions-invocationid: 17\r\n";
    if length {
        let length = document.len();
        return format!("{head}content-length: {length}\r\n\r\n{document}");
    }
    let (first, second) = document.split_at(document.len() / 2);
    let chunk = |text: &str| format!("{:X}\r\n{text}\r\n", text.len());
    let chunks = chunk(first) + &chunk(second);
    format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n")
}

async fn output(connection: &mut raw::Connection) -> Value {
    let answer = connection.answer().await.unwrap();
    assert_eq!(answer.status, 200);
    let answer: Value = serde_json::from_slice(&answer.body()).unwrap();
    answer["Outputs"]["res"].clone()
}

fn seen(output: &Value) -> Value {
    serde_json::from_str(output["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_invocation_is_the_same_however_it_goes_over_the_wire() {
    let started = start(app()).await.unwrap();
    let address = started.front.address();
    for length in [true, false] {
        let wire = on_the_wire("/x", length);
        let head = wire.find("\r\n\r\n").unwrap() + 4;
        // all at once; the body for itself; within it; before its end; nine bytes after nine; within the head
        let splits = [
            vec![],
            vec![head],
            vec![head + 50],
            vec![wire.len() - 5],
            (head..wire.len()).step_by(9).collect(),
            vec![20],
        ];
        for split in splits {
            let mut connection = raw::Connection::open(address).await.unwrap();
            for _ in 0..3 {
                let mut sent = 0;
                for end in split.iter().copied().chain([wire.len()]) {
                    connection.send(&wire[sent..end]).await.unwrap();
                    sent = end;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                let seen = seen(&output(&mut connection).await);
                assert_eq!(seen["path"], "/x", "{length} {split:?}");
                assert_eq!(seen["context"]["request_id"], "17", "{length} {split:?}");
            }
        }
        // and two that do not wait for each other
        let mut connection = raw::Connection::open(address).await.unwrap();
        connection
            .send(wire.repeat(2) + &on_the_wire("/y", !length))
            .await
            .unwrap();
        for path in ["/x", "/x", "/y"] {
            assert_eq!(seen(&output(&mut connection).await)["path"], path);
        }
    }
}

/// The next one is on its way before anybody has asked for it.
#[tokio::test]
async fn invocations_come_one_behind_the_other_whatever_their_lengths() {
    let started = start(app()).await.unwrap();
    let address = started.front.address();
    let mut one = raw::Connection::open(address).await.unwrap();
    let mut other = raw::Connection::open(address).await.unwrap();
    for nth in 0..400 {
        // some alike in a row, so that the next length comes as a surprise
        let letters = [0, 3000, 10, 20_000, 1, 5000][nth / 20 % 6];
        let path = format!("/{}", "y".repeat(letters));
        let wire = on_the_wire(&path, nth % 7 != 0);
        one.send(&wire).await.unwrap();
        if nth % 50 > 40 {
            other.send(&wire).await.unwrap();
            assert_eq!(seen(&output(&mut other).await)["path"], *path, "{nth}");
        }
        assert_eq!(seen(&output(&mut one).await)["path"], *path, "{nth}");
    }
    // who goes away right behind an answer is missed by nobody
    drop(one);
    other.send(on_the_wire("/x", true)).await.unwrap();
    assert_eq!(seen(&output(&mut other).await)["path"], "/x");
}

#[tokio::test]
async fn a_connection_that_brought_invocations_serves_all_else_too() {
    let started = start(app()).await.unwrap();
    let mut connection = raw::Connection::open(started.front.address())
        .await
        .unwrap();
    let get = |target: &str, more: &str| format!("GET {target} HTTP/1.1\r\nhost: a\r\n{more}\r\n");
    let own = "user-agent: curl/8.4.0\r\n";
    for (other, status) in [
        (get("/", ""), 200),
        (get("/", own), 404),
        (get("/else", own), 404),
        (get("/", "expect: 100-continue\r\n"), 200),
    ] {
        for _ in 0..2 {
            connection.send(on_the_wire("/x", true)).await.unwrap();
            assert_eq!(seen(&output(&mut connection).await)["path"], "/x");
            connection.send(&other).await.unwrap();
            assert_eq!(connection.answer().await.unwrap().status, status, "{other}");
        }
    }
    // what is no request is told so, and the connection ends
    connection.send("nonsense\r\n\r\n").await.unwrap();
    assert_eq!(connection.answer().await.unwrap().status, 400);
    assert!(connection.rest().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_invocation_whose_rest_does_not_come_is_given_up() {
    let launch = program("mirror")
        .env("ISOBAR_HEAD_TIMEOUT", "0.2")
        .env("ISOBAR_READ_TIMEOUT", "0.2");
    let started = Functions::new(launch, app()).start().await.unwrap();
    let address = started.front.address();
    for length in [true, false] {
        let wire = on_the_wire("/x", length);
        let mut slow = raw::Connection::open(address).await.unwrap();
        slow.send(&wire[..wire.len() - 3]).await.unwrap();
        assert_eq!(slow.answer().await.unwrap().status, 408);
        // and who goes away leaves nothing behind
        let mut away = raw::Connection::open(address).await.unwrap();
        away.send(&wire[..wire.len() - 3]).await.unwrap();
        drop(away);
    }
    let mut connection = raw::Connection::open(address).await.unwrap();
    connection.send(on_the_wire("/x", true)).await.unwrap();
    assert_eq!(seen(&output(&mut connection).await)["path"], "/x");
}

#[tokio::test]
async fn at_its_end_a_connection_of_the_hosts_is_told_so() {
    let started = start(app()).await.unwrap();
    let address = started.front.address();
    let mut idle = raw::Connection::open(address).await.unwrap();
    idle.send(on_the_wire("/x", true)).await.unwrap();
    output(&mut idle).await;
    let mut busy = raw::Connection::open(address).await.unwrap();
    busy.send(on_the_wire("/sleep?ms=600", false))
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let program = started.front.program();
    program
        .signal(isobar_hosts::program::Signal::Terminate)
        .unwrap();
    assert!(idle.rest().await.unwrap().is_empty(), "it stays open");
    let last = busy.answer().await.unwrap();
    assert_eq!(last.status, 200);
    assert_eq!(last.header("connection").as_deref(), Some("close"));
    assert!(busy.rest().await.unwrap().is_empty(), "it stays open");
    let ended = program.wait(Duration::from_secs(5)).await.unwrap();
    assert_eq!(ended.code(), Some(0));
}

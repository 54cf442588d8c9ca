use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::routing::any;
use futures_util::stream;
use http_body_util::BodyExt;
use isobar_core::{
    App, Batch, Body, Bytes, Context, Dispatcher, Error, Event, Handler, MessageParts, Request,
    Response, StatusCode,
};
use tower_layer::Layer;
use tower_service::Service;

use super::*;
use crate::Memory;
use crate::time::Clock;

type Keyed = IdempotencyKeyLayer<Memory>;

fn keyed() -> Keyed {
    IdempotencyKeyLayer::new(Memory::new())
}

/// A router behind the layer, whose handler gets the number of its run.
fn app<F, Fut, R>(layer: Keyed, handler: F) -> Router
where
    F: Fn(u32, Request) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = R> + Send,
    R: isobar_core::IntoResponse,
{
    let runs = Arc::<AtomicU32>::default();
    let handler =
        any(move |request: Request| handler(runs.fetch_add(1, Ordering::Relaxed) + 1, request));
    Router::new().fallback(handler).layer(layer)
}

fn post(key: &str) -> http::request::Builder {
    let request = http::Request::post("/orders?x=1");
    if key.is_empty() {
        request
    } else {
        request.header("idempotency-key", key)
    }
}

async fn send(app: &Router, key: &str, body: &'static str) -> (StatusCode, String) {
    told(ask(app, post(key).body(body.into()).unwrap()).await).await
}

async fn ask(app: &Router, request: Request) -> Response {
    app.clone().call(request).await.unwrap()
}

async fn told(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer() {
    let app = app(keyed(), async |run, request: Request| {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        (
            StatusCode::CREATED,
            [("x-run", run.to_string())],
            body + "!",
        )
    });
    for (times, replayed) in [(1, None), (2, Some("true")), (3, Some("true"))] {
        let request = post("\"k1\"").body("two seats".into()).unwrap();
        let response = ask(&app, request).await;
        let header = |name| response.headers().get(name).map(|it| it.to_str().unwrap());
        assert_eq!(header("x-run"), Some("1"), "{times}");
        assert_eq!(header("idempotent-replayed"), replayed, "{times}");
        assert_eq!(
            told(response).await,
            (StatusCode::CREATED, "two seats!".into())
        );
    }
}

#[tokio::test]
async fn another_request_under_the_key_is_refused() {
    let app = app(keyed(), async |run, _| run.to_string());
    assert_eq!(send(&app, "k", "a").await.1, "1");
    let (status, body) = send(&app, "k", "b").await;
    assert_eq!(status, 422);
    assert!(body.contains("used for another request"), "{body}");
    let elsewhere = http::Request::post("/other").header("idempotency-key", "k");
    let elsewhere = ask(&app, elsewhere.body("a".into()).unwrap()).await;
    assert_eq!(elsewhere.status(), 422);
    assert_eq!(send(&app, "other", "b").await.1, "2");
}

#[tokio::test]
async fn without_a_key_or_by_another_method_nothing_is_kept() {
    let app = app(keyed(), async |run, _| run.to_string());
    assert_eq!(send(&app, "", "a").await.1, "1");
    assert_eq!(send(&app, "", "a").await.1, "2");
    for wanted in ["3", "4"] {
        let get = http::Request::get("/").header("idempotency-key", "k");
        let response = ask(&app, get.body(Body::empty()).unwrap()).await;
        assert_eq!(told(response).await.1, wanted);
    }
}

#[tokio::test]
async fn a_key_that_is_none_is_refused_and_one_that_is_required() {
    let app = app(keyed().required(), async |_, _| "ran");
    assert_eq!(send(&app, "", "a").await.0, 400);
    assert_eq!(send(&app, "\"k", "a").await.0, 400);
    assert_eq!(send(&app, "\"k\"", "a").await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn a_repeat_while_the_first_is_being_answered_is_told_to_wait() {
    // a key that is held does not expire either
    let layer = keyed().clock(Clock::paused()).keep(Duration::from_secs(15));
    let app = app(layer, async |run: u32, _| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        run.to_string()
    });
    let first = send(&app, "k", "a");
    let second = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let another = send(&app, "k", "b").await;
        let request = post("k").body("a".into()).unwrap();
        (another.0, ask(&app, request).await)
    };
    let (first, (another, second)) = tokio::join!(first, second);
    assert_eq!(first.1, "1");
    assert_eq!(another, 422);
    assert_eq!(second.status(), 409);
    let wait = second.headers()["retry-after"].to_str().unwrap();
    assert!((1..=11).contains(&wait.parse::<u32>().unwrap()), "{wait}");
    assert_eq!(send(&app, "k", "a").await.1, "1");
}

#[tokio::test]
async fn an_answer_of_400_or_more_frees_the_key() {
    let app = app(keyed(), async |run, _| match run {
        1 => Err(Error::from("a database that is away")),
        2 => Err(Error::new(StatusCode::BAD_REQUEST, "no seats")),
        run => Ok(run.to_string()),
    });
    assert_eq!(send(&app, "k", "a").await.0, 500);
    assert_eq!(send(&app, "k", "a").await.0, 400);
    // mended, so not the request that failed
    assert_eq!(send(&app, "k", "mended").await.1, "3");
    assert_eq!(send(&app, "k", "mended").await.1, "3");
}

#[tokio::test]
async fn a_panic_frees_the_key() {
    let layer = keyed();
    let handler = async |_request: Request| -> String { panic!("at once") };
    let mut panics = layer.layer(isobar_core::into_service(handler));
    let request = post("k").body("a".into()).unwrap();
    let panicked = tokio::spawn(panics.call(request)).await;
    assert!(panicked.unwrap_err().is_panic());
    let app = app(layer, async |run, _| run.to_string());
    assert_eq!(send(&app, "k", "a").await.1, "1");
}

#[tokio::test]
async fn an_answer_over_the_limit_goes_out_and_is_not_kept() {
    let app = app(keyed().answer_limit(10), async |run, _| match run {
        1 => Body::from("0123456789"),
        2 => Body::from("0123456789a"),
        _ => {
            let parts = ["01234", "56789", "a", "b"].map(Ok::<_, &str>);
            Body::from_stream(stream::iter(parts))
        }
    });
    for (key, wanted, repeat) in [
        ("fits", "0123456789", 200),
        ("known", "0123456789a", 409),
        ("streamed", "0123456789ab", 409),
    ] {
        assert_eq!(send(&app, key, "a").await, (StatusCode::OK, wanted.into()));
        let (status, body) = send(&app, key, "a").await;
        assert_eq!(status, repeat, "{key} {body}");
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_does_so_for_the_client_and_frees_the_key() {
    let app = app(keyed(), async |run, _| match run {
        1 => Body::from_stream(stream::iter([Ok("begun"), Err("broken off")])),
        _ => Body::from("whole"),
    });
    let request = post("k").body("a".into()).unwrap();
    let mut body = ask(&app, request).await.into_body();
    let first = body.frame().await.unwrap().unwrap();
    assert_eq!(first.into_data().unwrap(), "begun");
    assert!(body.frame().await.unwrap().is_err());
    assert_eq!(send(&app, "k", "a").await.1, "whole");
}

#[tokio::test]
async fn trailers_reach_the_client() {
    let app = app(keyed(), async |_, _| {
        let mut trailers = http::HeaderMap::new();
        trailers.insert("x-sum", "17".parse().unwrap());
        let frames = [
            Ok::<_, &str>(http_body::Frame::data(Bytes::from("data"))),
            Ok(http_body::Frame::trailers(trailers)),
        ];
        Body::new(http_body_util::StreamBody::new(stream::iter(frames)))
    });
    let request = post("k").body("a".into()).unwrap();
    let whole = ask(&app, request)
        .await
        .into_body()
        .collect()
        .await
        .unwrap();
    assert_eq!(whole.trailers().unwrap()["x-sum"], "17");
    assert_eq!(whole.to_bytes(), "data");
    assert_eq!(send(&app, "k", "a").await.1, "data");
}

#[tokio::test]
async fn a_request_over_the_limit_is_refused() {
    let app = app(keyed().body_limit(3), async |_, _| "ran");
    assert_eq!(send(&app, "k", "1234").await.0, 413);
    assert_eq!(send(&app, "k", "123").await.0, 200);
    assert_eq!(send(&app, "", "1234").await.0, 200);
}

#[tokio::test]
async fn nobody_gets_anothers_answer() {
    let app = app(keyed(), async |run, _| run.to_string());
    for (token, wanted) in [("one", "1"), ("two", "2"), ("one", "1")] {
        let request = post("k").header("authorization", token);
        let response = ask(&app, request.body("a".into()).unwrap()).await;
        assert_eq!(told(response).await.1, wanted, "{token}");
    }
}

#[tokio::test]
async fn an_answer_expires() {
    let layer = keyed().keep(Duration::ZERO);
    let app = app(layer, async |run, _| run.to_string());
    assert_eq!(send(&app, "k", "a").await.1, "1");
    assert_eq!(send(&app, "k", "a").await.1, "2");
}

#[tokio::test]
async fn around_an_app_it_lets_events_pass() {
    let app = App::new()
        .http(async |_: Request| "http")
        .on_message("orders", async || {})
        .layer(keyed().required());
    let dispatcher = Dispatcher::new(app);
    assert!(dispatcher.routes().takes_events());
    let event = Event::builder("orders", "1", "urn:test", "t").message(MessageParts::default());
    let outcomes = dispatcher
        .deliver(
            &Context::default(),
            Batch::new(vec![event.build()]),
            std::future::pending(),
        )
        .await;
    assert!(outcomes[0].is_acknowledged());
}

#[tokio::test]
async fn a_router_with_the_layer_is_a_handler() {
    fn is_handler(_: &impl Handler) {}
    is_handler(&app(keyed(), async |_, _| "ran"));
}

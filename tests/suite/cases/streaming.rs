use std::time::{Duration, Instant};

use isobar_hosts::body;

use crate::host::{Answer, Host, Kind, get};

pub(crate) async fn a_stream_arrives_while_it_is_made(kind: Kind) {
    let host = Host::mirror(kind).await;
    let begun = Instant::now();
    let request = get("/stream?chunks=4&every_ms=300")
        .body(body::empty())
        .unwrap();
    let mut response = host.front.send(request).await.unwrap();
    let first = body::next(response.body_mut()).await.unwrap().unwrap();
    let first_after = begun.elapsed();
    let rest = body::collect(response.into_body()).await.unwrap();
    let whole = [first, rest].concat();
    assert_eq!(whole, b"chunk 0\nchunk 1\nchunk 2\nchunk 3\n");
    if host.can.streams_responses.yes() {
        assert!(
            first_after < Duration::from_millis(700),
            "the first chunk took {first_after:?}"
        );
        assert!(begun.elapsed() > Duration::from_millis(850));
    }
}

pub(crate) async fn a_stream_that_fails_is_no_whole_answer(kind: Kind) {
    broken(kind, "/stream?chunks=2&then=fail").await;
}

pub(crate) async fn a_stream_that_panics_is_no_whole_answer(kind: Kind) {
    broken(kind, "/stream?chunks=2&then=panic").await;
}

/// Streamed, the answer breaks off; buffered, it is an error from the beginning.
async fn broken(kind: Kind, target: &str) {
    let host = Host::mirror(kind).await;
    // The head always arrives: a host that gets none may send the request again.
    let response = host
        .front
        .send(get(target).body(body::empty()).unwrap())
        .await;
    let answer = match response {
        Ok(response) => Answer::read(response).await,
        // In HTTP/2 a reset overtakes the head that waits before it.
        Err(_) if kind == Kind::CloudRunHttp2 => return host.still_serves().await,
        Err(error) => panic!("{error}"),
    };
    let broke_off = answer.status == 200 && answer.body.is_none();
    let refused = answer.status.is_server_error();
    assert!(broke_off || refused, "{answer:?}");
    if !host.can.streams_responses.yes() {
        assert!(refused, "{answer:?}");
    }
    host.still_serves().await;
}

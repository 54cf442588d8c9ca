use std::time::{Duration, Instant};

use crate::host::{Host, Kind};

const VARIABLES: [(&str, &str); 1] = [("ISOBAR_DEADLINE", "0.5")];

pub(crate) async fn a_handler_past_its_deadline_is_a_504(kind: Kind) {
    let host = Host::mirror_with(kind, VARIABLES).await;
    let begun = Instant::now();
    let answer = host.get("/sleep?ms=20000").await;
    assert_eq!(answer.status, 504);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    host.line("cancelled").await;
    let left = host.get("/x").await.json()["context"]["time_left_ms"]
        .as_u64()
        .unwrap();
    assert!(left <= 500, "{left}");
    host.still_serves().await;
}

pub(crate) async fn a_stream_past_its_deadline_is_no_whole_answer(kind: Kind) {
    let host = Host::mirror_with(kind, VARIABLES).await;
    let answer = host.get("/stream?chunks=2&then=hang").await;
    let broke_off = answer.status == 200 && answer.body.is_none();
    assert!(broke_off || answer.status.is_server_error(), "{answer:?}");
    host.still_serves().await;
}

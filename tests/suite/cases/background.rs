use std::time::{Duration, Instant};

use crate::host::{Host, Kind};

pub(crate) async fn work_goes_on_after_the_answer(kind: Kind) {
    let host = Host::mirror(kind).await;
    let begun = Instant::now();
    let answer = host.get("/wait?ms=1000").await;
    assert_eq!(answer.text(), "waiting");
    assert!(
        begun.elapsed() < Duration::from_millis(900),
        "the answer waited: {:?}",
        begun.elapsed()
    );
    host.line("waited for").await;
}

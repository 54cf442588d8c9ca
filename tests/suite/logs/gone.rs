//! What is said of an invocation whose client does not wait for its answer.

use std::sync::Arc;
use std::time::Instant;

use http_body_util::BodyExt;
use isobar_hosts::body;

use super::{AZURE, CLOUD_RUN, LOCAL, PATIENCE, Reader, lines_with};
use crate::host::{Host, Kind, get};

/// Each host whose clients' connections the program sees the end of.
const SERVED: [Reader; 4] = [
    LOCAL,
    CLOUD_RUN,
    Reader {
        kind: Kind::CloudRunHttp2,
        ..CLOUD_RUN
    },
    Reader {
        kind: Kind::AzureProxied,
        ..AZURE
    },
];

/// The one access line of a request, which says that nobody waited for it.
async fn cancelled(host: &Host, came: &str) -> String {
    host.line(came).await;
    let lines = lines_with(host, came);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let line = lines[0].clone();
    let is_cancelled =
        line.contains(r#""outcome":"cancelled""#) || line.contains(" outcome=cancelled ");
    assert!(is_cancelled, "{line}");
    line
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_answer_leaves_a_cancelled_invocation() {
    for reader in SERVED {
        let host = Arc::new(reader.start(&[]).await);
        let waits = Arc::clone(&host);
        let waits = tokio::spawn(async move { waits.get("/never").await.status });
        host.line("at work").await;
        waits.abort();
        let line = cancelled(&host, "GET /never cancelled").await;
        assert!(!line.contains("status"), "{line}");
        let work = &lines_with(&host, "at work")[0];
        assert_eq!(reader.request_id(&line), reader.request_id(work), "{line}");
        // Others are answered as before.
        assert_eq!(host.get("/hello").await.status, 200);
    }
}

#[tokio::test]
async fn a_client_that_goes_away_while_it_is_answered_leaves_one_too() {
    for reader in SERVED {
        let host = reader.start(&[]).await;
        let request = get("/endless").body(body::empty()).unwrap();
        let mut response = host.front.send(request).await.unwrap();
        let piece = response.body_mut().frame().await.unwrap().unwrap();
        assert!(piece.is_data());
        drop(response);
        let line = cancelled(&host, "GET /endless 200").await;
        assert!(line.contains("200"), "{line}");
    }
}

#[tokio::test]
async fn a_cancelled_invocation_is_counted_as_such_and_no_longer_in_flight() {
    let host = Arc::new(LOCAL.start(&[]).await);
    let waits = Arc::clone(&host);
    let waits = tokio::spawn(async move { waits.get("/never").await.status });
    host.line("at work").await;
    let page = host.get("/_isobar/metrics").await.text();
    assert!(
        page.contains("\nisobar_invocations_in_flight 1\n"),
        "{page}"
    );
    waits.abort();
    cancelled(&host, "GET /never cancelled").await;
    let counted = r#"isobar_invocations_total{trigger="http",outcome="cancelled",method="GET"} 1"#;
    let begun = Instant::now();
    // The line is written a moment before it is counted.
    loop {
        let page = host.get("/_isobar/metrics").await.text();
        if page.contains(counted) && page.contains("\nisobar_invocations_in_flight 0\n") {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{page}");
    }
}

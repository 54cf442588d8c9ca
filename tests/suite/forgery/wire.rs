//! Requests that two servers could read differently: none of them hides another.

use super::served::{Served, every, get, paths};

/// What a body hides.
const HIDDEN: &str = "/hidden";

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// It is refused with this status, and nothing behind it is read.
    Refused(u16),
    /// It is answered, and nothing behind it is read: where its body ends is disputed.
    Last,
    /// It is answered, and so is what stands behind it.
    Whole,
}

use Outcome::{Last, Refused, Whole};

/// A request to `/first` with these lines, this body and then another request.
async fn sent(served: &Served, lines: &str, body: &str, outcome: Outcome) {
    let head = format!("POST /first HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: 1\r\n{lines}\r\n");
    let bytes = [&*head, body, &get("/last")].concat();
    judged(served, bytes.as_bytes(), outcome, lines).await;
}

async fn judged(served: &Served, bytes: &[u8], outcome: Outcome, what: &str) {
    let answers = served.answers(bytes).await;
    let (paths, what) = (paths(&answers), (served.name, what));
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert!(
        !paths.iter().any(|path| path == HIDDEN),
        "{what:?}: a hidden request was answered"
    );
    match outcome {
        Refused(status) => assert_eq!(statuses, [status], "{what:?}"),
        Last => assert_eq!(paths, ["/first"], "{what:?}: {statuses:?}"),
        Whole => assert_eq!(paths, ["/first", "/last"], "{what:?}: {statuses:?}"),
    }
}

/// A request in a body, as long as its sender says.
fn hidden() -> String {
    format!("GET {HIDDEN} HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: 1\r\n\r\n")
}

#[tokio::test]
async fn a_length_beside_chunks_hides_no_request() {
    for served in every(&[]).await {
        let length = format!("content-length: {}\r\n", hidden().len() + 5);
        let body = format!("0\r\n\r\n{}", hidden());
        for lines in [
            format!("{length}transfer-encoding: chunked\r\n"),
            format!("transfer-encoding: chunked\r\n{length}"),
        ] {
            sent(&served, &lines, &body, Last).await;
        }
        served.still_serves().await;
    }
}

#[tokio::test]
async fn an_encoding_that_is_not_plainly_chunked_hides_no_request() {
    let body = format!("0\r\n\r\n{}", hidden());
    let length = format!("content-length: {}\r\n", body.len());
    for served in every(&[]).await {
        for line in [
            "transfer-encoding: xchunked\r\n",
            "transfer-encoding: chunked, identity\r\n",
            "transfer-encoding: identity\r\n",
            "transfer-encoding: \"chunked\"\r\n",
            "transfer-encoding: chunked;q=1\r\n",
            "transfer-encoding:\r\n",
            "transfer-encoding : chunked\r\n",
            "transfer-encoding\t: chunked\r\n",
            "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
            "x: y\r\n transfer-encoding: chunked\r\n",
            "transfer-encoding:\r\n chunked\r\n",
            "transfer-encoding\r\n: chunked\r\n",
            "transfer-encoding: \u{b}chunked\r\n",
            " transfer-encoding: chunked\r\n",
        ] {
            for lines in [line.to_owned(), format!("{length}{line}")] {
                sent(&served, &lines, &body, Refused(400)).await;
            }
        }
        served.still_serves().await;
    }
}

#[tokio::test]
async fn an_odd_length_is_refused() {
    let body = hidden();
    let length = body.len();
    for served in every(&[]).await {
        for value in [
            format!("+{length}"),
            format!("-{length}"),
            format!("0x{length:x}"),
            format!("{length} {length}"),
            format!("{length};"),
            format!("{length}, {length}"),
            format!("{length}_0"),
            "18446744073709551616".to_owned(),
            String::new(),
            "\u{666}".to_owned(),
            "1e2".to_owned(),
        ] {
            let lines = format!("content-length: {value}\r\n");
            sent(&served, &lines, &body, Refused(400)).await;
        }
        let other = format!("content-length: {length}\r\ncontent-length: 0\r\n");
        sent(&served, &other, &body, Refused(400)).await;
        let same = format!("content-length: {length}\r\ncontent-length: {length}\r\n");
        sent(&served, &same, &body, Whole).await;
        served.still_serves().await;
    }
}

#[tokio::test]
async fn an_odd_chunk_is_refused() {
    const LINES: &str = "transfer-encoding: chunked\r\n";
    let (data, long) = (hidden(), "x".repeat(17 << 10));
    let size = format!("{:x}", data.len());
    for served in every(&[]).await {
        for (body, outcome) in [
            (format!("{size}\r\n{data}\r\n0\r\n\r\n"), Whole),
            (format!("{size};a=b\r\n{data}\r\n0;c\r\n\r\n"), Whole),
            (format!("000{size} \r\n{data}\r\n0\r\nx: y\r\n\r\n"), Whole),
            (format!("+{size}\r\n{data}\r\n0\r\n\r\n"), Refused(400)),
            (format!("-{size}\r\n{data}\r\n0\r\n\r\n"), Refused(400)),
            (format!("0x{size}\r\n{data}\r\n0\r\n\r\n"), Refused(400)),
            (format!("{size} 0\r\n{data}\r\n0\r\n\r\n"), Refused(400)),
            (format!("{size}\n{data}\n0\n\n"), Refused(400)),
            (format!("{size};\n{data}\r\n0\r\n\r\n"), Refused(400)),
            (format!("{size}\r\n{data}x\r\n0\r\n\r\n"), Refused(400)),
            (format!("{size}\r\n{data}0\r\n\r\n"), Refused(400)),
            (
                format!("{size};{long}\r\n{data}\r\n0\r\n\r\n"),
                Refused(400),
            ),
            (
                format!("1{}\r\n{data}\r\n0\r\n\r\n", "0".repeat(16)),
                Refused(400),
            ),
            (format!("\r\n{data}\r\n0\r\n\r\n"), Refused(400)),
        ] {
            sent(&served, LINES, &body, outcome).await;
        }
        served.still_serves().await;
    }
}

#[tokio::test]
async fn an_illegal_head_is_refused() {
    for served in every(&[]).await {
        for head in [
            "GET / HTTP/1.1\r\nhost: a\r\nx: a\rGET /hidden HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nx: a\0b\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nx y: z\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nno colon\r\n",
            "GET / HTTP/1.1\r\n host: a\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\n: empty\r\n",
            "GET /\0 HTTP/1.1\r\nhost: a\r\n",
            "GET /\r/hidden HTTP/1.1\r\nhost: a\r\n",
            "GET /\u{7f} HTTP/1.1\r\nhost: a\r\n",
            "GET / x HTTP/1.1\r\nhost: a\r\n",
            "GET  / HTTP/1.1\r\nhost: a\r\n",
            "GE\0T / HTTP/1.1\r\nhost: a\r\n",
            "GET / HTTP/1.9\r\nhost: a\r\n",
            "GET / HTTP/2.0\r\nhost: a\r\n",
            "GET / FTP/1.1\r\nhost: a\r\n",
            "GET /\r\n",
        ] {
            let bytes = format!("{head}\r\n{}{}", hidden(), get("/last"));
            judged(&served, bytes.as_bytes(), Refused(400), head).await;
        }
        served.still_serves().await;
    }
}

#[tokio::test]
async fn an_endless_head_is_refused() {
    for served in every(&[]).await {
        let line = |n: usize| format!("x-{n}: y\r\n");
        let many: String = (0..256).map(line).collect();
        let long = format!("x: {}\r\n", "y".repeat(1 << 20));
        for (head, status) in [
            (format!("GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n"), 431),
            (format!("GET / HTTP/1.1\r\nhost: a\r\n{long}\r\n"), 431),
            (
                format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(70_000)),
                414,
            ),
        ] {
            let answers = served.answers(head.as_bytes()).await;
            let refused = answers.first().map(|answer| answer.status);
            // who sends on when it is answered may find only the connection closed
            let is_cut = head.len() > 1 << 20 && refused.is_none();
            assert!(is_cut || refused == Some(status), "{refused:?}");
            assert!(answers.len() < 2);
        }
        served.still_serves().await;
    }
}

#[tokio::test]
async fn odd_paths_arrive_as_paths_and_nothing_else() {
    for served in every(&[]).await {
        for path in [
            "//evil.example/x",
            "/../../etc/passwd",
            "/x/../events/message/orders",
            "/%2e%2e/x",
            "/%00",
            "/a%00.html",
            "/%0d%0aset-cookie:%20a=1",
            "/a\\..\\b",
            "/;/x",
            "/%",
            "/%zz",
            "/a|b\"c",
        ] {
            let answers = served.answers(get(path).as_bytes()).await;
            let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
            // what no path may hold is refused; the rest is the client's own
            if path.contains(['\\', '|', '"']) && statuses == [400] {
                continue;
            }
            assert_eq!(paths(&answers), [path], "{}: {statuses:?}", served.name);
            assert!(answers[0].header("set-cookie").is_none());
        }
        // no target makes the client the authority of another host
        for target in ["http://evil.example/x", "http://u@a/x", "a:443", "*", "x"] {
            let answers = served.answers(get(target).as_bytes()).await;
            assert!(answers.len() <= 1, "{target}");
        }
        served.still_serves().await;
    }
}

#[tokio::test]
async fn two_hosts_are_refused() {
    for served in every(&[]).await {
        for hosts in ["host: a\r\nhost: b", "host: a\r\nHOST: a"] {
            let request = get("/first").replace("host: a", hosts);
            judged(&served, request.as_bytes(), Refused(400), hosts).await;
        }
        served.still_serves().await;
    }
}

use crate::host::{Answer, Host, Kind};

/// The client is told that it failed, and which request to quote; nothing of the inside.
fn assert_tells_nothing(answer: &Answer) {
    assert_eq!(answer.status, 500);
    let problem = answer.json();
    let request_id = problem["request_id"].as_str().unwrap();
    assert!(!request_id.is_empty(), "{problem}");
    let wanted = r#"{"title":"Internal Server Error","status":500,"request_id":"#;
    assert_eq!(answer.text(), format!("{wanted}\"{request_id}\"}}"));
}

pub(crate) async fn an_error_is_a_problem_that_tells_nothing(kind: Kind) {
    let host = Host::mirror(kind).await;
    let answer = host.get("/fail").await;
    assert_tells_nothing(&answer);
    assert!(
        answer
            .all("content-type")
            .join("")
            .starts_with("application/problem+json")
    );
    host.line("a failure, as asked for").await;
}

pub(crate) async fn a_panic_is_a_500_and_the_process_lives(kind: Kind) {
    let host = Host::mirror(kind).await;
    let pid = host.program.pid();
    let answer = host.get("/panic").await;
    assert_tells_nothing(&answer);
    host.line("a panic, as asked for").await;
    host.still_serves().await;
    assert_eq!(host.program.pid(), pid);
}

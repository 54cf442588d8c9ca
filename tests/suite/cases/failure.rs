use isobar_hosts::body;

use crate::host::{Answer, Host, Kind, get};

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

/// A host tries what has failed again, or counts it; the client is to see the program's own answer.
/// The other half stands at the events: there an error is a failed invocation.
pub(crate) async fn an_error_is_an_answer_and_no_failed_invocation(kind: Kind) {
    let host = Host::mirror(kind).await;
    for target in ["/fail", "/panic"] {
        let request = get(target).body(body::empty()).unwrap();
        let (answer, said) = host.said(request).await;
        assert_eq!(answer.status, 500);
        // each in the form in which its host takes an answer: a status line, or a member
        let forms = [
            "HTTP/1.1 500 ",
            r#""statusCode":500,"#,
            r#""statusCode":"500","#,
        ];
        let is_answer = forms.iter().any(|form| said.contains(form));
        assert!(is_answer && !said.contains("errorType"), "{said}");
    }
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

use crate::host::{Host, Kind};

const PROBLEM: &str = r#"{"title":"Internal Server Error","status":500}"#;

pub(crate) async fn an_error_is_a_problem_that_tells_nothing(kind: Kind) {
    let host = Host::mirror(kind).await;
    let answer = host.get("/fail").await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.text(), PROBLEM);
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
    assert_eq!(
        (answer.status.as_u16(), answer.text().as_str()),
        (500, PROBLEM)
    );
    host.line("a panic, as asked for").await;
    host.still_serves().await;
    assert_eq!(host.program.pid(), pid);
}

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use isobar_core::{Request, RequestExt};

use super::*;
use mock::{delivery, reply};

#[tokio::test]
async fn an_answer_goes_to_its_invocation_with_the_nonce_it_came_with() {
    let mock = Mock::new().next(delivery(
        &event("/a"),
        "Lambda-Runtime-Invocation-Id: n-1\r\n",
    ));
    let seen = played(mock, hello).await;
    assert_eq!(seen[0].path, "/2018-06-01/runtime/invocation/r-1/response");
    assert!(
        seen[0]
            .head
            .contains("lambda-runtime-invocation-id: n-1\r\n"),
        "{}",
        seen[0].head
    );
    assert!(seen[0].head.contains("content-type: application/json\r\n"));
    assert_eq!(seen[0].json()["body"], "hello /a");
}

#[tokio::test]
async fn without_a_nonce_none_is_sent() {
    let seen = played(Mock::new().event(&event("/a")), hello).await;
    assert!(!seen[0].head.contains("invocation-id"));
}

#[tokio::test]
async fn an_emulators_url_with_a_path_stands_before_every_path() {
    let mock = Mock::new().event(&event("/a"));
    let url = format!("http://{}/.rt/hello/", mock.address());
    let environment = Environment::of([("AWS_LAMBDA_RUNTIME_API", url.as_str())]);
    let options = Options::default();
    let running = run(&environment, &options, async { Ok(Dispatcher::new(hello)) });
    let seen = mock.until_done(running).await;
    assert_eq!(
        seen[0].path,
        "/.rt/hello/2018-06-01/runtime/invocation/r-1/response"
    );
}

#[tokio::test]
async fn what_the_headers_say_stands_in_the_context() {
    async fn context(request: Request) -> String {
        let context = request.context();
        let trace = context.trace().map(|trace| trace.traceparent().to_owned());
        let function = context.function();
        let native: Value = context.native_as().unwrap();
        let left = context.time_left().unwrap();
        assert!(
            left.as_millis() > 29_000 && left.as_millis() <= 29_800,
            "{left:?}"
        );
        format!(
            "{} {} {} {:?} {:?} {:?} {} {} {}",
            context.provider(),
            function.name(),
            function.version(),
            function.region(),
            function.account(),
            context.tenant(),
            context.request_id(),
            trace.unwrap_or_default(),
            native["rawPath"],
        )
    }
    let end = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_millis()
        + 30_000;
    let headers = format!(
        "Lambda-Runtime-Deadline-Ms: {end}\r\n\
         Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:f:live\r\n\
         Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\
         Lambda-Runtime-Aws-Tenant-Id: tenant-7\r\n"
    );
    let mock = Mock::new().next(delivery(&event("/a"), &headers));
    let environment = Environment::of([
        ("AWS_LAMBDA_RUNTIME_API", mock.address()),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
        ("AWS_REGION", "eu-west-1"),
    ]);
    let options = Options::default();
    let running = run(&environment, &options, async {
        Ok(Dispatcher::new(context))
    });
    let seen = mock.until_done(running).await;
    assert_eq!(
        seen[0].json()["body"],
        "aws f 7 Some(\"eu-west-1\") Some(\"123456789012\") Some(\"tenant-7\") r-1 \
         00-5bef4de7ad49b0e87f6ef6c87fc2e700-9a9197af755a6419-01 \"/a\""
    );
}

#[tokio::test]
async fn a_deadline_in_the_past_is_none() {
    async fn deadline(request: Request) -> String {
        format!("{:?}", request.context().time_left())
    }
    for constant in ["600000", "0", "x", "99999999999999999999999"] {
        let headers = format!("Lambda-Runtime-Deadline-Ms: {constant}\r\n");
        let seen = played(Mock::new().next(delivery(&event("/a"), &headers)), deadline).await;
        assert_eq!(seen[0].json()["body"], "None", "{constant}");
    }
}

#[tokio::test]
async fn a_handler_past_its_deadline_is_a_504_before_the_service_ends_the_process() {
    let end = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_millis()
        + 300;
    let headers = format!("Lambda-Runtime-Deadline-Ms: {end}\r\n");
    let mock = Mock::new()
        .next(delivery(&event("/a"), &headers))
        .event(&event("/b"));
    let seen = played(mock, |request: Request| async move {
        if request.uri().path() == "/a" {
            std::future::pending::<()>().await;
        }
        "quick"
    })
    .await;
    assert_eq!(seen[0].json()["statusCode"], 504);
    assert_eq!(seen[1].json()["body"], "quick");
    assert!(
        std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap()
            .as_millis()
            < end + 2000
    );
}

#[tokio::test]
async fn the_margin_is_kept_and_one_that_leaves_nothing_is_left_out() {
    async fn left(request: Request) -> String {
        request.context().time_left().unwrap().as_secs().to_string()
    }
    let seconds = std::time::Duration::from_secs;
    for (margin, left_to_it) in [
        (Some(seconds(40)), "59"),
        (Some(seconds(200)), "99"),
        (None, "99"),
    ] {
        let end = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap() + seconds(100);
        let headers = format!("Lambda-Runtime-Deadline-Ms: {}\r\n", end.as_millis());
        let options = Options {
            margin,
            ..Options::default()
        };
        let mock = Mock::new().next(delivery(&event("/a"), &headers));
        let seen = played_with(mock, options, left).await;
        assert_eq!(seen[0].json()["body"], left_to_it, "{margin:?}");
    }
}

#[tokio::test]
async fn work_over_its_limit_is_cut_off_before_the_next_poll() {
    let held = Arc::new(());
    let counted = Arc::clone(&held);
    let options = Options {
        background_limit: Some(std::time::Duration::from_millis(30)),
        ..Options::default()
    };
    let handler = move |request: Request| {
        let held = Arc::clone(&counted);
        request.context().wait_until(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        let holders = Arc::strong_count(&counted);
        async move { holders.to_string() }
    };
    let mock = Mock::new().event(&event("/a")).event(&event("/b"));
    let seen = played_with(mock, options, handler).await;
    let bodies: Vec<_> = seen
        .iter()
        .map(|seen| seen.json()["body"].clone())
        .collect();
    assert_eq!(bodies, ["3", "3"], "the first one's work lives on");
    assert_eq!(Arc::strong_count(&held), 1);
}

#[tokio::test]
async fn trap_39_work_given_to_wait_until_is_done_before_the_next_poll() {
    let done = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&done);
    let handler = move |request: Request| {
        let (counter, context) = (Arc::clone(&counter), request.context().clone());
        async move {
            let before = counter.load(Ordering::Relaxed);
            context.wait_until(async move {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                counter.fetch_add(1, Ordering::Relaxed);
            });
            before.to_string()
        }
    };
    let seen = played(Mock::new().event(&event("/a")).event(&event("/b")), handler).await;
    let bodies: Vec<_> = seen
        .iter()
        .map(|seen| seen.json()["body"].clone())
        .collect();
    assert_eq!(bodies, ["0", "1"]);
    assert_eq!(done.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_first_invocation_is_a_cold_start_and_no_other() {
    let cold = |request: Request| async move { request.context().cold_start().to_string() };
    let seen = played(Mock::new().event(&event("/a")).event(&event("/b")), cold).await;
    assert_eq!(
        (&seen[0].json()["body"], &seen[1].json()["body"]),
        (&json!("true"), &json!("false"))
    );
}

#[tokio::test]
async fn replies_are_read_whatever_their_framing() {
    let text = event("/a").to_string();
    let (first, second) = text.split_at(100);
    let id = "lambda-runtime-aws-request-id: r-1";
    let chunked = format!(
        "HTTP/1.1 200 OK\r\n{id}\r\ntransfer-encoding: chunked\r\n\r\n64;x=y\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\ntrailer: x\r\n\r\n",
        second.len()
    );
    let interim = [
        b"HTTP/1.1 103 Early\r\n\r\n".to_vec(),
        delivery(&event("/a"), ""),
    ]
    .concat();
    let closing = delivery(&event("/a"), "connection: close\r\n");
    let mock = Mock::new()
        .next(chunked.into_bytes())
        .next(interim)
        .next(closing)
        .event(&event("/a"));
    let seen = played(mock, hello).await;
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(|seen| seen.json()["body"] == "hello /a"));
}

#[tokio::test]
async fn as_many_invocations_run_at_once_as_the_host_wants() {
    let barrier = Arc::new(tokio::sync::Barrier::new(4));
    let mut mock = Mock::new();
    for path in ["/a", "/b", "/c", "/d"] {
        mock = mock.event(&event(path));
    }
    let environment = Environment::of([
        ("AWS_LAMBDA_RUNTIME_API", mock.address()),
        ("AWS_LAMBDA_MAX_CONCURRENCY", "4"),
    ]);
    let handler = move |_request: Request| {
        let barrier = Arc::clone(&barrier);
        async move {
            barrier.wait().await;
            "all four"
        }
    };
    let options = Options::default();
    let running = run(&environment, &options, async {
        Ok(Dispatcher::new(handler))
    });
    let seen = mock.until_done(running).await;
    assert_eq!(seen.len(), 4);
}

#[tokio::test]
async fn a_refusal_of_the_answer_is_no_end_of_the_process() {
    let mock = Mock::new()
        .event(&event("/a"))
        .event(&event("/b"))
        .post(reply(413, "", "{}"));
    let seen = played(mock, hello).await;
    assert_eq!(seen[1].path, "/2018-06-01/runtime/invocation/r-1/error");
    assert!(
        seen[1]
            .head
            .contains("lambda-runtime-function-error-type: function.responsesizetoolarge")
    );
    assert_eq!(seen[1].json()["errorType"], "Function.ResponseSizeTooLarge");
    assert_eq!(seen[2].json()["body"], "hello /b");
}

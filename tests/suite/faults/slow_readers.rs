//! Who reads slower than the handler could speak: what is made is what is read, and not all of it at
//! once.

use std::time::Duration;

use isobar_hosts::{Program, body};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::runtime_api::{event, request};
use super::{SOON, faulty};
use crate::host::{Host, Kind, get};

const MIB: usize = 1 << 20;

/// What may be on its way, in MiB: the systems' buffers at both ends. The flood has 256.
const ON_ITS_WAY: usize = 64;

/// How many MiB the handler's stream was asked for, once it is not asked for more than these.
async fn asked_for(program: &Program, at_least: usize) -> usize {
    let count = || {
        let lines = program.lines();
        let asked =
            |line: &&isobar_hosts::program::Line| line.text.contains("more MiB of the flood");
        lines.iter().filter(asked).count()
    };
    let mut last = count();
    loop {
        sleep(Duration::from_millis(700)).await;
        match count() {
            now if now == last && now >= at_least => return now,
            now => last = now,
        }
    }
}

/// Reads a part, and stops; reads on, and stops again.
async fn is_asked_for_as_it_is_read(program: &Program, mut read: impl AsyncFnMut(usize)) {
    let mut so_far = 0;
    for more in [4, 40] {
        read(more * MIB).await;
        so_far += more;
        let asking = asked_for(program, so_far - 1);
        let asked = tokio::time::timeout(SOON, asking).await;
        let asked = asked.expect("what is read was not asked for");
        assert!(asked < so_far + ON_ITS_WAY, "{asked} MiB of {so_far}");
    }
}

#[tokio::test]
async fn a_server_asks_for_no_more_than_its_client_reads() {
    for kind in [
        Kind::Local,
        Kind::CloudRun,
        Kind::CloudRunHttp2,
        Kind::AzureProxied,
    ] {
        let host = Host::start(kind, faulty()).await;
        let request = get("/flood").body(body::empty()).unwrap();
        let mut answer = host.front.send(request).await.unwrap();
        is_asked_for_as_it_is_read(&host.program, async |mut most: usize| {
            while most > 0 {
                let piece = body::next(answer.body_mut()).await.unwrap().unwrap();
                most = most.saturating_sub(piece.len());
            }
        })
        .await;
        drop(answer);
        host.line("the flood was cut off").await;
        host.still_serves().await;
    }
}

/// Has one invocation, and hands out the connection on which it is answered.
async fn answered(listener: TcpListener) -> TcpStream {
    let event = event("/flood");
    let length = event.len();
    let reply = format!(
        "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 1\r\ncontent-length: {length}\r\n\r\n{event}"
    );
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        while let Some(text) = request(&mut stream).await {
            let reply = match text.split(' ').nth(1).unwrap() {
                path if path.ends_with("/invocation/next") => &*reply,
                path if path.ends_with("/response") => return stream,
                _ => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            };
            stream.write_all(reply.as_bytes()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_streamed_answer_is_asked_for_no_faster_than_lambda_reads_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let launch = faulty().env("AWS_LAMBDA_RUNTIME_API", address);
    let launch = launch.env("ISOBAR_RESPONSE_MODE", "stream");
    let program = launch.start().unwrap();
    let answering = tokio::time::timeout(SOON, answered(listener));
    let mut stream = answering.await.expect("no answer begins");
    is_asked_for_as_it_is_read(&program, async |most: usize| {
        let mut piece = vec![0; MIB];
        for _ in 0..most / MIB {
            stream.read_exact(&mut piece).await.unwrap();
        }
    })
    .await;
    drop(stream);
    let cut_off = program.wait_line("the flood was cut off", SOON);
    cut_off.await.unwrap();
    assert_eq!(program.status(), None);
}

/// Where an answer goes out as a whole, no more of it is asked for than the service would take.
#[tokio::test]
async fn of_an_answer_without_end_lambda_is_told_once_its_limit_is_passed() {
    let host = Host::start(Kind::LambdaUrl, faulty()).await;
    let answer = host.get("/flood").await;
    assert_eq!(answer.status, 502);
    assert!(answer.text().contains("limit of 6 MB"), "{}", answer.text());
    assert!(asked_for(&host.program, 6).await <= 7);
}

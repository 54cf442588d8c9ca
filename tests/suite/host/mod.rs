//! A thin harness over the hosts: what a case asks of any of them.

mod answer;
mod kinds;

use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::request::Builder;
use isobar_hosts::{Body, Capabilities, Front, Launch, Program, Tap, body};
use serde_json::Value;

pub(crate) use answer::Answer;
pub(crate) use kinds::{ALL, Kind};

use crate::programs::program;

/// A program behind a host.
pub(crate) struct Host {
    pub(crate) front: Arc<dyn Front>,
    pub(crate) program: Arc<Program>,
    pub(crate) can: Capabilities,
}

impl Host {
    /// Starts `mirror` behind a host.
    pub(crate) async fn mirror(kind: Kind) -> Self {
        Self::start(kind, program("mirror")).await
    }

    /// Starts `mirror` behind a host, with variables of its own.
    pub(crate) async fn mirror_with<const N: usize>(
        kind: Kind,
        variables: [(&str, &str); N],
    ) -> Self {
        let launch = program("mirror");
        let launch = variables
            .into_iter()
            .fold(launch, |launch, (name, value)| launch.env(name, value));
        Self::start(kind, launch).await
    }

    /// Starts a program behind a host.
    pub(crate) async fn start(kind: Kind, launch: Launch) -> Self {
        let started = kind.start(launch).await.unwrap();
        let can = started.front.capabilities();
        Self {
            front: started.front,
            program: started.program,
            can,
        }
    }

    /// Sends a request with a body whose length is known, and reads the whole answer.
    pub(crate) async fn send(&self, request: Builder, bytes: impl Into<bytes::Bytes>) -> Answer {
        self.send_body(request, body::full(bytes)).await
    }

    /// Sends a request, and reads the whole answer.
    pub(crate) async fn send_body(&self, request: Builder, body: Body) -> Answer {
        let response = self.front.send(request.body(body).unwrap()).await.unwrap();
        Answer::read(response).await
    }

    /// Sends a GET.
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(get(target), "").await
    }

    /// Sends a request to `mirror`, and returns what its handler saw.
    pub(crate) async fn seen(&self, request: Builder, bytes: impl Into<bytes::Bytes>) -> Value {
        let answer = self.send(request, bytes).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Has `mirror` answer what is described, and returns the client's view of it.
    pub(crate) async fn respond(
        &self,
        status: u16,
        headers: &[(&str, &str)],
        bytes: &[u8],
    ) -> Answer {
        let request = responding(status, headers, bytes);
        Answer::read(self.front.send(request).await.unwrap()).await
    }

    /// Sends a request; returns the client's view of the answer, and what the program told its host:
    /// the answer in the host's form, or its head.
    pub(crate) async fn said(&self, mut request: Request<Body>) -> (Answer, String) {
        let tap = Tap::default();
        request.extensions_mut().insert(tap.clone());
        let answer = Answer::read(self.front.send(request).await.unwrap()).await;
        let told = tap.native().answer;
        let said = if told.is_empty() {
            // a host that keeps nothing and hands on what it is told
            format!("HTTP/1.1 {}\n{:?}", answer.status, answer.headers)
        } else {
            String::from_utf8_lossy(&told).into_owned()
        };
        (answer, said)
    }

    /// Fails unless the program still lives and answers.
    pub(crate) async fn still_serves(&self) {
        assert_eq!(self.program.status(), None, "the program ended");
        assert_eq!(self.get("/after").await.status, 200);
    }

    /// Waits until the program has written a line on stderr.
    pub(crate) async fn line(&self, text: &str) {
        self.program
            .wait_line(text, Duration::from_secs(10))
            .await
            .unwrap();
    }
}

/// Asks `mirror` for the answer that is described.
pub(crate) fn responding(status: u16, headers: &[(&str, &str)], bytes: &[u8]) -> Request<Body> {
    let wanted = serde_json::json!({"status": status, "headers": headers, "body": base64(bytes)});
    let request = post("/respond").header("content-type", "application/json");
    request.body(body::full(wanted.to_string())).unwrap()
}

/// Asks for the head of a target at a.example.
pub(crate) fn head(target: &str) -> Request<Body> {
    let request = Request::head(format!("http://a.example{target}"));
    request.body(body::empty()).unwrap()
}

/// Begins a GET of a target at a.example.
pub(crate) fn get(target: &str) -> Builder {
    Request::get(format!("http://a.example{target}"))
}

/// Begins a POST to a target at a.example.
pub(crate) fn post(target: &str) -> Builder {
    Request::post(format!("http://a.example{target}"))
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::prelude::BASE64_STANDARD.encode(bytes)
}

//! `mirror` behind no front end: an attacker speaks to the hosts' servers byte by byte.

use std::net::SocketAddr;
use std::sync::Arc;

use isobar_hosts::client::raw;
use isobar_hosts::functions::{App, Host as Functions};
use isobar_hosts::local::Local;
use isobar_hosts::{Launch, Program};

use crate::programs::program;

/// A server of ours.
pub(super) struct Served {
    pub(super) name: &'static str,
    pub(super) address: SocketAddr,
    pub(super) program: Arc<Program>,
}

/// One of each host that serves HTTP, with these variables.
pub(super) async fn every(variables: &[(&str, &str)]) -> Vec<Served> {
    let launch = || with(program("mirror"), variables);
    vec![
        local("local", launch()).await,
        local("gcp", on_google(launch())).await,
        azure(launch()).await,
    ]
}

pub(super) fn with(launch: Launch, variables: &[(&str, &str)]) -> Launch {
    let set = |launch: Launch, (name, value): &(&str, &str)| launch.env(*name, *value);
    variables.iter().fold(launch, set)
}

/// A service whose senders nobody else checks, so that nothing but its own rules protects it.
pub(super) fn on_google(launch: Launch) -> Launch {
    launch
        .env("K_SERVICE", "mirror")
        .env("ISOBAR_EVENTS_AUTH", "iam")
        .env("ISOBAR_ADDRESS", "127.0.0.1")
}

pub(super) async fn local(name: &'static str, launch: Launch) -> Served {
    let started = Local::start(launch).await.unwrap();
    Served {
        name,
        address: started.front.address(),
        program: started.program,
    }
}

async fn azure(launch: Launch) -> Served {
    let app = App::new().unwrap().http("http", "{*path}").unwrap();
    let app = app.proxying().unwrap().route_prefix("").unwrap();
    let started = Functions::new(launch, app).start().await.unwrap();
    Served {
        name: "azure",
        address: started.front.address(),
        program: started.program,
    }
}

impl Served {
    /// Sends bytes whose last request asks to close, and returns the answers until the end.
    pub(super) async fn answers(&self, bytes: &[u8]) -> Vec<raw::Answer> {
        let mut connection = raw::Connection::open(self.address).await.unwrap();
        // who is refused before the end of its sending may find the connection closed
        let _refused = connection.send(bytes).await;
        let mut answers = Vec::new();
        while let Ok(answer) = connection.answer().await {
            answers.push(answer);
        }
        answers
    }

    /// Fails unless the program still lives and answers.
    pub(super) async fn still_serves(&self) {
        assert_eq!(self.program.status(), None, "{}: it ended", self.name);
        let answers = self.answers(get("/after").as_bytes()).await;
        assert_eq!(answers.len(), 1, "{}", self.name);
        assert_eq!(answers[0].status, 200, "{}", self.name);
    }
}

/// A last request. On Azure the host's own id makes it a client's.
pub(super) fn get(target: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nhost: a\r\nx-ms-invocation-id: 1\r\nconnection: close\r\n\r\n"
    )
}

/// Where the handler was, by the descriptions it answered with.
pub(super) fn paths(answers: &[raw::Answer]) -> Vec<String> {
    let described = answers.iter().filter(|answer| answer.status == 200);
    let path = |answer: &raw::Answer| {
        let seen: serde_json::Value = serde_json::from_slice(&answer.body()).ok()?;
        Some(seen["path"].as_str()?.to_owned())
    };
    described.filter_map(path).collect()
}

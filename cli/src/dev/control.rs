//! The control endpoint: how `cargo isobar invoke` reaches a running `cargo isobar dev`.
//!
//! It listens on a free port of the loopback address. Where, and the token without which it answers
//! nothing, stand in a file of the target folder that only its owner can read.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{Method, Request, Response, StatusCode};
use isobar_hosts::{Body, Capabilities, Client, Error, Front, Listening, body};
use isobar_inspector::{is_same, secret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deliver::{self, EventOrder, HttpOrder};
use super::recorded::Recorded;
use super::switch::Switch;
use crate::fail::{Failure, Kind, Result, cause};
use crate::project::Project;

/// The file's name in the folder of what `cargo isobar` keeps.
const FILE: &str = "dev.json";
/// The longest order that is read.
const LIMIT: usize = 64 * 1024 * 1024;

/// How a running `dev` is reached.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Contact {
    /// The address that the program is served on.
    pub(crate) url: String,
    /// The port of the control endpoint.
    pub(crate) control: u16,
    /// What has to be sent along.
    pub(crate) token: String,
    /// The process.
    pub(crate) pid: u32,
}

/// What `invoke` wants done.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    /// Say which host it is.
    Status,
    /// Send a request.
    Http(HttpOrder),
    /// Deliver a native event.
    Event(EventOrder),
}

/// The open endpoint; it is closed, and its file removed, when dropped.
#[derive(Debug)]
pub(super) struct Control {
    file: PathBuf,
    _listening: Listening,
}

impl Control {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// When it cannot listen, or its file cannot be written.
    pub(super) async fn open(
        project: &Project,
        url: &str,
        switch: Arc<Switch>,
        recorded: Recorded,
    ) -> Result<Self> {
        let token = secret();
        let endpoint = Endpoint {
            token: token.clone(),
            switch,
            recorded,
        };
        let listening = Listening::open(Arc::new(endpoint), 0).await;
        let listening = listening.map_err(cause(Kind::Run, "cannot open the control endpoint"))?;
        let contact = Contact {
            url: url.to_owned(),
            control: listening.address().port(),
            token,
            pid: std::process::id(),
        };
        let file = project.own().join(FILE);
        write(&file, &contact)
            .map_err(cause(Kind::Run, format!("cannot write {}", file.display())))?;
        Ok(Self {
            file,
            _listening: listening,
        })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // a file that is left names a port on which nobody answers
        let _removed = std::fs::remove_file(&self.file);
    }
}

impl Contact {
    /// Finds the `dev` that runs for a project.
    ///
    /// # Errors
    ///
    /// When none does.
    pub(crate) fn find(project: &Project) -> Result<Self> {
        let file = project.own().join(FILE);
        let text = std::fs::read(&file).map_err(|_none| {
            Failure::new(
                Kind::Run,
                format!("no cargo isobar dev runs for {}", project.bin),
            )
            .help("start it in another terminal: cargo isobar dev --as aws")
        })?;
        serde_json::from_slice(&text)
            .map_err(cause(Kind::Run, format!("{} is malformed", file.display())))
    }

    /// Has something done.
    ///
    /// # Errors
    ///
    /// When nobody answers there, or what answers refuses.
    pub(crate) async fn order(&self, order: &Order) -> Result<Value> {
        let gone = |error: Error| {
            Failure::new(
                Kind::Run,
                "the cargo isobar dev that was started does not answer",
            )
            .because(&error)
            .help("start it again: cargo isobar dev")
        };
        let client = Client::connect(([127, 0, 0, 1], self.control).into())
            .await
            .map_err(gone)?;
        let text =
            serde_json::to_string(order).map_err(cause(Kind::Usage, "cannot be said to dev"))?;
        let request = Request::post("/order")
            .header(AUTHORIZATION, format!("Bearer {}", self.token))
            .body(body::full(text))
            .map_err(cause(Kind::Usage, "cannot be said to dev"))?;
        let response = client.send(request).await.map_err(gone)?;
        let status = response.status();
        let bytes = body::collect(response.into_body()).await.map_err(gone)?;
        let answer: Value =
            serde_json::from_slice(&bytes).map_err(cause(Kind::Run, "dev's answer is no JSON"))?;
        if status == StatusCode::OK {
            return Ok(answer);
        }
        let why = answer
            .get("error")
            .and_then(Value::as_str)
            .unwrap_or("it does not say why");
        Err(Failure::new(Kind::Run, format!("dev refuses: {why}")))
    }
}

fn write(file: &std::path::Path, contact: &Contact) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // made anew, so that its mode is ours
    let _none = std::fs::remove_file(file);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    let text = serde_json::to_string(contact)?;
    file.write_all(text.as_bytes())
}

/// What answers.
#[derive(Debug)]
struct Endpoint {
    token: String,
    switch: Arc<Switch>,
    recorded: Recorded,
}

impl Endpoint {
    /// Does it, and adds what the program has recorded of it.
    async fn done(&self, order: Order) -> Result<Value, String> {
        let before = self.recorded.before();
        let (mut done, is_request) = match order {
            Order::Status => {
                let host = self.switch.now().map(|served| served.host.inner().word());
                return Ok(json!({"host": host}));
            }
            Order::Http(order) => (deliver::http(&*self.switch, order).await?, true),
            Order::Event(order) => {
                let served = self.switch.now().ok_or("no program serves yet")?;
                (deliver::event(&served.host, order).await?, false)
            }
        };
        // a request that was answered well has nothing to explain
        let is_plain = is_request && done.get("well") == Some(&Value::Bool(true));
        if let Some(members) = done.as_object_mut().filter(|_| !is_plain) {
            let recorded = self.recorded.since(before, is_request).await;
            members.insert("recorded".to_owned(), recorded.unwrap_or_default());
        }
        Ok(done)
    }

    async fn answer(&self, request: Request<Body>) -> Result<Value, (StatusCode, String)> {
        let given = request
            .headers()
            .get(AUTHORIZATION)
            .map(http::HeaderValue::as_bytes);
        if !given.is_some_and(|given| is_same(given, format!("Bearer {}", self.token).as_bytes())) {
            return Err((StatusCode::UNAUTHORIZED, "the token is wrong".to_owned()));
        }
        if request.method() != Method::POST || request.uri().path() != "/order" {
            return Err((
                StatusCode::NOT_FOUND,
                "POST /order is all there is".to_owned(),
            ));
        }
        let bad = |error: &dyn std::fmt::Display| (StatusCode::BAD_REQUEST, error.to_string());
        let bytes = body::collect_within(request.into_body(), LIMIT)
            .await
            .map_err(|e| bad(&e))?;
        let bytes = bytes.ok_or_else(|| bad(&"the order is too long"))?;
        let order: Order = serde_json::from_slice(&bytes).map_err(|e| bad(&e))?;
        self.done(order).await.map_err(|e| bad(&e))
    }
}

#[async_trait]
impl Front for Endpoint {
    fn name(&self) -> &'static str {
        "control"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::PLAIN
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let (status, answer) = match self.answer(request).await {
            Ok(answer) => (StatusCode::OK, answer),
            Err((status, why)) => (status, json!({"error": why})),
        };
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json");
        Ok(response.body(body::full(answer.to_string()))?)
    }
}

//! The server, as those who invoke see it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::super::answer::{Answer, Kind, Live};
use super::super::{Invocation, OnAnswer, OnNext};
use super::connection;
use super::memory::{Phase, ended};
use super::state::{Identity, State};
use crate::Error;
use crate::sync::lock;

/// A Runtime API on loopback. It is gone when this is dropped.
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    pub(in crate::lambda) state: Arc<State>,
    task: JoinHandle<()>,
}

impl RuntimeApi {
    /// Serves a function that handles one invocation at a time, without a program of its own.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn serve() -> Result<Self, Error> {
        Self::serve_concurrent(1).await
    }

    /// Serves a function that handles so many invocations at once, as Managed Instances do.
    ///
    /// # Errors
    ///
    /// When there is no free port.
    pub async fn serve_concurrent(concurrency: usize) -> Result<Self, Error> {
        Self::serve_as(Identity {
            name: "function".to_owned(),
            version: "$LATEST".to_owned(),
            handler: "bootstrap".to_owned(),
            arn: "arn:aws:lambda:eu-west-1:123456789012:function:function".to_owned(),
            timeout: Duration::from_secs(30),
            snapstart: false,
            concurrency,
            prefix: String::new(),
        })
        .await
    }

    pub(in crate::lambda) async fn serve_as(identity: Identity) -> Result<Self, Error> {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(Error::io("no port for the Runtime API"))?;
        let address = listener.local_addr().map_err(Error::io("no address"))?;
        let state = State::new(identity);
        let task = tokio::spawn(connection::accept(listener, Arc::clone(&state)));
        Ok(Self {
            address,
            state,
            task,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The value for `AWS_LAMBDA_RUNTIME_API`: `host:port`, or a URL where there is a path prefix.
    pub fn variable(&self) -> String {
        match self.state.identity.prefix.as_str() {
            "" => self.address.to_string(),
            prefix => format!("http://{}{prefix}", self.address),
        }
    }

    /// Invokes, and gives the answer whole.
    ///
    /// An invocation waits until the program asks for it; its time counts from there.
    ///
    /// # Errors
    ///
    /// When the host is stopped meanwhile.
    pub async fn invoke(&self, invocation: Invocation) -> Result<Answer, Error> {
        Ok(self.invoke_live(invocation).await?.finish().await)
    }

    /// Invokes, and gives the answer once its head is there.
    ///
    /// # Errors
    ///
    /// When the host is stopped meanwhile.
    pub async fn invoke_live(&self, invocation: Invocation) -> Result<Live, Error> {
        let id = invocation.request_id.clone();
        let Some(answer) = self.state.submit(invocation) else {
            let body = br#"{"errorType":"Runtime.Unavailable","errorMessage":"no place left"}"#;
            return Ok(ended(&id, Kind::Unavailable, "Runtime.Unavailable", body));
        };
        let lost = |_gone| Error::Stopped("the invocation was dropped".to_owned());
        answer.await.map_err(lost)
    }

    /// Lets the next `GET next`, or the one that waits already, go wrong like this.
    pub fn on_next(&self, mischief: OnNext) {
        self.state.change(|inner| inner.on_next.push_back(mischief));
    }

    /// Lets the next posted response or error go wrong like this.
    pub fn on_answer(&self, mischief: OnAnswer) {
        self.state
            .change(|inner| inner.on_answer.push_back(mischief));
    }

    /// Restores a program of [`Function::snapstart`](crate::lambda::Function::snapstart) that waits
    /// for it: what was started from the snapshot goes on. Tells whether one waited.
    pub fn restore(&self) -> bool {
        self.state.thaw()
    }

    /// The type and body of the error that the program posted of its init or its restore.
    pub fn start_error(&self) -> Option<(String, Vec<u8>)> {
        let error = lock(&self.state.inner).init_error.clone();
        error.map(|(body, error_type)| (error_type, body))
    }

    /// How often an event was asked for.
    pub fn polls(&self) -> usize {
        lock(&self.state.inner).polls
    }

    /// How many extensions are registered, internal ones included.
    pub fn extensions(&self) -> usize {
        lock(&self.state.inner).extensions.len()
    }

    /// Waits until the program has asked for its first event.
    ///
    /// # Errors
    ///
    /// [`Error::Timeout`] when it does not in time.
    pub async fn ready(&self, patience: Duration) -> Result<(), Error> {
        let asked = self
            .state
            .until(|inner| (inner.phase != Phase::Started).then_some(()));
        timeout(patience, asked)
            .await
            .map_err(|_elapsed| Error::Timeout {
                what: "a first GET next".to_owned(),
                after: patience,
            })
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.task.abort();
    }
}

//! A function, and the sandbox that runs it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::api::{Identity, RuntimeApi};
use super::{Answer, Invocation, Live, OnAnswer, OnNext};
use crate::program::{Signal, Stopped};
use crate::sync::lock;
use crate::{Error, Launch, Program};

/// How long a program has from SIGTERM to SIGKILL, where it registered an internal extension.
const GRACE: Duration = Duration::from_millis(500);
/// How long an init may take.
const INIT: Duration = Duration::from_secs(10);

/// A function that is to be started.
#[derive(Debug, Clone)]
pub struct Function {
    launch: Launch,
    identity: Identity,
    init: Duration,
}

impl Function {
    /// A function named `function`, with a timeout of 30 s, one invocation at a time.
    pub fn new(mut launch: Launch) -> Self {
        let task = launch
            .binary()
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default();
        launch.default_env("LAMBDA_TASK_ROOT", task);
        let identity = Identity {
            name: "function".to_owned(),
            version: "$LATEST".to_owned(),
            handler: "bootstrap".to_owned(),
            arn: String::new(),
            timeout: Duration::from_secs(30),
            snapstart: false,
            concurrency: 1,
            prefix: String::new(),
        };
        Self {
            launch,
            identity,
            init: INIT,
        }
    }

    /// Names it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.identity.name = name.into();
        self
    }

    /// Sets its timeout: what takes longer ends in SIGKILL.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.identity.timeout = timeout;
        self
    }

    /// Makes it a Managed Instance with so many invocations at once.
    #[must_use]
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.identity.concurrency = concurrency;
        self
    }

    /// Makes it one that is started from a snapshot: once its init is over the program is frozen,
    /// until [`RuntimeApi::restore`](super::RuntimeApi::restore).
    #[must_use]
    pub fn snapstart(mut self) -> Self {
        self.identity.snapstart = true;
        self
    }

    /// Sets how long an init may take until the program is killed; it is 10 s otherwise.
    #[must_use]
    pub fn init_limit(mut self, limit: Duration) -> Self {
        self.init = limit;
        self
    }

    /// Puts a path before the Runtime API's own, as cargo-lambda does: the variable is a URL then.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.identity.prefix = prefix.into();
        self
    }

    /// Starts it, and waits until it asks for an event, fails, or its init is over.
    ///
    /// An init that fails is no error here: each invocation starts it anew and tells.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub async fn start(mut self) -> Result<Sandbox, Error> {
        let Identity { name, .. } = &self.identity;
        self.identity.arn = format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}");
        let api = RuntimeApi::serve_as(self.identity.clone()).await?;
        for (name, value) in self.environment(&api) {
            self.launch.default_env(name, value);
        }
        let program = Arc::new(self.launch.start()?);
        let sandbox = Sandbox(Arc::new(Inner {
            api,
            launch: self.launch,
            init: self.init,
            program: Mutex::new(Arc::clone(&program)),
            starts: tokio::sync::Mutex::new(1),
        }));
        sandbox.0.attach(&program);
        sandbox.0.settled(&program).await;
        Ok(sandbox)
    }

    fn environment(&self, api: &RuntimeApi) -> Vec<(&'static str, String)> {
        let name = &self.identity.name;
        let concurrent = self.identity.concurrency > 1;
        let kind = if concurrent {
            "lambda-managed-instances"
        } else if self.identity.snapstart {
            "snap-start"
        } else {
            "on-demand"
        };
        let mut variables = vec![
            ("AWS_LAMBDA_RUNTIME_API", api.variable()),
            ("AWS_LAMBDA_FUNCTION_NAME", name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", self.identity.version.clone()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            (
                "AWS_LAMBDA_LOG_STREAM_NAME",
                "2026/01/02/[$LATEST]0123456789abcdef".to_owned(),
            ),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", kind.to_owned()),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_DEFAULT_REGION", "eu-west-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "none".to_owned()),
            ("AWS_SESSION_TOKEN", "none".to_owned()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
            ("_HANDLER", self.identity.handler.clone()),
            ("TZ", ":UTC".to_owned()),
        ];
        if concurrent {
            let many = self.identity.concurrency.to_string();
            variables.push(("AWS_LAMBDA_MAX_CONCURRENCY", many));
            variables.push(("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()));
        }
        variables
    }
}

/// A function with a program that runs, or is started again when it has ended.
///
/// A clone is the same sandbox. The program is killed when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    api: RuntimeApi,
    launch: Launch,
    init: Duration,
    program: Mutex<Arc<Program>>,
    /// How many programs were started; held while one is.
    starts: tokio::sync::Mutex<usize>,
}

impl Sandbox {
    /// Invokes, and gives the answer whole. A program that has ended is started again before.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub async fn invoke(&self, invocation: Invocation) -> Result<Answer, Error> {
        Ok(self.invoke_live(invocation).await?.finish().await)
    }

    /// Invokes, and gives the answer once its head is there.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub async fn invoke_live(&self, invocation: Invocation) -> Result<Live, Error> {
        self.0.alive().await?;
        self.0.api.invoke_live(invocation).await
    }

    /// The program that runs now, or ran last.
    pub fn program(&self) -> Arc<Program> {
        Arc::clone(&lock(&self.0.program))
    }

    /// How many programs were started so far.
    pub async fn starts(&self) -> usize {
        *self.0.starts.lock().await
    }

    /// The Runtime API, for what a service would not do.
    pub fn api(&self) -> &RuntimeApi {
        &self.0.api
    }

    /// Lets the next `GET next`, or the one that waits already, go wrong like this.
    pub fn on_next(&self, mischief: OnNext) {
        self.0.api.on_next(mischief);
    }

    /// Lets the next posted response or error go wrong like this.
    pub fn on_answer(&self, mischief: OnAnswer) {
        self.0.api.on_answer(mischief);
    }

    /// Ends the sandbox as the platform does: SIGTERM and 500 ms for a program that has registered
    /// an extension, SIGKILL at once for any other.
    ///
    /// # Errors
    ///
    /// When the program cannot be signalled.
    pub async fn stop(&self) -> Result<Stopped, Error> {
        let program = self.program();
        if self.0.api.extensions() > 0 {
            return program.stop(GRACE).await;
        }
        let status = program.kill().await?;
        let after = Duration::ZERO;
        Ok(Stopped {
            status,
            after,
            killed: true,
        })
    }
}

impl Inner {
    /// Starts the program again where it has ended.
    async fn alive(self: &Arc<Self>) -> Result<(), Error> {
        let mut starts = self.starts.lock().await;
        let last = Arc::clone(&lock(&self.program));
        if last.status().is_none() && !self.api.state.has_failed() {
            return Ok(());
        }
        last.kill().await?;
        self.api.state.detached().await;
        self.api.state.restart();
        let program = Arc::new(self.launch.start()?);
        *starts += 1;
        *lock(&self.program) = Arc::clone(&program);
        self.attach(&program);
        Ok(())
    }

    /// Kills the program when it has not asked for an event in time.
    fn limit_init(self: &Arc<Self>, program: &Arc<Program>) {
        let (inner, program) = (Arc::downgrade(self), Arc::downgrade(program));
        let limit = self.init;
        tokio::spawn(async move {
            sleep(limit).await;
            let (Some(inner), Some(program)) = (inner.upgrade(), program.upgrade()) else {
                return;
            };
            let is_current = Arc::ptr_eq(&program, &lock(&inner.program));
            if is_current && inner.api.state.is_starting() {
                // what cannot be killed has ended
                let _ended = program.signal(Signal::Kill);
            }
        });
    }

    /// Lets the Runtime API know the program, and of its end.
    fn attach(self: &Arc<Self>, program: &Arc<Program>) {
        self.api.state.attach(program);
        self.limit_init(program);
        let inner = Arc::downgrade(self);
        let ended = program.end();
        tokio::spawn(async move {
            let Some(status) = ended.await else { return };
            let Some(inner) = inner.upgrade() else { return };
            // what it has still sent is read before it is declared dead
            let quiet = inner.api.state.quiet();
            let _in_time = timeout(Duration::from_millis(500), quiet).await;
            if inner.api.state.died(status) {
                let _restarted = inner.alive().await;
            }
        });
    }

    /// Waits until the program has begun to ask for events, or has ended.
    async fn settled(&self, program: &Program) {
        tokio::select! {
            _ready = self.api.ready(self.init) => {}
            _ended = program.ended() => sleep(Duration::from_millis(1)).await,
        }
    }
}

//! A function as the service runs it: a sandbox for each invocation that runs at the same time.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{Request, Response};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Answer, Door, Function, Invocation, LambdaFront, Sandbox};
use crate::sync::lock;
use crate::{Body, Capabilities, Error, Front};

/// Sandboxes of one function behind one door: an idle one is taken, a new one is started where all
/// are busy, and where there are as many as may be, invocations wait.
#[derive(Debug)]
pub struct Fleet {
    function: Function,
    door: Door,
    free: Arc<Semaphore>,
    all: Mutex<Vec<Arc<LambdaFront>>>,
    idle: Arc<Mutex<Vec<Arc<LambdaFront>>>>,
}

/// A sandbox that is busy; it is idle again when this is dropped.
#[derive(Debug)]
struct Busy {
    front: Arc<LambdaFront>,
    idle: Arc<Mutex<Vec<Arc<LambdaFront>>>>,
    _permit: OwnedSemaphorePermit,
}

impl Fleet {
    /// Starts the first sandbox.
    ///
    /// # Errors
    ///
    /// When the program cannot be started.
    pub async fn start(function: Function, door: Door, most: usize) -> Result<Self, Error> {
        let fleet = Self {
            function,
            door,
            free: Arc::new(Semaphore::new(most.max(1))),
            all: Mutex::default(),
            idle: Arc::default(),
        };
        let first = fleet.another().await?;
        lock(&fleet.idle).push(first);
        Ok(fleet)
    }

    /// How many sandboxes there are.
    pub fn sandboxes(&self) -> usize {
        lock(&self.all).len()
    }

    /// How the first program ended, `None` while it lives.
    pub fn first_end(&self) -> Option<String> {
        let all = lock(&self.all);
        let program = all.first()?.sandbox().program();
        let status = program.status()?;
        Some(
            program
                .has_ended(status, "before it asked for an event")
                .to_string(),
        )
    }

    /// Invokes with any event.
    ///
    /// # Errors
    ///
    /// When no program can be started.
    pub async fn invoke(&self, invocation: Invocation) -> Result<Answer, Error> {
        let busy = self.take().await?;
        busy.front.sandbox().invoke(invocation).await
    }

    /// Ends all sandboxes as the platform does.
    pub async fn stop(&self) {
        let all = std::mem::take(&mut *lock(&self.all));
        for front in all {
            // one that cannot be stopped has ended
            let _stopped = front.sandbox().stop().await;
        }
    }

    async fn take(&self) -> Result<Busy, Error> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        let permit = permit.map_err(|_closed| Error::Stopped("no sandboxes".to_owned()))?;
        let idle = lock(&self.idle).pop();
        let front = match idle {
            Some(front) => front,
            None => self.another().await?,
        };
        Ok(Busy {
            front,
            idle: Arc::clone(&self.idle),
            _permit: permit,
        })
    }

    async fn another(&self) -> Result<Arc<LambdaFront>, Error> {
        let sandbox: Sandbox = self.function.clone().start().await?;
        let front = sandbox.front(self.door.clone()).front;
        lock(&self.all).push(Arc::clone(&front));
        Ok(front)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        lock(&self.idle).push(Arc::clone(&self.front));
    }
}

#[async_trait]
impl Front for Fleet {
    fn name(&self) -> &'static str {
        "lambda-fleet"
    }

    fn capabilities(&self) -> Capabilities {
        self.door.capabilities()
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let busy = self.take().await?;
        let response = busy.front.send(request).await?;
        Ok(response.map(|body| {
            let held = body.map_frame(move |frame| {
                let _until_the_body_is_dropped = &busy;
                frame
            });
            held.boxed_unsync()
        }))
    }
}

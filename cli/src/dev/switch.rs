//! The front on the local address: it hands each request to the program that serves now.
//!
//! A request that comes before there is one waits for it. One that was begun by the old program is
//! ended by the old program: only then is that stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use isobar_hosts::{Body, Capabilities, Error, Front, body};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use super::host::Host;

/// How long what the old program still does may take, once the new one serves.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who serves.
#[derive(Clone, Debug)]
enum State {
    /// Nobody yet: the first build runs.
    Building,
    /// Nobody: it did not build or start, for this reason.
    Failed(Arc<str>),
    /// This program.
    Serving(Arc<Served>),
    /// Nobody any more.
    Stopped,
}

/// A program that serves, and a count of what it is at.
#[derive(Debug)]
pub(crate) struct Served {
    /// Its host.
    pub(crate) host: Host,
    /// One reference for each request, and one for itself.
    requests: Arc<()>,
}

/// The front.
#[derive(Debug)]
pub(crate) struct Switch {
    state: watch::Sender<State>,
    retiring: Mutex<Vec<JoinHandle<()>>>,
}

impl Default for Switch {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(State::Building),
            retiring: Mutex::default(),
        }
    }
}

impl Switch {
    /// Lets this program serve from now on; the one before ends what it is at, and is stopped.
    pub(super) fn to(&self, host: Host) -> Arc<Served> {
        let served = Arc::new(Served {
            host,
            requests: Arc::default(),
        });
        let serving = State::Serving(Arc::clone(&served));
        if let State::Serving(old) = self.state.send_replace(serving) {
            let mut retiring = self.retiring.lock().unwrap_or_else(PoisonError::into_inner);
            retiring.retain(|task| !task.is_finished());
            retiring.push(tokio::spawn(async move { old.retire().await }));
        }
        served
    }

    /// Says why nobody serves; one that serves goes on.
    pub(super) fn failed(&self, why: &str) {
        self.state.send_if_modified(|state| {
            let nobody = !matches!(state, State::Serving(_) | State::Stopped);
            if nobody {
                *state = State::Failed(why.into());
            }
            nobody
        });
    }

    /// Who serves now, if anybody does.
    pub(crate) fn now(&self) -> Option<Arc<Served>> {
        match &*self.state.borrow() {
            State::Serving(served) => Some(Arc::clone(served)),
            _ => None,
        }
    }

    /// Stops all programs, the old ones too.
    pub(super) async fn stop(&self) {
        if let State::Serving(served) = self.state.send_replace(State::Stopped) {
            served.host.stop().await;
        }
        let retiring = {
            let mut retiring = self.retiring.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *retiring)
        };
        for task in retiring {
            // one that is over has stopped its program
            let _over = task.await;
        }
    }

    /// Waits for somebody who serves, or for the reason why nobody does.
    async fn serving(&self) -> Result<(Arc<Served>, Arc<()>), Response<Body>> {
        let mut state = self.state.subscribe();
        let settled = state.wait_for(|state| !matches!(state, State::Building));
        match settled.await.as_deref() {
            // counted while it cannot be replaced
            Ok(State::Serving(served)) => Ok((Arc::clone(served), Arc::clone(&served.requests))),
            Ok(State::Failed(why)) => Err(unavailable(why)),
            _ => Err(unavailable("cargo isobar dev has ended")),
        }
    }
}

impl Served {
    /// Waits until its last request is done, and stops it.
    async fn retire(&self) {
        let asked = Instant::now();
        while Arc::strong_count(&self.requests) > 1 && asked.elapsed() < PATIENCE {
            sleep(Duration::from_millis(20)).await;
        }
        self.host.stop().await;
    }
}

fn unavailable(why: &str) -> Response<Body> {
    let text = anstream::adapter::strip_str(why).to_string();
    let mut response = Response::new(body::full(text));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

#[async_trait]
impl Front for Switch {
    fn name(&self) -> &'static str {
        "dev"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::PLAIN
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, Error> {
        let (served, request_counts) = match self.serving().await {
            Ok(serving) => serving,
            Err(answer) => return Ok(answer),
        };
        let response = served.host.front().send(request).await?;
        Ok(response.map(|body| {
            let counted = body.map_frame(move |frame| {
                let _until_the_body_is_dropped = &request_counts;
                frame
            });
            counted.boxed_unsync()
        }))
    }
}

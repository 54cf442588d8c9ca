//! The inspector of `cargo isobar dev`: it takes what the programs record, and has things sent
//! through the hosts that are played.

mod driver;
mod sides;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, Response};
use http_body_util::BodyExt;
use isobar_hosts::{Body, Capabilities, Error, Front};
use isobar_inspector::{Inspector, Store, mirror, secret};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::switch::Switch;
use crate::fail::{Kind, Result, cause};
use crate::project::Project;
use driver::Hosts;
pub(super) use sides::{Sides, Starter};

/// The feature that programs are built with to be inspected.
pub(super) const FEATURE: &str = "isobar/inspect";

/// The open inspector. It ends when dropped.
pub(super) struct Inspection {
    page: Inspector,
    store: Store,
    told: String,
    taking: JoinHandle<()>,
}

impl fmt::Debug for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inspection").finish_non_exhaustive()
    }
}

impl Inspection {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// When nothing can be listened on.
    pub(super) async fn open(
        project: &Project,
        switch: &Arc<Switch>,
        sides: &Arc<Sides>,
    ) -> Result<Self> {
        let why = "cannot open the inspector";
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(cause(Kind::Run, why))?;
        let address = listener.local_addr().map_err(cause(Kind::Run, why))?;
        let (store, word) = (Store::default(), secret());
        let told = format!("{address}/{word}");
        let taking = tokio::spawn(mirror::listen(store.clone(), listener, word));
        let hosts = Hosts::new(project, Arc::clone(switch), Arc::clone(sides));
        Ok(Self {
            page: Inspector::new(store.clone(), hosts, secret()),
            store,
            told,
            taking,
        })
    }

    /// What programs are told: where to tell what they record.
    pub(super) fn told(&self) -> &str {
        &self.told
    }

    /// What programs have told.
    pub(super) fn store(&self) -> Store {
        self.store.clone()
    }

    /// The URL of the page.
    pub(super) fn url(&self, origin: &str) -> String {
        self.page.url(origin)
    }

    /// Puts the page before a front.
    pub(super) fn before(&self, front: Arc<dyn Front>) -> Arc<dyn Front> {
        let page = self.page.clone();
        Arc::new(Before { page, front })
    }
}

impl Drop for Inspection {
    fn drop(&mut self) {
        self.taking.abort();
    }
}

/// A front whose requests below `/_isobar` are the inspector's.
#[derive(Debug)]
struct Before {
    page: Inspector,
    front: Arc<dyn Front>,
}

#[async_trait]
impl Front for Before {
    fn name(&self) -> &str {
        self.front.name()
    }

    fn capabilities(&self) -> Capabilities {
        self.front.capabilities()
    }

    async fn send(&self, request: Request<Body>) -> std::result::Result<Response<Body>, Error> {
        if !Inspector::is_at(request.uri().path()) {
            return self.front.send(request).await;
        }
        let response = self.page.answer(request.map(isobar::Body::new)).await;
        Ok(response.map(|body| body.map_err(Into::into).boxed_unsync()))
    }
}

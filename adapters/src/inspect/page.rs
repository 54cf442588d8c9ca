//! The page of a program that serves it itself.

use std::net::SocketAddr;

use isobar_core::{Provider, Request, Response};
use isobar_inspector::{Inspector, Store, recorder, secret};

use super::own::Own;
use super::settings;
use crate::RunError;
use crate::config::Environment;

/// The page, where one is served.
#[derive(Clone, Debug)]
pub(crate) struct Page(Option<(Inspector, Store)>);

/// Makes the page of the developer's own machine. To no other address is anything shown.
pub(crate) fn page(
    environment: &Environment,
    provider: Provider,
    address: SocketAddr,
) -> Result<Page, RunError> {
    let is_told = settings::read(environment)?;
    if provider != Provider::Local || is_told.is_some() {
        return Ok(Page(None));
    }
    if !address.ip().is_loopback() {
        tracing::warn!("the inspector is off: {address} can be reached by others");
        return Ok(Page(None));
    }
    let store = Store::default();
    recorder::record_into(store.clone());
    let inspector = Inspector::new(store.clone(), Own::new(address), secret());
    let url = inspector.url(&format!("http://localhost:{}", address.port()));
    tracing::info!("the inspector is at {url}");
    Ok(Page(Some((inspector, store))))
}

impl Page {
    /// Returns the page, where the request is one of it.
    pub(crate) fn of<B>(&self, request: &http::Request<B>) -> Option<&Inspector> {
        let (inspector, _) = self.0.as_ref()?;
        Inspector::is_at(request.uri().path()).then_some(inspector)
    }

    /// Ends the pages that follow: they would hold up a shutdown.
    pub(crate) fn close(&self) {
        if let Some((_, store)) = &self.0 {
            store.close();
        }
    }

    /// Answers a request of the page's.
    pub(crate) async fn answer(inspector: &Inspector, request: Request) -> Response {
        inspector.answer(request).await
    }
}

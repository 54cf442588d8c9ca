//! The page of a program that serves it itself.

use std::convert::Infallible;
use std::net::SocketAddr;

use hyper::body::Incoming;
use isobar_core::{Body, Provider, Response};
use isobar_inspector::{Inspector, Store, recorder, secret};

use super::own::Own;
use super::settings;
use crate::config::Environment;

/// The page, where one is served.
#[derive(Clone, Debug)]
pub(crate) struct Page(Option<(Inspector, Store)>);

/// Whether the program is to serve the page itself.
#[derive(Debug)]
pub(crate) struct Wanted(bool);

/// It does on the developer's own machine, unless the environment says something else.
pub(crate) fn wanted(environment: &Environment, provider: Provider) -> Wanted {
    // what is wrong with the setting is said by who records
    let is_unasked = matches!(settings::read(environment), Ok(None));
    Wanted(provider == Provider::Local && is_unasked)
}

impl Wanted {
    /// Makes the page. To no other address than this machine's own is anything shown.
    pub(crate) fn page(self, address: SocketAddr) -> Page {
        if !self.0 {
            return Page(None);
        }
        if !address.ip().is_loopback() {
            tracing::warn!("the inspector is off: {address} can be reached by others");
            return Page(None);
        }
        let store = Store::default();
        recorder::record_into(store.clone());
        let inspector = Inspector::new(store.clone(), Own::new(address), secret());
        let url = inspector.url(&format!("http://localhost:{}", address.port()));
        tracing::info!("the inspector is at {url}");
        Page(Some((inspector, store)))
    }
}

impl Page {
    /// Returns the page, where the request is one of it.
    fn of<B>(&self, request: &http::Request<B>) -> Option<Inspector> {
        let (inspector, _) = self.0.as_ref()?;
        Inspector::is_at(request.uri().path()).then(|| inspector.clone())
    }

    /// Ends the pages that follow: they would hold up a shutdown.
    pub(crate) fn close(&self) {
        if let Some((_, store)) = &self.0 {
            store.close();
        }
    }
}

/// Answers a request: the page its own, and all others are recorded.
pub(crate) fn served<R, F>(
    page: &Page,
    request: http::Request<Incoming>,
    run: R,
) -> impl Future<Output = Result<Response, Infallible>> + Send + use<R, F>
where
    R: FnOnce(http::Request<Incoming>) -> F + Send,
    F: Future<Output = Result<Response, Infallible>> + Send,
{
    let inspector = page.of(&request);
    async move {
        if let Some(inspector) = inspector {
            return Ok(inspector.answer(request.map(Body::new)).await);
        }
        let answer = recorder::exchange(async {
            match run(request).await {
                Ok(response) => response,
            }
        });
        Ok(answer.await)
    }
}

use std::fmt::{self, Debug};
use std::sync::Arc;

use async_trait::async_trait;
use axum_core::response::IntoResponse;
use tower_layer::Layer;
use tower_service::Service;

use super::App;
use crate::service::call;
use crate::{BoxError, Error, Handler, IntoService, Request, Response, Routes};

/// An [`App`] with a tower layer around it, its routes kept; made by [`App::layer`].
#[derive(Clone)]
pub struct Layered<T> {
    service: T,
    /// Whose routes, and whose end, a layer does not change.
    app: Arc<dyn Handler>,
}

impl<S: Clone + Send + Sync + 'static> App<S> {
    /// Wraps a tower layer around all requests and events.
    ///
    /// `service(layer.layer(into_service(app)))` would lose the routes, and with them the events.
    pub fn layer<L: Layer<IntoService<Self>>>(self, layer: L) -> Layered<L::Service> {
        let app = Arc::new(self);
        Layered {
            service: layer.layer(IntoService::shared(Arc::clone(&app))),
            app,
        }
    }
}

#[async_trait]
impl<T, R> Handler for Layered<T>
where
    T: Service<Request, Response = R> + Clone + Send + Sync + 'static,
    T::Error: Into<BoxError>,
    T::Future: Send,
    R: IntoResponse,
{
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        call(self.service.clone(), request).await
    }

    fn routes(&self) -> Routes {
        self.app.routes()
    }

    async fn shutdown(&self) {
        self.app.shutdown().await;
    }
}

impl<T: Debug> Debug for Layered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layered")
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Routes};

    #[test]
    fn a_layer_keeps_the_routes() {
        let layered = App::new()
            .on_message("orders", async || {})
            .layer(tower_layer::Identity::new());
        assert_eq!(
            Handler::routes(&layered),
            Routes::none().event(Kind::Message, "orders")
        );
    }
}

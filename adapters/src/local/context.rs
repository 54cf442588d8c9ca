use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use http::uri::Scheme;
use isobar_core::{Context, Dispatcher, Function, Provider, Request, Response, TraceContext};

use crate::serve::{Exchange, Shared, absolute};

/// Makes a context of each request, has it answered, and logs a line of it.
pub(super) struct Contexts {
    dispatcher: Dispatcher,
    function: Function,
    warm: AtomicBool,
}

impl Contexts {
    pub(super) fn new(dispatcher: Dispatcher) -> Self {
        let function = Function::new(Provider::Local, "");
        Self {
            dispatcher,
            function,
            warm: AtomicBool::new(false),
        }
    }
}

impl Exchange for Contexts {
    async fn exchange(&self, mut request: Request, peer: SocketAddr, shared: &Shared) -> Response {
        let (begun, method, path) = (
            Instant::now(),
            request.method().clone(),
            request.uri().path().to_owned(),
        );
        let context = Context::builder(self.function.clone())
            .cold_start(!self.warm.swap(true, Ordering::Relaxed))
            .trace(TraceContext::from_headers(request.headers()))
            .client_ip(Some(peer.ip()));
        absolute(&mut request, Scheme::HTTP);
        let response = shared.respond(&self.dispatcher, context, request).await;
        // The path alone: a query may hold what no log should.
        let milliseconds = begun.elapsed().as_secs_f64() * 1000.0;
        tracing::info!(
            "{method} {path} {} {milliseconds:.1} ms",
            response.status().as_u16()
        );
        response
    }
}

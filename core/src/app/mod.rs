//! One application: HTTP and events, by logical names.

mod arguments;
mod event_handler;
mod layer;
mod outputs;
mod reply;

use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use axum_core::response::IntoResponse;
use http::StatusCode;

use crate::{Error, Handler, Kind, Request, RequestExt, Response, Routes, Text};
use event_handler::{Erased, erase};

pub use arguments::Arguments;
pub use event_handler::EventHandler;
pub use layer::Layered;
pub use outputs::{Output, Outputs};
pub use reply::{IntoReply, Reply};

/// An application that takes HTTP requests and events; its handlers know no cloud.
///
/// Event handlers are `async fn`s of up to eight extractors that read no body
/// ([`Message<T>`](crate::Message), [`Object`](crate::Object), [`Schedule`](crate::Schedule),
/// [`Change<T>`](crate::Change), [`Invoke<T>`](crate::Invoke), [`Event`](crate::Event), [`Context`](crate::Context),
/// `State<S>`, `Option<..>` and `Result<.., Error>` of these, and your own). They return `()`,
/// `Json<T>`, [`Outputs`], or a `Result` of one with any error. An event is acknowledged when its
/// handler returned `Ok`, and not before.
///
/// The name is logical: the queue's, topic's, bucket's or schedule's own simple name stands for it
/// unless the deployment maps it. `*` in a name stands for any run of characters.
///
/// # Example: a route, a message and a schedule, with shared state
///
/// ```
/// use axum::{Json, Router, extract::State, routing::get};
/// use isobar_core::{App, Message, Result};
///
/// #[derive(Clone)]
/// struct Shop { name: &'static str }
/// #[derive(serde::Deserialize)]
/// struct Order { seats: u32 }
///
/// async fn take(State(shop): State<Shop>, order: Message<Order>) -> Result<()> {
///     println!("{} sells {} seats", shop.name, order.body().seats);
///     Ok(())
/// }
///
/// async fn tidy_up() {}
///
/// let shop = Shop { name: "Corner" };
/// let app = App::with_state(shop.clone())
///     .http(Router::new().route("/", get(|| async { "open" })).with_state(shop))
///     .on_message("orders", take)
///     .on_schedule("nightly", tidy_up);
/// ```
#[must_use = "an App does nothing until it is started"]
pub struct App<S = ()> {
    state: S,
    http: Option<Arc<dyn Handler>>,
    /// In the order of `routes.events()`.
    events: Vec<Arc<dyn Erased<S>>>,
    rest: Option<Arc<dyn Handler>>,
    ends: Vec<End<S>>,
    routes: Routes,
}

/// What is done at the end.
type End<S> = Box<dyn Fn(S) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

impl App {
    /// Begins an application without state.
    pub fn new() -> Self {
        Self::with_state(())
    }
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> App<S> {
    /// Begins an application whose event handlers may take `State<S>`.
    pub fn with_state(state: S) -> Self {
        Self {
            state,
            http: None,
            events: Vec::new(),
            rest: None,
            ends: Vec::new(),
            routes: Routes::none(),
        }
    }

    /// Sets what answers HTTP requests: a Router, a function, any handler. Without it they get a
    /// 404.
    pub fn http(mut self, handler: impl Handler) -> Self {
        self.http = Some(Arc::new(handler));
        self.routes = self.routes.with_http();
        self
    }

    /// Adds a handler of messages from the queue, topic or stream of this name.
    pub fn on_message<H, A>(self, name: impl Into<Text>, handler: H) -> Self
    where
        H: EventHandler<A>,
        H::Future: Send,
        H::Reply: IntoReply,
        A: Arguments<S> + 'static,
    {
        self.on(Kind::Message, name, erase(handler))
    }

    /// Adds a handler of objects made or deleted in the bucket of this name.
    pub fn on_object<H, A>(self, name: impl Into<Text>, handler: H) -> Self
    where
        H: EventHandler<A>,
        H::Future: Send,
        H::Reply: IntoReply,
        A: Arguments<S> + 'static,
    {
        self.on(Kind::Object, name, erase(handler))
    }

    /// Adds a handler of the schedule of this name.
    pub fn on_schedule<H, A>(self, name: impl Into<Text>, handler: H) -> Self
    where
        H: EventHandler<A>,
        H::Future: Send,
        H::Reply: IntoReply,
        A: Arguments<S> + 'static,
    {
        self.on(Kind::Schedule, name, erase(handler))
    }

    /// Adds a handler of changes in the table, collection or container of this name.
    pub fn on_change<H, A>(self, name: impl Into<Text>, handler: H) -> Self
    where
        H: EventHandler<A>,
        H::Future: Send,
        H::Reply: IntoReply,
        A: Arguments<S> + 'static,
    {
        self.on(Kind::Change, name, erase(handler))
    }

    /// Sets the handler of calls that wait for a result: JSON in and JSON out, for direct invokes of
    /// a Lambda function, Step Functions and Google's typed functions.
    pub fn on_invoke<H, A>(self, handler: H) -> Self
    where
        H: EventHandler<A>,
        H::Future: Send,
        H::Reply: IntoReply,
        A: Arguments<S> + 'static,
    {
        self.on(Kind::Invoke, "*", erase(handler))
    }

    /// Adds a handler of events of this CloudEvents type (`com.example.*` takes a family), of
    /// whatever kind.
    pub fn on_event<H, A>(mut self, ty: impl Into<Text>, handler: H) -> Self
    where
        H: EventHandler<A>,
        H::Future: Send,
        H::Reply: IntoReply,
        A: Arguments<S> + 'static,
    {
        self.routes = self.routes.event_type(ty);
        self.events.push(erase(handler));
        self
    }

    /// Gives the events that have no handler of their own to a plain handler or Router, as
    /// requests: `POST /{kind}/{name}`, CloudEvents in binary mode.
    pub fn events(mut self, handler: impl Handler) -> Self {
        self.rest = Some(Arc::new(handler));
        self
    }

    /// Acknowledges and drops events that have no handler. Without this they fail, loudly, and
    /// are delivered again: the safe thing to do with messages that nobody was written for.
    pub fn ignore_unknown_events(mut self) -> Self {
        self.routes = self.routes.ignore_unknown();
        self
    }

    /// Adds what is done with the state at the end, after the last invocation: a flush, a goodbye. Several
    /// run in the order in which they were added.
    ///
    /// It runs where the platform says that it ends the process, and has what is left of the grace; see
    /// [`Handler::shutdown`]. Azure Functions kills without a word: nothing may depend on it.
    ///
    /// # Example: an outbox that is sent before the end
    ///
    /// ```
    /// use isobar_core::App;
    ///
    /// #[derive(Clone)]
    /// struct Outbox;
    /// impl Outbox {
    ///     async fn flush(&self) {}
    /// }
    ///
    /// let app = App::with_state(Outbox).on_shutdown(|outbox| async move { outbox.flush().await });
    /// ```
    pub fn on_shutdown<F, Fut>(mut self, end: F) -> Self
    where
        F: Fn(S) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.ends.push(Box::new(move |state| Box::pin(end(state))));
        self
    }

    fn on(mut self, kind: Kind, name: impl Into<Text>, handler: Arc<dyn Erased<S>>) -> Self {
        self.routes = self.routes.event(kind, name);
        self.events.push(handler);
        self
    }
}

#[async_trait]
impl<S: Clone + Send + Sync + 'static> Handler for App<S> {
    async fn handle(&self, request: Request) -> Result<Response, Error> {
        let Some(event) = request.event() else {
            return match &self.http {
                Some(http) => http.handle(request).await,
                None => Err(Error::from_status(StatusCode::NOT_FOUND)),
            };
        };
        let own = self
            .routes
            .find(event)
            .and_then(|place| self.events.get(place));
        match (own, &self.rest) {
            (Some(handler), _) => {
                let (mut parts, _body) = request.into_parts();
                let reply = handler.call(&mut parts, &self.state).await?;
                let mut response = ().into_response();
                if !reply.is_empty() {
                    response.extensions_mut().insert(reply);
                }
                Ok(response)
            }
            (None, Some(rest)) => rest.handle(request).await,
            (None, None) => Err(Error::from(format!("no handler for {event}"))),
        }
    }

    fn routes(&self) -> Routes {
        match self.rest {
            Some(_) => self.routes.clone().event_type("*"),
            None => self.routes.clone(),
        }
    }

    async fn shutdown(&self) {
        for end in &self.ends {
            end(self.state.clone()).await;
        }
        // those that it is made of may have something to end, too
        for part in self.http.iter().chain(&self.rest) {
            part.shutdown().await;
        }
    }
}

impl<S> std::fmt::Debug for App<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("routes", &self.routes)
            .finish_non_exhaustive()
    }
}

//! An event as a request.

use axum_core::body::Body;
use http::{Method, Uri};

use crate::request::Delivered;
use crate::{Context, Event, Kind, Request, Text};

/// Makes the request that a plain handler sees: a CloudEvents binary-mode POST.
#[derive(Default)]
pub(super) struct Requests(Option<(Kind, Text, Uri)>);

impl Requests {
    pub(super) fn of(&mut self, context: &Context, event: &Event) -> Box<Request> {
        let body = event.data().cloned().map_or_else(Body::empty, Body::from);
        let mut request = Box::new(Request::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.target(event);
        *request.headers_mut() = event.headers();
        request.extensions_mut().insert(context.clone());
        request.extensions_mut().insert(Delivered(event.clone()));
        request
    }

    /// The target; that of the event before, where they are of the same source.
    fn target(&mut self, event: &Event) -> Uri {
        match &self.0 {
            Some((kind, name, uri)) if *kind == event.kind() && **name == *event.name() => {
                uri.clone()
            }
            _ => {
                let uri = event.target();
                self.0 = Some((event.kind(), event.name().into(), uri.clone()));
                uri
            }
        }
    }
}

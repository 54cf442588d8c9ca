//! The request of each sender, header for header.

use bytes::Bytes;
use http::Request;
use http::request::Builder;

use super::message::{Message, PUBLISHED};
use super::retry::Retry;
use super::{Sender, What};
use crate::{Body, Error, body};

const AGENT: &str = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)";

impl Sender {
    /// Makes the request of a try, counted from 0.
    pub(super) fn request(&self, attempt: u32) -> Result<Request<Body>, Error> {
        let mut request = Request::post(format!("https://svc-abc-ew.a.run.app{}", self.path));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (request, data) = match &self.what {
            What::Push(subscription, message) => {
                let envelope = message.envelope(subscription, attempt).to_string();
                let request = request.header("content-type", "application/json");
                (request.header("user-agent", AGENT), envelope.into())
            }
            What::Unwrapped(subscription, message) => (
                unwrapped(request, subscription, message),
                message.data.clone(),
            ),
            What::CloudEvent {
                attributes,
                data,
                by,
            } => {
                // A broker takes events as answers.
                let request = match by {
                    Retry::Knative => request.header("prefer", "reply"),
                    _ => request.header("user-agent", AGENT),
                };
                (cloud_event(request, attributes), data.clone())
            }
            What::Job { name, due } => (job(request, name, due), Vec::new()),
            What::Task { queue, name, body } => (task(request, queue, name, attempt), body.clone()),
        };
        let request = request.body(body::full(Bytes::from(data)));
        Ok(request?)
    }
}

fn unwrapped(request: Builder, subscription: &str, message: &Message) -> Builder {
    let request = request
        .header("user-agent", AGENT)
        .header("content-type", "application/octet-stream")
        .header("x-goog-pubsub-message-id", &message.id)
        .header("x-goog-pubsub-publish-time", PUBLISHED)
        .header("x-goog-pubsub-subscription-name", subscription);
    let request = match &message.ordering_key {
        Some(key) => request.header("x-goog-pubsub-ordering-key", key),
        None => request,
    };
    let attributes = message.attributes.iter();
    attributes.fold(request, |request, (name, value)| {
        request.header(name, value)
    })
}

fn cloud_event(request: Builder, attributes: &[(String, String)]) -> Builder {
    let mut request = request.header("ce-specversion", "1.0");
    for (name, value) in attributes {
        request = match name.as_str() {
            "datacontenttype" => request.header("content-type", value),
            name => request.header(format!("ce-{name}"), value),
        };
    }
    request
}

fn job(request: Builder, name: &str, due: &str) -> Builder {
    request
        .header("user-agent", "Google-Cloud-Scheduler")
        .header("x-cloudscheduler", "true")
        .header("x-cloudscheduler-jobname", name)
        .header("x-cloudscheduler-scheduletime", due)
        .header("content-type", "application/octet-stream")
}

fn task(request: Builder, queue: &str, name: &str, attempt: u32) -> Builder {
    let request = request
        .header("user-agent", "Google-Cloud-Tasks")
        .header("x-cloudtasks-queuename", queue)
        .header("x-cloudtasks-taskname", name)
        .header("x-cloudtasks-taskretrycount", attempt)
        .header("x-cloudtasks-taskexecutioncount", 0)
        .header("x-cloudtasks-tasketa", "1614366835.749");
    if attempt == 0 {
        return request;
    }
    request.header("x-cloudtasks-taskpreviousresponse", "500")
}

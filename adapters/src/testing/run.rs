//! A delivery through a host's translations, in-process.

use std::future::pending;

use isobar_core::{
    Batch, Bytes, Context, Dispatcher, Event, IntoResponse, Outcome, Provider, Response, StatusCode,
};

use super::native::unfit;
use super::{Answer, Native, Ran, Source};
use crate::{aws, azure, gcp};

/// Runs a handler on what a host delivers.
pub(super) async fn run(native: Native, dispatcher: &Dispatcher) -> Ran {
    match native.source.provider() {
        Provider::Aws => on_lambda(native, dispatcher).await,
        Provider::Azure => on_functions(native, dispatcher).await,
        _ => on_cloud_run(native, dispatcher).await,
    }
}

/// Delivers a batch; returns its events, and what came of them.
async fn deliver(
    dispatcher: &Dispatcher,
    context: &Context,
    batch: Batch,
) -> (Vec<Event>, Vec<Outcome>) {
    let events = batch.events.clone();
    let outcomes = dispatcher.deliver(context, batch, pending()).await;
    (events, outcomes)
}

async fn on_lambda(native: Native, dispatcher: &Dispatcher) -> Ran {
    use aws::translate::{Deployment, Incoming, Refused};
    let deployment =
        Deployment::new([("ISOBAR_NAMES", native.names.as_deref().unwrap_or_default())])
            .unwrap_or_else(|error| unfit(&error.to_string()));
    let told = |written: Result<Vec<u8>, Refused>| match written {
        Ok(result) => Answer::Response(result.into()),
        Err(Refused::Failed(_, error)) => Answer::Error(error.into()),
        Err(Refused::Answered(_, error)) => Answer::Error(error.to_string().into()),
    };
    let (seen, answer) = match deployment.decode(native.body, &native.headers) {
        Ok(Incoming::Events(arrived)) => {
            let seen = deliver(dispatcher, &arrived.context, arrived.batch).await;
            let answer = told(arrived.tell.encode(&seen.1));
            (seen, answer)
        }
        Ok(_) => unfit("a request"),
        Err(refused) => (Default::default(), told(Err(refused))),
    };
    ran(native.source, seen, answer)
}

async fn on_functions(native: Native, dispatcher: &Dispatcher) -> Ran {
    use azure::translate::{App, Decoded};
    let name = native.path.trim_start_matches('/');
    let function = native.function_json.as_deref().unwrap_or_default();
    let app = App::new("{}", &[(name, function)]);
    let app = app.unwrap_or_else(|error| unfit(&error.to_string()));
    let (seen, answer) = match app.decode(request(&native)) {
        Decoded::Events(mut delivered) => {
            let batch = std::mem::replace(&mut delivered.batch, Batch::new(Vec::new()));
            let seen = deliver(dispatcher, &delivered.context, batch).await;
            let (parts, body) = delivered.settle(&seen.1).await.into_parts();
            (seen, Answer::Http(parts.status, body))
        }
        Decoded::Failed(error) => (Default::default(), http(error.into_response()).await),
        _ => unfit("a request"),
    };
    ran(native.source, seen, answer)
}

async fn on_cloud_run(native: Native, dispatcher: &Dispatcher) -> Ran {
    use gcp::translate::{App, Decoded, encode_call, encode_events};
    let signature = match native.source {
        Source::TypedFunction => "typed",
        _ => "cloudevent",
    };
    let variables = [
        ("FUNCTION_TARGET", "function"),
        ("FUNCTION_SIGNATURE_TYPE", signature),
        ("ISOBAR_EVENTS_AUTH", "iam"),
    ];
    let app = App::new(dispatcher.clone(), &variables);
    let app = app.unwrap_or_else(|error| unfit(&error.to_string()));
    let context = Context::default();
    let (seen, answer) = match app.decode(request(&native)) {
        Decoded::Events(batch) => {
            let seen = deliver(dispatcher, &context, batch).await;
            let answer = encode_events(&seen.1);
            (seen, answer)
        }
        Decoded::Call(batch) => {
            let seen = deliver(dispatcher, &context, batch).await;
            let answer = encode_call(&seen.1);
            (seen, answer)
        }
        Decoded::Answered(answer) => (Default::default(), *answer),
        Decoded::Http(_) => unfit("a request"),
    };
    ran(native.source, seen, http(answer).await)
}

fn request(native: &Native) -> http::Request<Bytes> {
    let mut request = http::Request::new(native.body.clone());
    *request.method_mut() = http::Method::POST;
    if let Ok(uri) = native.path.parse() {
        *request.uri_mut() = uri;
    }
    *request.headers_mut() = native.headers.clone();
    request
}

async fn http(response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    match crate::serve::whole(body).await {
        Ok(body) => Answer::Http(parts.status, body),
        Err(_broken_off) => Answer::Http(StatusCode::BAD_GATEWAY, Bytes::new()),
    }
}

fn ran(source: Source, (events, outcomes): (Vec<Event>, Vec<Outcome>), answer: Answer) -> Ran {
    Ran {
        source,
        events,
        outcomes,
        answer,
    }
}

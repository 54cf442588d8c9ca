use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum_core::body::Body;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::StatusCode;

use super::respond::Ended;
use super::{Batch, Dispatcher, Order, Outcome};
use crate::request::Delivered;
use crate::{Context, Error, Event, Reply, Request, Response, chain};

impl Dispatcher {
    /// Delivers a batch of events; one outcome an event, in their order. Never fails.
    ///
    /// Events run at once up to the batch's limit, or in order and no further than a key's first
    /// failure. When `deadline` completes, running handlers are dropped ([`Outcome::Retry`]) and
    /// the rest is [`Outcome::NotTried`]. Work given to
    /// [`Context::wait_until`] is finished first.
    pub async fn deliver(
        &self,
        context: &Context,
        batch: Batch,
        deadline: impl Future<Output = ()> + Send,
    ) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = batch.events.iter().map(|_| Outcome::NotTried).collect();
        let mut waiting = lanes(batch.events, batch.order).into_iter();
        let mut running = FuturesUnordered::new();
        let mut deadline = pin!(deadline);
        let late = std::future::poll_fn(|cx| {
            loop {
                while running.len() < batch.limit.max(1) {
                    match waiting.next() {
                        Some(lane) => running.push(self.run(context, lane)),
                        None => break,
                    }
                }
                match running.poll_next_unpin(cx) {
                    Poll::Ready(Some((results, rest))) => {
                        record(&mut outcomes, results);
                        if let Some(lane) = rest {
                            running.push(self.run(context, lane));
                        }
                    }
                    Poll::Ready(None) => return Poll::Ready(false),
                    Poll::Pending if deadline.as_mut().poll(cx).is_ready() => {
                        return Poll::Ready(true);
                    }
                    Poll::Pending => {
                        context.poll_background(cx);
                        return Poll::Pending;
                    }
                }
            }
        })
        .await;
        drop(running);
        if late {
            context.cancel();
            tracing::error!(
                request_id = context.request_id(),
                "the batch overran its deadline"
            );
        } else {
            finish(context, deadline).await;
        }
        outcomes
    }

    /// Runs the first event of a lane; returns its outcome, and the lane if it may go on.
    async fn run(&self, context: &Context, mut lane: Lane) -> ((usize, Outcome), Option<Lane>) {
        let Some((place, event)) = lane.next() else {
            return ((usize::MAX, Outcome::NotTried), None);
        };
        let outcome = self.one(context, event).await;
        let goes_on = outcome.is_acknowledged() && lane.len() > 0;
        ((place, outcome), goes_on.then_some(lane))
    }

    async fn one(&self, context: &Context, event: Event) -> Outcome {
        if self.routes.find(&event).is_none() {
            return self.unknown(&event);
        }
        let request = request(context, event.clone());
        let never = pin!(std::future::pending());
        let result = match self.race(context, request, never).await {
            Ended::Answered(Ok(response)) => reply(response),
            Ended::Answered(Err(error)) => Err(Arc::new(error)),
            Ended::Panicked(message) => Err(Arc::new(Error::from(format!("panicked: {message}")))),
            Ended::Late => Err(Arc::new(Error::from_status(StatusCode::GATEWAY_TIMEOUT))),
        };
        match result {
            Ok(reply) => Outcome::Done(reply),
            Err(error) => failed(&event, error),
        }
    }

    /// An event that nothing takes: a failure that lists what there is, never a silent success.
    fn unknown(&self, event: &Event) -> Outcome {
        if self.routes.ignores_unknown() {
            tracing::debug!(event_id = event.id(), "ignored {event}");
            return Outcome::Done(Reply::default());
        }
        let known: Vec<_> = self
            .routes
            .events()
            .iter()
            .map(ToString::to_string)
            .collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        let error = Error::from(format!("no handler for {event}; there are: {known}"));
        failed(event, Arc::new(error))
    }
}

/// Events that run one after the other.
type Lane = std::vec::IntoIter<(usize, Event)>;

fn lanes(events: Vec<Event>, order: Order) -> Vec<Lane> {
    let mut lanes: Vec<Vec<(usize, Event)>> = Vec::new();
    let mut of_key = HashMap::new();
    for (place, event) in events.into_iter().enumerate() {
        let key = match order {
            Order::Any => None,
            Order::PerKey => event.ordering_key().map(str::to_owned),
            Order::Whole => Some(String::new()),
        };
        let lane = key.and_then(|key| {
            let at = *of_key.entry(key).or_insert(lanes.len());
            lanes.get_mut(at)
        });
        match lane {
            Some(lane) => lane.push((place, event)),
            None => lanes.push(vec![(place, event)]),
        }
    }
    lanes.into_iter().map(Vec::into_iter).collect()
}

fn record(outcomes: &mut [Outcome], (place, outcome): (usize, Outcome)) {
    if let Some(slot) = outcomes.get_mut(place) {
        *slot = outcome;
    }
}

/// Finishes the work given to `wait_until`, or stops at the deadline.
async fn finish<D: Future<Output = ()>>(context: &Context, mut deadline: std::pin::Pin<&mut D>) {
    let mut background = pin!(context.background());
    std::future::poll_fn(|cx| {
        if background.as_mut().poll(cx).is_ready() || deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}

/// The event as the request that a plain handler sees: a CloudEvents binary-mode POST.
fn request(context: &Context, event: Event) -> Request {
    let mut request = Request::new(event.data().cloned().map_or_else(Body::empty, Body::from));
    event.write_head(&mut request);
    request.extensions_mut().insert(context.clone());
    request.extensions_mut().insert(Delivered(event));
    request
}

fn reply(mut response: Response) -> Result<Reply, Arc<Error>> {
    if let Some(error) = response.extensions().get::<Arc<Error>>() {
        return Err(Arc::clone(error));
    }
    if !response.status().is_success() {
        return Err(Arc::new(Error::from(format!(
            "the handler answered {}",
            response.status()
        ))));
    }
    Ok(response
        .extensions_mut()
        .remove::<Reply>()
        .unwrap_or_default())
}

fn failed(event: &Event, error: Arc<Error>) -> Outcome {
    let cause = error.source().map(chain).unwrap_or_default();
    let event_id = event.id();
    if error.is_permanent() {
        tracing::error!(event_id, "dropped {event} for good: {error}: {cause}");
        Outcome::Dropped(error)
    } else {
        tracing::error!(event_id, "failed {event}: {error}: {cause}");
        Outcome::Retry(error)
    }
}

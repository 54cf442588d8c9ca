//! The delivery of a batch: order, limits, outcomes.

mod requests;
mod running;
#[cfg(test)]
mod tests;
mod waiting;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use http::StatusCode;

use super::access::BatchAccess;
use super::respond::Ended;
use super::{Batch, Dispatcher, Outcome, Panic, report};
use crate::{Context, Error, Event, Instrumented, Reply, Request, Response};
use requests::Requests;
use running::Running;
use waiting::Waiting;

impl Dispatcher {
    /// Delivers a batch of events; one outcome an event, in their order. Never fails.
    ///
    /// Events run at once up to the batch's limit, or in order and no further than a key's first
    /// failure. When `deadline` completes, running handlers are dropped: their events and
    /// the rest are [`Outcome::NotTried`]. Work given to [`Context::wait_until`] is finished first, or cut
    /// off then.
    pub async fn deliver(
        &self,
        context: &Context,
        batch: Batch,
        deadline: impl Future<Output = ()> + Send,
    ) -> Vec<Outcome> {
        context
            .instrument(self.deliver_all(context, batch, deadline))
            .await
    }

    async fn deliver_all(
        &self,
        context: &Context,
        batch: Batch,
        deadline: impl Future<Output = ()> + Send,
    ) -> Vec<Outcome> {
        let access = BatchAccess::begin(context, &batch);
        let is_single = batch.events.len() == 1;
        let mut outcomes = vec![Outcome::NotTried; batch.events.len()];
        let mut waiting = Waiting::new(batch.events, batch.order, &batch.lanes);
        let mut running = Running::of(batch.limit);
        let mut requests = Requests::default();
        let (mut deadline, mut turns) = (pin!(deadline), 0_u32);
        let late = std::future::poll_fn(|cx| {
            loop {
                let next = (running.has_place() && !is_over(context)).then(|| waiting.begin());
                let polled = match next.flatten() {
                    Some((place, event)) => {
                        let context = context.of_event(&event, is_single);
                        let known = self.routes.find(&event).is_some();
                        let request = known.then(|| requests.of(&context, &event));
                        let run = self.run(context, (place, event), request, batch.takes_outputs);
                        running.begin(run, cx)
                    }
                    None => match running.poll(cx) {
                        Poll::Ready(None) => return Poll::Ready(waiting.begin().is_some()),
                        polled => polled,
                    },
                };
                if let Poll::Ready(Some((place, outcome))) = polled {
                    waiting.ended(place, &outcome);
                    record(&mut outcomes, place, outcome);
                    turns = turns.wrapping_add(1);
                    if !turns.is_multiple_of(TURNS) {
                        continue;
                    }
                    // Others have their turn: the timer, without which no deadline passes.
                    cx.waker().wake_by_ref();
                } else if running.has_begun() {
                    continue;
                }
                if deadline.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(true);
                }
                context.poll_background(cx);
                return Poll::Pending;
            }
        })
        .await;
        drop(running);
        if late {
            context.cancel();
            report::late("the batch");
            context.background(std::future::ready(())).await;
        } else {
            context.background(deadline).await;
        }
        if let Some(access) = access {
            access.end(&outcomes, late);
        }
        outcomes
    }

    fn run(
        &self,
        context: Context,
        (place, event): (usize, Event),
        request: Option<Box<Request>>,
        takes_outputs: bool,
    ) -> impl Future<Output = (usize, Outcome)> + Send {
        let own = context.clone();
        Instrumented::new(context, async move {
            let outcome = match request {
                Some(request) => self.one(&own, &event, request, takes_outputs).await,
                None => self.unknown(&event),
            };
            (place, outcome)
        })
    }

    async fn one(
        &self,
        context: &Context,
        event: &Event,
        request: Box<Request>,
        takes_outputs: bool,
    ) -> Outcome {
        let never = pin!(std::future::pending());
        let result = match self.race(context, request, never).await {
            Ended::Answered(Ok(response)) => reply(response),
            Ended::Answered(Err(error)) => Err(Arc::new(error)),
            Ended::Panicked(panic) => return panicked(event, &panic),
            Ended::Late => Err(Arc::new(Error::from_status(StatusCode::GATEWAY_TIMEOUT))),
        };
        match result {
            Ok(reply) if !takes_outputs && !reply.outputs().is_empty() => {
                failed(event, Arc::new(Error::from(NO_BINDINGS)))
            }
            Ok(reply) => Outcome::Done(reply),
            Err(error) => failed(event, error),
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

const NO_BINDINGS: &str = "the handler returned outputs, but this host has no output bindings";

/// How many handlers may end before others have a turn.
const TURNS: u32 = 64;

fn is_over(context: &Context) -> bool {
    context.time_left().is_some_and(|left| left.is_zero())
}

fn record(outcomes: &mut [Outcome], place: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(place) {
        *slot = outcome;
    }
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
    let id = Some(event.id());
    if error.is_permanent() {
        report::failed(format_args!("dropped {event} for good"), id, &error);
        Outcome::Dropped(error)
    } else {
        report::failed(format_args!("failed {event}"), id, &error);
        Outcome::Retry(error)
    }
}

/// Of a panic that a hook has logged it remains to be said which event it was.
fn panicked(event: &Event, panic: &Panic) -> Outcome {
    let error = Arc::new(Error::from(format!("panicked: {}", panic.message)));
    if !panic.is_logged {
        return failed(event, error);
    }
    tracing::warn!(
        event_id = event.id(),
        "failed {event}, whose handler panicked"
    );
    Outcome::Retry(error)
}

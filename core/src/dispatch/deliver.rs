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
    /// failure. When `deadline` completes, running handlers are dropped: their events and
    /// the rest are [`Outcome::NotTried`]. Work given to [`Context::wait_until`] is finished first.
    pub async fn deliver(
        &self,
        context: &Context,
        batch: Batch,
        deadline: impl Future<Output = ()> + Send,
    ) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = batch.events.iter().map(|_| Outcome::NotTried).collect();
        let takes_outputs = batch.takes_outputs;
        let mut waiting = lanes(batch.events, batch.order).into_iter();
        let mut running = FuturesUnordered::new();
        let mut deadline = pin!(deadline);
        let late = std::future::poll_fn(|cx| {
            loop {
                while running.len() < batch.limit.max(1) {
                    match waiting.next() {
                        Some(lane) => running.push(self.run(context, lane, takes_outputs)),
                        None => break,
                    }
                }
                match running.poll_next_unpin(cx) {
                    Poll::Ready(Some((results, rest))) => {
                        record(&mut outcomes, results);
                        if let Some(lane) = rest {
                            running.push(self.run(context, lane, takes_outputs));
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
    async fn run(
        &self,
        context: &Context,
        mut lane: Lane,
        takes_outputs: bool,
    ) -> ((usize, Outcome), Option<Lane>) {
        let Some((place, event)) = lane.next() else {
            return ((usize::MAX, Outcome::NotTried), None);
        };
        let outcome = self.one(context, event, takes_outputs).await;
        let goes_on = outcome.is_acknowledged() && lane.len() > 0;
        ((place, outcome), goes_on.then_some(lane))
    }

    async fn one(&self, context: &Context, event: Event, takes_outputs: bool) -> Outcome {
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
            Ok(reply) if !takes_outputs && !reply.outputs().is_empty() => {
                failed(&event, Arc::new(Error::from(NO_BINDINGS)))
            }
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

const NO_BINDINGS: &str = "the handler returned outputs, but this host has no output bindings";

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

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::{App, Message, MessageParts, Raw};

    fn message(id: &str, key: Option<&str>, data: &str) -> Event {
        let ordering_key = key.map(Into::into);
        let parts = MessageParts {
            ordering_key,
            ..MessageParts::default()
        };
        Event::builder("orders", id, "arn:x", "com.example.message")
            .data("text/plain", data.to_owned())
            .message(parts)
            .build()
    }

    fn batch(events: Vec<Event>, order: Order) -> Batch {
        Batch {
            order,
            limit: 10,
            ..Batch::new(events)
        }
    }

    /// An app that fails on `fail`, for good on `never`, panics on `panic`, and notes the rest.
    fn app(seen: &'static Mutex<Vec<String>>) -> App {
        App::new().on_message("orders", async move |message: Message<Raw>| {
            match &*message.body().0 {
                b"fail" => return Err(Error::from("failed")),
                b"never" => return Err(Error::from("failed").permanent()),
                b"panic" => panic!("panicked"),
                _ => seen.lock().unwrap().push(message.id().to_owned()),
            }
            Ok(())
        })
    }

    fn seen() -> &'static Mutex<Vec<String>> {
        Box::leak(Box::default())
    }

    fn short(outcomes: &[Outcome]) -> String {
        let letter = |outcome: &Outcome| match outcome {
            Outcome::Done(_) => 'd',
            Outcome::Retry(_) => 'r',
            Outcome::Dropped(_) => 'p',
            Outcome::NotTried => 'n',
        };
        outcomes.iter().map(letter).collect()
    }

    async fn delivered(handler: impl crate::Handler, batch: Batch) -> String {
        let outcomes = Dispatcher::new(handler)
            .deliver(&Context::default(), batch, pending())
            .await;
        short(&outcomes)
    }

    #[tokio::test]
    async fn each_event_has_its_own_outcome() {
        let events = ["ok", "fail", "never", "panic", "ok"];
        let events = events
            .iter()
            .enumerate()
            .map(|(n, data)| message(&n.to_string(), None, data));
        assert_eq!(
            delivered(app(seen()), batch(events.collect(), Order::Any)).await,
            "drprd"
        );
    }

    #[tokio::test]
    async fn a_failure_stops_its_key_and_no_other() {
        // trap 35
        let events = vec![
            message("1", Some("a"), "ok"),
            message("2", Some("b"), "ok"),
            message("3", Some("a"), "fail"),
            message("4", Some("b"), "ok"),
            message("5", Some("a"), "ok"),
            message("6", None, "ok"),
        ];
        assert_eq!(
            delivered(app(seen()), batch(events, Order::PerKey)).await,
            "ddrdnd"
        );
    }

    #[tokio::test]
    async fn a_shard_stops_at_its_first_failure_but_not_at_what_is_dropped() {
        let noted = seen();
        let events = ["ok", "never", "ok", "fail", "ok"];
        let events = events
            .iter()
            .enumerate()
            .map(|(n, data)| message(&n.to_string(), None, data));
        assert_eq!(
            delivered(app(noted), batch(events.collect(), Order::Whole)).await,
            "dpdrn"
        );
        assert_eq!(*noted.lock().unwrap(), ["0", "2"]);
    }

    #[tokio::test]
    async fn an_event_without_a_handler_fails_unless_the_app_ignores_it() {
        // traps 14 and 37
        async fn everything(_: Request) -> &'static str {
            "ok"
        }
        let one = || batch(vec![message("1", None, "ok")], Order::Any);
        assert_eq!(delivered(everything, one()).await, "r");
        assert_eq!(
            delivered(axum::Router::new().fallback(|| async {}), one()).await,
            "r"
        );
        assert_eq!(delivered(App::new().http(everything), one()).await, "r");
        assert_eq!(
            delivered(App::new().ignore_unknown_events(), one()).await,
            "d"
        );
        assert_eq!(delivered(App::new().events(everything), one()).await, "d");
    }

    #[tokio::test]
    async fn no_more_run_at_once_than_the_limit() {
        static RUNNING: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let app = App::new().on_message("*", async || {
            MOST.fetch_max(RUNNING.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            RUNNING.fetch_sub(1, Ordering::SeqCst);
        });
        let events = (0..50)
            .map(|n| message(&n.to_string(), None, "ok"))
            .collect();
        let outcomes = delivered(
            app,
            Batch {
                limit: 7,
                ..Batch::new(events)
            },
        )
        .await;
        assert_eq!(outcomes, "d".repeat(50));
        assert_eq!(MOST.load(Ordering::SeqCst), 7);
    }

    #[tokio::test]
    async fn outputs_fail_where_there_are_no_bindings() {
        use crate::Outputs;
        let app = || App::new().on_message("*", async || Outputs::new().set("queue", "one"));
        let one = || batch(vec![message("1", None, "ok")], Order::Any);
        assert_eq!(delivered(app(), one()).await, "r");
        let with = Batch {
            takes_outputs: true,
            ..one()
        };
        assert_eq!(delivered(app(), with).await, "d");
    }

    #[tokio::test]
    async fn a_call_gets_its_result() {
        use crate::{Invoke, Json};
        let app = App::new().on_invoke(async |n: Invoke<u32>| Json(n.input() * 2));
        let event = Event::builder("price", "1", "arn:x", "com.example.call")
            .data("application/json", "21")
            .invoke()
            .build();
        let outcomes = Dispatcher::new(app)
            .deliver(&Context::default(), Batch::new(vec![event]), pending())
            .await;
        let Some(Outcome::Done(reply)) = outcomes.first() else {
            panic!("{outcomes:?}");
        };
        assert_eq!(reply.result().unwrap(), "42");
    }

    #[tokio::test]
    async fn past_the_deadline_nothing_more_is_tried() {
        let app = App::new().on_message("orders", async || pending::<()>().await);
        let events = vec![message("1", None, "ok"), message("2", None, "ok")];
        let context = Context::default();
        let outcomes = Dispatcher::new(app)
            .deliver(&context, Batch::new(events), ready(()))
            .await;
        assert!(outcomes.iter().all(|outcome| !outcome.is_acknowledged()));
        context.cancelled().await;
    }

    #[tokio::test]
    async fn background_work_is_finished_before_the_outcome() {
        static DONE: AtomicUsize = AtomicUsize::new(0);
        let app = App::new().on_message("orders", async |context: Context| {
            context.wait_until(async {
                tokio::task::yield_now().await;
                DONE.fetch_add(1, Ordering::SeqCst);
            });
        });
        let events = vec![message("1", None, "ok")];
        assert_eq!(delivered(app, batch(events, Order::Any)).await, "d");
        assert_eq!(DONE.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_plain_handler_sees_an_event_as_a_cloudevents_post() {
        let head: &'static Mutex<String> = Box::leak(Box::default());
        let app = App::new().events(move |request: Request| async move {
            use crate::RequestExt;
            let id = request
                .headers()
                .get("ce-id")
                .map(|id| id.to_str().unwrap().to_owned());
            let found = request.event().map(Event::id).map(str::to_owned);
            assert_eq!(id, found);
            *head.lock().unwrap() = format!("{} {}", request.method(), request.uri());
            "ok"
        });
        assert_eq!(
            delivered(app, batch(vec![message("1", None, "ok")], Order::Any)).await,
            "d"
        );
        assert_eq!(*head.lock().unwrap(), "POST /message/orders");
    }

    #[tokio::test]
    async fn data_that_does_not_decode_fails_and_can_be_given_up() {
        let strict = App::new().on_message("orders", async |_: Message<u32>| {});
        let lenient = App::new().on_message("orders", async |m: Result<Message<u32>, Error>| {
            m.map(|_| ()).map_err(Error::permanent)
        });
        let one = || batch(vec![message("1", None, "no number")], Order::Any);
        assert_eq!(delivered(strict, one()).await, "r");
        assert_eq!(delivered(lenient, one()).await, "p");
    }
}

use std::collections::{HashMap, VecDeque};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use axum_core::body::Body;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use http::{Method, StatusCode, Uri};

use super::respond::Ended;
use super::{Batch, Dispatcher, Order, Outcome};
use crate::request::Delivered;
use crate::{Context, Error, Event, Kind, Reply, Request, Response, Text, chain};

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
                        let known = self.routes.find(&event).is_some();
                        let request = known.then(|| requests.of(context, &event));
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
            tracing::error!(
                request_id = context.request_id(),
                "the batch overran its deadline"
            );
        } else {
            finish(context, deadline).await;
        }
        outcomes
    }

    async fn run(
        &self,
        context: &Context,
        (place, event): (usize, Event),
        request: Option<Request>,
        takes_outputs: bool,
    ) -> (usize, Outcome) {
        let outcome = match request {
            Some(request) => self.one(context, &event, request, takes_outputs).await,
            None => self.unknown(&event),
        };
        (place, outcome)
    }

    async fn one(
        &self,
        context: &Context,
        event: &Event,
        request: Request,
        takes_outputs: bool,
    ) -> Outcome {
        let never = pin!(std::future::pending());
        let result = match self.race(context, request, never).await {
            Ended::Answered(Ok(response)) => reply(response),
            Ended::Answered(Err(error)) => Err(Arc::new(error)),
            Ended::Panicked(message) => Err(Arc::new(Error::from(format!("panicked: {message}")))),
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

/// Handlers at work, as many as may be.
struct Running<F> {
    limit: usize,
    at_work: FuturesUnordered<Pin<Box<F>>>,
    /// The place of one that was done at once; the next one takes it.
    spare: Option<Pin<Box<F>>>,
    begun: bool,
}

impl<F: Future> Running<F> {
    fn of(limit: usize) -> Self {
        Self {
            limit: limit.max(1),
            at_work: FuturesUnordered::new(),
            spare: None,
            begun: false,
        }
    }

    fn has_place(&self) -> bool {
        self.at_work.len() < self.limit
    }

    /// Begins with a handler. Most that do not wait are done at once, and cost no place of their own;
    /// any other is polled again when it says so.
    fn begin(&mut self, future: F, cx: &mut TaskContext<'_>) -> Poll<Option<F::Output>> {
        let mut place = match self.spare.take() {
            Some(mut place) => {
                place.set(future);
                place
            }
            None => Box::pin(future),
        };
        match place.as_mut().poll(cx) {
            Poll::Ready(output) => {
                self.spare = Some(place);
                Poll::Ready(Some(output))
            }
            Poll::Pending => {
                self.at_work.push(place);
                self.begun = true;
                Poll::Pending
            }
        }
    }

    /// True if one has begun since this was last asked: there may be a place for more.
    fn has_begun(&mut self) -> bool {
        std::mem::take(&mut self.begun)
    }

    /// Goes on with those at work; `None` if none is.
    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Option<F::Output>> {
        self.at_work.poll_next_unpin(cx)
    }
}

/// What still waits: the events, and which may begin.
struct Waiting {
    events: Vec<Option<Event>>,
    /// The place of the event that follows in the same lane; empty where each stands alone.
    next: Vec<usize>,
    /// The first places of the lanes that have not begun.
    lanes: std::vec::IntoIter<usize>,
    /// The places whose turn has come.
    ready: VecDeque<usize>,
    /// The place of the next event, where each stands alone.
    place: usize,
}

impl Waiting {
    fn new(events: Vec<Event>, order: Order, numbers: &[u32]) -> Self {
        let (mut next, mut lanes) = (Vec::new(), Vec::new());
        if order != Order::Any {
            let mut last = HashMap::new();
            next = vec![usize::MAX; events.len()];
            for (place, event) in events.iter().enumerate() {
                let lane = lane(event, order, numbers.get(place));
                let before = lane.and_then(|lane| last.insert(lane, place));
                match before.and_then(|before| next.get_mut(before)) {
                    Some(follower) => *follower = place,
                    None => lanes.push(place),
                }
            }
        }
        Self {
            events: events.into_iter().map(Some).collect(),
            next,
            lanes: lanes.into_iter(),
            ready: VecDeque::new(),
            place: 0,
        }
    }

    /// Takes an event that may begin.
    fn begin(&mut self) -> Option<(usize, Event)> {
        let place = if self.next.is_empty() {
            self.place += 1;
            self.place - 1
        } else {
            let ready = self.ready.pop_front();
            ready.or_else(|| self.lanes.next())?
        };
        Some((place, self.events.get_mut(place)?.take()?))
    }

    /// Lets the one begin that waited for this; after a failure none does.
    fn ended(&mut self, place: usize, outcome: &Outcome) {
        let next = self.next.get(place).filter(|_| outcome.is_acknowledged());
        self.ready.extend(next.filter(|next| **next < usize::MAX));
    }
}

/// What the events of one lane have in common.
#[derive(PartialEq, Eq, Hash)]
enum Lane<'e> {
    Whole,
    Key(&'e str),
    Number(u32),
}

/// The lane of an event; `None` for one that waits for no other.
fn lane<'e>(event: &'e Event, order: Order, number: Option<&u32>) -> Option<Lane<'e>> {
    match (order, number) {
        (Order::Any, _) => None,
        (Order::Whole, _) => Some(Lane::Whole),
        (Order::PerKey, Some(number)) => Some(Lane::Number(*number)),
        (Order::PerKey, None) => event.ordering_key().map(Lane::Key),
    }
}

fn record(outcomes: &mut [Outcome], place: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(place) {
        *slot = outcome;
    }
}

/// Finishes the work given to `wait_until`, or stops at the deadline.
async fn finish<D: Future<Output = ()>>(context: &Context, mut deadline: Pin<&mut D>) {
    let mut background = pin!(context.background());
    std::future::poll_fn(|cx| {
        if background.as_mut().poll(cx).is_ready() || deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}

/// Makes the request that a plain handler sees: a CloudEvents binary-mode POST.
#[derive(Default)]
struct Requests(Option<(Kind, Text, Uri)>);

impl Requests {
    fn of(&mut self, context: &Context, event: &Event) -> Request {
        let mut request = Request::new(event.data().cloned().map_or_else(Body::empty, Body::from));
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

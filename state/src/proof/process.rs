use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use isobar_core::{App, Batch, Dispatcher, Event, MessageParts};

use super::clock::VirtualClock;
use super::gate::{Gate, Step, Stepped};
use crate::time::Clock;
use crate::{Key, Owner, Store, idempotent};

/// What the processes of one play share: the outside world.
#[derive(Debug)]
pub(super) struct World<S> {
    pub(super) store: S,
    pub(super) id: String,
    pub(super) clock: Arc<VirtualClock>,
    pub(super) done: Arc<Mutex<Vec<Owner>>>,
}

impl<S> World<S> {
    fn event(&self) -> Event {
        Event::builder("orders", self.id.clone(), "urn:proof", "example.order")
            .message(MessageParts::default())
            .build()
    }

    pub(super) fn key(&self) -> Key {
        Key::of(["event", "", &self.event().dedup_key()])
    }
}

/// A process that has the event.
pub(super) struct Process {
    pub(super) gate: Arc<Gate>,
    /// How many effects its handler had.
    effects: Arc<AtomicU32>,
    /// Its delivery, which says whether the event was acknowledged; `None` once it ended or died.
    delivery: Option<Pin<Box<dyn Future<Output = bool> + Send>>>,
    pub(super) acknowledged: bool,
}

impl Process {
    /// Starts a process, and delivers the event to it.
    pub(super) fn start<S: Store + Clone>(world: &World<S>) -> Self {
        let gate = Arc::new(Gate::default());
        let effects = Arc::<AtomicU32>::default();
        let app = {
            let (gate, effects) = (Arc::clone(&gate), Arc::clone(&effects));
            App::new().on_message("orders", move || {
                handler(Arc::clone(&gate), Arc::clone(&effects))
            })
        };
        let store = Stepped {
            store: world.store.clone(),
            gate: Arc::clone(&gate),
            done: Arc::clone(&world.done),
        };
        let app = idempotent(store, app).clock(Clock::Virtual(Arc::clone(&world.clock)));
        let batch = Batch::new(vec![world.event()]);
        let delivery = async move {
            let context = isobar_core::Context::default();
            let outcomes = Dispatcher::new(app)
                .deliver(&context, batch, pending())
                .await;
            outcomes[0].is_acknowledged()
        };
        Self {
            gate,
            effects,
            delivery: Some(Box::pin(delivery)),
            acknowledged: false,
        }
    }

    pub(super) fn lives(&self) -> bool {
        self.delivery.is_some()
    }

    pub(super) fn die(&mut self) {
        self.delivery = None;
    }

    pub(super) fn effects(&self) -> u32 {
        self.effects.load(Ordering::Relaxed)
    }

    /// Goes on as far as it can; ready when it has ended, died, or stands still.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(delivery) = &mut self.delivery else {
            return Poll::Ready(());
        };
        if let Poll::Ready(acknowledged) = delivery.as_mut().poll(cx) {
            self.acknowledged = acknowledged;
            self.delivery = None;
            return Poll::Ready(());
        }
        if self.gate.is_busy() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

/// Waits until all processes have ended or stand still.
pub(super) async fn settle(processes: &mut [Process]) {
    poll_fn(|cx| {
        let still = processes
            .iter_mut()
            .map(|process| process.poll(cx))
            .filter(Poll::is_pending)
            .count();
        if still == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

async fn handler(gate: Arc<Gate>, effects: Arc<AtomicU32>) -> Result<(), &'static str> {
    if gate.stop(Step::Effect).await.fault {
        return Err("the handler failed");
    }
    effects.fetch_add(1, Ordering::Relaxed);
    drop(gate.stop(Step::AfterEffect).await);
    Ok(())
}

//! From an invocation to events.

use isobar_core::{Batch, Bytes, ContextBuilder, Error, HeaderMap, Order, TraceContext};

use super::delivery::Delivery;
use super::forged::Forged;
use super::{blob, cosmos_db, event_grid, event_hub, kafka, other, queue, service_bus, sql, timer};
use crate::azure::app::{Function, What};
use crate::azure::http::invocation_id;
use crate::names::Names;

/// What the translation must know of the deployment.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(crate) names: Names,
    /// How many events of one delivery are handled at once.
    pub(crate) limit: usize,
}

/// The events of an invocation.
pub(crate) struct Decoded {
    pub(crate) batch: Batch,
    /// A retry policy will try no more.
    pub(crate) is_last_try: bool,
}

/// Reads the events of an invocation.
///
/// # Errors
///
/// When the invocation is none, or has not what its trigger has: it fails, and is delivered again or goes
/// where the host puts what fails.
pub(crate) fn decode(
    rules: &Rules,
    function: &Function,
    posted: &HeaderMap,
    payload: &Bytes,
) -> Result<Decoded, Error> {
    let delivery = &Delivery::read(function, &rules.names, posted, payload)?;
    let (events, order) = match function.trigger.what {
        What::Queue => (queue::events(delivery)?, Order::Any),
        What::ServiceBus => (service_bus::events(delivery)?, service_bus::ORDER),
        What::EventHub => (event_hub::events(delivery)?, event_hub::ORDER),
        What::Kafka => (kafka::events(delivery)?, kafka::ORDER),
        What::EventGrid => (event_grid::events(delivery)?, Order::Any),
        What::Blob => (blob::events(delivery)?, Order::Any),
        What::Timer => (vec![timer::event(delivery)], Order::Any),
        What::CosmosDb => (cosmos_db::events(delivery)?, cosmos_db::ORDER),
        What::Sql => (sql::events(delivery)?, sql::ORDER),
        What::Http | What::Warmup | What::Other => (vec![other::event(delivery)], Order::Any),
    };
    let mut batch = Batch::new(events);
    batch.order = order;
    batch.limit = rules.limit;
    batch.takes_outputs = true;
    Ok(Decoded {
        batch,
        is_last_try: is_last_try(delivery),
    })
}

/// What a message's own JSON may have written does not count.
fn is_last_try(delivery: &Delivery<'_>) -> bool {
    let own = || {
        let forged = Forged::by(&delivery.value.text());
        delivery.metadata.clone().without(forged)
    };
    delivery.metadata.is_last_try() && own().is_last_try()
}

/// Adds to a context what the host says of an invocation.
pub(crate) fn tell(context: ContextBuilder, posted: &HeaderMap, payload: &Bytes) -> ContextBuilder {
    let context = match invocation_id(posted) {
        Some(id) => context.request_id(id),
        None => context,
    };
    let trace = TraceContext::from_headers(posted);
    context.trace(trace).native(payload.clone())
}

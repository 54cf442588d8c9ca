//! Events, as every served host has them.

use std::time::SystemTime;

use isobar_core::{Batch, ContextBuilder, Dispatcher, Outcome};

use super::Shared;

impl Shared {
    /// Has a batch of events handled: builds the context with the server's deadline, and returns
    /// what came of each event once the work given to `wait_until` is done too.
    pub(crate) async fn deliver(
        &self,
        dispatcher: &Dispatcher,
        context: ContextBuilder,
        batch: Batch,
    ) -> Vec<Outcome> {
        let Some(deadline) = self.settings.deadline else {
            let never = std::future::pending();
            return dispatcher.deliver(&context.build(), batch, never).await;
        };
        let context = context.deadline(SystemTime::now() + deadline).build();
        let ends = tokio::time::sleep(deadline);
        dispatcher.deliver(&context, batch, ends).await
    }
}

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
        match self.settings.deadline {
            Some(deadline) => {
                let context = context.deadline(SystemTime::now() + deadline).build();
                let ends = tokio::time::sleep(deadline);
                dispatcher.deliver(&context, batch, ends).await
            }
            None => {
                let never = std::future::pending();
                dispatcher.deliver(&context.build(), batch, never).await
            }
        }
    }
}

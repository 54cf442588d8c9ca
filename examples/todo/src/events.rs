//! What comes from a queue and by a schedule.

use axum::extract::State;
use isobar::{Error, Message, Result};
use isobar_state::Sql;

use crate::todo::Draft;
use crate::todos::Todos;

/// What the handlers of events share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) todos: Todos,
    pub(crate) handled: Sql,
}

/// Makes a todo of a message. `idempotent` does not run this again for a message that was handled;
/// where the process died before it could say so, the key in the todo's own row does.
pub(crate) async fn add(State(shared): State<Shared>, message: Message<Draft>) -> Result<()> {
    let key = message.event().dedup_key();
    // What is wrong now is wrong the next time too.
    let draft = message.into_body().checked().map_err(Error::permanent)?;
    shared.todos.create_once(draft, &key).await?;
    Ok(())
}

/// Deletes the todos that are done, and the records of what was handled long ago.
pub(crate) async fn clear(State(shared): State<Shared>) -> Result<()> {
    let todos = shared.todos.delete_done().await?;
    let records = shared.handled.purge().await?;
    tracing::info!("{todos} todos that were done, and {records} old records, are deleted");
    Ok(())
}

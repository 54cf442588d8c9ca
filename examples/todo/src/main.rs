//! A REST API over a database, and events that are handled once.
//!
//! Run it with `cargo run -p todo`: it keeps its todos in the file `todo.db`, in the folder where it
//! runs. `DATABASE_URL=postgres://user:password@host/database` has them in PostgreSQL.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /todos?limit=20` | the first todos, with a `Link` to the next |
//! | `POST /todos` | 201, where it is, and the todo that was made; once, with an `Idempotency-Key` |
//! | `GET /todos/{id}` | the todo, and its version as `ETag` |
//! | `PUT /todos/{id}` with `If-Match` | the changed todo; 412 if somebody else has changed it meanwhile |
//! | `DELETE /todos/{id}` | 204 |
//!
//! A message of the queue or topic `todos` makes a todo too; the schedule `nightly` clears away.

mod api;
mod database;
mod events;
mod input;
mod migrations;
mod todo;
mod todos;

use isobar::{App, Handler, Result};
use isobar_state::{IdempotencyKeyLayer, Sql, idempotent};

use events::Shared;
use todos::Todos;

/// Runs once, before the first request: what is made here outlives every invocation.
async fn init() -> Result<impl Handler> {
    let pool = database::open().await?;
    let todos = Todos::new(pool.clone());
    let handled = Sql::with_pool(pool).await?;
    let http = api::router(todos.clone()).layer(IdempotencyKeyLayer::new(handled.clone()));
    let state = Shared {
        todos,
        handled: handled.clone(),
    };
    let app = App::with_state(state)
        .http(http)
        .on_message("todos", events::add)
        .on_schedule("nightly", events::clear);
    Ok(idempotent(handled, app))
}

fn main() -> isobar::Exit {
    isobar::start_with(init)
}

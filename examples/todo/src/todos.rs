//! The table of todos, in SQL that both databases know.

use sqlx::{AnyPool, Error};

use crate::todo::{Draft, Todo};

const LIST: &str = "SELECT id, version, text, done FROM todos WHERE id > $1 ORDER BY id LIMIT $2";
const READ: &str = "SELECT id, version, text, done FROM todos WHERE id = $1";
const CREATE: &str =
    "INSERT INTO todos (version, text, done) VALUES (1, $1, $2) RETURNING id, version, text, done";
const CREATE_ONCE: &str = "INSERT INTO todos (version, text, done, message) \
     VALUES (1, $1, $2, $3) ON CONFLICT (message) DO NOTHING";
const UPDATE: &str = "UPDATE todos SET version = version + 1, text = $1, done = $2 \
     WHERE id = $3 AND version = $4";
const DELETE: &str = "DELETE FROM todos WHERE id = $1 AND version = $2";
const DELETE_DONE: &str = "DELETE FROM todos WHERE done = 1";

/// The todos; a clone is the same todos.
#[derive(Clone, Debug)]
pub(crate) struct Todos {
    pool: AnyPool,
}

impl Todos {
    pub(crate) fn new(pool: AnyPool) -> Self {
        Self { pool }
    }

    /// Returns so many todos at most, from the first behind an id on.
    pub(crate) async fn list(&self, after: i64, limit: i64) -> Result<Vec<Todo>, Error> {
        let rows = sqlx::query_as(LIST).bind(after).bind(limit);
        rows.fetch_all(&self.pool).await
    }

    pub(crate) async fn read(&self, id: i64) -> Result<Option<Todo>, Error> {
        let row = sqlx::query_as(READ).bind(id);
        row.fetch_optional(&self.pool).await
    }

    pub(crate) async fn create(&self, draft: Draft) -> Result<Todo, Error> {
        let row = sqlx::query_as(CREATE)
            .bind(draft.text)
            .bind(i64::from(draft.done));
        // All rows, though it is one: where reading stops before the end, SQLite may not have
        // committed.
        let mut rows = row.fetch_all(&self.pool).await?;
        rows.pop().ok_or(Error::RowNotFound)
    }

    /// Makes a todo unless this message has made one: what is done and the key that says so are one
    /// statement, so that no end of the process comes between them.
    pub(crate) async fn create_once(&self, draft: Draft, message: &str) -> Result<(), Error> {
        let created = sqlx::query(CREATE_ONCE)
            .bind(draft.text)
            .bind(i64::from(draft.done))
            .bind(message);
        created.execute(&self.pool).await.map(drop)
    }

    /// Changes a todo, and returns it; `None` where it is of another version by now, or gone.
    pub(crate) async fn update(&self, todo: Todo, draft: &Draft) -> Result<Option<Todo>, Error> {
        let updated = sqlx::query(UPDATE)
            .bind(draft.text.clone())
            .bind(i64::from(draft.done))
            .bind(todo.id)
            .bind(todo.version);
        let updated = updated.execute(&self.pool).await?;
        Ok((updated.rows_affected() == 1).then(|| Todo {
            id: todo.id,
            version: todo.version + 1,
            text: draft.text.clone(),
            done: draft.done,
        }))
    }

    /// Deletes a todo; false where it is of another version by now, or gone.
    pub(crate) async fn delete(&self, todo: Todo) -> Result<bool, Error> {
        let deleted = sqlx::query(DELETE).bind(todo.id).bind(todo.version);
        let deleted = deleted.execute(&self.pool).await?;
        Ok(deleted.rows_affected() == 1)
    }

    /// Deletes what is done, and returns how many todos that were.
    pub(crate) async fn delete_done(&self) -> Result<u64, Error> {
        let deleted = sqlx::query(DELETE_DONE).execute(&self.pool).await?;
        Ok(deleted.rows_affected())
    }
}

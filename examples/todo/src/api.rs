//! The REST API.

use axum::extract::State;
use axum::http::header::{LINK, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use headers::{HeaderMapExt, IfMatch, IfNoneMatch};
use isobar::{Error, Result};

use crate::input::{Id, Page, condition, missing};
use crate::todo::{Draft, Todo};
use crate::todos::Todos;

pub(crate) fn router(todos: Todos) -> Router {
    Router::new()
        .route("/todos", get(list).post(create))
        .route("/todos/{id}", get(read).put(update).delete(delete))
        .fallback(async || Error::from_status(StatusCode::NOT_FOUND))
        .method_not_allowed_fallback(async || Error::from_status(StatusCode::METHOD_NOT_ALLOWED))
        .with_state(todos)
}

/// Lists todos by their ids. A page begins behind the last id of the one before, so what is made or
/// deleted meanwhile neither repeats a todo nor skips one.
async fn list(State(todos): State<Todos>, page: Page) -> Result<impl IntoResponse> {
    let mut found = todos.list(page.after, page.limit + 1).await?;
    let is_more = found.len() > usize::try_from(page.limit)?;
    if is_more {
        found.pop();
    }
    let last = found.last().filter(|_| is_more);
    // A reference to the request's own path, whatever stands before that in public.
    let next = last.map(|last| {
        let (limit, after) = (page.limit, last.id);
        [(
            LINK,
            format!("<?limit={limit}&after={after}>; rel=\"next\""),
        )]
    });
    Ok((next, Json(found)))
}

async fn create(State(todos): State<Todos>, draft: Draft) -> Result<impl IntoResponse> {
    let todo = todos.create(draft).await?;
    let location = [(LOCATION, format!("todos/{}", todo.id))];
    Ok((StatusCode::CREATED, location, todo))
}

async fn read(State(todos): State<Todos>, Id(id): Id, headers: HeaderMap) -> Result<Response> {
    let todo = todos.read(id).await?.ok_or_else(missing)?;
    let etag = todo.etag()?;
    let unless: Option<IfNoneMatch> = condition(&headers)?;
    if unless.is_none_or(|unless| unless.precondition_passes(&etag)) {
        return Ok(todo.into_response());
    }
    let mut unchanged = StatusCode::NOT_MODIFIED.into_response();
    unchanged.headers_mut().typed_insert(etag);
    Ok(unchanged)
}

/// Changes a todo, of the version that the client has seen: so no change is lost to another that is
/// made at the same time.
async fn update(
    State(todos): State<Todos>,
    Id(id): Id,
    headers: HeaderMap,
    draft: Draft,
) -> Result<Todo> {
    let condition: IfMatch = condition(&headers)?.ok_or_else(unconditional)?;
    loop {
        let todo = current(&todos, id, &condition).await?;
        if let Some(changed) = todos.update(todo, &draft).await? {
            return Ok(changed);
        }
        // Somebody was faster; what is there now may still be what the client wants to change.
    }
}

async fn delete(State(todos): State<Todos>, Id(id): Id, headers: HeaderMap) -> Result<StatusCode> {
    let condition = condition(&headers)?.unwrap_or_else(IfMatch::any);
    while !todos.delete(current(&todos, id, &condition).await?).await? {}
    Ok(StatusCode::NO_CONTENT)
}

/// Reads a todo, if it is as the client wants it.
async fn current(todos: &Todos, id: i64, condition: &IfMatch) -> Result<Todo> {
    let todo = todos.read(id).await?.ok_or_else(missing)?;
    if condition.precondition_passes(&todo.etag()?) {
        return Ok(todo);
    }
    let detail = "the todo is of another version by now: read it again";
    Err(Error::new(StatusCode::PRECONDITION_FAILED, detail))
}

/// Refuses a change of whatever is there.
fn unconditional() -> Error {
    let detail = "If-Match is missing: it takes the ETag of the version that you want to change";
    Error::new(StatusCode::PRECONDITION_REQUIRED, detail)
}

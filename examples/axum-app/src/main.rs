//! An existing axum application, moved by one line. Run it with `cargo run -p axum-app`, then
//! `curl localhost:8080/todos -H 'content-type: application/json' -d '{"text":"buy milk"}'`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use tower_http::set_header::SetResponseHeaderLayer;

#[derive(Clone, Deserialize, Serialize)]
struct Todo {
    text: String,
    #[serde(default)]
    done: bool,
}

#[derive(Clone, Default)]
struct Todos(Arc<Mutex<Vec<Todo>>>);

async fn list(State(todos): State<Todos>) -> Json<Vec<Todo>> {
    Json(
        todos
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
    )
}

async fn add(State(todos): State<Todos>, Json(todo): Json<Todo>) -> (StatusCode, Json<Todo>) {
    todos
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(todo.clone());
    (StatusCode::CREATED, Json(todo))
}

async fn one(
    State(todos): State<Todos>,
    Path(place): Path<usize>,
) -> Result<Json<Todo>, StatusCode> {
    let todos = todos.0.lock().unwrap_or_else(PoisonError::into_inner);
    todos
        .get(place)
        .cloned()
        .map(Json)
        .ok_or(StatusCode::NOT_FOUND)
}

/// Answers the body with its own content type.
async fn echo(headers: HeaderMap, body: Bytes) -> Response {
    let mut response = Response::new(Body::from(body));
    if let Some(content_type) = headers.get(header::CONTENT_TYPE) {
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, content_type.clone());
    }
    response
}

/// Streams three lines, a tenth of a second apart, where the host streams.
async fn ticks() -> Body {
    Body::from_stream(stream::iter(1..=3).then(|n| async move {
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok::<_, std::convert::Infallible>(format!("tick {n}\n"))
    }))
}

/// Echoes a WebSocket's messages, on hosts that have WebSockets.
async fn socket(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(message)) = socket.recv().await {
            if matches!(message, Message::Text(_) | Message::Binary(_))
                && socket.send(message).await.is_err()
            {
                break;
            }
        }
    })
}

fn router() -> Router {
    let served_by = (
        HeaderName::from_static("x-served-by"),
        HeaderValue::from_static("axum"),
    );
    Router::new()
        .route("/todos", get(list).post(add))
        .route("/todos/{place}", get(one))
        // The host's own limit holds; axum's, of 2 MB, need not.
        .route("/echo", post(echo).layer(DefaultBodyLimit::disable()))
        .route("/ticks", get(ticks))
        .route("/socket", get(socket))
        .layer(SetResponseHeaderLayer::overriding(served_by.0, served_by.1))
        .with_state(Todos::default())
}

fn main() -> isobar::Exit {
    // Before: axum::serve(TcpListener::bind("0.0.0.0:8080").await?, router()).await
    isobar::start(router())
}

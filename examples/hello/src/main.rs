//! Run it with `cargo run -p hello`, then `curl localhost:8080/hello`.

use isobar::{Json, Method, Request, StatusCode};
use serde_json::{Value, json};

async fn hello(request: Request) -> (StatusCode, Json<Value>) {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/hello") => (StatusCode::OK, Json(json!({"message": "Hello, world!"}))),
        _ => (StatusCode::NOT_FOUND, Json(json!({"error": "Not Found"}))),
    }
}

fn main() -> isobar::Exit {
    isobar::start(hello)
}

//! Azure Functions, in the shape of the documents' sample for custom handlers: a web server that
//! reads the invocation as a `serde_json::Value` and answers with one.

use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

/// Says hello; what has a body gets it back.
async fn invoke(Json(invocation): Json<Value>) -> Json<Value> {
    let body = match invocation.pointer("/Data/req/Body") {
        Some(Value::String(body)) => body.clone(),
        _ => json!({"message": "Hello, world!"}).to_string(),
    };
    Json(json!({
        "Outputs": {
            "res": {
                "statusCode": 200,
                "headers": {"content-type": "application/json"},
                "body": body,
            }
        },
        "Logs": [],
        "ReturnValue": null,
    }))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let app = Router::new()
        .route("/{function}", post(invoke))
        .layer(axum::extract::DefaultBodyLimit::disable());
    axum::serve(listener, app).await
}

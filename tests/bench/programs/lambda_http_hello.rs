//! `lambda_http`, as `cargo lambda new --http` begins a function: hello, and nothing else.

use lambda_http::{Body, Error, Request, Response, run, service_fn, tracing};

async fn hello(_request: Request) -> Result<Response<Body>, Error> {
    let response = Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(r#"{"message":"Hello, world!"}"#.into())?;
    Ok(response)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(hello)).await
}

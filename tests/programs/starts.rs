//! Starts in each of the ways that `suite/start.rs` asks for by its first argument.

use std::io::Write;
use std::time::Duration;

use isobar::{App, Error, Exit, Request};

async fn hello(_request: Request) -> &'static str {
    "hello"
}

async fn slow_init() -> isobar::Result<impl isobar::Handler> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(hello)
}

async fn goodbye(name: &'static str) {
    let _nobody_listens = writeln!(std::io::stdout(), "goodbye, {name}");
}

fn main() -> Exit {
    match std::env::args().nth(1).as_deref() {
        Some("init-fails") => isobar::start_with(async || {
            let refused = std::io::Error::other("connection refused");
            Err::<fn(Request) -> std::future::Ready<&'static str>, _>(Error::from(refused))
        }),
        Some("init-is-slow") => isobar::start_with(slow_init),
        Some("inside-a-runtime") => inside_a_runtime(),
        Some("own-runtime") => own_runtime().into(),
        Some("says-goodbye") => {
            isobar::start(App::with_state("Ada").http(hello).on_shutdown(goodbye))
        }
        Some("never-ends") => {
            let never = |()| std::future::pending();
            isobar::start(App::new().http(hello).on_shutdown(never))
        }
        _ => isobar::start(hello),
    }
}

#[tokio::main]
async fn inside_a_runtime() -> Exit {
    isobar::start(hello)
}

#[tokio::main]
async fn own_runtime() -> Result<(), isobar::RunError> {
    isobar::gcp::run(hello)
        .body_limit(10)
        .deadline(Duration::from_secs(5))
        .await
}

//! The Azure Functions host, before a custom handler.
//!
//! [`App`] is the folder with `host.json` and each `function.json`; [`Host`] starts a program over
//! it, and plays what the real host does to requests, events and answers. What it does was read in
//! the repository azure-functions-host (`src/WebJobs.Script/Workers/Http`), YARP and Json.NET; the
//! mode of a request follows from the app's own files, as there.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use isobar_hosts::functions::{App, Host};
//! use isobar_hosts::{Front, Launch, body};
//! use serde_json::json;
//!
//! let queue = json!([{"type": "queueTrigger", "direction": "in", "name": "order", "queueName": "q"}]);
//! let app = App::new()?.proxying()?.http("hello", "{*path}")?.function("orders", &queue)?;
//! let started = Host::new(Launch::new("target/debug/hello"), app).app_service().start().await?;
//! let request = http::Request::get("/api/hello?x=1").body(body::empty())?;
//! assert_eq!(started.front.send(request).await?.status(), 200);
//!
//! let outcome = started.front.invoke("orders", json!({"order": "\"hi\""}), json!({})).await?;
//! assert!(outcome.succeeded());
//! # Ok(()) }
//! ```

mod answer;
mod app;
mod event;
mod fired;
mod front;
mod host;
mod life;
mod sent;
mod value;

pub use app::App;
pub use event::{HostOutcome, Output, Verdict, on_the_wire};
pub use fired::Fired;
pub use front::{FunctionsHost, Principal};
pub use host::Host;
pub use sent::Sent;

/// What the host says it is.
const VERSION: &str = "4.1052.100.1";
const INVOCATION_ID: &str = "x-azure-functions-invocationid";
const HOST_VERSION: &str = "x-azure-functions-hostversion";

#[cfg(test)]
mod tests;

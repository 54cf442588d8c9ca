//! Tests of handlers: native events from portable parts, and one handler on every host.
//!
//! Everything runs in-process, through the translations that run in the cloud: what a host would
//! send goes in, what the host would be told comes out.
//!
//! # Example: only the message that fails is delivered again
//!
//! ```
//! use isobar::testing::{self, Item};
//! use isobar::{App, Message, Result};
//!
//! async fn take(seats: Message<u32>) -> Result<()> {
//!     println!("{} seats", seats.body());
//!     Ok(())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let app = App::new().on_message("orders", take);
//! let ran = testing::sqs("orders")
//!     .item(Item::message("2").id("a"))
//!     .item(Item::message("two").id("b"))
//!     .run(app)
//!     .await;
//! assert_eq!(ran.again(), ["b"]);
//! # });
//! ```
//!
//! # Example: the same on every host
//!
//! ```
//! use isobar::testing::{self, Item};
//! use isobar::{App, Message};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let app = App::new().on_message("orders", async |seats: Message<u32>| {
//!     println!("{} seats", seats.body());
//! });
//! for ran in testing::everywhere("orders", Item::message("2"), app).await {
//!     assert!(ran.is_success(), "{ran}");
//! }
//! # });
//! ```

//! # Example: a request, as a front door of AWS Lambda delivers it
//!
//! ```
//! use isobar::{Provider, Request, testing};
//!
//! async fn hello(request: Request) -> String {
//!     format!("Hello, {}!", request.uri().query().unwrap_or_default())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let answer = testing::request("GET", "/hello?Ada").on(Provider::Aws).run(hello).await;
//! assert_eq!(answer.status(), 200);
//! assert_eq!(answer.text(), "Hello, Ada!");
//! # });
//! ```

#![expect(clippy::indexing_slicing, reason = "JSON of our own making, in a test")]

mod aws;
mod azure;
mod delivery;
mod everywhere;
mod gcp;
mod item;
mod native;
mod ran;
mod request;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod wire;

pub use delivery::Delivery;
pub use everywhere::everywhere;
pub use item::Item;
pub use native::Native;
pub use ran::{Answer, Ran};
pub use request::{Answered, Call, request};
pub use source::*;

//! AWS Lambda: the Runtime API, the sandbox around a program, and the services that invoke it.
//!
//! [`Function`] describes a function, [`Sandbox`] runs it, [`Sandbox::invoke`] invokes it with any
//! event, and a [`Door`] before it makes events of HTTP requests as API Gateway, function URLs,
//! load balancers and VPC Lattice do.
//!
//! ```no_run
//! # async fn example() -> Result<(), isobar_hosts::Error> {
//! use isobar_hosts::lambda::{Door, Function, Invocation, Kind};
//! use isobar_hosts::{Front, Launch, body};
//!
//! let sandbox = Function::new(Launch::new("target/debug/hello")).start().await?;
//! let answer = sandbox.invoke(Invocation::new(r#"{"a":1}"#)).await?;
//! assert_eq!(answer.kind, Kind::Response);
//!
//! let started = sandbox.front(Door::function_url());
//! let request = http::Request::get("/hello?x=1").body(body::empty())?;
//! assert_eq!(started.front.send(request).await?.status(), 200);
//! # Ok(()) }
//! ```
//!
//! [`RuntimeApi`] alone is the server without a program, for tools and hand-made runtimes. It
//! follows the order of states, the ids and the limits of AWS's own emulator (the repository
//! aws-lambda-runtime-interface-emulator, `internal/lambda/rapi`), and can be told to misbehave
//! ([`OnNext`], [`OnAnswer`], [`Invocation`]'s own settings).

mod answer;
mod api;
mod door;
mod fleet;
mod function;
mod invocation;
mod mischief;

pub use answer::{Answer, Kind, Live};
pub use api::RuntimeApi;
pub use door::{Door, LambdaFront, websocket};
pub use fleet::Fleet;
pub use function::{Function, Sandbox};
pub use invocation::{Deadline, Invocation};
pub use mischief::{OnAnswer, OnNext};

#[cfg(test)]
mod tests;

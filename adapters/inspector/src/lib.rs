//! The inspector: both sides of every translation, on a page of one's own machine.
//!
//! [`recorder`] is called where translations meet the outside, and makes a [`Record`] of each
//! invocation; a [`Store`] keeps the last of them; an [`Inspector`] is the page that shows them. In
//! `cargo isobar dev` the two are processes of their own: [`mirror`] tells one store of the other.
//!
//! It is no part of the API: programs turn it on by the feature `inspect` of the crate `isobar`. A
//! build without that feature does not have this crate.

mod blob;
mod driver;
mod fixture;
mod marks;
pub mod mirror;
mod page;
pub mod portable;
mod record;
pub mod recorder;
mod secret;
mod serve;
mod snippet;
mod store;

pub use blob::{Blob, LIMIT};
pub use driver::{Driver, Host, Order, Sample, Trigger, What};
pub use fixture::{Fixture, NotAFixture};
pub use marks::{Mark, marks};
pub use record::{
    Answer, Failure, Item, Line, Native, Outcome, Portable, Record, Request, State, Summary, Timing,
};
pub use secret::{is_same, secret};
pub use serve::Inspector;
pub use snippet::snippet;
pub use store::{Since, Store};

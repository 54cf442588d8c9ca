//! What is called where translations meet the outside: it makes a record of each invocation.
//!
//! An invocation runs within a task-local draft, so that the hosts' code hands nothing on. Outside of
//! one, and in a process where nobody records, every call does nothing.

mod draft;
mod seams;
mod tee;
#[cfg(test)]
mod tests;

pub use seams::{
    answer, arrived, arriving, events, exchange, invocation, invoked, is_on, logged, outcomes,
    record_into, request, serves, through, told, told_more,
};

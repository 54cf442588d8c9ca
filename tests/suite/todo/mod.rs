//! `todo`: the same bodies on every host and over both databases, no change that is lost, no
//! connection that is missed.
//!
//! What needs PostgreSQL is ignored unless it is asked for: `.ci/state` starts one, and names it by
//! `TODO_DATABASE_URL`.

mod api;
mod changes;
mod connections;
mod database;
mod messages;
mod secrets;

use isobar_hosts::Launch;

use crate::programs::program;
use database::Database;

/// `todo` over a database.
fn todo(database: &Database) -> Launch {
    program("todo").env("DATABASE_URL", database.url())
}

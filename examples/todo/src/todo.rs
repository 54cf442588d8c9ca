//! A todo, and what a client may say of one.

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};
use headers::ETag;
use isobar::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::FromRow;
use sqlx::any::AnyRow;

/// The longest text, in characters.
const LONGEST: usize = 200;

/// A todo, as it is kept and as clients see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Todo {
    pub(crate) id: i64,
    pub(crate) text: String,
    pub(crate) done: bool,
    /// How often it was changed, and one.
    #[serde(skip)]
    pub(crate) version: i64,
}

/// What a client, or a message, wants a todo to be.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Draft {
    #[serde(default)]
    pub(crate) text: String,
    #[serde(default)]
    pub(crate) done: bool,
}

/// A row of `id, version, text, done`. What is true is a number, since SQLite has nothing else.
impl<'r> FromRow<'r, AnyRow> for Todo {
    fn from_row(row: &'r AnyRow) -> sqlx::Result<Self> {
        let (id, version, text, done) = FromRow::from_row(row)?;
        let done: i64 = done;
        Ok(Self {
            id,
            text,
            done: done != 0,
            version,
        })
    }
}

impl Todo {
    /// Returns what tells this version from every other.
    pub(crate) fn etag(&self) -> Result<ETag> {
        Ok(format!("\"{}\"", self.version).parse()?)
    }
}

impl Draft {
    /// Returns it, or an error that names what is wrong with it: for people, and for programs.
    pub(crate) fn checked(self) -> Result<Self> {
        let fits = (1..=LONGEST).contains(&self.text.trim().chars().count());
        // one of them, the zero, PostgreSQL would refuse
        if fits && !self.text.contains(char::is_control) {
            return Ok(self);
        }
        let wanted = format!("1 to {LONGEST} characters are wanted, none of control");
        let detail = format!("text: {wanted}");
        let errors = json!([{"pointer": "#/text", "detail": wanted}]);
        Err(Error::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with_member("errors", errors))
    }
}

/// Becomes JSON, with its version as `ETag`.
impl IntoResponse for Todo {
    fn into_response(self) -> Response {
        ([(ETAG, format!("\"{}\"", self.version))], Json(self)).into_response()
    }
}

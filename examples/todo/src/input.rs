//! What is read of a request, checked before a handler sees it. What is wrong is a problem
//! (`application/problem+json`) as every other error; axum's own rejections are plain text.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use headers::{Header, HeaderMapExt};
use isobar::{Error, Result};
use serde::Deserialize;

use crate::todo::Draft;

/// The longest page, and the one that is not asked for otherwise.
const LONGEST: i64 = 100;
const USUAL: i64 = 20;

/// The JSON of the body.
impl<S: Send + Sync> FromRequest<S> for Draft {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let Json(draft) = Json::<Self>::from_request(request, state).await?;
        draft.checked()
    }
}

/// The id of the path.
pub(crate) struct Id(pub(crate) i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<i64>::from_request_parts(parts, state).await;
        path.map_or_else(|_no_number| Err(missing()), |Path(id)| Ok(Self(id)))
    }
}

/// Says that there is no such todo.
pub(crate) fn missing() -> Error {
    Error::new(StatusCode::NOT_FOUND, "there is no such todo")
}

/// The part of the list that is asked for: so many todos, behind one.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Page {
    #[serde(default)]
    pub(crate) after: i64,
    #[serde(default = "usual")]
    pub(crate) limit: i64,
}

fn usual() -> i64 {
    USUAL
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(page) = Query::<Self>::from_request_parts(parts, state).await?;
        if (1..=LONGEST).contains(&page.limit) {
            return Ok(page);
        }
        let detail = format!("limit: 1 to {LONGEST} is wanted, not {}", page.limit);
        Err(Error::new(StatusCode::BAD_REQUEST, detail))
    }
}

/// Reads a condition such as `If-Match`, `None` where the client makes none.
pub(crate) fn condition<H: Header>(headers: &HeaderMap) -> Result<Option<H>> {
    headers.typed_try_get().map_err(|e| {
        let detail = format!("{} is no list of entity tags", H::name());
        Error::new(StatusCode::BAD_REQUEST, detail).with_source(e)
    })
}

//! What handlers return when they fail, and what it becomes.

mod decode;
mod problem;
mod rejection;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::borrow::Cow;
use std::fmt;
use std::panic::Location;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

pub use decode::DecodeError;
pub use problem::add_request_id;

/// Any error, boxed.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a handler returns when it fails.
///
/// Every other error becomes one by `?`: status 500, its text for the log only. To tell the client
/// more, make one with a status and a detail. Three readers see three things: the client the
/// status, title and detail as an RFC 9457 `application/problem+json` body; the log the source with
/// its whole chain; the host, for an event, whether to deliver again ([`permanent`](Self::permanent)).
///
/// It is one word wide, and deliberately not a [`std::error::Error`], so that `?` takes everything.
///
/// # Statuses
///
/// | what happened | status |
/// | --- | --- |
/// | the handler returned any other error, or panicked | 500 |
/// | the deadline passed | 504 |
/// | the body is over the limit | 413 |
/// | the body stops arriving | 408 |
/// | the request is malformed | 400 |
/// | data that does not decode ([`DecodeError`]) | 422 |
/// | the response is over the host's limit, or the host cannot carry it | 502 |
/// | the host is shutting down | 503 |
///
/// axum's rejections keep the status that axum gives them.
///
/// # Example: a detail for the client, a source for the log
///
/// ```
/// use isobar_core::{Error, StatusCode};
///
/// fn parse(text: &str) -> Result<u32, Error> {
///     text.parse().map_err(|e| {
///         Error::new(StatusCode::BAD_REQUEST, "the number of seats is not a number").with_source(e)
///     })
/// }
/// assert_eq!(parse("x").unwrap_err().status(), 400);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    status: StatusCode,
    title: Option<Cow<'static, str>>,
    detail: Option<Cow<'static, str>>,
    members: Map<String, Value>,
    permanent: bool,
    source: Option<BoxError>,
    /// Where it was made, which for an error that `?` made is the `?`.
    location: &'static Location<'static>,
    backtrace: Backtrace,
}

impl Inner {
    #[track_caller]
    fn new(
        status: StatusCode,
        detail: Option<Cow<'static, str>>,
        source: Option<BoxError>,
    ) -> Self {
        // What a client did wrong is no failure to be traced.
        let backtrace = if status.is_server_error() {
            Backtrace::capture()
        } else {
            Backtrace::disabled()
        };
        Self {
            status,
            title: None,
            detail,
            members: Map::new(),
            permanent: false,
            source,
            location: Location::caller(),
            backtrace,
        }
    }
}

impl Error {
    /// Makes an error with a status and a detail, both of which the client sees.
    #[track_caller]
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner::new(status, Some(detail.into()), None)))
    }

    /// Makes an error with a status alone.
    #[track_caller]
    pub fn from_status(status: StatusCode) -> Self {
        Self(Box::new(Inner::new(status, None, None)))
    }

    /// Names the class of the problem; without it the title is the status's own phrase.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<Cow<'static, str>>) -> Self {
        self.0.title = Some(title.into());
        self
    }

    /// Adds a member to what the client sees, for programs to read: RFC 9457 calls it an extension.
    ///
    /// The members that the RFC itself has, and `request_id`, are not to be had so: under such a
    /// name, and where the value has no JSON, nothing is added.
    ///
    /// # Example: which fields are wrong
    ///
    /// ```
    /// use isobar_core::{Error, StatusCode};
    /// use serde_json::json;
    ///
    /// let error = Error::new(StatusCode::UNPROCESSABLE_ENTITY, "seats: at most 8 are sold at once")
    ///     .with_member("errors", json!([{"pointer": "#/seats", "detail": "at most 8"}]));
    /// ```
    #[must_use]
    pub fn with_member(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        if let (false, Ok(value)) = (problem::is_own(&name), serde_json::to_value(value)) {
            self.0.members.insert(name, value);
        }
        self
    }

    /// Adds the cause, which goes to the log and never to the client.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says that no retry can help: an event that fails so is acknowledged, and logged as an error.
    #[must_use]
    pub fn permanent(mut self) -> Self {
        self.0.permanent = true;
        self
    }

    /// Returns the status that the client gets.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Returns the title: what was given, else the status's own phrase.
    pub fn title(&self) -> &str {
        let phrase = self.0.status.canonical_reason();
        self.0.title.as_deref().or(phrase).unwrap_or("Error")
    }

    /// Returns the sentence for the client, `None` for an error that `?` made of another.
    pub fn detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// Returns true if no retry can help.
    pub fn is_permanent(&self) -> bool {
        self.0.permanent
    }

    /// Returns the cause, for the log.
    pub fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }

    /// Returns what went wrong for people who need no status: the detail, or else the title, and the causes;
    /// for the log.
    pub fn report(&self) -> String {
        match (self.detail(), self.source()) {
            (None, Some(source)) => chain(source),
            (detail, source) => {
                with_causes(detail.unwrap_or_else(|| self.title()).to_owned(), source)
            }
        }
    }

    /// Returns where it was made, for the log; for an error that `?` made of another, the `?`.
    pub fn location(&self) -> &'static Location<'static> {
        self.0.location
    }

    /// Returns the backtrace of where it was made, for the log; `None` unless `RUST_BACKTRACE` (or
    /// `RUST_LIB_BACKTRACE`) is set, and for errors of the client's own.
    pub fn backtrace(&self) -> Option<&Backtrace> {
        Some(&self.0.backtrace).filter(|trace| trace.status() == BacktraceStatus::Captured)
    }
}

/// Keeps the status of axum's rejections and of [`DecodeError`]; any other error is a 500 whose
/// text goes to the log only.
impl<E: Into<BoxError>> From<E> for Error {
    #[track_caller]
    fn from(source: E) -> Self {
        let source = source.into();
        let (status, detail) = rejection::told_by(&*source).map_or(
            (StatusCode::INTERNAL_SERVER_ERROR, None),
            |(status, detail)| (status, Some(Cow::Owned(detail))),
        );
        Self(Box::new(Inner::new(status, detail, Some(source))))
    }
}

/// Prints the status, the title and the detail: what the client sees.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.status.as_u16(), self.title())?;
        match self.detail() {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

/// Prints what [`Display`](fmt::Display) prints, and the chain of causes.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&with_causes(self.to_string(), self.source()))
    }
}

/// Writes an error and its causes in one line, parts that a cause repeats left out.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    with_causes(error.to_string(), error.source())
}

fn with_causes(mut text: String, first: Option<&(dyn std::error::Error + 'static)>) -> String {
    let mut next = first;
    while let Some(cause) = next {
        let part = cause.to_string();
        if !text.ends_with(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_error_is_that_of_the_question_mark() {
        fn fails() -> Result<(), Error> {
            Err("no connection")?;
            Ok(())
        }
        let place = fails().unwrap_err().location();
        assert_eq!((place.file(), place.line()), (file!(), line!() - 4));
    }

    #[test]
    fn it_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn any_error_becomes_a_500_that_tells_the_client_nothing() {
        let error = Error::from("the database password is hunter2");
        assert_eq!(error.status(), 500);
        assert_eq!(error.detail(), None);
        assert_eq!(error.to_string(), "500 Internal Server Error");
        assert!(format!("{error:?}").contains("hunter2"));
    }

    #[test]
    fn a_chain_does_not_repeat_itself() {
        let inner = std::io::Error::other("disk full");
        let outer = std::io::Error::other(inner);
        assert_eq!(chain(&outer), "disk full");
    }
}

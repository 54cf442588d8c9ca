use super::data::{FromData, Raw, read};
use super::{Event, View};
use crate::DecodeError;

/// A call that waits for a result, its input decoded: a direct invoke of a Lambda function, a
/// task of Step Functions, a typed function on Google Cloud. An extractor of event handlers.
///
/// # Example: JSON in, JSON out
///
/// ```
/// use isobar_core::{App, Invoke, Json, Result};
///
/// #[derive(serde::Deserialize)]
/// struct Basket { seats: u32 }
/// #[derive(serde::Serialize)]
/// struct Price { euros: u32 }
///
/// async fn quote(basket: Invoke<Basket>) -> Result<Json<Price>> {
///     Ok(Json(Price { euros: basket.input().seats * 12 }))
/// }
///
/// let app = App::new().on_invoke(quote);
/// ```
#[derive(Clone, Debug)]
pub struct Invoke<T = Raw> {
    event: Event,
    input: T,
}

impl<T: FromData> Invoke<T> {
    /// Reads an event's call; `None` if the event is of another kind.
    ///
    /// # Errors
    ///
    /// When the input is not of that form.
    pub fn of(event: &Event) -> Option<Result<Self, DecodeError>> {
        matches!(event.view(), View::Invoke).then(|| {
            Ok(Self {
                input: read(event)?,
                event: event.clone(),
            })
        })
    }
}

impl<T> Invoke<T> {
    /// Returns the decoded input.
    pub fn input(&self) -> &T {
        &self.input
    }

    /// Takes the decoded input.
    pub fn into_input(self) -> T {
        self.input
    }

    /// Returns the whole event, with the raw bytes and the host's own form.
    pub fn event(&self) -> &Event {
        &self.event
    }
}

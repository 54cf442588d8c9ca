use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{BoxError, Event};

/// Data as it came, for [`Message`](crate::Message) and [`Change`](crate::Change): their default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Raw(pub Bytes);

/// What the data of an event can be read as: [`Raw`], or anything that serde reads from JSON.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an event's data",
    note = "derive `serde::Deserialize` for it, or take `isobar::Raw`"
)]
pub trait FromData: Sized {
    /// Reads the data.
    ///
    /// # Errors
    ///
    /// When it is not of that form.
    fn from_data(data: &Bytes) -> Result<Self, BoxError>;
}

impl<T: DeserializeOwned> FromData for T {
    fn from_data(data: &Bytes) -> Result<Self, BoxError> {
        Ok(serde_json::from_slice(data)?)
    }
}

impl FromData for Raw {
    fn from_data(data: &Bytes) -> Result<Self, BoxError> {
        Ok(Self(data.clone()))
    }
}

/// Reads an event's data, empty where it has none.
pub(super) fn read<T: FromData>(event: &Event) -> Result<T, crate::DecodeError> {
    let data = event.data().cloned().unwrap_or_default();
    T::from_data(&data).map_err(|e| crate::DecodeError::new(format!("the data of {event}"), e))
}

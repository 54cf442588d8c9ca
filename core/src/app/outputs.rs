use bytes::Bytes;
use serde::Serialize;

use crate::{DecodeError, Text};

/// Values for named output bindings (Azure Functions).
///
/// The binding's type decides what goes over the wire; a value for a binding that there is not,
/// and any value on a host without bindings, is a failure, never lost in silence.
///
/// # Example: one message to a queue, two to another, and a document
///
/// ```
/// use isobar_core::{Outputs, Result};
///
/// async fn split() -> Result<Outputs> {
///     Ok(Outputs::new()
///         .set("receipts", "paid")
///         .list("labels", ["one", "two"])
///         .json("orders", &serde_json::json!({"id": "17", "seats": 2}))?)
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outputs(Vec<(Text, Output)>);

/// The value of one output binding.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Output {
    /// One message or object, as its bytes.
    Bytes(Bytes),
    /// One message or document, as JSON.
    Json(Bytes),
    /// Several messages or documents, in order.
    List(Vec<Self>),
}

impl Output {
    /// Makes one of anything that serde writes as JSON.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, DecodeError> {
        let json =
            serde_json::to_vec(value).map_err(|e| DecodeError::new("an output as JSON", e))?;
        Ok(Self::Json(json.into()))
    }
}

impl<T: Into<Bytes>> From<T> for Output {
    fn from(value: T) -> Self {
        Self::Bytes(value.into())
    }
}

impl Outputs {
    /// Begins without a value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of an output binding: the bytes of one message or object.
    #[must_use]
    pub fn set(self, name: impl Into<Text>, value: impl Into<Bytes>) -> Self {
        self.output(name, Output::Bytes(value.into()))
    }

    /// Sets several messages or objects, in order.
    #[must_use]
    pub fn list<T: Into<Output>>(
        self,
        name: impl Into<Text>,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.output(name, Output::List(values))
    }

    /// Sets one message or document, as JSON.
    ///
    /// # Errors
    ///
    /// When it cannot be written as JSON.
    pub fn json<T: Serialize + ?Sized>(
        self,
        name: impl Into<Text>,
        value: &T,
    ) -> Result<Self, DecodeError> {
        Ok(self.output(name, Output::json(value)?))
    }

    /// Sets a value of any form.
    #[must_use]
    pub fn output(mut self, name: impl Into<Text>, value: Output) -> Self {
        self.0.push((name.into(), value));
        self
    }

    /// Returns true if no value is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns names and values, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Output)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

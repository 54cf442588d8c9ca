use bytes::Bytes;

use crate::Text;

/// Values for named output bindings (Azure Functions); on a host without bindings a value that is
/// set is a failure, never lost in silence.
#[derive(Clone, Debug, Default)]
pub struct Outputs(Vec<(Text, Bytes)>);

impl Outputs {
    /// Begins without a value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of an output binding: the bytes of one message or object.
    #[must_use]
    pub fn set(mut self, name: impl Into<Text>, value: impl Into<Bytes>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    /// Returns true if no value is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns names and values, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Bytes)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

//! What a store has to do, which is little.

use std::sync::Arc;

use isobar_core::{BoxError, Text, async_trait};

use crate::{Key, Record};

/// Where records are kept: four operations, two of them conditional.
///
/// # Contract
///
/// *A store promises*: each operation is atomic and is seen by all that begin after it, on whatever
/// machine; of several [`create`](Self::create)s of one key, or [`update`](Self::update)s of one
/// version, one succeeds; a version is never that of another content. A record that has expired may
/// be dropped, no other may.
///
/// *Who calls it promises*: to judge leases and expiry itself (a store needs no clock); to expect
/// that an operation which failed may have been carried out.
///
/// `Arc<S>` of a store is one, `Arc<dyn Store>` too.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Returns a record and its version, `None` where there is none.
    ///
    /// # Errors
    ///
    /// When the store cannot be reached, or what is there cannot be read.
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError>;

    /// Writes a record where there is none, and returns its version; `None` where there is one.
    ///
    /// # Errors
    ///
    /// When the store cannot be reached; the record may be written nevertheless.
    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError>;

    /// Replaces a record of this version, and returns the new one; `None` where the version is
    /// another by now, or the record is gone.
    ///
    /// # Errors
    ///
    /// When the store cannot be reached; the record may be written nevertheless.
    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError>;

    /// Forgets a record, whatever it says: a means of operators, to have something handled again.
    /// The wrappers never do it.
    ///
    /// # Errors
    ///
    /// When the store cannot be reached; the record may be gone nevertheless.
    async fn delete(&self, key: &Key) -> Result<(), StoreError>;
}

#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError> {
        (**self).get(key).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError> {
        (**self).create(key, record).await
    }

    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError> {
        (**self).update(key, record, version).await
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        (**self).delete(key).await
    }
}

/// A record's version, in the store's own form: a number, an entity tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Text);

impl Version {
    /// Makes one of the store's own form.
    pub fn new(text: impl Into<Text>) -> Self {
        Self(text.into())
    }

    /// Returns the store's own form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A store that cannot be reached, opened or read: what was tried, and the cause.
#[derive(Debug, thiserror::Error)]
#[error("the store of state: {doing}")]
pub struct StoreError {
    doing: String,
    source: Option<BoxError>,
}

impl StoreError {
    /// Says what was tried or found.
    pub fn new(doing: impl Into<String>) -> Self {
        Self {
            doing: doing.into(),
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.source = Some(source.into());
        self
    }
}

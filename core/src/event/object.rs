use super::{Event, View};
use crate::Text;

/// What is known of an object in a bucket.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ObjectParts {
    /// The bucket's own name.
    pub bucket: Text,
    /// The key, decoded.
    pub key: Text,
    /// The size in bytes.
    pub size: Option<u64>,
    /// The entity tag, without quotes.
    pub etag: Option<Text>,
    /// The version or generation.
    pub version: Option<Text>,
    /// True if the object is gone.
    pub deleted: bool,
}

/// An object in a bucket that was made or deleted. An extractor of event handlers.
#[derive(Clone, Debug)]
pub struct Object(Event);

impl Object {
    /// Reads an event's object; `None` if the event is of another kind.
    pub fn of(event: &Event) -> Option<Self> {
        matches!(event.view(), View::Object(_)).then(|| Self(event.clone()))
    }

    /// Returns the whole event.
    pub fn event(&self) -> &Event {
        &self.0
    }

    /// Returns the bucket's own name.
    pub fn bucket(&self) -> &str {
        self.parts().map_or("", |parts| &parts.bucket)
    }

    /// Returns the key, decoded.
    pub fn key(&self) -> &str {
        self.parts().map_or("", |parts| &parts.key)
    }

    /// Returns the size in bytes; `None` where the host does not say.
    pub fn size(&self) -> Option<u64> {
        self.parts().and_then(|parts| parts.size)
    }

    /// Returns the entity tag, without quotes.
    pub fn etag(&self) -> Option<&str> {
        self.parts().and_then(|parts| parts.etag.as_deref())
    }

    /// Returns the version or generation.
    pub fn version(&self) -> Option<&str> {
        self.parts().and_then(|parts| parts.version.as_deref())
    }

    /// Returns true if the object is gone, false if it was made or overwritten.
    pub fn is_deleted(&self) -> bool {
        self.parts().is_some_and(|parts| parts.deleted)
    }

    fn parts(&self) -> Option<&ObjectParts> {
        match self.0.view() {
            View::Object(parts) => Some(parts),
            _ => None,
        }
    }
}

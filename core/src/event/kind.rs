use serde::Serialize;

/// The portable kind of an event, which says which typed view it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A message of a queue, topic or stream: [`Message`](crate::Message).
    Message,
    /// An object in a bucket, made or deleted: [`Object`](crate::Object).
    Object,
    /// A schedule that is due: [`Schedule`](crate::Schedule).
    Schedule,
    /// A change in a database: [`Change`](crate::Change).
    Change,
    /// A call that waits for a result, JSON in and JSON out: [`Invoke`](crate::Invoke).
    Invoke,
    /// Any other event: [`Event`](crate::Event) itself.
    Other,
}

impl Kind {
    /// Returns the word that stands for it in paths, settings and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Object => "object",
            Self::Schedule => "schedule",
            Self::Change => "change",
            Self::Invoke => "invoke",
            Self::Other => "other",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

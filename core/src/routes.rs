use serde::Serialize;

use crate::{Event, Kind, Text};

/// What a handler takes: HTTP, and events by kind and name.
///
/// Hosts guard by it, start-up checks compare it with the deployment's files, and
/// `ISOBAR_DESCRIBE=1` prints it as JSON.
///
/// # Example: the JSON form
///
/// ```
/// use isobar_core::{Kind, Routes};
///
/// let routes = Routes::http().event(Kind::Message, "orders");
/// assert_eq!(
///     serde_json::to_string(&routes).unwrap(),
///     r#"{"http":true,"events":[{"kind":"message","name":"orders"}],"ignores_unknown":false}"#,
/// );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Routes {
    http: bool,
    events: Vec<EventRoute>,
    ignores_unknown: bool,
}

/// One kind and name (or pattern) of events that a handler takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EventRoute {
    kind: Option<Kind>,
    name: Text,
}

impl Routes {
    /// Takes HTTP requests and no event.
    pub fn http() -> Self {
        Self {
            http: true,
            ..Self::none()
        }
    }

    /// Takes nothing; a start to add events to.
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds events of one kind whose logical name fits `name`; `*` stands for any run.
    #[must_use]
    pub fn event(mut self, kind: Kind, name: impl Into<Text>) -> Self {
        self.events.push(EventRoute {
            kind: Some(kind),
            name: name.into(),
        });
        self
    }

    /// Adds events of every kind whose CloudEvents type fits `pattern`; `*` takes them all.
    #[must_use]
    pub fn event_type(mut self, pattern: impl Into<Text>) -> Self {
        self.events.push(EventRoute {
            kind: None,
            name: pattern.into(),
        });
        self
    }

    /// Says that an event which fits nothing is to be acknowledged and dropped.
    #[must_use]
    pub fn ignore_unknown(mut self) -> Self {
        self.ignores_unknown = true;
        self
    }

    pub(crate) fn with_http(mut self) -> Self {
        self.http = true;
        self
    }

    /// Returns true if HTTP requests are taken.
    pub fn takes_http(&self) -> bool {
        self.http
    }

    /// Returns true if any event is taken.
    pub fn takes_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Returns true if an event that fits nothing is acknowledged and dropped.
    pub fn ignores_unknown(&self) -> bool {
        self.ignores_unknown
    }

    /// Returns the events that are taken, in the order in which they were named.
    pub fn events(&self) -> &[EventRoute] {
        &self.events
    }

    /// Returns the place in [`events`](Self::events) of what takes `event`: exact names first,
    /// then patterns in order.
    pub fn find(&self, event: &Event) -> Option<usize> {
        let exact = self.events.iter().position(|route| route.is_exactly(event));
        exact.or_else(|| self.events.iter().position(|route| route.fits(event)))
    }
}

impl EventRoute {
    /// Returns the kind of events, `None` where the name is a pattern of CloudEvents types.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// Returns the logical name, or the pattern of names or types.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn is_exactly(&self, event: &Event) -> bool {
        self.subject_of(event) == Some(&*self.name)
    }

    fn fits(&self, event: &Event) -> bool {
        self.subject_of(event)
            .is_some_and(|subject| matches(&self.name, subject))
    }

    /// The text that this route judges an event by, `None` if the kind differs.
    fn subject_of<'e>(&self, event: &'e Event) -> Option<&'e str> {
        match self.kind {
            None => Some(event.ty()),
            Some(kind) => (kind == event.kind()).then(|| event.name()),
        }
    }
}

impl std::fmt::Display for EventRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.kind {
            Some(kind) => write!(f, "{kind} {:?}", &*self.name),
            None => write!(f, "events of type {:?}", &*self.name),
        }
    }
}

/// Returns true if `text` fits `pattern`, in which `*` stands for any run of characters.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut left) = text.strip_prefix(head) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return left.ends_with(part);
        }
        let Some((_, after)) = left.split_once(part) else {
            return false;
        };
        left = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, text, wanted) in [
            ("orders", "orders", true),
            ("orders", "orders2", false),
            ("*", "", true),
            ("com.example.*", "com.example.created", true),
            ("com.example.*", "com.examples", false),
            ("*.created", "a.b.created", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("ab*ba", "aba", false),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} {text}");
        }
    }
}

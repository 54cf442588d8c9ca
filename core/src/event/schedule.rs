use super::{Event, View};
use crate::Text;

/// What is known of a schedule that is due.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ScheduleParts {
    /// The host's own name of the schedule.
    pub name: Text,
    /// When it was due: RFC 3339 text.
    pub due: Option<Text>,
}

/// A schedule that is due. An extractor of event handlers.
#[derive(Clone, Debug)]
pub struct Schedule(Event);

impl Schedule {
    /// Reads an event's schedule; `None` if the event is of another kind.
    pub fn of(event: &Event) -> Option<Self> {
        matches!(event.view(), View::Schedule(_)).then(|| Self(event.clone()))
    }

    /// Returns the whole event.
    pub fn event(&self) -> &Event {
        &self.0
    }

    /// Returns the host's own name of the schedule.
    pub fn name(&self) -> &str {
        self.parts().map_or("", |parts| &parts.name)
    }

    /// Returns when it was due, as RFC 3339 text; `None` where the host does not say.
    pub fn due(&self) -> Option<&str> {
        self.parts().and_then(|parts| parts.due.as_deref())
    }

    fn parts(&self) -> Option<&ScheduleParts> {
        match self.0.view() {
            View::Schedule(parts) => Some(parts),
            _ => None,
        }
    }
}

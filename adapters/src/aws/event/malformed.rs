use std::borrow::Cow;
use std::fmt;

/// A source of events, as messages to people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Trigger {
    pub(in crate::aws) name: &'static str,
    /// Where its events are described.
    pub(in crate::aws) form: &'static str,
}

impl Trigger {
    /// Says that a field is not what it has to be.
    pub(super) fn wrong(self, field: &'static str, what: &'static str) -> Malformed {
        Malformed {
            trigger: self,
            field,
            what: what.into(),
        }
    }

    /// Takes what may be neither absent nor empty.
    pub(super) fn named<'a>(
        self,
        text: Option<Cow<'a, str>>,
        field: &'static str,
    ) -> Result<Cow<'a, str>, Malformed> {
        let text = text.filter(|text| !text.is_empty());
        text.ok_or_else(|| self.missing(field))
    }

    pub(super) fn missing(self, field: &'static str) -> Malformed {
        self.wrong(field, "is missing, empty or of another type")
    }
}

/// Why an event of a known source cannot be read.
#[derive(Debug)]
pub(in crate::aws) struct Malformed {
    trigger: Trigger,
    field: &'static str,
    what: Cow<'static, str>,
}

impl Malformed {
    pub(super) fn caused(trigger: Trigger, field: &'static str, error: &dyn fmt::Display) -> Self {
        Self {
            trigger,
            field,
            what: format!("cannot be read ({error})").into(),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trigger,
            field,
            what,
        } = self;
        write!(
            f,
            "an event of {} is malformed: {field} {what}; compare it with {}",
            trigger.name, trigger.form
        )
    }
}

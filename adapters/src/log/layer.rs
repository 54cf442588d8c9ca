//! From `tracing` to lines.

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use isobar_core::Function;
use tracing::span::{Attributes, Id, Record as Recorded};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::{Fields, Taken};
use super::form::Form;
use super::inspected;
use super::levels::Levels;
use super::record::{Invocation, Record};
use crate::metrics::is_measured;

/// Whose lines these are, once a host knows.
static FUNCTION: OnceLock<Function> = OnceLock::new();

/// Tells whose lines these are: Cloud Logging wants the project, which is learned while it runs.
#[cfg(feature = "gcp")]
pub(crate) fn serves(function: &Function) {
    let _the_first_counts = FUNCTION.set(function.clone());
}

/// Returns true for the span of an invocation.
pub(crate) fn is_invocation(metadata: &Metadata<'_>) -> bool {
    (metadata.target(), metadata.name()) == ("isobar", "invocation")
}

/// Writes each event as a line. It filters as well, by callsite: what is not written costs nothing.
#[derive(Debug)]
pub(super) struct Lines {
    form: Form,
    levels: Levels,
    /// Whether a meter is beside it: what that has to see passes the filter, and is not written for
    /// that.
    is_metered: bool,
}

impl Lines {
    pub(super) fn new(form: Form, levels: Levels) -> Self {
        Self {
            form,
            levels,
            is_metered: false,
        }
    }

    pub(super) fn beside(mut self, is_metered: bool) -> Self {
        self.is_metered = is_metered;
        self
    }

    fn is_let_through(&self, metadata: &Metadata<'_>) -> bool {
        self.is_metered && is_measured(metadata)
    }
}

impl<S> Layer<S> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.levels.take(metadata) || self.is_let_through(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        self.levels.take(metadata) || self.is_let_through(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let least = if self.is_metered {
            LevelFilter::INFO
        } else {
            LevelFilter::OFF
        };
        Some(self.levels.most().max(least))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let metadata = attributes.metadata();
        if is_invocation(metadata) {
            let mut invocation = Invocation::default();
            attributes.record(&mut invocation);
            span.extensions_mut().insert(Arc::new(invocation));
            return;
        }
        let mut fields = Fields::default();
        attributes.record(&mut Taken {
            message: &mut String::new(),
            fields: &mut fields,
        });
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Recorded<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut extensions = span.extensions_mut();
        if let Some(invocation) = extensions.get_mut::<Arc<Invocation>>() {
            let invocation: &mut Invocation = Arc::make_mut(invocation);
            values.record(invocation);
        } else if let Some(fields) = extensions.get_mut::<Fields>() {
            values.record(&mut Taken {
                message: &mut String::new(),
                fields,
            });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        if self.is_let_through(metadata) && !self.levels.take(metadata) {
            return;
        }
        let mut scratch = Scratch::take();
        event.record(&mut Taken {
            message: &mut scratch.message,
            fields: &mut scratch.fields,
        });
        let mut invocation = None;
        for span in context.event_scope(event).into_iter().flatten() {
            let extensions = span.extensions();
            if let Some(found) = extensions.get::<Arc<Invocation>>() {
                if let Some(id) = &found.event_id {
                    scratch.fields.inherit_text("event_id", id);
                }
                invocation = Some(Arc::clone(found));
            } else if let Some(fields) = extensions.get::<Fields>() {
                scratch.fields.inherit(fields);
            }
        }
        let severity = (*metadata.level()).into();
        let mut record = Record {
            time: SystemTime::now(),
            severity,
            target: metadata.target(),
            message: scratch.message.as_str().into(),
            invocation: invocation.as_deref(),
            fields: &mut scratch.fields,
            file: metadata.file(),
            line: metadata.line(),
            module: metadata.module_path(),
            function: FUNCTION.get(),
        };
        inspected::line(&record);
        self.form.write(&mut record, &mut scratch.line);
        self.form.stream(severity).write(&scratch.line);
        scratch.give_back();
    }
}

/// A larger buffer is not kept: one long line would be paid for to the end.
const KEPT: usize = 16 << 10;

/// What a line is made in; a thread uses it again and again.
#[derive(Default)]
struct Scratch {
    message: String,
    fields: Fields,
    line: Vec<u8>,
}

thread_local! {
    static SCRATCH: Cell<Option<Scratch>> = const { Cell::new(None) };
}

impl Scratch {
    /// Takes the thread's own; a value whose formatting logs a line finds none, and makes another.
    fn take() -> Self {
        let kept = SCRATCH.try_with(Cell::take);
        kept.ok().flatten().unwrap_or_default()
    }

    fn give_back(mut self) {
        if self.line.capacity() > KEPT {
            return;
        }
        self.message.clear();
        self.fields.clear();
        self.line.clear();
        let _a_thread_that_ends_keeps_none = SCRATCH.try_with(|kept| kept.set(Some(self)));
    }
}

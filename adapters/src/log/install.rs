//! What `start` sets up, and the last word of a program that ends.

use std::time::SystemTime;

use isobar_core::{OnDemand, chain};
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use super::fields::{BACKTRACE, FILE, Fields, LINE};
use super::form::Form;
use super::layer::Lines;
use super::levels::Levels;
use super::panics;
use super::record::{Record, Severity};
use crate::config::Environment;
use crate::{RunError, metrics, otel};

/// Makes what writes the host's form, and counts where the environment asks for it; whether it must be told of
/// each span; and what is wrong with the environment.
pub(crate) fn subscriber(environment: &Environment) -> (impl Subscriber, bool, Option<String>) {
    let (levels, complaint) = Levels::of(environment);
    let meter = metrics::meter(environment);
    let is_metered = meter.is_some();
    let lines = Lines::new(Form::of(environment), levels).beside(is_metered);
    let subscriber = otel::observe(registry().with(lines).with(meter), environment);
    (subscriber, is_metered || cfg!(feature = "otel"), complaint)
}

/// Installs it, and a hook that logs panics through it; neither where the program has a subscriber
/// already.
pub(crate) fn install(environment: &Environment) {
    let (subscriber, is_watched, complaint) = subscriber(environment);
    let subscriber = if is_watched {
        Dispatch::new(subscriber)
    } else {
        Dispatch::new(OnDemand::new(subscriber))
    };
    if tracing::dispatcher::set_global_default(subscriber).is_err() {
        return;
    }
    panics::hook();
    otel::report();
    if let Some(complaint) = complaint {
        tracing::warn!("{complaint}");
    }
}

/// Writes why the program ends, also where it has no subscriber; a closed stderr is no reason to
/// panic.
pub(crate) fn last_word(error: &RunError) {
    let mut fields = Fields::default();
    if let RunError::Init(cause) = error {
        let place = cause.location();
        fields.push_text(FILE, place.file());
        fields.push_unsigned(LINE, place.line().into());
        if let Some(backtrace) = cause.backtrace() {
            fields.push_text(BACKTRACE, &backtrace.to_string());
        }
    }
    let mut record = Record {
        time: SystemTime::now(),
        severity: Severity::Fatal,
        target: "isobar",
        message: format!("isobar: {}", chain(error)).into(),
        invocation: None,
        fields: &mut fields,
        file: None,
        line: None,
        module: Some("start"),
        function: None,
    };
    let form = Form::of(&Environment::read());
    let mut line = Vec::new();
    form.write(&mut record, &mut line);
    form.stream(Severity::Fatal).write(&line);
}

use isobar_core::Text;

use crate::cloudevents::CloudEvent;
use crate::config::Environment;
use crate::names::Names;
use crate::{RunError, concurrency};

/// What a function of Cloud Run functions takes: `FUNCTION_SIGNATURE_TYPE`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::gcp) enum Signature {
    /// HTTP requests, or it is no function.
    #[default]
    Http,
    /// CloudEvents.
    CloudEvent,
    /// Events in the form of before CloudEvents, which `native()` then is.
    Event,
    /// JSON in and JSON out.
    Typed,
}

impl Signature {
    pub(in crate::gcp) fn new(environment: &Environment) -> Result<Self, RunError> {
        match environment.text("FUNCTION_SIGNATURE_TYPE") {
            None | Some("http") => Ok(Self::Http),
            Some("cloudevent") => Ok(Self::CloudEvent),
            Some("event") => Ok(Self::Event),
            Some("typed") => Ok(Self::Typed),
            Some(_) => {
                let wanted = "it can be http, cloudevent, event or typed";
                Err(environment.wrong("FUNCTION_SIGNATURE_TYPE", wanted))
            }
        }
    }
}

/// What the deployment says of events.
#[derive(Clone, Debug)]
pub(in crate::gcp) struct Rules {
    pub(in crate::gcp) signature: Signature,
    /// The function or the service.
    pub(super) function: Text,
    pub(super) limit: usize,
    names: Names,
}

impl Rules {
    pub(in crate::gcp) fn new(environment: &Environment, function: &str) -> Result<Self, RunError> {
        Ok(Self {
            signature: Signature::new(environment)?,
            function: function.into(),
            limit: concurrency::limit(environment, None)?,
            names: Names::read(environment)?,
        })
    }

    /// Returns the logical name of what Google calls `host`.
    pub(super) fn logical(&self, host: &Text) -> Text {
        self.names.logical(host)
    }

    /// Makes the host's own form of an event what the function's signature says.
    pub(super) fn with_native(&self, mut event: CloudEvent) -> CloudEvent {
        if self.signature == Signature::Event
            && let Some(native) = super::legacy::of_cloud_event(&event)
        {
            event.native = native;
        }
        event
    }
}

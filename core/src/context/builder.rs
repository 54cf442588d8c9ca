use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::{Background, Cancel, Context, Deadline, Function, Identity, Inner, TraceContext};
use crate::Text;

/// Builds a [`Context`], for hosts and tests.
///
/// # Example: a context whose time left does not shrink
///
/// ```
/// use isobar_core::{Context, Function, Provider};
/// use std::time::Duration;
///
/// let context = Context::builder(Function::new(Provider::Aws, "orders"))
///     .request_id("17")
///     .fixed_time_left(Duration::from_secs(3))
///     .build();
/// assert_eq!(context.time_left(), Some(Duration::from_secs(3)));
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ContextBuilder(Inner);

impl ContextBuilder {
    pub(super) fn new(function: Function) -> Self {
        Self(Inner {
            function,
            request_id: OnceLock::new(),
            deadline: None,
            trace: None,
            cold_start: false,
            client_ip: None,
            identity: None,
            tenant: None,
            stage: None,
            root_path: Text::new(),
            native: Bytes::new(),
            background: Background::default(),
            cancel: Cancel::default(),
        })
    }

    /// Sets the host's id of the invocation; without it a random UUID is made when asked for.
    pub fn request_id(mut self, id: impl Into<Text>) -> Self {
        self.0.request_id = OnceLock::from(id.into());
        self
    }

    /// Sets the moment at which the invocation ends.
    pub fn deadline(mut self, deadline: SystemTime) -> Self {
        self.0.deadline = Some(Deadline::At(deadline));
        self
    }

    /// Sets a time left that never shrinks, for tests.
    pub fn fixed_time_left(mut self, left: Duration) -> Self {
        self.0.deadline = Some(Deadline::Left(left));
        self
    }

    /// Sets the trace context.
    pub fn trace(mut self, trace: Option<TraceContext>) -> Self {
        self.0.trace = trace;
        self
    }

    /// Says whether this is the first invocation of the process.
    pub fn cold_start(mut self, cold: bool) -> Self {
        self.0.cold_start = cold;
        self
    }

    /// Sets the client's address as the host saw it.
    pub fn client_ip(mut self, address: Option<IpAddr>) -> Self {
        self.0.client_ip = address;
        self
    }

    /// Sets who the host vouched for.
    pub fn identity(mut self, identity: Option<Identity>) -> Self {
        self.0.identity = identity;
        self
    }

    /// Sets the tenant.
    pub fn tenant(mut self, tenant: Option<Text>) -> Self {
        self.0.tenant = tenant;
        self
    }

    /// Sets the stage that was taken off the path.
    pub fn stage(mut self, stage: Option<Text>) -> Self {
        self.0.stage = stage;
        self
    }

    /// Sets what was taken off the front of the path.
    pub fn root_path(mut self, path: impl Into<Text>) -> Self {
        self.0.root_path = path.into();
        self
    }

    /// Sets the host's own event.
    pub fn native(mut self, event: Bytes) -> Self {
        self.0.native = event;
        self
    }

    /// Makes the context.
    pub fn build(self) -> Context {
        Context(Arc::new(self.0))
    }
}

impl std::fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContextBuilder")
            .field("function", &self.0.function)
            .finish_non_exhaustive()
    }
}

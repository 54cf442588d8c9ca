use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;

use super::{
    Background, Cancel, ClientIp, Context, Deadline, Function, Identity, Inner, ReadIp,
    TraceContext,
};
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
pub struct ContextBuilder(
    /// In its place, since it is large and often moved.
    Box<Inner>,
);

impl ContextBuilder {
    pub(super) fn new(function: Function) -> Self {
        Self(Box::new(Inner {
            function,
            request_id: None,
            random_id: OnceLock::new(),
            deadline: None,
            trace: None,
            cold_start: false,
            client_ip: ClientIp::Read(None),
            identity: None,
            tenant: None,
            stage: None,
            root_path: Text::new(),
            native: Bytes::new(),
            background: Background::default(),
            cancel: Cancel::default(),
            span: OnceLock::new(),
            single: OnceLock::new(),
        }))
    }

    /// Sets the host's id of the invocation; without it a random UUID is made when asked for.
    pub fn request_id(self, id: impl Into<Text>) -> Self {
        self.set(|inner| inner.request_id = Some(id.into()))
    }

    /// Sets the moment at which the invocation ends.
    pub fn deadline(self, deadline: SystemTime) -> Self {
        self.set(|inner| inner.deadline = Some(Deadline::At(deadline)))
    }

    /// Sets a time left that never shrinks, for tests.
    pub fn fixed_time_left(self, left: Duration) -> Self {
        self.set(|inner| inner.deadline = Some(Deadline::Left(left)))
    }

    /// Sets the trace context.
    pub fn trace(self, trace: Option<TraceContext>) -> Self {
        self.set(|inner| inner.trace = trace)
    }

    /// Says whether this is the first invocation of the process.
    pub fn cold_start(self, cold: bool) -> Self {
        self.set(|inner| inner.cold_start = cold)
    }

    /// Sets the client's address as the host saw it.
    pub fn client_ip(self, address: Option<IpAddr>) -> Self {
        self.set(|inner| inner.client_ip = ClientIp::Read(address))
    }

    /// Sets where the client's address stands: in a list such as `X-Forwarded-For`, of which `read` returns the `nth` entry
    /// from the right, from 0. It is read each time that it is asked for.
    pub fn client_ip_in(self, list: HeaderValue, nth: usize, read: ReadIp) -> Self {
        self.set(|inner| inner.client_ip = ClientIp::Unread { list, nth, read })
    }

    /// Sets who the host vouched for.
    pub fn identity(self, identity: Option<Identity>) -> Self {
        self.set(|inner| inner.identity = identity)
    }

    /// Sets the tenant.
    pub fn tenant(self, tenant: Option<Text>) -> Self {
        self.set(|inner| inner.tenant = tenant)
    }

    /// Sets the stage that was taken off the path.
    pub fn stage(self, stage: Option<Text>) -> Self {
        self.set(|inner| inner.stage = stage)
    }

    /// Sets what was taken off the front of the path.
    pub fn root_path(self, path: impl Into<Text>) -> Self {
        self.set(|inner| inner.root_path = path.into())
    }

    /// Sets the host's own event.
    pub fn native(self, event: Bytes) -> Self {
        self.set(|inner| inner.native = event)
    }

    fn set(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(&mut self.0);
        self
    }

    /// Makes the context.
    pub fn build(self) -> Context {
        Context {
            inner: Arc::from(self.0),
            event: None,
        }
    }
}

impl std::fmt::Debug for ContextBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContextBuilder")
            .field("function", &self.0.function)
            .finish_non_exhaustive()
    }
}

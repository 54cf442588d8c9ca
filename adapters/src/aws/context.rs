use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use isobar_core::{Context, ContextBuilder, Function, Provider, Text, TraceContext};

use super::http::Incoming;
use super::settings::Settings;
use super::trace;
use crate::RunError;
use crate::config::Environment;
use crate::health::Health;
use crate::margin::Margin;
use crate::{inspect, otel};

/// What the Runtime API says of one invocation, beside its event.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next>. The
/// client context is not read: any caller writes into it what it likes.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) request_id: Text,
    /// A nonce that goes back with the answer: it tells apart two deliveries of one request id.
    pub(super) invocation_id: Option<Text>,
    /// The end: as it is read the service's own, [`within`](Self::within) our own before that.
    pub(super) deadline: Option<SystemTime>,
    trace: Option<TraceContext>,
    tenant: Option<Text>,
    /// The function's ARN, as it was invoked.
    pub(super) arn: Option<Text>,
    /// All of it, for the inspector.
    pub(super) noted: inspect::Noted,
}

impl Call {
    /// Reads the headers of an event; `None` without a request id, for then nothing could be
    /// answered.
    pub(super) fn read<'a>(
        fields: impl Iterator<Item = (&'a str, &'a [u8])>,
        now: SystemTime,
    ) -> Option<Self> {
        let mut call = Self::default();
        for (name, value) in fields {
            let Some(name) = known(name) else { continue };
            if let Ok(value) = std::str::from_utf8(value) {
                call.take(name, value.trim(), now);
            }
        }
        (!call.request_id.is_empty()).then_some(call)
    }

    fn take(&mut self, name: Field, value: &str, now: SystemTime) {
        match name {
            Field::RequestId => self.request_id = id(value).unwrap_or_default(),
            Field::InvocationId => self.invocation_id = id(value),
            Field::Deadline => self.deadline = deadline(value, now),
            Field::Trace => self.trace = trace::context(value),
            Field::Tenant => self.tenant = Some(value.into()).filter(|t: &Text| !t.is_empty()),
            Field::Arn => self.arn = Some(value.into()).filter(|arn: &Text| !arn.is_empty()),
        }
    }
}

#[derive(Clone, Copy)]
enum Field {
    RequestId,
    InvocationId,
    Deadline,
    Trace,
    Tenant,
    Arn,
}

fn known(name: &str) -> Option<Field> {
    const FIELDS: [(&str, Field); 6] = [
        ("aws-request-id", Field::RequestId),
        ("invocation-id", Field::InvocationId),
        ("deadline-ms", Field::Deadline),
        ("trace-id", Field::Trace),
        ("aws-tenant-id", Field::Tenant),
        ("invoked-function-arn", Field::Arn),
    ];
    const PREFIX: &str = "lambda-runtime-";
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    let mut fields = FIELDS.into_iter();
    let (_, field) = fields.find(|(wanted, _)| rest.eq_ignore_ascii_case(wanted))?;
    prefix.eq_ignore_ascii_case(PREFIX).then_some(field)
}

impl Call {
    /// Ends it before the service does, and earlier still where it may take less time than that.
    pub(super) fn within(&mut self, settings: &Settings, now: SystemTime) {
        let left = self.deadline.and_then(|end| end.duration_since(now).ok());
        let left = left.map(|left| self.without_margin(settings.margin, left));
        let left = [left, settings.deadline].into_iter().flatten().min();
        self.deadline = left.and_then(|left| now.checked_add(left));
    }

    /// The service's time is known only now: a margin that leaves nothing of it cannot fail the start,
    /// and must not fail every invocation.
    fn without_margin(&self, margin: Margin, left: Duration) -> Duration {
        margin.off(left).unwrap_or_else(|| {
            tracing::warn!(
                request_id = &*self.request_id,
                "ISOBAR_MARGIN leaves nothing of the {:.3} s that the function has: it is left out",
                left.as_secs_f64()
            );
            margin.usual(left)
        })
    }
}

/// An id goes into a request's line and headers again.
fn id(value: &str) -> Option<Text> {
    let legal = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    legal.then(|| value.into())
}

/// An end in the past is none: emulators send constants.
fn deadline(milliseconds: &str, now: SystemTime) -> Option<SystemTime> {
    let since = Duration::from_millis(milliseconds.parse().ok()?);
    let end = SystemTime::UNIX_EPOCH.checked_add(since)?;
    (end > now).then_some(end)
}

/// Makes a context of each invocation.
#[derive(Debug)]
pub(super) struct Contexts {
    function: Function,
    pub(super) health: Health,
    /// False until the first invocation.
    warm: AtomicBool,
}

impl Contexts {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let text = |name| environment.text(name).unwrap_or_default();
        let function = Function::new(Provider::Aws, text("AWS_LAMBDA_FUNCTION_NAME"))
            .with_version(text("AWS_LAMBDA_FUNCTION_VERSION"))
            .with_region(environment.text("AWS_REGION").map(str::to_owned));
        otel::serves(&function);
        inspect::serves(environment, &function);
        Ok(Self {
            health: Health::read(environment, &function)?,
            function,
            warm: AtomicBool::new(false),
        })
    }

    /// Makes a request's context; its own `traceparent` counts where the service traces nothing.
    pub(super) fn context(&self, call: &mut Call, incoming: &Incoming) -> ContextBuilder {
        let headers = incoming.request.headers();
        self.begin(call, || TraceContext::from_headers(headers))
            .client_ip(incoming.client_ip)
            .identity(incoming.identity.clone())
            .stage(incoming.stage.clone())
            .root_path(incoming.root_path.clone())
    }

    /// Makes the context of events.
    pub(super) fn of_events(&self, call: &mut Call) -> ContextBuilder {
        self.begin(call, || None)
    }

    fn begin(
        &self,
        call: &mut Call,
        own_trace: impl FnOnce() -> Option<TraceContext>,
    ) -> ContextBuilder {
        let cold = !self.warm.load(Ordering::Relaxed) && !self.warm.swap(true, Ordering::Relaxed);
        if cold {
            // arn:aws:lambda:REGION:ACCOUNT:function:NAME
            let account = call.arn.as_deref().and_then(|arn| arn.split(':').nth(4));
            self.function.learn(None, account.map(str::to_owned));
        }
        let context = Context::builder(self.function.clone())
            .request_id(call.request_id.clone())
            .trace(call.trace.take().or_else(own_trace))
            .cold_start(cold)
            .tenant(call.tenant.take());
        match call.deadline {
            Some(deadline) => context.deadline(deadline),
            None => context,
        }
    }
}

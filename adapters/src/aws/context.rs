use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use isobar_core::{Context, ContextBuilder, Function, Provider, Text, TraceContext};

use super::http::Incoming;
use super::trace;
use crate::config::Environment;

/// What the Runtime API says of one invocation, beside its event.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-next>. The
/// client context is not read: any caller writes into it what it likes.
#[derive(Debug, Default)]
pub(super) struct Call {
    pub(super) request_id: Text,
    /// A nonce that goes back with the answer: it tells apart two deliveries of one request id.
    pub(super) invocation_id: Option<Text>,
    /// The end, a moment before the service's own.
    pub(super) deadline: Option<SystemTime>,
    trace: Option<TraceContext>,
    tenant: Option<Text>,
    account: Option<Text>,
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
            // arn:aws:lambda:REGION:ACCOUNT:function:NAME
            Field::Arn => self.account = value.split(':').nth(4).map(Text::from),
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
    const PREFIX: usize = "lambda-runtime-".len();
    let is = |wanted: &str| {
        let (prefix, rest) = name.as_bytes().split_at_checked(PREFIX)?;
        let all = prefix.eq_ignore_ascii_case(b"lambda-runtime-");
        (all && rest.eq_ignore_ascii_case(wanted.as_bytes())).then_some(())
    };
    // By length: all differ.
    let (wanted, field) = match name.len().checked_sub(PREFIX)? {
        14 => ("aws-request-id", Field::RequestId),
        13 => ("invocation-id", Field::InvocationId),
        11 => ("deadline-ms", Field::Deadline),
        8 => ("trace-id", Field::Trace),
        20 => ("invoked-function-arn", Field::Arn),
        _ => return known_tenant(name),
    };
    is(wanted).map(|()| field)
}

fn known_tenant(name: &str) -> Option<Field> {
    name.eq_ignore_ascii_case("lambda-runtime-aws-tenant-id")
        .then_some(Field::Tenant)
}

impl Call {
    /// Ends it earlier, where it may take less time than the service allows.
    pub(super) fn within(&mut self, limit: Option<Duration>, now: SystemTime) {
        let own = limit.and_then(|limit| now.checked_add(limit));
        self.deadline = match (self.deadline, own) {
            (Some(deadline), Some(own)) => Some(deadline.min(own)),
            (deadline, own) => deadline.or(own),
        };
    }
}

/// An id goes into a request's line and headers again.
fn id(value: &str) -> Option<Text> {
    let legal = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
    legal.then(|| value.into())
}

/// A moment before the service's own end: the tenth part of what is left, 200 ms at most. An end in
/// the past is none: emulators send constants.
fn deadline(milliseconds: &str, now: SystemTime) -> Option<SystemTime> {
    let since = Duration::from_millis(milliseconds.parse().ok()?);
    let end = SystemTime::UNIX_EPOCH.checked_add(since)?;
    let left = end
        .duration_since(now)
        .ok()
        .filter(|left| !left.is_zero())?;
    end.checked_sub((left / 10).min(Duration::from_millis(200)))
}

/// Makes a context of each invocation.
#[derive(Debug)]
pub(super) struct Contexts {
    function: Function,
    /// False until the first invocation.
    warm: AtomicBool,
}

impl Contexts {
    pub(super) fn new(environment: &Environment) -> Self {
        let text = |name| environment.text(name).unwrap_or_default();
        let function = Function::new(Provider::Aws, text("AWS_LAMBDA_FUNCTION_NAME"))
            .with_version(text("AWS_LAMBDA_FUNCTION_VERSION"))
            .with_region(environment.text("AWS_REGION").map(str::to_owned));
        Self {
            function,
            warm: AtomicBool::new(false),
        }
    }

    /// Makes the context; the request's own `traceparent` counts where the service traces nothing.
    pub(super) fn context(&self, call: &mut Call, incoming: &Incoming) -> ContextBuilder {
        let cold = !self.warm.load(Ordering::Relaxed) && !self.warm.swap(true, Ordering::Relaxed);
        if cold {
            let account = call.account.take().map(|account| account.to_string());
            self.function.learn(None, account);
        }
        let headers = incoming.request.headers();
        let trace = call
            .trace
            .take()
            .or_else(|| TraceContext::from_headers(headers));
        let context = Context::builder(self.function.clone())
            .request_id(call.request_id.clone())
            .trace(trace)
            .cold_start(cold)
            .client_ip(incoming.client_ip)
            .identity(incoming.identity.clone())
            .tenant(call.tenant.take())
            .stage(incoming.stage.clone())
            .root_path(incoming.root_path.clone());
        match call.deadline {
            Some(deadline) => context.deadline(deadline),
            None => context,
        }
    }
}

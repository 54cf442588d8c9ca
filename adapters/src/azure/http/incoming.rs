//! A client's request, and what the host says of it.

use isobar_core::{ContextBuilder, Request, Text};

use super::identities::Nobody;
use super::prefix::Prefix;
use crate::azure::app::HostJson;
use crate::azure::conninfo;

/// What the translations must know of the app.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) prefix: Prefix,
    pub(crate) conninfo: conninfo::Rules,
    pub(crate) nobody: Nobody,
}

impl Rules {
    pub(crate) fn new(host: &HostJson, conninfo: conninfo::Rules) -> Self {
        Self {
            prefix: Prefix::new(&host.route_prefix),
            conninfo,
            nobody: Nobody::default(),
        }
    }
}

/// A request in its portable form, and its context, in which is what the host says of it.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) request: Box<Request>,
    pub(crate) context: ContextBuilder,
}

/// Adds the host's id of the invocation, where it tells one.
pub(super) fn with_id(context: ContextBuilder, id: Option<Text>) -> ContextBuilder {
    match id {
        Some(id) => context.request_id(id),
        None => context,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::azure::app::{Deployment, Function, HostJson, Settings};
    use crate::config::Environment;

    /// An HTTP function that can be proxied and forwarded.
    pub(crate) const WEB: (&str, &str) = (
        "web",
        r#"{"bindings": [{"type": "httpTrigger", "name": "req"}, {"type": "http", "direction": "out", "name": "res"}]}"#,
    );
    /// An event function.
    pub(crate) const QUEUE: (&str, &str) = (
        "orders",
        r#"{"bindings": [{"type": "queueTrigger", "name": "m"}]}"#,
    );

    pub(crate) fn deployment(host_json: &str, functions: &[(&str, &str)]) -> Deployment {
        let environment = Environment::of([]);
        let settings = Settings::of("host.json".into(), host_json, &environment).unwrap();
        let functions = functions
            .iter()
            .map(|(name, text)| Function::parse(name, "function.json".as_ref(), text).unwrap());
        let host = HostJson::new(&settings, &environment).unwrap();
        Deployment::new(host, functions.collect()).unwrap()
    }
}

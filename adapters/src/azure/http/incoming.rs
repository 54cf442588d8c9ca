//! A client's request, and what the host says of it.

use std::net::IpAddr;

use isobar_core::{Bytes, ContextBuilder, Identity, Request, Text, TraceContext};

use super::prefix::Prefix;
use crate::azure::app::HostJson;
use crate::azure::conninfo;

/// What the translations must know of the app.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) prefix: Prefix,
    pub(crate) conninfo: conninfo::Rules,
}

impl Rules {
    pub(crate) fn new(host: &HostJson, conninfo: conninfo::Rules) -> Self {
        Self {
            prefix: Prefix::new(&host.route_prefix),
            conninfo,
        }
    }
}

/// A request in its portable form, and what belongs into its context.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) request: Box<Request>,
    pub(super) request_id: Option<Text>,
    pub(super) root_path: Text,
    pub(super) trace: Option<TraceContext>,
    pub(super) client_ip: Option<IpAddr>,
    pub(super) identity: Option<Identity>,
    /// The host's own event, without the keys that opened the function.
    pub(super) native: Bytes,
}

impl Incoming {
    /// Adds to a context what the host says, and returns the request.
    pub(crate) fn tell(self, mut context: ContextBuilder) -> (ContextBuilder, Box<Request>) {
        if let Some(id) = self.request_id {
            context = context.request_id(id);
        }
        let context = context
            .root_path(self.root_path)
            .trace(self.trace)
            .client_ip(self.client_ip)
            .identity(self.identity)
            .native(self.native);
        (context, self.request)
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

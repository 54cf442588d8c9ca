//! What of the app's files does not go together, or not with the program.

use isobar_core::Routes;

use super::function::Function;
use super::host_json::HostJson;
use crate::RunError;

/// Refuses settings that would let a client forge what only the host may say.
///
/// A forwarded request bears no mark of its own: it is known by not being `POST /{function}` of
/// one that gets invocation JSON. Without a route prefix a client can send just that.
pub(super) fn forgeable(host: &HostJson, functions: &[Function]) -> Result<(), RunError> {
    if !host.forwards {
        return Ok(());
    }
    let is_reachable = |function: &&Function| {
        let is_invoked = !function.is_plain_http;
        let name = &function.name;
        is_invoked && (host.route_prefix.is_empty() || host.route_prefix.eq_ignore_ascii_case(name))
    };
    let Some(function) = functions.iter().find(is_reachable) else {
        return Ok(());
    };
    Err(RunError::Conflict(format!(
        "host.json: customHandler.enableForwardingHttpRequest is true and \
         extensions.http.routePrefix is {:?}: together they would let a client invoke the function \
         {} ({}) by POST /{}; use customHandler.enableProxyingHttpRequest in place of the first, \
         or another routePrefix",
        host.route_prefix, function.name, function.trigger_type, function.name
    )))
}

/// Says of a function that the program has nothing for it; `None` if it has.
pub(super) fn unhandled(function: &Function, routes: &Routes) -> Option<String> {
    let is_handled = function.is_http() && routes.takes_http();
    (!is_handled && !function.disabled).then(|| {
        format!(
            "the function {} ({}) has no handler in this program: its invocations will fail",
            function.name, function.trigger_type
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;
    use crate::config::Environment;

    fn check(prefix: &str, mode: &str, trigger: &str) -> Result<(), RunError> {
        let environment = Environment::of([]);
        let text = format!(
            r#"{{"customHandler": {{"{mode}": true}}, "extensions": {{"http": {{"routePrefix": "{prefix}"}}}}}}"#
        );
        let settings = Settings::of("host.json".into(), &text, &environment)?;
        let function = Function {
            name: "orders".into(),
            trigger_type: trigger.into(),
            is_plain_http: false,
            ..Function::of_route(1)
        };
        let functions = [Function::of_route(1), function];
        forgeable(&HostJson::new(&settings, &environment)?, &functions)
    }

    #[test]
    fn forwarding_without_a_prefix_refuses_to_start_beside_an_event_function() {
        let forwarding = "enableForwardingHttpRequest";
        let error = check("", forwarding, "queueTrigger")
            .unwrap_err()
            .to_string();
        for named in [forwarding, "routePrefix", "orders (queueTrigger)"] {
            assert!(error.contains(named), "{error}");
        }
        assert!(check("ORDERS", forwarding, "queueTrigger").is_err());
        // so is an HTTP function that has more outputs: its client and identity could be forged
        assert!(check("", forwarding, "httpTrigger").is_err());
        assert!(check("api", forwarding, "queueTrigger").is_ok());
        assert!(check("", "enableProxyingHttpRequest", "queueTrigger").is_ok());
    }

    #[test]
    fn a_function_that_the_program_has_no_handler_for_is_named() {
        let queue = Function {
            name: "orders".into(),
            trigger_type: "queueTrigger".into(),
            ..Function::of_route(1)
        };
        let said = unhandled(&queue, &Routes::http()).unwrap();
        assert!(said.contains("orders (queueTrigger)"), "{said}");
        assert_eq!(unhandled(&Function::of_route(1), &Routes::http()), None);
        assert!(unhandled(&Function::of_route(1), &Routes::none()).is_some());
    }
}

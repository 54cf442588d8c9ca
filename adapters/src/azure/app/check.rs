//! What of the app's files does not go together, or not with the program.

use isobar_core::Routes;

use super::function::Function;
use super::host_json::HostJson;
use super::trigger::What;
use crate::RunError;
use crate::azure::event;
use crate::names::Names;

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
        host.route_prefix, function.name, function.trigger.kind, function.name
    )))
}

/// Says of a function that the program has nothing for it; `None` if it has.
pub(super) fn unhandled(function: &Function, names: &Names, routes: &Routes) -> Option<String> {
    let is_quiet = routes.ignores_unknown() && !function.is_http();
    if function.disabled || is_quiet || event::is_handled(function, names, routes) {
        return None;
    }
    let (name, kind) = (&function.name, &function.trigger.kind);
    let wanted = event::wanted(function, names);
    Some(format!(
        "the function {name} ({kind}) has no handler in this program, such as {wanted}: its \
         invocations will fail"
    ))
}

/// Returns true if the host moves on after a failure of this function, its events lost.
pub(super) fn moves_on(function: &Function, host: &HostJson) -> bool {
    let what = function.trigger.what;
    let stays = function.retries || host.retry.all || (what == What::Kafka && host.retry.kafka);
    what.moves_on() && !stays
}

/// Says of a function that a failure loses its events; `None` if it does not. A timer's next time
/// comes anyway.
pub(super) fn lossy(function: &Function, host: &HostJson) -> Option<String> {
    let is_worth_it = function.trigger.what != What::Timer && !function.disabled;
    (is_worth_it && moves_on(function, host)).then(|| {
        format!(
            "the function {} ({}) has no retry policy: after a failure its source moves on, and what \
             failed is lost; set retry in its function.json, such as \
             {{\"strategy\": \"fixedDelay\", \"maxRetryCount\": -1, \"delayInterval\": \"00:00:10\"}}",
            function.name, function.trigger.kind
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
        let function = triggered_function(trigger, "");
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
        let check_for = unhandled;
        let unhandled =
            |function: &Function, routes: &Routes| check_for(function, &Names::default(), routes);
        let queue = triggered_function("queueTrigger", "");
        let said = unhandled(&queue, &Routes::http()).unwrap();
        assert!(said.contains("orders (queueTrigger)"), "{said}");
        assert!(said.contains("on_message(\"orders\", ..)"), "{said}");
        let routes = Routes::none().event(isobar_core::Kind::Message, "orders");
        assert_eq!(unhandled(&queue, &routes), None);
        assert_eq!(unhandled(&queue, &Routes::none().ignore_unknown()), None);
        assert_eq!(unhandled(&Function::of_route(1), &Routes::http()), None);
        assert!(unhandled(&Function::of_route(1), &routes).is_some());
    }

    #[test]
    fn a_source_that_moves_on_is_named_unless_a_policy_holds_it() {
        let host = |text: &str| {
            let environment = Environment::of([]);
            let settings = Settings::of("host.json".into(), text, &environment).unwrap();
            HostJson::new(&settings, &environment).unwrap()
        };
        let retry = r#", "retry": {"strategy": "fixedDelay", "maxRetryCount": 3}"#;
        for trigger in ["eventHubTrigger", "kafkaTrigger", "cosmosDBTrigger"] {
            let said = lossy(&triggered_function(trigger, ""), &host("{}")).unwrap();
            assert!(said.contains(trigger) && said.contains("retry"), "{said}");
            assert_eq!(
                lossy(&triggered_function(trigger, retry), &host("{}")),
                None
            );
            let all = r#"{"retry": {"strategy": "fixedDelay"}}"#;
            assert_eq!(lossy(&triggered_function(trigger, ""), &host(all)), None);
        }
        let stays = host(r#"{"extensions": {"kafka": {"commitOnFailure": false}}}"#);
        assert_eq!(lossy(&triggered_function("kafkaTrigger", ""), &stays), None);
        assert_eq!(
            lossy(&triggered_function("queueTrigger", ""), &host("{}")),
            None
        );
        let timer = triggered_function("timerTrigger", "");
        assert!(moves_on(&timer, &host("{}")) && lossy(&timer, &host("{}")).is_none());
    }

    fn triggered_function(trigger: &str, more: &str) -> Function {
        let text = format!(r#"{{"bindings": [{{"type": "{trigger}", "name": "x"}}]{more}}}"#);
        Function::parse("orders", "function.json".as_ref(), &text).unwrap()
    }
}

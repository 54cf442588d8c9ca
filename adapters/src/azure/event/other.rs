//! Triggers that have no portable kind: `warmupTrigger`, durable ones, and all that are not known.

use isobar_core::Event;

use super::delivery::Delivery;

/// Returns the type of events of a trigger, such as `com.microsoft.azure.functions.warmupTrigger`.
pub(super) fn ty(trigger: &str) -> String {
    format!("com.microsoft.azure.functions.{trigger}")
}

/// The raw invocation, as an event.
pub(super) fn event(delivery: &Delivery<'_>) -> Event {
    delivery
        .event(delivery.id_of(0), ty(&delivery.function.trigger.kind))
        .time(delivery.metadata.now())
        .data("application/json", delivery.native())
        .native(delivery.native())
        .build()
}

#[cfg(test)]
mod tests {
    use super::super::tests::decoded;
    use isobar_core::Kind;
    use serde_json::{Value, json};

    #[test]
    fn what_is_not_known_is_the_raw_invocation() {
        for kind in ["warmupTrigger", "activityTrigger", "signalRTrigger"] {
            let function = format!(r#"{{"type": "{kind}", "name": "x"}}"#);
            let json = json!({"Data": {"x": "\"input\""}, "Metadata": {"instanceId": "\"i\""}});
            let event = decoded(&function, &json).events.remove(0);
            assert_eq!(
                (event.kind(), event.name(), event.id()),
                (Kind::Other, "f", "invocation")
            );
            assert_eq!(event.ty(), format!("com.microsoft.azure.functions.{kind}"));
            assert_eq!(event.data_as::<Value>().unwrap(), json);
        }
    }
}

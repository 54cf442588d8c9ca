//! Whether a program has a handler for what a function delivers.

use isobar_core::{
    Batch, ChangeParts, Event, EventBuilder, Kind, MessageParts, ObjectParts, Operation, Routes,
    ScheduleParts, Text,
};

use super::other;
use crate::azure::app::{Function, What};
use crate::names::Names;

/// Returns true if an event of this function would find a handler; of Event Grid, where events may
/// be of any type, if one of them would.
pub(crate) fn is_handled(function: &Function, names: &Names, routes: &Routes) -> bool {
    let what = function.trigger.what;
    if what == What::Http {
        return routes.takes_http();
    }
    if what == What::Warmup {
        // nothing is lost with it
        return true;
    }
    if what == What::EventGrid && routes.events().iter().any(|route| route.kind().is_none()) {
        return true;
    }
    let name = names.logical(&Text::from(&*function.name));
    let finds = |ty: &str| {
        let event = Event::builder(name.clone(), "", "", ty);
        routes.find(&of_kind(event, what).build()).is_some()
    };
    types(function).iter().any(|ty| finds(ty))
}

/// Returns true for a warm-up that the program does not ask for: there is nothing to lose.
pub(crate) fn is_for_nobody(function: &Function, batch: &Batch, routes: &Routes) -> bool {
    let is_warmup = function.trigger.what == What::Warmup;
    is_warmup
        && batch
            .events
            .iter()
            .all(|event| routes.find(event).is_none())
}

/// What an event handler is to be called that would take the function's events.
pub(crate) fn wanted(function: &Function, names: &Names) -> String {
    let name = names.logical(&Text::from(&*function.name));
    match function.trigger.what {
        What::Http => "http".to_owned(),
        What::EventGrid => format!("on_object({name:?}, ..) or on_event(\"*\", ..)"),
        what => match what.kind() {
            Kind::Other => format!("on_event({:?}, ..)", other::ty(&function.trigger.kind)),
            kind => format!("on_{kind}({name:?}, ..)"),
        },
    }
}

fn of_kind(event: EventBuilder, what: What) -> EventBuilder {
    match what.kind() {
        Kind::Message => event.message(MessageParts::default()),
        Kind::Schedule => event.schedule(ScheduleParts::default()),
        Kind::Change => event.change(ChangeParts::new("", Operation::Write)),
        _ if matches!(what, What::Blob | What::EventGrid) => event.object(ObjectParts::default()),
        _ => event,
    }
}

/// The types that its events may have.
fn types(function: &Function) -> Vec<String> {
    match function.trigger.what {
        What::Queue => vec![super::queue::TYPE.into()],
        What::ServiceBus => vec![super::service_bus::TYPE.into()],
        What::EventHub => vec![super::event_hub::TYPE.into()],
        What::Kafka => vec![super::kafka::TYPE.into()],
        What::Blob | What::EventGrid => vec![super::blob::TYPE.into()],
        What::Timer => vec![super::timer::TYPE.into()],
        What::CosmosDb => vec![super::cosmos_db::TYPE.into()],
        What::Sql => { [Operation::Insert, Operation::Update, Operation::Delete] }
            .map(super::sql::ty)
            .to_vec(),
        What::Http | What::Warmup | What::Other => vec![other::ty(&function.trigger.kind)],
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::function;
    use super::*;
    use crate::config::Environment;

    fn handled(trigger: &str, routes: &Routes) -> bool {
        let function = function(&format!(r#"{{"type": "{trigger}", "name": "x"}}"#));
        is_handled(&function, &Names::default(), routes)
    }

    #[test]
    fn each_trigger_wants_its_kind_of_that_name() {
        for (trigger, kind) in [
            ("queueTrigger", Kind::Message),
            ("serviceBusTrigger", Kind::Message),
            ("eventHubTrigger", Kind::Message),
            ("kafkaTrigger", Kind::Message),
            ("blobTrigger", Kind::Object),
            ("eventGridTrigger", Kind::Object),
            ("timerTrigger", Kind::Schedule),
            ("cosmosDBTrigger", Kind::Change),
            ("sqlTrigger", Kind::Change),
        ] {
            assert!(
                handled(trigger, &Routes::none().event(kind, "f")),
                "{trigger}"
            );
            assert!(
                handled(trigger, &Routes::none().event_type("*")),
                "{trigger}"
            );
            assert!(
                !handled(trigger, &Routes::none().event(kind, "g")),
                "{trigger}"
            );
            assert!(!handled(trigger, &Routes::http()), "{trigger}");
        }
        assert!(handled("httpTrigger", &Routes::http()));
        assert!(handled("warmupTrigger", &Routes::none()));
        let ty = "com.microsoft.azure.functions.activityTrigger";
        assert!(handled("activityTrigger", &Routes::none().event_type(ty)));
        assert!(handled(
            "sqlTrigger",
            &Routes::none().event_type("*.delete")
        ));
    }

    #[test]
    fn a_name_is_the_logical_one() {
        let names = Names::read(&Environment::of([("ISOBAR_NAMES", "orders=f")])).unwrap();
        let function = function(r#"{"type": "queueTrigger", "name": "x"}"#);
        let routes = |name: &'static str| Routes::none().event(Kind::Message, name);
        assert!(is_handled(&function, &names, &routes("orders")));
        assert!(!is_handled(&function, &names, &routes("f")));
        assert_eq!(wanted(&function, &names), "on_message(\"orders\", ..)");
    }
}

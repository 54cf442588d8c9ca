//! What the Functions host posts: invocation JSON.

mod bindings;
mod triggers;

use super::{Item, Native, Source};

pub(super) fn native(source: Source, name: &str, items: &[Item]) -> Option<Native> {
    let invocation = match source {
        Source::StorageQueue => triggers::storage_queue(items),
        Source::ServiceBus => triggers::service_bus(items),
        Source::EventHub => triggers::event_hub(items),
        Source::AzureKafka => triggers::kafka(name, items),
        Source::Blob => triggers::blob(name, items),
        Source::EventGridBlob => triggers::event_grid_blob(name, items),
        Source::Timer => triggers::timer(items),
        Source::CosmosDb => triggers::cosmos_db(items),
        Source::AzureSql => triggers::sql(items),
        Source::EventGrid => triggers::event_grid(items),
        _ => return None,
    };
    let mut native = Native::json(source, &invocation.json(name))
        .header(
            "x-azure-functions-invocationid",
            "6b6b2f0e-0000-0000-0000-000000000001",
        )
        .header("x-azure-functions-hostversion", "4.1042.100.1")
        .header("user-agent", "Azure-Functions-Host/4.1042.100.1");
    native.path = format!("/{name}");
    native.function_json = Some(bindings::function_json(source, name));
    Some(native)
}

use serde_json::{Value, json};

use crate::testing::Source;

/// Writes function.json as packaging does: with `dataType: binary` where that keeps bytes whole.
pub(super) fn function_json(source: Source, name: &str) -> String {
    let mut trigger = json!({"direction": "in", "name": "item"});
    let own = match source {
        Source::StorageQueue => json!({
            "type": "queueTrigger", "dataType": "binary",
            "queueName": name, "connection": "AzureWebJobsStorage",
        }),
        Source::ServiceBus => json!({
            "type": "serviceBusTrigger", "dataType": "binary",
            "queueName": name, "connection": "ServiceBus",
        }),
        Source::EventHub => json!({
            "type": "eventHubTrigger", "dataType": "binary",
            "cardinality": "many", "eventHubName": name, "connection": "EventHub",
        }),
        Source::AzureKafka => json!({
            "type": "kafkaTrigger", "dataType": "binary",
            "topic": name, "brokerList": "Broker", "consumerGroup": "isobar",
        }),
        Source::Blob => json!({
            "type": "blobTrigger", "dataType": "binary",
            "path": format!("{name}/{{name}}"), "connection": "AzureWebJobsStorage",
        }),
        Source::Timer => json!({"type": "timerTrigger", "schedule": "0 0 3 * * *"}),
        Source::CosmosDb => json!({
            "type": "cosmosDBTrigger",
            "databaseName": "db", "containerName": name, "connection": "Cosmos",
        }),
        Source::AzureSql => json!({
            "type": "sqlTrigger", "tableName": format!("dbo.{name}"),
            "connectionStringSetting": "Sql",
        }),
        _ => json!({"type": "eventGridTrigger"}),
    };
    if let (Some(trigger), Value::Object(own)) = (trigger.as_object_mut(), own) {
        trigger.extend(own);
    }
    json!({"bindings": [trigger]}).to_string()
}

//! `queueTrigger`: a message of Azure Queue Storage.
//!
//! Source: `QueueTriggerBinding.cs` of the `WebJobs` storage extension.

use isobar_core::{Error, Event, MessageParts};

use super::delivery::Delivery;
use super::messages::items;

pub(super) const TYPE: &str = "com.microsoft.azure.storage.queue.message";

pub(super) fn events(delivery: &Delivery<'_>) -> Result<Vec<Event>, Error> {
    let items = items(delivery)?.into_iter();
    Ok(items
        .map(|item| {
            let metadata = &item.metadata;
            let id = metadata
                .text("Id")
                .unwrap_or_else(|| delivery.id_of(item.place));
            let mut parts = MessageParts::default();
            parts.source_name = delivery.source_name.clone();
            parts.delivery_count = metadata.count("DequeueCount");
            parts.sent = metadata.date("InsertionTime");
            delivery
                .event(id, TYPE)
                .time(parts.sent.clone())
                .untyped_data(item.content.into_bytes())
                .native(item.native)
                .message(parts)
                .build()
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{decoded, failed};
    use isobar_core::Message;
    use serde_json::json;

    const FUNCTION: &str = r#"{"type": "queueTrigger", "name": "m", "queueName": "orders-in"}"#;

    #[test]
    fn text_and_metadata_are_decoded() {
        let batch = decoded(
            FUNCTION,
            &json!({"Data": {"m": "\"{ message: \\\"Message sent\\\" }\""}, "Metadata": {"DequeueCount": "3",
                "ExpirationTime": "2019-10-16T17:58:31+00:00", "Id": "\"800ae4b3\"",
                "InsertionTime": "2019-10-09T17:58:31+00:00", "PopReceipt": "\"AgAAAA==\"",
                "sys": {"MethodName": "QueueTrigger", "UtcNow": "2019-10-09T17:58:32.2205399Z"}}}),
        );
        let message: Message = Message::of(&batch.events[0]).unwrap().unwrap();
        assert_eq!(message.body().0, r#"{ message: "Message sent" }"#);
        assert_eq!((message.id(), message.source_name()), ("800ae4b3", "f"));
        assert_eq!(message.delivery_count(), Some(3));
        assert_eq!(message.sent(), Some("2019-10-09T17:58:31+00:00"));
        let event = message.event();
        assert_eq!((event.name(), event.source()), ("f", "/queues/orders-in"));
        assert_eq!(event.dedup_key(), "/queues/orders-in#800ae4b3");
        assert!(event.native().starts_with(b"{\"Data\""));
    }

    #[test]
    fn bytes_are_exact() {
        let binary = FUNCTION.replace("\"m\"", "\"m\", \"dataType\": \"binary\"");
        let json = json!({"Data": {"m": "AP8="}, "Metadata": {"Id": "\"1\""}});
        assert_eq!(
            decoded(&binary, &json).events[0].data().unwrap(),
            &b"\0\xff"[..]
        );
        let error = failed(&binary, &json!({"Data": {"m": "\"hello\""}}));
        for named in ["f (queueTrigger)", "Data.m", "dataType"] {
            assert!(error.contains(named), "{error}");
        }
    }

    #[test]
    fn what_a_message_has_overwritten_is_not_taken_for_the_hosts() {
        let json = json!({"Data": {"m": json!(r#"{"id":"x","dequeuecount":99}"#).to_string()},
            "Metadata": {"Id": "\"x\"", "DequeueCount": "99", "InsertionTime": "2019-10-09T17:58:31+00:00"}});
        let batch = decoded(FUNCTION, &json);
        let message: Message = Message::of(&batch.events[0]).unwrap().unwrap();
        assert_eq!(
            (message.id(), message.delivery_count()),
            ("invocation", None)
        );
        assert!(message.sent().is_some());
    }

    #[test]
    fn a_message_that_looks_like_a_list_is_one_message() {
        for text in ["[1,2]", "null", "1", ""] {
            let json = json!({"Data": {"m": json!(text).to_string()}, "Metadata": {}});
            let batch = decoded(FUNCTION, &json);
            assert_eq!(batch.events.len(), 1);
            assert_eq!(batch.events[0].data().unwrap(), text);
        }
    }

    #[test]
    fn a_value_that_is_missing_is_named() {
        for json in [
            json!({"Data": {"other": "1"}}),
            json!({"Data": {}}),
            json!({}),
            json!([]),
        ] {
            let error = failed(FUNCTION, &json);
            assert!(error.contains("f (queueTrigger)"), "{error}");
        }
    }
}

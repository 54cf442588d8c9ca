//! One source's event inside another's message.
//!
//! Only what is certain is unwrapped: a text that merely resembles one stays a message.

use std::borrow::Cow;

use bytestring::ByteString;
use isobar_core::Event;

use super::malformed::Malformed;
use super::records::Records;
use super::scope::Scope;
use super::sqs::Carrier;
use super::{eventbridge, s3, sns};
use crate::aws::json::{Raw, document, object};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    /// What shows whether a text holds another source's event.
    Inner {
        kind: Str<'a> = "Type",
        message_id: Str<'a> = "MessageId",
        topic: Str<'a> = "TopicArn",
        message: Raw<'a> = "Message",
        records: Records<'a> = "Records",
        service: Str<'a> = "Service",
        event: Str<'a> = "Event",
        id: Str<'a> = "id",
        source: Str<'a> = "source",
        detail_type: Str<'a> = "detail-type",
        detail: Raw<'a> = "detail",
        region: Str<'a> = "region",
    }
}

/// One of these stands in each of them; most messages have none, and are not read for it.
const WORDS: [&str; 4] = ["TopicArn", "aws:s3", "s3:TestEvent", "detail-type"];

impl<'a> Inner<'a> {
    /// Reads the signs of a text that is a JSON object and could hold another source's event; `None`
    /// for any other.
    pub(super) fn read(text: &'a ByteString) -> Option<Self> {
        let could = text.trim_ascii_start().starts_with('{')
            && WORDS.iter().any(|word| text.contains(word));
        if !could {
            return None;
        }
        document(text).ok()
    }

    fn is_sns(&self) -> bool {
        let topic = self.topic.as_deref();
        self.kind.as_deref() == Some("Notification")
            && self.message_id.is_some()
            && topic.is_some_and(|topic| topic.starts_with("arn:"))
            && self.message.0.is_some()
    }

    fn is_s3(&self) -> bool {
        self.records.source.as_deref() == Some("aws:s3")
    }

    /// True for what S3 sends when a notification is set up.
    pub(super) fn is_s3_test(&self) -> bool {
        s3::is_test(self.service.as_deref(), self.event.as_deref())
    }

    fn is_eventbridge(&self) -> bool {
        [&self.id, &self.source, &self.detail_type, &self.region]
            .into_iter()
            .all(Option::is_some)
            && self.detail.0.is_some()
    }
}

/// Reads what an SQS message holds of another source; `None` if that is nothing for certain.
pub(super) fn of_sqs(
    scope: Scope<'_>,
    body: &ByteString,
    inner: &Inner<'_>,
    carrier: &Carrier,
) -> Result<Option<Vec<Event>>, Malformed> {
    let scope = Scope {
        payload: body,
        rules: scope.rules,
    };
    if inner.is_sns() {
        return sns::wrapped(scope, carrier).map(Some);
    }
    if inner.is_eventbridge() {
        return eventbridge::event(scope, body).map(|event| Some(vec![event]));
    }
    of_sns(scope, inner)
}

/// Reads what an SNS message holds of S3.
pub(super) fn of_sns(scope: Scope<'_>, inner: &Inner<'_>) -> Result<Option<Vec<Event>>, Malformed> {
    if inner.is_s3_test() {
        tracing::debug!("S3 has tried the notification's way");
        return Ok(Some(Vec::new()));
    }
    if inner.is_s3() {
        let events = inner.records.all.iter();
        return events
            .map(|raw| s3::event(scope, raw))
            .collect::<Result<_, _>>()
            .map(Some);
    }
    Ok(None)
}

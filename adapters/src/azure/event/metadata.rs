//! What the host says of a trigger's value: `Metadata`.

use isobar_core::Text;

use super::dates;
use super::forged::Forged;
use super::value::Json;

/// The metadata of one event.
#[derive(Clone, Debug, Default)]
pub(super) struct Metadata {
    members: Vec<(Text, Json)>,
    forged: Forged,
}

impl Metadata {
    pub(super) fn new(members: Vec<(Text, Json)>) -> Self {
        Self {
            members,
            forged: Forged::Nothing,
        }
    }

    /// Leaves out what the message's own JSON has overwritten.
    pub(super) fn without(self, forged: Forged) -> Self {
        Self { forged, ..self }
    }

    /// Returns the metadata of each event of a batch of `count`: of `MessageIdArray` each has its
    /// element as `MessageId`, and all else in common.
    pub(super) fn rows(&self, count: usize) -> Vec<Self> {
        let mut rows = vec![Self::default(); count];
        for (name, value) in &self.members {
            let column = name
                .strip_suffix("Array")
                .filter(|name| !name.is_empty())
                .and_then(|single| Some((single, value.unwrapped().elements()?)));
            match column {
                Some((single, column)) => {
                    let single = name.slice_ref(single);
                    for (row, value) in rows.iter_mut().zip(column) {
                        row.members.push((single.clone(), value));
                    }
                }
                None => { rows.iter_mut() }
                    .for_each(|row| row.members.push((name.clone(), value.clone()))),
            }
        }
        rows
    }

    /// Returns a value as it came; `None` if it is not there, null, or may be the sender's.
    pub(super) fn get(&self, name: &str) -> Option<&Json> {
        let mut members = self.members.iter();
        let (_, value) = members.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
        let is_null = matches!(&**value.raw(), "null" | "\"null\"");
        (!is_null && !self.forged.has(name)).then_some(value)
    }

    /// Returns text that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<Text> {
        let text = self.get(name)?.text();
        (!text.is_empty()).then_some(text)
    }

    /// Returns a whole number, none of which is negative.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// Returns a count of deliveries.
    pub(super) fn count(&self, name: &str) -> Option<u32> {
        self.number(name)?.try_into().ok()
    }

    /// Returns a date, as RFC 3339 has it.
    pub(super) fn date(&self, name: &str) -> Option<Text> {
        dates::rfc3339(&self.text(name)?)
    }

    /// Returns an object, however often it was encoded.
    pub(super) fn object(&self, name: &str) -> Option<Json> {
        let value = self.get(name)?.unwrapped();
        value.is_object().then_some(value)
    }

    /// Returns the members of an object as text.
    pub(super) fn pairs(&self, name: &str) -> Option<Vec<(Text, Text)>> {
        let members = self.object(name)?.members()?.into_iter();
        Some(
            members
                .filter_map(|(name, value)| Some((name, value.shown()?)))
                .collect(),
        )
    }

    /// Returns how often the event was delivered, this time included, where a retry policy counts.
    pub(super) fn tries(&self) -> Option<u32> {
        let count = self.object("RetryContext")?.member("RetryCount")?;
        count.text().parse::<u32>().ok()?.checked_add(1)
    }

    /// Returns true if a retry policy counts, and will try no more.
    pub(super) fn is_last_try(&self) -> bool {
        let number = |name: &str| -> Option<i64> {
            let context = self.object("RetryContext")?;
            context.member(name)?.text().parse().ok()
        };
        // -1 is endless
        let most = number("MaxRetryCount").filter(|most| *most >= 0);
        most.zip(number("RetryCount"))
            .is_some_and(|(most, count)| count >= most)
    }

    /// Returns when the host invoked the function.
    pub(super) fn now(&self) -> Option<Text> {
        dates::rfc3339(&self.object("sys")?.member("UtcNow")?.text())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub(in crate::azure::event) fn metadata(json: &Value) -> Metadata {
        Metadata::new(Json::from(Text::from(json.to_string())).members().unwrap())
    }

    #[test]
    fn values_come_encoded_once_twice_or_plain() {
        for json in [
            json!({"Id": "\"a\"", "DequeueCount": "3", "At": "2020-08-31T16:48:37", "P": {"k": "v", "n": 1}}),
            json!({"Id": "a", "DequeueCount": 3, "At": "\"2020-08-31T16:48:37\"", "P": "{\"k\":\"v\",\"n\":1,\"x\":null}"}),
        ] {
            let metadata = metadata(&json);
            assert_eq!(metadata.text("Id").unwrap(), "a");
            assert_eq!(metadata.count("DequeueCount"), Some(3));
            assert_eq!(metadata.date("At").unwrap(), "2020-08-31T16:48:37Z");
            let pairs = [("k".into(), "v".into()), ("n".into(), "1".into())];
            assert_eq!(metadata.pairs("P").unwrap(), pairs);
        }
    }

    #[test]
    fn null_and_what_is_of_another_form_are_not_there() {
        let metadata = metadata(&json!({"a": null, "b": "null", "c": "", "d": "\"\"", "e": "x"}));
        for name in ["a", "b", "c", "d", "missing"] {
            assert_eq!(metadata.text(name), None, "{name}");
        }
        assert_eq!((metadata.number("e"), metadata.date("e")), (None, None));
        assert!(metadata.pairs("e").is_none());
    }

    #[test]
    fn each_event_of_a_batch_has_its_own_and_what_is_common() {
        let metadata = metadata(&json!({
            "MessageIdArray": "[\"1\",\"2\"]", "DeliveryCountArray": [1, 2], "Short": "\"x\"",
            "PartitionKeyArray": "[null]", "PropertiesArray": "[{\"k\":\"v\"},{}]",
            "PartitionContext": {"PartitionId": "0"}, "RetryContext": {"RetryCount": 1, "MaxRetryCount": 2}
        }));
        let rows = metadata.rows(2);
        let [first, second] = rows.as_slice() else {
            panic!("{rows:?}");
        };
        assert_eq!(first.text("MessageId").unwrap(), "1");
        assert_eq!(second.text("MessageId").unwrap(), "2");
        assert_eq!(second.count("DeliveryCount"), Some(2));
        assert_eq!(second.text("Short").unwrap(), "x");
        assert_eq!(
            first.pairs("Properties").unwrap(),
            [("k".into(), "v".into())]
        );
        assert_eq!(
            (first.text("PartitionKey"), second.text("PartitionKey")),
            (None, None)
        );
        assert_eq!(second.tries(), Some(2));
    }

    #[test]
    fn a_policy_says_when_it_tries_no_more() {
        for (count, most, is_last) in [(0, 2, false), (2, 2, true), (9, -1, false)] {
            let context = json!({"RetryContext": {"RetryCount": count, "MaxRetryCount": most}});
            assert_eq!(
                metadata(&context).is_last_try(),
                is_last,
                "{count} of {most}"
            );
        }
        assert!(!metadata(&json!({})).is_last_try());
    }

    #[test]
    fn what_the_sender_may_have_written_is_left_out() {
        let forged = Forged::by(&r#"{"id":"x","RetryContext":{"RetryCount":7}}"#.into());
        let json = json!({"Id": "x", "PopReceipt": "p", "RetryContext": {"RetryCount": 7}});
        let metadata = metadata(&json).without(forged);
        assert_eq!((metadata.text("Id"), metadata.tries()), (None, None));
        assert_eq!(metadata.text("PopReceipt").unwrap(), "p");
    }
}

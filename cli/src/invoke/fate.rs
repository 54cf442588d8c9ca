//! What came of what was sent, in words.

use std::fmt;

use serde_json::Value;

use crate::explain::{FAILS, FAILS_FOR_GOOD, LAST_FAILS, SUCCEEDS};

/// What came of one event, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The handler succeeded.
    Handled,
    /// The host was told so, as it is of an event that failed for good.
    Acknowledged,
    /// It failed, and a retry may help.
    Failed(Option<String>),
    /// It failed, and no retry can help: it is acknowledged.
    FailedForGood(Option<String>),
    /// Its turn did not come.
    NotTried,
}

impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Handled => "handled",
            Self::Acknowledged => "acknowledged: handled, or failed for good",
            Self::Failed(_) => "failed",
            Self::FailedForGood(_) => "failed for good",
            Self::NotTried => "not tried",
        })?;
        self.why().map_or(Ok(()), |why| write!(f, ": {why}"))
    }
}

impl Fate {
    /// Why it failed, where that is known.
    fn why(&self) -> Option<&str> {
        match self {
            Self::Failed(why) | Self::FailedForGood(why) => why.as_deref(),
            _ => None,
        }
    }

    fn is_failure(&self) -> bool {
        !matches!(self, Self::Handled | Self::Acknowledged)
    }

    /// Returns true if the host is asked for it again.
    fn comes_again(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::NotTried)
    }
}

/// Tells what came of each event: what the program has recorded of it, else what the host was told.
pub(super) fn fates(events: &[Value], native: &[u8], answer: &Value) -> Vec<Fate> {
    let told: Value = serde_json::from_slice(native).unwrap_or_default();
    let failures = told.get("batchItemFailures").and_then(Value::as_array);
    let failed: Vec<_> = failures
        .into_iter()
        .flatten()
        .filter_map(|failure| failure.get("itemIdentifier")?.as_str())
        .collect();
    let is_well = answer.get("well").and_then(Value::as_bool).unwrap_or(false);
    let why = text(answer.get("recorded").and_then(|all| all.get("why")));
    let of = |event| {
        let id = id(event);
        // AWS names those that failed, elsewhere all share one fate
        let is_failed = failed.contains(&id) || (failed.is_empty() && !is_well);
        let told = if is_failed {
            Fate::Failed(why.clone())
        } else {
            Fate::Acknowledged
        };
        recorded(id, events.len(), answer).unwrap_or(told)
    };
    events.iter().map(of).collect()
}

fn recorded(id: &str, events: usize, answer: &Value) -> Option<Fate> {
    let all = answer.get("recorded")?.get("outcomes")?.as_array()?;
    let is_it = |outcome: &&Value| match (events, all.len()) {
        (1, 1) => true,
        _ => outcome.get("id").and_then(Value::as_str) == Some(id),
    };
    let outcome = all.iter().find(is_it)?;
    let why = text(outcome.get("why"));
    match outcome.get("what")?.as_str()? {
        "done" => Some(Fate::Handled),
        "again" => Some(Fate::Failed(why)),
        "dropped" => Some(Fate::FailedForGood(why)),
        "not tried" => Some(Fate::NotTried),
        _ => None,
    }
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().map(str::to_owned)
}

/// An event's id; empty where it has none.
pub(super) fn id(event: &Value) -> &str {
    event.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// Says what happened, in a sentence.
pub(super) fn sentence(fates: &[Fate]) -> String {
    let first = fates.iter().find(|fate| fate.is_failure());
    match (fates, first) {
        ([], _) => "there was no event in it".to_owned(),
        ([Fate::Handled], _) => "the event was handled".to_owned(),
        ([fate @ (Fate::Acknowledged | Fate::NotTried)], _) => format!("the event was {fate}"),
        ([fate], _) => format!("the event {fate}"),
        (all, None) if all.contains(&Fate::Acknowledged) => {
            format!("the {} events were acknowledged", all.len())
        }
        (all, None) => format!("the {} events were handled", all.len()),
        (all, Some(first)) => {
            let failed = all.iter().filter(|fate| fate.is_failure()).count();
            let said = format!("{failed} of {} events failed", all.len());
            match first.why() {
                Some(why) => format!("{said}: {why}"),
                None => said,
            }
        }
    }
}

/// Says what happened to a request, in a sentence.
pub(super) fn of_request(status: u64, answer: &Value) -> String {
    let why = text(answer.get("recorded").and_then(|all| all.get("why")));
    match (status, why) {
        (500.., Some(why)) => format!("the request failed with a {status}: {why}"),
        (500.., None) => format!("the request failed with a {status}"),
        _ => format!("the request was answered with a {status}"),
    }
}

/// Names the outcome among those that are explained.
pub(super) fn outcome(fates: &[Fate]) -> &'static str {
    let again = fates.iter().filter(|fate| fate.comes_again()).count();
    let is_dropped = |fate| matches!(fate, &Fate::FailedForGood(_));
    match again {
        0 if !fates.is_empty() && fates.iter().all(is_dropped) => FAILS_FOR_GOOD,
        0 => SUCCEEDS,
        some if some < fates.len() => LAST_FAILS,
        _ => FAILS,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn events(ids: &[&str]) -> Vec<Value> {
        ids.iter().map(|id| json!({"id": id})).collect()
    }

    fn outcome_of(id: &str, what: &str, why: Option<&str>) -> Value {
        json!({"id": id, "what": what, "why": why})
    }

    #[test]
    fn a_failure_is_said_with_its_cause() {
        let recorded = |what, why| json!({"outcomes": [outcome_of("x", what, why)], "why": null});
        for (well, recorded, wanted, then) in [
            (
                false,
                recorded("again", Some("too many seats")),
                "the event failed: too many seats",
                FAILS,
            ),
            (
                true,
                recorded("dropped", Some("no such order")),
                "the event failed for good: no such order",
                FAILS_FOR_GOOD,
            ),
            (
                true,
                recorded("done", None),
                "the event was handled",
                SUCCEEDS,
            ),
            (
                false,
                recorded("not tried", None),
                "the event was not tried",
                FAILS,
            ),
            (
                false,
                json!({"outcomes": [], "why": "no handler takes it"}),
                "the event failed: no handler takes it",
                FAILS,
            ),
            (false, Value::Null, "the event failed", FAILS),
            (
                true,
                Value::Null,
                "the event was acknowledged: handled, or failed for good",
                SUCCEEDS,
            ),
        ] {
            let answer = json!({"well": well, "recorded": recorded});
            let fates = fates(&events(&["1"]), b"HTTP 500\n", &answer);
            assert_eq!(sentence(&fates), wanted, "{answer}");
            assert_eq!(outcome(&fates), then, "{answer}");
        }
    }

    #[test]
    fn each_of_a_batch_has_its_own_fate() {
        let native = br#"{"batchItemFailures":[{"itemIdentifier":"2"}]}"#;
        let told = json!({"well": false});
        let fates_of = |answer| fates(&events(&["1", "2"]), native, answer);
        let without = fates_of(&told);
        assert_eq!(without, [Fate::Acknowledged, Fate::Failed(None)]);
        assert_eq!(sentence(&without), "1 of 2 events failed");
        let outcomes = [
            outcome_of("2", "again", Some("too many")),
            outcome_of("1", "done", None),
        ];
        let with = fates_of(&json!({"well": false, "recorded": {"outcomes": outcomes}}));
        assert_eq!(with, [Fate::Handled, Fate::Failed(Some("too many".into()))]);
        assert_eq!(sentence(&with), "1 of 2 events failed: too many");
        assert_eq!(outcome(&with), LAST_FAILS);
        let words: Vec<_> = with.iter().map(ToString::to_string).collect();
        assert_eq!(words, ["handled", "failed: too many"]);
    }

    #[test]
    fn a_requests_failure_has_its_status_and_its_cause() {
        let answer = json!({"recorded": {"why": "connection refused"}});
        for (status, answer, wanted) in [
            (200, &Value::Null, "the request was answered with a 200"),
            (404, &answer, "the request was answered with a 404"),
            (500, &Value::Null, "the request failed with a 500"),
            (
                500,
                &answer,
                "the request failed with a 500: connection refused",
            ),
        ] {
            assert_eq!(of_request(status, answer), wanted);
        }
    }
}

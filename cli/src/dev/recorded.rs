//! What the program has recorded of what was sent to it: above all why it failed, which no host is
//! told.

use std::time::Duration;

use isobar_inspector::{Failure, Item, Portable, Record, State, Store};
use serde_json::{Value, json};

/// So long it is waited for: a program tells what it has recorded a moment after it has answered.
const PATIENCE: Duration = Duration::from_millis(500);

/// What programs record; nothing where there is no inspector.
#[derive(Debug)]
pub(super) struct Recorded(Option<Store>);

/// A moment before something is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before(u64);

impl Recorded {
    pub(super) fn new(store: Option<Store>) -> Self {
        Self(store)
    }

    /// Returns the moment now.
    pub(super) fn before(&self) -> Before {
        let store = self.0.as_ref();
        // nothing has changed since the end of time
        Before(store.map_or(0, |store| store.since(u64::MAX, |_| ()).change))
    }

    /// Returns what was recorded since of a request, or else of events; `None` where nothing is.
    pub(super) async fn since(&self, before: Before, is_request: bool) -> Option<Value> {
        let store = self.0.as_ref()?;
        let mut changes = store.follow();
        let found = async {
            loop {
                changes.mark_unchanged();
                let told = |record: &Record| told(record, is_request);
                let told = store.since(before.0, told).changed;
                if let Some(last) = told.into_iter().flatten().last() {
                    return Some(last);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.ok().flatten()
    }
}

/// What `invoke` is told of an invocation that is over.
fn told(record: &Record, is_request: bool) -> Option<Value> {
    let was_request = matches!(record.portable, Portable::Request(_));
    if record.state == State::Running || was_request != is_request {
        return None;
    }
    let failure = record.answer.as_ref().and_then(|a| a.error.as_ref());
    let why = failure.map(why).or_else(|| last_error(record));
    let outcomes: Vec<_> = record.items().iter().map(outcome).collect();
    Some(json!({"outcomes": outcomes, "why": why}))
}

fn outcome(item: &Item) -> Value {
    let outcome = item.outcome.as_ref();
    let failure = outcome.and_then(|outcome| outcome.error.as_ref());
    json!({
        "id": item.view.get("id"),
        "what": outcome.map(|outcome| &outcome.what),
        "why": failure.map(why),
    })
}

/// The failure as people read it: what it tells and its causes, without a status that tells nothing.
fn why(failure: &Failure) -> String {
    let detail = failure
        .told
        .split_once(": ")
        .map(|(_status, detail)| detail);
    let causes = failure.causes.iter().map(String::as_str);
    let all: Vec<_> = detail.into_iter().chain(causes).collect();
    if all.is_empty() {
        return failure.told.clone();
    }
    all.join(": ")
}

/// What was logged of an invocation that reached no handler, or was not answered.
fn last_error(record: &Record) -> Option<String> {
    let mut errors = record.logs.iter().rev();
    let error = errors.find(|line| line.level == "ERROR")?;
    Some(error.message.clone())
}

#[cfg(test)]
mod tests {
    use isobar_inspector::{Answer, Line, Outcome};

    use super::*;

    fn failure(told: &str, causes: &[&str]) -> Failure {
        Failure {
            told: told.to_owned(),
            causes: causes.iter().map(|cause| (*cause).to_owned()).collect(),
            ..Failure::default()
        }
    }

    #[test]
    fn a_failure_is_told_by_its_detail_and_causes() {
        let status = "500 Internal Server Error";
        for (told, causes, wanted) in [
            (status, vec![], status),
            (status, vec!["too many seats"], "too many seats"),
            (status, vec!["a", "b"], "a: b"),
            (
                "422 Unprocessable Entity: no seats",
                vec!["a"],
                "no seats: a",
            ),
        ] {
            assert_eq!(why(&failure(told, &causes)), wanted);
        }
    }

    #[tokio::test]
    async fn what_came_since_is_found_once_it_is_over() {
        let store = Store::default();
        let put = |id: &str, state: State, portable: Portable| {
            let error = Some(failure("500", &[id]));
            let answer = matches!(portable, Portable::Request(_)).then(|| Answer {
                error,
                ..Answer::default()
            });
            store.put(Record {
                id: id.to_owned(),
                state,
                portable,
                answer,
                ..Record::default()
            });
        };
        let request = || Portable::Request(isobar_inspector::Request::default());
        let mut item = Item::default();
        item.view.insert("id".to_owned(), "e".into());
        item.outcome = Some(Outcome {
            what: "again".to_owned(),
            error: Some(failure("500 Internal Server Error", &["too many"])),
            ..Outcome::default()
        });
        let recorded = Recorded::new(Some(store.clone()));
        put("old", State::Failed, request());
        let before = recorded.before();
        assert_eq!(recorded.since(before, true).await, None);
        put("new", State::Running, request());
        put("event", State::Failed, Portable::Events(vec![item]));
        let (found, ()) = tokio::join!(recorded.since(before, true), async {
            tokio::task::yield_now().await;
            put("new", State::Failed, request());
        });
        assert_eq!(found.unwrap()["why"], "new");
        let found = recorded.since(before, false).await.unwrap();
        let outcome = json!({"id": "e", "what": "again", "why": "too many"});
        assert_eq!(found["outcomes"], json!([outcome]));
    }

    #[tokio::test]
    async fn what_reached_no_handler_has_its_line_of_the_log() {
        let store = Store::default();
        let recorded = Recorded::new(Some(store.clone()));
        let before = recorded.before();
        let line = |level: &str, message: &str| Line {
            level: level.to_owned(),
            message: message.to_owned(),
            ..Line::default()
        };
        store.put(Record {
            state: State::Failed,
            logs: vec![line("ERROR", "no handler"), line("INFO", "POST /")],
            ..Record::default()
        });
        let found = recorded.since(before, false).await.unwrap();
        assert_eq!(found["why"], "no handler");
        assert_eq!(Recorded::new(None).since(before, false).await, None);
    }
}

//! Events that came together, and how their source hears what became of each.

use std::collections::HashSet;

use isobar_core::{Batch, Outcome, Routes, Text};

use super::gather::{Gathered, Id, Item, State};
use super::malformed::Malformed;
use crate::aws::error::Failure;
use crate::aws::settings::{BatchItemFailures, EventRules};
use crate::json::push_string;

/// A delivery, ready to be run.
#[derive(Debug)]
pub(in crate::aws) struct Delivery {
    /// What it is, for people.
    pub(in crate::aws) what: &'static str,
    pub(in crate::aws) batch: Batch,
    pub(in crate::aws) tell: Tell,
}

/// How a source takes what became of its items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Each failed item by its id: SQS.
    Items,
    /// The first failed item, from which on all are delivered again: Kinesis, `DynamoDB`.
    Shard,
    /// The first failed item of each partition: Kafka.
    Partitions,
    /// Only whether all went well.
    Whole,
    /// As that, and the caller wants the result: an error for good is one for the caller too.
    Call,
    /// As that, and the caller wants its own event back where there is no result.
    Trigger,
}

impl Way {
    /// Returns true if the caller waits for the result.
    fn is_call(self) -> bool {
        matches!(self, Self::Call | Self::Trigger)
    }
}

/// What turns outcomes into the answer.
#[derive(Debug)]
pub(in crate::aws) struct Tell {
    way: Way,
    /// Whether the source takes a list of what has failed.
    reports: bool,
    items: Vec<Item>,
    malformed: Vec<(Option<Text>, Malformed)>,
}

impl Delivery {
    pub(super) fn new(
        what: &'static str,
        mut gathered: Gathered,
        way: Way,
        rules: &EventRules,
    ) -> Self {
        let reports = match way {
            Way::Items | Way::Shard => rules.item_failures != BatchItemFailures::Off,
            Way::Partitions => rules.item_failures == BatchItemFailures::WithKafka,
            Way::Whole | Way::Call | Way::Trigger => false,
        };
        Self {
            what,
            batch: gathered.batch(rules.limit),
            tell: Tell {
                way,
                reports,
                items: gathered.items,
                malformed: gathered.malformed,
            },
        }
    }
}

impl Delivery {
    /// Refuses what a program without any event handler cannot take: one clear failure, instead of
    /// one for each event.
    pub(in crate::aws) fn refusal(&self, routes: &Routes) -> Option<Failure> {
        let takes = routes.takes_events() || routes.ignores_unknown();
        let (what, mut items) = (self.what, self.tell.items.iter());
        let brings = items.any(|item| item.events > 0 || item.state != State::Delivered);
        (brings && !takes).then(|| {
            Failure::invalid_event(&format!(
                "{what}, but it has HTTP handlers alone; add the handler by isobar::App"
            ))
        })
    }
}

impl Tell {
    /// Writes a line for each item that cannot be read.
    pub(in crate::aws) fn log(&self) {
        for (event_id, malformed) in &self.malformed {
            tracing::error!(event_id = event_id.as_deref(), "{malformed}");
        }
    }

    /// Writes the answer to the event that `delivered` is; an error is that of the invocation.
    pub(in crate::aws) fn write(
        &self,
        outcomes: &[Outcome],
        delivered: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        out.clear();
        let failed = self.failed(outcomes);
        match self.way {
            Way::Whole | Way::Call | Way::Trigger if failed.is_empty() => {
                let default = match self.way {
                    Way::Trigger => delivered,
                    _ => b"null",
                };
                out.extend_from_slice(result(outcomes).unwrap_or(default));
                Ok(())
            }
            Way::Whole | Way::Call | Way::Trigger => Err(self.failure(&failed, outcomes)),
            _ if failed.is_empty() || self.reports => {
                let reported = self.reported(&failed);
                list(out, &reported).ok_or_else(|| self.failure(&failed, outcomes))
            }
            _ => Err(self.failure(&failed, outcomes)),
        }
    }

    fn failed(&self, outcomes: &[Outcome]) -> Vec<&Item> {
        let mut rest = outcomes;
        let failed = self.items.iter().filter(|item| {
            let own = usize::try_from(item.events).unwrap_or(usize::MAX);
            let (own, others) = rest.split_at_checked(own).unwrap_or((rest, &[]));
            rest = others;
            item.state != State::Delivered || own.iter().any(|outcome| self.is_failed(outcome))
        });
        failed.collect()
    }

    fn is_failed(&self, outcome: &Outcome) -> bool {
        match outcome {
            Outcome::Dropped(_) => self.way.is_call(),
            outcome => !outcome.is_acknowledged(),
        }
    }

    /// Those of the failed items that the source is to be told.
    fn reported<'i>(&self, failed: &[&'i Item]) -> Vec<&'i Item> {
        let mut known = HashSet::new();
        let failed = failed.iter().copied();
        match self.way {
            Way::Shard => failed.take(1).collect(),
            Way::Partitions => failed
                .filter(|item| match &item.id {
                    Id::Offset(partition, _) => known.insert(partition),
                    _ => true,
                })
                .collect(),
            _ => failed.collect(),
        }
    }

    /// The error of the invocation: what came first, which is what the others wait for.
    fn failure(&self, failed: &[&Item], outcomes: &[Outcome]) -> Failure {
        let (all, failed) = (self.items.len(), failed.len());
        let of = |message: String| match all {
            0 | 1 => message,
            _ => format!("{failed} of {all} events failed; the first: {message}"),
        };
        let first = outcomes.iter().find(|outcome| self.is_failed(outcome));
        match (first, self.malformed.first()) {
            (Some(Outcome::Retry(error) | Outcome::Dropped(error)), _) => {
                Failure::handler(of(error.to_string()))
            }
            (_, Some((_, malformed))) => Failure::malformed(of(malformed.to_string())),
            _ => Failure::late(of("the function took too long".into())),
        }
    }
}

/// The result of a call; of other sources' events nobody reads it.
fn result(outcomes: &[Outcome]) -> Option<&[u8]> {
    match outcomes {
        [Outcome::Done(reply)] => reply.result().map(|result| &**result),
        _ => None,
    }
}

/// Writes the list of failed items; `None` if one of them has no id to be called by.
fn list(out: &mut Vec<u8>, items: &[&Item]) -> Option<()> {
    out.extend_from_slice(b"{\"batchItemFailures\":[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"itemIdentifier\":");
        match &item.id {
            Id::Text(id) => push_string(out, id),
            Id::Offset(partition, offset) => {
                out.extend_from_slice(b"{\"partition\":");
                push_string(out, partition);
                out.extend_from_slice(format!(",\"offset\":{offset}}}").as_bytes());
            }
            Id::None => return None,
        }
        out.push(b'}');
    }
    out.extend_from_slice(b"]}");
    Some(())
}

//! README's table of what events come from, made from the sources that the cases run against.
//!
//! `UPDATE_README=1 cargo test -p isobar-tests events_table` writes it.

use isobar::testing::Source;
use isobar::{Kind, Provider};

use super::TESTED;

const KINDS: &[(Kind, &str)] = &[
    (Kind::Message, "`on_message`"),
    (Kind::Object, "`on_object`"),
    (Kind::Schedule, "`on_schedule`"),
    (Kind::Change, "`on_change`"),
    (Kind::Invoke, "`on_invoke`"),
    (Kind::Other, "`on_event`"),
];

const HOSTS: &[(Provider, &str)] = &[
    (Provider::Aws, "AWS"),
    (Provider::Azure, "Azure"),
    (Provider::Gcp, "Google Cloud"),
    (Provider::Local, "this machine"),
];

#[test]
fn readmes_events_table_is_what_the_suite_shows() {
    crate::table::section("events", &table());
}

fn table() -> String {
    let line = |head: &str, cells: Vec<String>| format!("| {head} | {} |\n", cells.join(" | "));
    let titles = HOSTS.iter().map(|(_, title)| (*title).to_owned());
    let rules = HOSTS.iter().map(|_| "---".to_owned());
    let rows = KINDS.iter().map(|(kind, handler)| {
        let cells = HOSTS.iter().map(|(host, _)| cell(*kind, *host));
        line(handler, cells.collect())
    });
    let head = [
        line("handler", titles.collect()),
        line("---", rules.collect()),
    ];
    head.into_iter().chain(rows).collect()
}

fn cell(kind: Kind, host: Provider) -> String {
    let sources = TESTED.iter();
    let sources = sources.filter(|source| source.kind() == kind && source.provider() == host);
    let titles: Vec<_> = sources.map(|source| mark(*source)).collect();
    match titles.is_empty() {
        true if host == Provider::Local => "by POST".to_owned(),
        true => "none".to_owned(),
        false => titles.join(", "),
    }
}

/// The source, with what comes again where one of a batch fails.
fn mark(source: Source) -> String {
    let title = source.title();
    match source {
        Source::Sqs | Source::SnsInSqs | Source::S3InSqs => format!("{title} [1]"),
        Source::SqsFifo | Source::Kinesis | Source::DynamoDb => format!("{title} [2]"),
        _ if source.takes_batches() => format!("{title} [3]"),
        _ => title.to_owned(),
    }
}

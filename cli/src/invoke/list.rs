//! The library of samples.

use isobar::testing::Source;
use serde_json::json;

use super::sources::word;
use crate::manifest::Cloud;
use crate::say;

/// Lists all samples, by host.
pub(super) fn list(as_json: bool) {
    let named = Source::ALL
        .iter()
        .filter_map(|source| Some((*source, word(*source)?)));
    if as_json {
        let all: Vec<_> = named
            .map(|(source, word)| {
                json!({
                    "trigger": word,
                    "name": source.title(),
                    "host": source.provider().to_string(),
                    "kind": source.kind().as_str(),
                    "batches": source.takes_batches(),
                })
            })
            .collect();
        say::data(json!(all));
        return;
    }
    let mut host = String::new();
    for (source, word) in named {
        let provider = source.provider().to_string();
        if provider != host {
            host = provider;
            let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.word() == host);
            let title = cloud.map_or("this machine, Knative", Cloud::host);
            say::data(say::paint(say::BOLD, title));
        }
        let option = say::paint(say::NOTE, format_args!("{:<30}", format!("--{word}")));
        say::data(format_args!(
            "  {option} {:<10} {source}",
            source.kind().as_str()
        ));
    }
    say::data("");
    say::data("A dev that plays no cloud takes all of them, as the CloudEvents that they become.");
}

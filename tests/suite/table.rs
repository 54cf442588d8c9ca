//! README's table of what is translated, made from the cases and the hosts' own limits.
//!
//! `UPDATE_README=1 cargo test -p isobar-tests table` writes it. A case that is listed ran against
//! its host in the same run: where one fails, so does the suite.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use isobar_hosts::{Able, Capabilities};

use crate::cases;
use crate::host::{ALL as HOSTS, Host};

const BEGIN: &str = "<!-- portability:begin -->\n";
const END: &str = "<!-- portability:end -->";

#[tokio::test]
async fn readmes_table_is_what_the_suite_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = readme
        .split_once(BEGIN)
        .expect("README has no place for the table");
    let (found, tail) = rest.split_once(END).unwrap();
    let mut capabilities = Vec::new();
    for host in HOSTS {
        capabilities.push(Host::mirror(*host).await.can);
    }
    let wanted = table(&capabilities);
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, [head, BEGIN, &wanted, END, tail].concat()).unwrap();
    } else {
        assert_eq!(
            found, wanted,
            "run UPDATE_README=1 cargo test -p isobar-tests table"
        );
    }
}

fn table(capabilities: &[Capabilities]) -> String {
    let mut out = String::from("| |");

    for host in HOSTS {
        write!(out, " {} |", host.title()).unwrap();
    }
    out += "\n| --- |";
    out += &" --- |".repeat(HOSTS.len());
    out += "\n";
    let mut notes = Notes::default();
    for (subject, names) in cases::ALL {
        for name in *names {
            write!(out, "| {} |", sentence(subject, name)).unwrap();
            for host in capabilities {
                let marks: Vec<_> = needs(name, host)
                    .into_iter()
                    .filter_map(|n| notes.mark(n))
                    .collect();
                let mark = marks
                    .first()
                    .map_or_else(|| "yes".to_owned(), |mark| format!("no [{mark}]"));
                write!(out, " {mark} |").unwrap();
            }
            out += "\n";
        }
    }
    for (name, place) in [("longest request body", 0), ("longest response body", 1)] {
        write!(out, "| {name} |").unwrap();
        for host in capabilities {
            let (_, limit) = host.limits()[place];
            write!(
                out,
                " {} |",
                limit.bytes.map_or_else(|| "no limit".to_owned(), size)
            )
            .unwrap();
        }
        out += "\n";
    }
    out + &notes.text()
}

/// What a case asks of a host itself.
fn needs(case: &str, host: &Capabilities) -> Vec<Able> {
    match case {
        "the_path_arrives_as_sent" => vec![host.raw_path],
        "the_query_arrives_byte_for_byte" => vec![host.raw_query],
        "repeated_headers_keep_every_value_in_order" => vec![host.repeated_request_headers],
        "any_bytes_arrive" => vec![host.binary_requests],
        "a_body_of_unknown_length_arrives" => vec![host.streams_requests],
        "repeated_headers_reach_the_client" => vec![host.repeated_response_headers],
        "several_cookies_reach_the_client" => vec![host.several_cookies],
        "any_bytes_leave" | "encoded_bytes_leave_untouched" => vec![host.binary_responses],
        "a_stream_arrives_while_it_is_made" => vec![host.streams_responses],
        "the_trace_is_kept" => vec![host.traceparent],
        "a_websocket_works" => vec![host.websocket],
        _ => Vec::new(),
    }
}

fn sentence(subject: &str, name: &str) -> String {
    let prefix = if subject == "axum_app" { "axum: " } else { "" };
    format!("{prefix}{}", name.replace('_', " "))
}

fn size(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// The reasons of what can not be done, each once.
#[derive(Default)]
struct Notes(BTreeMap<usize, &'static str>);

impl Notes {
    fn mark(&mut self, able: Able) -> Option<usize> {
        let reason = able.reason()?;
        let known = self
            .0
            .iter()
            .find(|(_, text)| **text == reason)
            .map(|(mark, _)| *mark);
        let mark = known.unwrap_or(self.0.len() + 1);
        self.0.insert(mark, reason);
        Some(mark)
    }

    fn text(&self) -> String {
        let mut out = String::new();
        for (mark, reason) in &self.0 {
            write!(
                out,
                "\n[{mark}] {reason}. The adapter falls back as this document says.\n"
            )
            .unwrap();
        }
        if out.is_empty() {
            out
        } else {
            format!("{out}\n")
        }
    }
}

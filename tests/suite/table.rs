//! README's table of what is translated, made from the cases and the hosts' own limits.
//!
//! `UPDATE_README=1 cargo test -p isobar-tests table` writes it. A case that is listed ran against
//! its host in the same run: where one fails, so does the suite.

use std::fmt::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use isobar_hosts::{Able, Capabilities};

use crate::cases;
use crate::host::{ALL as HOSTS, Host};

#[tokio::test]
async fn readmes_table_is_what_the_suite_shows() {
    let mut capabilities = Vec::new();
    for host in HOSTS {
        capabilities.push(Host::mirror(*host).await.can);
    }
    section("portability", &table(&capabilities));
}

/// Asserts that a section of README is this text; writes it where `UPDATE_README` is set.
pub(crate) fn section(name: &str, wanted: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let (begin, end) = (
        format!("<!-- {name}:begin -->\n"),
        format!("<!-- {name}:end -->"),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let place = "README has no place for the table";
    let (head, rest) = readme.split_once(&begin).expect(place);
    let (found, tail) = rest.split_once(&end).expect(place);
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(path, [head, &begin, wanted, &end, tail].concat()).unwrap();
    } else {
        let remedy = "run UPDATE_README=1 cargo test -p isobar-tests table";
        assert_eq!(found, wanted, "{remedy}");
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
                let mark = needs(name, host).and_then(|(able, instead)| notes.mark(able, instead));
                let mark = mark.map_or_else(|| "yes".to_owned(), |mark| format!("no [{mark}]"));
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

/// What a case asks of a host itself, and what it asserts where the host cannot.
fn needs(case: &str, host: &Capabilities) -> Option<(Able, &'static str)> {
    Some(match case {
        "the_path_arrives_as_sent" => (
            host.raw_path,
            "the handler sees the same path once both are decoded",
        ),
        "the_query_arrives_byte_for_byte" => (
            host.raw_query,
            "the handler sees the same pairs, as far as the host tells them apart",
        ),
        "repeated_headers_keep_every_value_in_order" => (
            host.repeated_request_headers,
            "the handler sees one value, joined by the host",
        ),
        "any_bytes_arrive" => (host.binary_requests, "those two arrive as they are"),
        "a_body_of_unknown_length_arrives" => (
            host.streams_requests,
            "it arrives whole, or the client gets an error that says so",
        ),
        "repeated_headers_reach_the_client" => {
            (host.repeated_response_headers, "they are joined by a comma")
        }
        "several_cookies_reach_the_client" => (
            host.several_cookies,
            "refused with a 500 that names the remedy",
        ),
        "any_bytes_leave" | "encoded_bytes_leave_untouched" => (
            host.binary_responses,
            "refused with a 500 that names the remedy",
        ),
        "a_stream_arrives_while_it_is_made" => (host.streams_responses, "it arrives whole"),
        "the_trace_is_kept" => (host.traceparent, "the context has the host's own, or none"),
        "a_websocket_works" => (host.websocket, "the client gets an error"),
        _ => return None,
    })
}

fn sentence(subject: &str, name: &str) -> String {
    let prefix = if subject == "axum_app" { "axum: " } else { "" };
    format!("{prefix}{}", name.replace('_', " "))
}

fn size(bytes: u64) -> String {
    format!("{} MiB", bytes >> 20)
}

/// What cannot be done, why, and what is done instead, each once.
#[derive(Default)]
struct Notes(Vec<(&'static str, &'static str)>);

impl Notes {
    fn mark(&mut self, able: Able, instead: &'static str) -> Option<usize> {
        let note = (able.reason()?, instead);
        let known = self.0.iter().position(|known| *known == note);
        let place = known.unwrap_or(self.0.len());
        if known.is_none() {
            self.0.push(note);
        }
        Some(place + 1)
    }

    fn text(&self) -> String {
        let mut out = String::from("\n");
        for (place, (reason, instead)) in self.0.iter().enumerate() {
            writeln!(out, "{}. {reason}: {instead}.", place + 1).unwrap();
        }
        out + "\n"
    }
}

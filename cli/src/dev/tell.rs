//! What happens, told to people or, as lines of JSON, to scripts.

use std::time::Duration;

use serde_json::json;

use crate::say;

/// Tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tell {
    json: bool,
}

/// A program that serves now.
#[derive(Debug)]
pub(super) struct Serving<'a> {
    /// Where.
    pub(super) url: &'a str,
    /// As what.
    pub(super) host: &'a str,
    /// How many were started before it.
    pub(super) round: u32,
    /// What cargo took.
    pub(super) built: Duration,
    /// What was taken from cargo's end until it served.
    pub(super) started: Duration,
    /// The inspector's URL, where it is to be told.
    pub(super) inspector: Option<&'a str>,
}

impl Tell {
    pub(super) fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether scripts read stdout.
    pub(super) fn is_json(self) -> bool {
        self.json
    }

    pub(super) fn building(self, why: Option<&str>) {
        if self.json {
            say::data(json!({"event": "building", "change": why}));
        }
        if let Some(why) = why {
            say::status("Changed", why);
        }
    }

    pub(super) fn failed(self, why: &str, serving: bool) {
        if self.json {
            say::data(json!({"event": "failed", "serving": serving}));
        }
        let still = if serving {
            "; the last one that did still serves"
        } else {
            "; save a change to try again"
        };
        say::error(format_args!("{why}{still}"));
    }

    pub(super) fn unchanged(self) {
        if self.json {
            say::data(json!({"event": "unchanged"}));
        }
        say::status("Unchanged", "the program is the same");
    }

    pub(super) fn serving(self, serving: &Serving<'_>) {
        let Serving {
            url,
            host,
            round,
            built,
            started,
            inspector,
        } = serving;
        if self.json {
            say::data(json!({
                "event": "serving", "url": url, "host": host, "round": round,
                "build_ms": millis(*built), "start_ms": millis(*started), "inspector": inspector,
            }));
        }
        say::status(
            "Serving",
            format_args!(
                "{} as {host} (cargo {:.2} s, then {:.2} s)",
                say::paint(say::BOLD, url),
                built.as_secs_f64(),
                started.as_secs_f64(),
            ),
        );
        if let Some(inspector) = inspector {
            say::status("Inspector", say::paint(say::BOLD, inspector));
        }
    }

    pub(super) fn ended(self, status: &str) {
        if self.json {
            say::data(json!({"event": "ended", "status": status}));
        }
        say::error(format_args!(
            "the program ended ({status}); save a change to start it again"
        ));
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! Variables that begin as ours do, and that nothing reads: most often one that is misspelt.

use crate::config::Environment;

/// What a mistake may come to: a letter too many, too few or another, or two that changed places.
const MOST_EDITS: usize = 2;

/// A name that is shorter than this is near to none by two edits: `PORT` is no `HOST`.
const LONG: usize = "ISOBAR_".len() + 8;

/// Says of each such variable that it does nothing, and which was meant.
pub(crate) fn report(environment: &Environment) {
    for name in environment.misspelt() {
        tracing::warn!("{}", complaint(name));
    }
}

fn complaint(name: &str) -> String {
    let said = format!("the variable {name} is not known, so it does nothing");
    match meant(name) {
        Some(meant) => format!("{said}: did you mean {meant}?"),
        None => said,
    }
}

/// Returns the known name that is nearest, if one is near; upper and lower case are the same.
fn meant(name: &str) -> Option<String> {
    let most = if name.len() < LONG { 1 } else { MOST_EDITS };
    let said = name.to_ascii_uppercase();
    let known = Environment::known_names();
    let near = known.map(|known| (strsim::osa_distance(&known, &said), known));
    let (edits, nearest) = near.min_by_key(|(edits, _)| *edits)?;
    (edits <= most).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_with_what_was_meant() {
        for (name, wanted) in [
            ("ISOBAR_MARIGN", Some("ISOBAR_MARGIN")),
            ("ISOBAR_MARGN", Some("ISOBAR_MARGIN")),
            ("ISOBAR_MARGINS", Some("ISOBAR_MARGIN")),
            ("ISOBAR_margin", Some("ISOBAR_MARGIN")),
            ("ISOBAR_HOTS", Some("ISOBAR_HOST")),
            ("ISOBAR_EVENT_AUTH", Some("ISOBAR_EVENTS_AUTH")),
            ("ISOBAR_HEADTIMOUT", Some("ISOBAR_HEAD_TIMEOUT")),
            ("ISOBAR_STATE_URI", Some("ISOBAR_STATE_URL")),
            ("ISOBAR_INSPEKT", Some("ISOBAR_INSPECT")),
            ("ISOBAR_PORT", None),
            ("ISOBAR_TIMEOUT", None),
            ("ISOBAR_", None),
            ("ISOBAR_\u{e4}\u{1f980}", None),
        ] {
            assert_eq!(meant(name).as_deref(), wanted, "{name}");
        }
        assert_eq!(
            complaint("ISOBAR_MARIGN"),
            "the variable ISOBAR_MARIGN is not known, so it does nothing: did you mean ISOBAR_MARGIN?"
        );
        assert_eq!(
            complaint("ISOBAR_ELSE"),
            "the variable ISOBAR_ELSE is not known, so it does nothing"
        );
    }

    #[test]
    fn only_what_begins_as_ours_and_is_not_known_is_told() {
        let environment = Environment::of([
            ("ISOBAR_MARIGN", "1"),
            ("ISOBAR_MARGIN", "1"),
            ("ISOBAR_STATE_URL", "memory:"),
            ("ISOBAR_INSPECT", "0"),
            ("ISOBARS", "1"),
            ("PORTS", "1"),
        ]);
        let found: Vec<_> = environment.misspelt().collect();
        assert_eq!(found, ["ISOBAR_MARIGN"]);
    }
}

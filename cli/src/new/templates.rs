//! The files of a new project: those of `cli/templates`, with the project's own words put in.

/// What differs from project to project.
#[derive(Debug)]
pub(crate) struct Words<'a> {
    /// The function's name.
    pub(crate) name: &'a str,
    /// Whether it has handlers of events.
    pub(crate) events: bool,
    /// Where Isobar comes from, as the dependency's key and value.
    pub(crate) isobar: &'a str,
    /// Whether it needs to say that it is a workspace of its own.
    pub(crate) workspace: bool,
}

/// The files, by their names in the project.
pub(crate) fn files(words: &Words<'_>) -> Vec<(&'static str, String)> {
    let of_kind =
        |http: &'static str, events: &'static str| if words.events { events } else { http };
    let files = [
        (
            "Cargo.toml",
            of_kind(
                include_str!("../../templates/http/Cargo.toml.in"),
                include_str!("../../templates/events/Cargo.toml.in"),
            ),
        ),
        (
            "src/main.rs",
            of_kind(
                include_str!("../../templates/http/main.rs.in"),
                include_str!("../../templates/events/main.rs.in"),
            ),
        ),
        (
            "README.md",
            of_kind(
                include_str!("../../templates/http/README.md.in"),
                include_str!("../../templates/events/README.md.in"),
            ),
        ),
        (".gitignore", "/target\n"),
    ];
    files.map(|(name, text)| (name, filled(text, words))).into()
}

fn filled(text: &str, words: &Words<'_>) -> String {
    let workspace = "\n# A workspace of its own, since a folder above has one.\n[workspace]\n";
    text.replace("{{name}}", words.name)
        .replace("{{isobar}}", words.isobar)
        .replace(
            "{{workspace}}",
            if words.workspace { workspace } else { "" },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_place_is_left_open() {
        for events in [false, true] {
            for workspace in [false, true] {
                let words = Words {
                    name: "demo",
                    events,
                    isobar: "version = \"1\"",
                    workspace,
                };
                for (name, text) in files(&words) {
                    assert!(!text.contains("{{"), "{name}: {text}");
                    assert!(text.ends_with('\n'), "{name}");
                }
            }
        }
    }
}

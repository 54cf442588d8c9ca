//! What a function may be called: what cargo, the shells and all three clouds take.

use crate::fail::{Failure, Kind, Result};

/// The shortest limit among the hosts: Azure's apps have 60, Cloud Run's services 49.
const LONGEST: usize = 49;

/// Names that cargo refuses, or that would hide a crate which the project uses.
const TAKEN: &[&str] = &[
    "alloc",
    "axum",
    "core",
    "deps",
    "examples",
    "build",
    "incremental",
    "isobar",
    "proc-macro",
    "serde",
    "serde-json",
    "std",
    "test",
    "tokio",
];

/// Rust's keywords that pass as words otherwise.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Checks a name.
///
/// # Errors
///
/// When cargo or a cloud would refuse it, with a name that they would not.
pub(crate) fn check(name: &str) -> Result<()> {
    let Some(why) = fault(name) else {
        return Ok(());
    };
    let failure = Failure::new(
        Kind::Usage,
        format!("a function cannot be called `{name}`: {why}"),
    );
    Err(match mended(name) {
        Some(mended) => failure.help(format!("cargo isobar new {mended}")),
        None => failure.help("cargo isobar new demo"),
    })
}

fn fault(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() {
        Some("it is empty")
    } else if name.len() > LONGEST {
        Some("Cloud Run takes 49 characters at most")
    } else if !name.chars().all(plain) {
        Some("all three clouds take only small letters, digits and `-`")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Some("it has to begin with a small letter")
    } else if name.ends_with('-') {
        Some("it ends with `-`")
    } else if KEYWORDS.contains(&name) {
        Some("that is a keyword of Rust")
    } else if TAKEN.contains(&name) {
        Some("that is the name of something which the project uses")
    } else {
        None
    }
}

/// The nearest name that is none of these.
fn mended(name: &str) -> Option<String> {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let mut mended: String = name.chars().map(plain).take(LONGEST).collect();
    while mended.contains("--") {
        mended = mended.replace("--", "-");
    }
    let mended = mended.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    let mended = mended.trim_end_matches('-');
    match fault(mended) {
        None => Some(mended.to_owned()),
        Some(_) if KEYWORDS.contains(&mended) || TAKEN.contains(&mended) => {
            Some(format!("{mended}-fn"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_all_take() {
        for name in ["demo", "a", "my-shop-2"] {
            assert!(fault(name).is_none(), "{name}");
        }
    }

    #[test]
    fn others_are_refused_with_one_that_would_do() {
        for (name, better) in [
            ("Demo", Some("demo")),
            ("my_shop", Some("my-shop")),
            ("2go", Some("go")),
            ("é", None),
            ("", None),
            ("fn", Some("fn-fn")),
            ("axum", Some("axum-fn")),
            ("a--", Some("a")),
            ("../up", Some("up")),
        ] {
            assert!(fault(name).is_some(), "{name}");
            assert_eq!(mended(name).as_deref(), better, "{name}");
        }
        assert!(fault(&"a".repeat(50)).is_some());
    }
}

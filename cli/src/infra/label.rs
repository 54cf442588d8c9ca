//! Names that are part of a host's name.

use super::write::checksum;
use crate::fail::{Failure, Kind, Result};

/// Checks that a service may have this name: a label of DNS, of so many letters at most.
///
/// # Errors
///
/// When it may not.
pub(super) fn must_be(name: &str, most: usize, host: &str) -> Result<()> {
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if begins && name.len() <= most && name.chars().all(good) && !name.ends_with('-') {
        return Ok(());
    }
    let message = format!("on {host} no service may be called {name}");
    Err(Failure::new(Kind::Project, message).help(format!(
        "package.metadata.isobar.name gives it another name: small letters, digits and -, \
         a letter first, no - last, at most {most} in all"
    )))
}

/// Makes such a name of parts, the last of which stays whole: what is too long ends in a checksum.
pub(super) fn of(parts: &[&str], most: usize) -> String {
    let whole = plain(&parts.join("-"));
    if whole.len() <= most {
        return whole;
    }
    let last = parts.last().copied().unwrap_or_default();
    let end = format!("-{}-{last}", checksum(&parts.join("/")));
    let room = most.saturating_sub(end.len());
    let begin: String = whole.chars().take(room).collect();
    format!("{}{end}", begin.trim_end_matches('-'))
}

fn plain(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    text.chars().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label_of_dns() {
        for name in ["shop", "a", "my-shop-2"] {
            assert!(must_be(name, 9, "x").is_ok(), "{name}");
        }
        for name in ["", "my_shop", "Shop", "2shop", "shop-", "my-shop-22"] {
            let error = must_be(name, 9, "Azure").expect_err("refused").to_string();
            assert!(error.contains("package.metadata.isobar.name"), "{error}");
        }
    }

    #[test]
    fn what_is_too_long_ends_in_a_checksum_of_its_own() {
        assert_eq!(
            of(&["shop", "Up_loads", "objects"], 63),
            "shop-up-loads-objects"
        );
        let long = "a-service-of-a-long-name";
        let [one, other] = [long, "a-service-of-a-long-nose"].map(|name| of(&[name, "server"], 30));
        assert!(one.len() <= 30 && one.ends_with("-server"), "{one}");
        assert!(one.starts_with("a-service-of-a-"), "{one}");
        assert_ne!(one, other);
    }
}

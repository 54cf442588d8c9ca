//! Pieces of Bicep.
//!
//! Source: <https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings>.

use std::fmt::Write;

/// A string.
pub(super) fn quoted(text: impl AsRef<str>) -> String {
    let escaped = text
        .as_ref()
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace("${", "\\${")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t");
    format!("'{escaped}'")
}

/// The lines of a list's strings.
pub(super) fn list<'a>(items: impl IntoIterator<Item = &'a String>) -> String {
    let lines = items
        .into_iter()
        .map(|item| format!("  {}\n", quoted(item)));
    lines.collect()
}

/// The lines of an object, this far to the right.
pub(super) fn object(indent: usize, fields: &[(&str, String)]) -> String {
    let mut text = format!("{:indent$}{{\n", "");
    for (name, value) in fields {
        let _written = writeln!(text, "{:indent$}  {name}: {value}", "");
    }
    let _written = writeln!(text, "{:indent$}}}", "");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_no_code() {
        assert_eq!(quoted("it's ${x}\\\n"), r"'it\'s \${x}\\\n'");
        assert_eq!(quoted("100 $"), "'100 $'");
    }
}

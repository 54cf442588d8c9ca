//! Text that the host would take for a date.
//!
//! The host reads an answer with Json.NET, which makes a date of a string that is exactly one, and
//! then writes that date in a form of its own: `01/02/2024 03:04:05`. White space behind it keeps
//! it text.

/// Returns true for what Json.NET takes for a date: ISO 8601 with a time, and Microsoft's old form.
///
/// Source: `DateTimeUtils.TryParseDateTime` of Newtonsoft.Json. What is close to one counts too:
/// white space does no harm there.
pub(crate) fn is_date(text: &str) -> bool {
    is_iso(text.as_bytes()) || (text.starts_with("/Date(") && text.ends_with(")/"))
}

fn is_iso(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let is_of_form = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    (FORM.len()..=40).contains(&text.len()) && text.iter().zip(FORM).all(is_of_form)
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn only_what_is_a_date_as_a_whole_counts() {
        // correction 16
        for date in [
            "2024-01-02T03:04:05",
            "2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05.1234567+01:00",
            "/Date(1700000000000)/",
        ] {
            assert!(is_date(date), "{date}");
        }
        for text in [
            "",
            "2024-01-02",
            "2024-01-02 03:04:05",
            "2024-01-02T03:04:05Z and more, so that it is no date any longer",
            "\"2024-01-02T03:04:05Z\"",
            " 2024-01-02T03:04:05Z",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}

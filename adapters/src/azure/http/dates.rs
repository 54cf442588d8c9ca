//! Text that the host would take for a date.
//!
//! The host reads an answer with Json.NET, which makes a date of a string that is exactly one, and
//! then writes that date in a form of its own: `01/02/2024 03:04:05`. White space behind it keeps
//! it text.

/// Returns true for what Json.NET takes for a date: ISO 8601 with a time, and Microsoft's old form.
///
/// Source: `DateTimeUtils.TryParseDateTime` of Newtonsoft.Json. A month or an hour that there is not
/// counts too: white space does no harm there.
pub(crate) fn is_date(text: &str) -> bool {
    let ticks = text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"));
    is_iso(text.as_bytes()) || ticks.is_some_and(|ticks| is_ticks(ticks.as_bytes()))
}

/// `yyyy-MM-ddTHH:mm:ss`, with or without a fraction, with or without a zone.
fn is_iso(text: &[u8]) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let Some((date, rest)) = text.split_at_checked(FORM.len()) else {
        return false;
    };
    let rest = match rest {
        [b'.', fraction @ ..] => after_digits(fraction),
        rest => rest,
    };
    is_of_form(date, FORM) && (matches!(rest, [] | [b'Z' | b'z']) || is_zone(rest))
}

/// Milliseconds, with or without a zone.
fn is_ticks(text: &[u8]) -> bool {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let rest = after_digits(digits);
    rest.len() < digits.len() && (rest.is_empty() || is_zone(rest))
}

/// `+hh:mm`, `+hhmm` or `+hh`.
fn is_zone(text: &[u8]) -> bool {
    let Some((b'+' | b'-', zone)) = text.split_first() else {
        return false;
    };
    [&b"00:00"[..], b"0000", b"00"]
        .iter()
        .any(|form| is_of_form(zone, form))
}

/// A zero in a form stands for any digit.
fn is_of_form(text: &[u8], form: &[u8]) -> bool {
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    text.len() == form.len() && text.iter().zip(form).all(fits)
}

fn after_digits(text: &[u8]) -> &[u8] {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    text.get(digits..).unwrap_or_default()
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
            "2024-01-02T03:04:05.123456789z",
            "2024-01-02T24:00:00-0100",
            "2024-01-02T03:04:05+01",
            "/Date(1700000000000)/",
            "/Date(-1700000000000+0100)/",
        ] {
            assert!(is_date(date), "{date}");
        }
        for text in [
            "",
            "2024-01-02",
            "2024-01-02 03:04:05",
            "2024-01-02T03:04:05Z started",
            "2024-01-02T03:04:05Z\n",
            "2024-01-02T03:04:05,7",
            "2024-01-02T03:04:05/P1D",
            "2024-01-02T03:04:05.1Z2",
            "/Date(hello)/",
            "/Date()/",
            "\"2024-01-02T03:04:05Z\"",
            " 2024-01-02T03:04:05Z",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }
}

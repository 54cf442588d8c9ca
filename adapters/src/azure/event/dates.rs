//! Dates, as the host writes them: in whole seconds, and some without their zone.

use isobar_core::Text;

use crate::calendar::date;

/// How a date begins; what follows is a fraction and a zone, or one of them, or nothing.
const FORM: &[u8] = b"0000-00-00T00:00:00";

/// Returns a date as RFC 3339 has it; `None` if it is none, or .NET's first, which means none.
///
/// A date without a zone means UTC: the host loses the zone of a `DateTime`, which is UTC in all
/// triggers. Source: <https://github.com/Azure/azure-functions-host/issues/6997>.
pub(super) fn rfc3339(text: &Text) -> Option<Text> {
    let (begin, rest) = text.split_at_checked(FORM.len())?;
    if !has_form(begin.as_bytes(), FORM) || begin.starts_with("0001-01-01T00:00:00") {
        return None;
    }
    let digits = rest.strip_prefix('.').unwrap_or_default();
    let digits = digits.bytes().take_while(u8::is_ascii_digit).count();
    let zone = match digits {
        0 => rest,
        digits => rest.get(digits + 1..)?,
    };
    match zone.as_bytes() {
        b"" => Some(format!("{text}Z").into()),
        b"Z" => Some(text.clone()),
        zone if has_form(zone, b"+00:00") || has_form(zone, b"-00:00") => Some(text.clone()),
        _ => None,
    }
}

/// Seconds since 1970, as RFC 3339 has them.
pub(super) fn of_seconds(seconds: u64) -> Option<Text> {
    const LAST: u64 = 253_402_300_799;
    if seconds > LAST {
        return None;
    }
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let (year, month, day) = date((seconds / 86_400).cast_signed());
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z").into())
}

fn has_form(text: &[u8], form: &[u8]) -> bool {
    let fits = |(byte, form): (&u8, &u8)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == form,
    };
    text.len() == form.len() && text.iter().zip(form).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_without_a_zone_is_utc() {
        for (text, wanted) in [
            ("2020-08-31T16:48:37", Some("2020-08-31T16:48:37Z")),
            (
                "2020-08-31T16:48:37+00:00",
                Some("2020-08-31T16:48:37+00:00"),
            ),
            ("2020-12-18T02:01:35.849Z", Some("2020-12-18T02:01:35.849Z")),
            ("2020-12-18T02:01:35.85", Some("2020-12-18T02:01:35.85Z")),
            ("0001-01-01T00:00:00", None),
            ("0001-01-01T00:00:00+00:00", None),
            ("2020-08-31", None),
            ("2020-08-31T16:48:37 and more", None),
            ("2020-08-31T16:48:37.", None),
            ("2020-08-31T16:48:37é", None),
            ("", None),
        ] {
            assert_eq!(rfc3339(&text.into()).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn seconds_are_a_date() {
        for (seconds, wanted) in [
            (0, Some("1970-01-01T00:00:00Z")),
            (951_782_399, Some("2000-02-28T23:59:59Z")),
            (1_709_164_800, Some("2024-02-29T00:00:00Z")),
            (1_790_000_000, Some("2026-09-21T14:13:20Z")),
            (u64::MAX, None),
        ] {
            assert_eq!(of_seconds(seconds).as_deref(), wanted);
        }
    }
}

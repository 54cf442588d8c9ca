//! Moments as RFC 3339 text.

use crate::calendar::date;

/// Writes a moment, with as many decimals as it has; `None` outside of the years 1 to 9999.
pub(crate) fn rfc3339(seconds: i64, nanos: u32) -> Option<String> {
    if !(-62_135_596_800..=253_402_300_799).contains(&seconds) || nanos > 999_999_999 {
        return None;
    }
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(day);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let decimals = decimals(nanos);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{decimals}Z"
    ))
}

/// Three, six or nine digits, or none, as Google's own services write them.
fn decimals(nanos: u32) -> String {
    match nanos {
        0 => String::new(),
        n if n % 1_000_000 == 0 => format!(".{:03}", n / 1_000_000),
        n if n % 1000 == 0 => format!(".{:06}", n / 1000),
        n => format!(".{n:09}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_with_the_decimals_that_they_have() {
        for (seconds, nanos, wanted) in [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_587_651_833, 241_000_000, "2020-04-23T14:23:53.241Z"),
            (1_587_651_905, 349_632_000, "2020-04-23T14:25:05.349632Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.000000001Z"),
            (-1, 0, "1969-12-31T23:59:59Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59Z"),
            (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds, nanos).as_deref(), Some(wanted));
        }
        assert_eq!(rfc3339(253_402_300_800, 0), None);
        assert_eq!(rfc3339(i64::MIN, 0), None);
        assert_eq!(rfc3339(0, 1_000_000_000), None);
    }
}

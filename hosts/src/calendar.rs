//! The time, as hosts write it.

use std::time::Duration;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `12/Mar/2020:19:03:58 +0000`, as API Gateway writes it.
pub(crate) fn common_log(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month = usize::try_from(month).ok().and_then(|m| MONTHS.get(m));
    let month = month.copied().unwrap_or_default();
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
}

/// `2026-10-09T17:58:32.2205399Z`, as .NET writes it.
pub(crate) fn round_trip(since_epoch: Duration) -> String {
    let (seconds, ticks) = (since_epoch.as_secs(), since_epoch.subsec_nanos() / 100);
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month = month + 1;
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ticks:07}Z")
}

/// `01/02/2024 03:04:05`, which .NET makes of a string that is exactly an ISO 8601 date-time;
/// `None` for any other string. A zone is converted to UTC.
pub(crate) fn mangled(text: &str) -> Option<String> {
    let digits = |from: usize, to: usize| -> Option<i64> {
        let part = text.get(from..to)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let at = |index: usize| text.as_bytes().get(index).copied();
    let marks = [at(4), at(7), at(10), at(13), at(16)];
    if marks != [b'-', b'-', b'T', b':', b':'].map(Some) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    let valid = (1970..).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !valid || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let offset = offset(text.get(19..)?)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    let seconds = u64::try_from(seconds).ok()?;
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month = month + 1;
    Some(format!(
        "{month:02}/{day:02}/{year:04} {hour:02}:{minute:02}:{second:02}"
    ))
}

/// The zone after the seconds, in seconds east of UTC; a fraction before it is passed over.
fn offset(rest: &str) -> Option<i64> {
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => rest,
    };
    let (sign, zone) = match zone {
        "" | "Z" => return Some(0),
        zone => match zone.split_at_checked(1)? {
            ("+", zone) => (1, zone),
            ("-", zone) => (-1, zone),
            _ => return None,
        },
    };
    let (hours, minutes) = zone.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(sign * (hours * 3600 + minutes * 60))
}

/// Days since the epoch of a date, its month from 1.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, from_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, the month from 0, and the day of a count of days since the epoch.
fn date(days: u64) -> (u64, u64, u64) {
    // the civil calendar in eras of 400 years that begin in March
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12;
    (era * 400 + year + u64::from(month < 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_api_gateway_does() {
        let leap = Duration::from_secs(1_582_934_400 + 61);
        assert_eq!(common_log(leap), "29/Feb/2020:00:01:01 +0000");
        assert_eq!(
            common_log(Duration::from_secs(1_735_689_599)),
            "31/Dec/2024:23:59:59 +0000"
        );
    }

    #[test]
    fn only_whole_date_times_are_mangled() {
        let made = |text| mangled(text).unwrap_or_default();
        assert_eq!(made("2024-01-02T03:04:05Z"), "01/02/2024 03:04:05");
        assert_eq!(made("2024-01-02T03:04:05.678"), "01/02/2024 03:04:05");
        assert_eq!(made("2024-01-01T01:00:00+02:00"), "12/31/2023 23:00:00");
        for other in [
            "2024-01-02",
            "at 2024-01-02T03:04:05Z",
            "2024-01-02T03:04:05Z\n",
            "2024-01-02T03:04",
        ] {
            assert_eq!(made(other), "", "{other}");
        }
    }
}

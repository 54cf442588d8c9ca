//! The time, as API Gateway writes it.

use std::time::Duration;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `12/Mar/2020:19:03:58 +0000`.
pub(super) fn common_log(since_epoch: Duration) -> String {
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let month = usize::try_from(month).ok().and_then(|m| MONTHS.get(m));
    let month = month.copied().unwrap_or_default();
    format!("{day:02}/{month}/{year}:{hour:02}:{minute:02}:{second:02} +0000")
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
}

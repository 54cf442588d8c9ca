//! The time of a line, in RFC 3339.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use crate::calendar::date;

/// A time in UTC, with as many decimals of a second as the form has.
#[derive(Clone, Copy)]
pub(crate) struct Rfc3339 {
    pub(super) time: SystemTime,
    pub(super) decimals: usize,
}

impl Rfc3339 {
    pub(crate) fn milliseconds(time: SystemTime) -> Self {
        let decimals = 3;
        Self { time, decimals }
    }

    pub(super) fn microseconds(time: SystemTime) -> Self {
        let decimals = 6;
        Self { time, decimals }
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = since.as_secs();
        let (year, month, day) = date(i64::try_from(seconds / 86_400).unwrap_or_default());
        let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
        let decimals = self.decimals;
        let unit = 10_u32.pow(9 - u32::try_from(decimals).unwrap_or_default().min(9));
        let fraction = since.subsec_nanos() / unit;
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:0decimals$}Z"
        )
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_time_is_in_utc_with_the_decimals_of_its_form() {
        let time = UNIX_EPOCH + Duration::new(1_587_651_905, 349_632_999);
        assert_eq!(
            Rfc3339::milliseconds(time).to_string(),
            "2020-04-23T14:25:05.349Z"
        );
        assert_eq!(
            Rfc3339::microseconds(time).to_string(),
            "2020-04-23T14:25:05.349632Z"
        );
    }
}

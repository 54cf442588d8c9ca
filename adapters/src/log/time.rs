//! The time of a line, in RFC 3339.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

use crate::calendar::date;

/// A time in UTC, with as many decimals of a second as the form has.
#[derive(Clone, Copy)]
pub(crate) struct Rfc3339 {
    pub(super) time: SystemTime,
    pub(super) decimals: u32,
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

    pub(super) fn text(self) -> String {
        let mut text = String::with_capacity(32);
        self.push_to(&mut text);
        text
    }

    /// Adds it to a text. By hand: `write!` would be a tenth of what a line costs.
    pub(super) fn push_to(self, text: &mut String) {
        let since = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
        let (year, month, day) = date(seconds / 86_400);
        let fraction = i64::from(since.subsec_nanos()) / 10_i64.pow(9 - self.decimals);
        push(text, year, 4);
        for (before, value) in [
            ('-', month),
            ('-', day),
            ('T', seconds / 3600 % 24),
            (':', seconds / 60 % 60),
            (':', seconds % 60),
        ] {
            text.push(before);
            push(text, value, 2);
        }
        text.push('.');
        push(text, fraction, self.decimals);
        text.push('Z');
    }
}

/// Adds a number's last digits.
fn push(text: &mut String, value: i64, digits: u32) {
    for place in (0..digits).rev() {
        let digit = value / 10_i64.pow(place) % 10;
        text.push(char::from(b'0' + u8::try_from(digit).unwrap_or_default()));
    }
}

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl Serialize for Rfc3339 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
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

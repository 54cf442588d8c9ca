//! Times as RFC 3339 writes them.

use isobar_core::Text;

use crate::calendar::date;

/// The last millisecond of the year 9999: beyond it RFC 3339 has no form.
const LAST: u64 = 253_402_300_799_999;

/// Makes the text of milliseconds since 1970.
pub(super) fn of_millis(millis: &str) -> Option<Text> {
    of_number(millis.parse().ok()?)
}

/// Makes the text of seconds since 1970, which may have decimals.
pub(super) fn of_seconds(seconds: &str) -> Option<Text> {
    let millis = (seconds.parse::<f64>().ok()? * 1000.0).round();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the range is checked first"
    )]
    (0.0..=LAST as f64)
        .contains(&millis)
        .then_some(millis as u64)
        .and_then(of_number)
}

fn of_number(millis: u64) -> Option<Text> {
    if millis > LAST {
        return None;
    }
    let (seconds, millis) = (millis / 1000, millis % 1000);
    let (year, month, day) = date((seconds / 86_400).cast_signed());
    let mut text = Vec::with_capacity("2000-01-01T00:00:00.000Z".len());
    put(&mut text, 1000, year.cast_unsigned());
    text.push(b'-');
    put(&mut text, 10, month.cast_unsigned());
    text.push(b'-');
    put(&mut text, 10, day.cast_unsigned());
    text.push(b'T');
    put(&mut text, 10, seconds / 3600 % 24);
    text.push(b':');
    put(&mut text, 10, seconds / 60 % 60);
    text.push(b':');
    put(&mut text, 10, seconds % 60);
    text.push(b'.');
    put(&mut text, 100, millis);
    text.push(b'Z');
    Text::try_from(text).ok()
}

/// Writes a number's digits, from the place of `unit` on: ten times as fast as formatting them, for
/// batches of ten thousand.
fn put(text: &mut Vec<u8>, mut unit: u64, number: u64) {
    while unit > 0 {
        text.push(b'0' + (number / unit % 10).to_le_bytes()[0]);
        unit /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_and_seconds_are_rfc_3339() {
        for (millis, wanted) in [
            ("0", Some("1970-01-01T00:00:00.000Z")),
            ("1545082649183", Some("2018-12-17T21:37:29.183Z")),
            ("951782400000", Some("2000-02-29T00:00:00.000Z")),
            ("4107542399999", Some("2100-02-28T23:59:59.999Z")),
            ("253402300799999", Some("9999-12-31T23:59:59.999Z")),
            ("253402300800000", None),
            ("-1", None),
            ("soon", None),
        ] {
            assert_eq!(of_millis(millis).as_deref(), wanted, "{millis}");
        }
        for (seconds, wanted) in [
            ("1479499740", Some("2016-11-18T20:09:00.000Z")),
            ("1545084650.987", Some("2018-12-17T22:10:50.987Z")),
            ("1e300", None),
            ("NaN", None),
            ("-0.5", None),
        ] {
            assert_eq!(of_seconds(seconds).as_deref(), wanted, "{seconds}");
        }
    }
}

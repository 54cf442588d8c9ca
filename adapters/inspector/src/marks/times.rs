//! Times that are the same in two forms.

/// Tells how one text has become another, where both name one moment.
pub(super) fn same(from: &str, to: &str) -> Option<&'static str> {
    let wanted = rfc3339(to)?;
    if let Some(time) = rfc3339(from) {
        return (time / 1000 == wanted / 1000).then_some("the same time, in RFC 3339's form");
    }
    let number: f64 = from
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())?;
    // to a second: some hosts tell no more
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of this age are far below 2^53"
    )]
    let is_at = |milliseconds: f64| (milliseconds - wanted as f64).abs() < 1000.0;
    if is_at(number) {
        Some("it was a number of milliseconds since 1970")
    } else if is_at(number * 1000.0) {
        Some("it was a number of seconds since 1970")
    } else {
        None
    }
}

/// Milliseconds since 1970. A time without a zone is one of UTC, as hosts mean it.
fn rfc3339(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let separators = [(4, "-"), (7, "-"), (13, ":"), (16, ":")];
    if { separators.iter() }.any(|(at, wanted)| text.get(*at..=*at) != Some(wanted)) {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let seconds = number(11, 13)? * 3600 + number(14, 16)? * 60 + number(17, 19)?;
    let rest = text.get(19..)?;
    let fraction = rest.strip_prefix('.').unwrap_or_default();
    let digits: String = fraction.chars().take_while(char::is_ascii_digit).collect();
    let zone = rest.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
    let milliseconds = format!("{digits:0<3}").get(..3)?.parse::<i64>().ok()?;
    let offset = match zone.split_at_checked(1) {
        None | Some(("Z" | "z", "")) => 0,
        Some((sign @ ("+" | "-"), time)) => {
            let (hours, minutes) = time.split_once(':')?;
            let minutes = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?;
            if sign == "+" { minutes } else { -minutes }
        }
        _ => return None,
    };
    Some((days(year, month, day) * 86_400 + seconds - offset * 60) * 1000 + milliseconds)
}

/// Days since 1970: <https://howardhinnant.github.io/date_algorithms.html>, `days_from_civil`.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_is_known_in_all_its_forms() {
        let wanted = "2026-10-09T17:58:31Z";
        for from in [
            "2026-10-09T17:58:31+00:00",
            "2026-10-09T19:58:31.250+02:00",
            "2026-10-09T17:58:31",
            "1791568711000",
            "1791568711123",
            "1791568711",
            "1791568711.5",
        ] {
            assert!(same(from, wanted).is_some(), "{from}");
        }
        for from in [
            "2026-10-09T18:58:31Z",
            "1",
            "x",
            "",
            "2026",
            "NaN",
            "é026-10-09T17:58:31Z",
        ] {
            assert_eq!(same(from, wanted), None, "{from}");
        }
        assert_eq!(same(wanted, "no time"), None);
    }
}

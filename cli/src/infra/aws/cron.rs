//! Schedules in AWS's form: six fields, days of the week from 1 for Sunday, and one of both days `?`.
//!
//! Source: docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html

use std::collections::BTreeSet;

use crate::fail::{Failure, Kind, Result};

const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// The six fields of a schedule that has five.
///
/// # Errors
///
/// When it says days of the month and of the week both: cron means either, and AWS cannot say that.
pub(super) fn aws(logical: &str, five: &str) -> Result<String> {
    let fields: Vec<_> = five.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        let message = format!("{logical}: `{five}` has not five fields");
        return Err(Failure::new(Kind::Project, message));
    };
    let (day, weekday) = match (*day, *weekday) {
        (day, "*") => (field(day, 1), "?".to_owned()),
        ("*", weekday) => ("?".to_owned(), week(weekday)),
        _ => return Err(both(logical, five)),
    };
    let (minute, hour) = (field(minute, 0), field(hour, 0));
    Ok(format!(
        "{minute} {hour} {day} {} {weekday} *",
        field(month, 1)
    ))
}

fn both(logical: &str, five: &str) -> Failure {
    let message = format!(
        "{logical}: `{five}` is due on days of the month and on days of the week, and AWS cannot say both"
    );
    Failure::new(Kind::Project, message)
        .help("make two schedules of it, or give AWS one of its own: aws = { cron = \"..\" }")
}

/// Numbers, names and ranges, which AWS has too; `*/5` from the least value, `1-9/4` one by one.
fn field(text: &str, least: u32) -> String {
    let items = text.split(',').map(|item| match item.strip_prefix("*/") {
        Some(step) => format!("{least}/{step}"),
        None => stepped(item).unwrap_or_else(|| item.to_ascii_uppercase()),
    });
    items.collect::<Vec<_>>().join(",")
}

/// The values of a range with a step.
fn stepped(item: &str) -> Option<String> {
    let (range, step) = item.split_once('/')?;
    let (from, to) = range.split_once('-')?;
    let (from, to): (u32, u32) = (from.parse().ok()?, to.parse().ok()?);
    let step = step.parse().ok().filter(|step| *step > 0)?;
    let values = (from..=to).step_by(step).map(|value| value.to_string());
    Some(values.collect::<Vec<_>>().join(","))
}

/// Days of the week by name: a range may reach from Friday to Sunday, which no range of AWS does.
fn week(text: &str) -> String {
    let days: BTreeSet<usize> = text.split(',').flat_map(days).collect();
    let names = days.iter().filter_map(|day| DAYS.get(*day).copied());
    names.collect::<Vec<_>>().join(",")
}

fn days(item: &str) -> Vec<usize> {
    let (range, step) = item.split_once('/').unwrap_or((item, "1"));
    let step = step.parse().unwrap_or(1).max(1);
    let (from, to) = match range.split_once('-') {
        Some((from, to)) => (number(from), number(to)),
        None if range == "*" => (0, 6),
        // `1/2` is from Monday on
        None if item.contains('/') => (number(range), 6),
        None => (number(range), number(range)),
    };
    (from..=to).step_by(step).map(|day| day % 7).collect()
}

fn number(text: &str) -> usize {
    let upper = text.to_ascii_uppercase();
    let named = DAYS.iter().position(|day| *day == upper);
    named.or_else(|| text.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_fields_become_aws_six() {
        for (five, six) in [
            ("0 3 * * *", "0 3 * * ? *"),
            ("*/5 * * * *", "0/5 * * * ? *"),
            (
                "0 9-17/2 * * mon-fri",
                "0 9,11,13,15,17 ? * MON,TUE,WED,THU,FRI *",
            ),
            ("0 0 1,15 jan *", "0 0 1,15 JAN ? *"),
            ("30 1 */2 */3 *", "30 1 1/2 1/3 ? *"),
            ("0 0 * * 0", "0 0 ? * SUN *"),
            ("0 0 * * 7", "0 0 ? * SUN *"),
            ("0 0 * * 5-7", "0 0 ? * SUN,FRI,SAT *"),
            ("0 0 * * 1/2", "0 0 ? * MON,WED,FRI *"),
        ] {
            assert_eq!(aws("a", five).expect(five), six, "{five}");
        }
    }

    #[test]
    fn days_of_both_kinds_are_refused() {
        let error = aws("monthly", "0 0 1 * mon").expect_err("refused");
        assert!(error.to_string().contains("two schedules"), "{error}");
    }
}

//! Schedules: five fields, as every cron has them.

/// A schedule that is one: minute, hour, day of the month, month, day of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cron([String; 5]);

/// A field's name, its bounds, and the names that stand for numbers.
type Field = (&'static str, u32, u32, &'static [&'static str]);

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Field; 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    ("month", 1, 12, MONTHS),
    ("day of the week", 0, 7, DAYS),
];

impl Cron {
    /// Reads a schedule, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
        let count = fields.len();
        let fields: [String; 5] = fields.try_into().map_err(|_other_count| {
            format!("five fields are wanted (minute, hour, day of the month, month, day of the week), {count} are there")
        })?;
        for (field, text) in FIELDS.iter().zip(&fields) {
            check(field, text)?;
        }
        Ok(Self(fields))
    }

    /// The five fields.
    #[cfg(test)]
    pub(crate) fn fields(&self) -> &[String; 5] {
        &self.0
    }
}

/// Five fields in which Sunday is 0 only, for who does not take 7 for it.
pub(crate) fn without_seven(cron: &str) -> String {
    let mut fields: Vec<String> = cron.split_whitespace().map(str::to_owned).collect();
    if let [.., weekday] = fields.as_mut_slice() {
        let items = weekday
            .split(',')
            .map(|item| match item.strip_suffix("-7") {
                _ if item == "7" => "0".to_owned(),
                Some("6") => "6,0".to_owned(),
                Some("7") => "0".to_owned(),
                Some(from) => format!("{from}-6,0"),
                None => item.to_owned(),
            });
        *weekday = items.collect::<Vec<_>>().join(",");
    }
    fields.join(" ")
}

fn check(field: &Field, text: &str) -> Result<(), String> {
    text.split(',').try_for_each(|part| item(field, part))
}

/// `*`, a number, a range, each perhaps with a step.
fn item(field: &Field, text: &str) -> Result<(), String> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    if let Some(step) = step {
        let number = step.parse::<u32>().ok().filter(|step| *step > 0);
        number.ok_or_else(|| wrong(field, text))?;
    }
    if range == "*" {
        return Ok(());
    }
    let (from, to) = range.split_once('-').unwrap_or((range, range));
    match (number(field, from), number(field, to)) {
        (Some(from), Some(to)) if from <= to => Ok(()),
        _ => Err(wrong(field, text)),
    }
}

fn number(field: &Field, text: &str) -> Option<u32> {
    let (_, least, most, names) = field;
    let lower = text.to_ascii_lowercase();
    let place = names.iter().position(|name| *name == lower);
    let number = match place {
        Some(place) => u32::try_from(place).ok()? + least,
        None => text.parse().ok()?,
    };
    (*least..=*most).contains(&number).then_some(number)
}

fn wrong((name, least, most, _): &Field, text: &str) -> String {
    format!(
        "`{text}` is no {name}: *, {least} to {most}, ranges (a-b), lists (a,b) and steps (*/5) are"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_fields_are_a_schedule() {
        for text in ["0 3 * * *", "*/5 0-6,12 1 jan-mar Mon", "59 23 31 12 7"] {
            let cron = Cron::parse(text).unwrap();
            assert_eq!(cron.fields().join(" "), text);
        }
    }

    #[test]
    fn sunday_is_zero_for_who_wants_it_so() {
        for (cron, wanted) in [
            ("0 3 * * 5-7", "0 3 * * 5-6,0"),
            ("0 3 * * 6-7,7", "0 3 * * 6,0,0"),
            ("7 7 7 7 *", "7 7 7 7 *"),
        ] {
            assert_eq!(without_seven(cron), wanted);
        }
    }

    #[test]
    fn what_is_none_says_which_field() {
        for (text, word) in [
            ("", "five fields"),
            ("0 0 3 * * *", "6 are there"),
            ("60 * * * *", "`60` is no minute"),
            ("0 9-3 * * *", "`9-3` is no hour"),
            ("0 0 0 * *", "`0` is no day of the month"),
            ("0 0 1 foo *", "`foo` is no month"),
            ("*/0 * * * *", "`*/0`"),
            ("rate(5 minutes)", "2 are there"),
        ] {
            let error = Cron::parse(text).unwrap_err();
            assert!(error.contains(word), "{text}: {error}");
        }
    }
}

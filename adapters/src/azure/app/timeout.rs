//! functionTimeout: when the host kills the process and all that runs in it.

use std::time::Duration;

use crate::config::Environment;

/// When the host ends an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Timeout {
    Never,
    After(Duration),
}

/// Reads a .NET time span; `-1` is never. `None` if it is neither, or shorter than the second that
/// the host wants at least.
pub(super) fn parse(text: &str) -> Option<Timeout> {
    if matches!(text, "-1" | "-1.00:00:00") {
        return Some(Timeout::Never);
    }
    let (days, time) = match text.split_once(':') {
        None => (text, "00:00"),
        Some((first, _)) if first.contains('.') => text.split_once('.')?,
        Some(_) => ("0", text),
    };
    let mut parts = time.split(':');
    let hours = number(parts.next()?, 24)?;
    let minutes = number(parts.next()?, 60)?;
    let (seconds, fraction) = seconds(parts.next().unwrap_or("0"))?;
    let seconds =
        days.parse::<u32>().ok().map(u64::from)? * 86_400 + hours * 3_600 + minutes * 60 + seconds;
    let timeout = Duration::from_secs(seconds) + fraction;
    (parts.next().is_none() && timeout >= Duration::from_secs(1)).then_some(Timeout::After(timeout))
}

fn number(text: &str, below: u64) -> Option<u64> {
    text.parse().ok().filter(|number| *number < below)
}

fn seconds(text: &str) -> Option<(u64, Duration)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanoseconds = match fraction.len() {
        0 => 0,
        1..=7 => format!("{fraction:0<9}").parse().ok()?,
        _ => return None,
    };
    Some((number(whole, 60)?, Duration::from_nanos(nanoseconds)))
}

/// The host's default: 5 minutes on Consumption, 30 elsewhere, on Flex Consumption too.
pub(super) fn default(environment: &Environment) -> Timeout {
    let is_on_app_service = environment.text("WEBSITE_INSTANCE_ID").is_some();
    let mut instances = ["CONTAINER_NAME", "WEBSITE_POD_NAME"].into_iter();
    let is_container = instances.any(|name| environment.text(name).is_some());
    let sku = environment.text("WEBSITE_SKU").map(str::to_ascii_lowercase);
    let minutes = match sku.as_deref() {
        Some("dynamic") => 5,
        Some("flexconsumption") => 30,
        _ if is_container && !is_on_app_service => 5,
        _ => 30,
    };
    Timeout::After(Duration::from_secs(minutes * 60))
}

impl Timeout {
    /// After how long; `None` for never.
    pub(super) fn after(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::After(time) => Some(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_span_is_read_as_dotnet_reads_it() {
        for (text, seconds) in [
            ("00:05:00", 300.0),
            ("00:00:01.5", 1.5),
            ("01:30", 5400.0),
            ("1.00:00:10", 86_410.0),
            ("2", 172_800.0),
        ] {
            let wanted = Duration::from_secs_f64(seconds);
            assert_eq!(parse(text), Some(Timeout::After(wanted)), "{text}");
        }
        assert_eq!(parse("-1"), Some(Timeout::Never));
        for wrong in [
            "",
            "five",
            "00:00:00.5",
            "-00:05:00",
            "00:60:00",
            "1:2:3:4",
            "00:00:1.x",
            "é:1",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_consumption_has_five_minutes() {
        let minutes = |environment| match default(&environment) {
            Timeout::After(time) => time.as_secs() / 60,
            Timeout::Never => 0,
        };
        assert_eq!(minutes(Environment::of([])), 30);
        assert_eq!(minutes(Environment::of([("WEBSITE_SKU", "Dynamic")])), 5);
        assert_eq!(minutes(Environment::of([("CONTAINER_NAME", "c")])), 5);
        assert_eq!(minutes(Environment::of([("WEBSITE_POD_NAME", "p")])), 5);
        assert_eq!(minutes(Environment::of([("WEBSITE_SKU", "dynamic")])), 5);
        let flex = [("CONTAINER_NAME", "c"), ("WEBSITE_SKU", "FlexConsumption")];
        assert_eq!(minutes(Environment::of(flex)), 30);
        let dedicated = [("CONTAINER_NAME", "c"), ("WEBSITE_INSTANCE_ID", "i")];
        assert_eq!(minutes(Environment::of(dedicated)), 30);
    }
}

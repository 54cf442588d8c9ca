//! The margin: how long before the host's own end an invocation is over.

use std::time::Duration;

use crate::RunError;
use crate::config::Environment;

const VARIABLE: &str = "ISOBAR_MARGIN";

/// How long before the host's own end an invocation is over, so that its answer still arrives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Margin {
    set: Option<Duration>,
    most: Duration,
}

impl Margin {
    /// Reads `ISOBAR_MARGIN`, else takes the program's own. Where neither says one it is the tenth part
    /// of the time that the host gives, and `most` at most.
    pub(crate) fn read(
        environment: &Environment,
        option: Option<Duration>,
        most: Duration,
    ) -> Result<Self, RunError> {
        let set = environment.seconds(VARIABLE)?.or(option);
        Ok(Self { set, most })
    }

    /// Returns what is left of the time that the host gives; `None` if the margin that was set is not
    /// less than that.
    pub(crate) fn off(self, time: Duration) -> Option<Duration> {
        match self.set {
            Some(margin) => time.checked_sub(margin).filter(|left| !left.is_zero()),
            None => Some(self.usual(time)),
        }
    }

    /// What is left where nobody has set a margin.
    pub(crate) fn usual(self, time: Duration) -> Duration {
        time.saturating_sub((time / 10).min(self.most))
    }

    /// The error for a margin that leaves nothing of the time that the host gives.
    #[cfg_attr(
        not(feature = "serve"),
        expect(dead_code, reason = "AWS Lambda tells the time with each invocation")
    )]
    pub(crate) fn too_large(self, environment: &Environment, time: Duration) -> RunError {
        let seconds = time.as_secs_f64();
        if environment.text(VARIABLE).is_some() {
            let wanted = format!("less than the {seconds} s that the host gives is wanted");
            return environment.wrong(VARIABLE, &wanted);
        }
        let margin = self.set.unwrap_or_default().as_secs_f64();
        RunError::Conflict(format!(
            "the margin of {margin} s leaves nothing of the {seconds} s that the host gives"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn margin(text: &str, option: Option<Duration>) -> Result<Margin, RunError> {
        let environment = Environment::of([(VARIABLE, text)]);
        Margin::read(&environment, option, Duration::from_secs(1))
    }

    #[test]
    fn where_none_is_set_it_is_a_tenth_up_to_what_the_host_has_at_most() {
        let usual = margin("", None).unwrap();
        for (time, left) in [(300.0, 299.0), (1.0, 0.9), (0.0, 0.0)] {
            let [time, left] = [time, left].map(Duration::from_secs_f64);
            assert_eq!(usual.off(time), Some(left));
        }
    }

    #[test]
    fn what_is_set_holds_and_the_environment_wins() {
        let seconds = Duration::from_secs;
        let own = margin("", Some(seconds(3))).unwrap();
        assert_eq!(own.off(seconds(10)), Some(seconds(7)));
        let set = margin("2.5", Some(seconds(3))).unwrap();
        assert_eq!(set.off(seconds(10)), Some(Duration::from_millis(7500)));
        assert_eq!(margin("0", None).unwrap().off(seconds(1)), Some(seconds(1)));
    }

    #[test]
    fn one_that_leaves_nothing_is_told_with_the_time_that_there_is() {
        let seconds = Duration::from_secs;
        for text in ["10", "11"] {
            let set = margin(text, None).unwrap();
            assert_eq!(set.off(seconds(10)), None, "{text}");
            assert_eq!(set.usual(seconds(10)), seconds(9), "{text}");
        }
        let environment = Environment::of([(VARIABLE, "11")]);
        let set = margin("11", None).unwrap();
        let error = set.too_large(&environment, seconds(10)).to_string();
        assert!(error.contains(VARIABLE) && error.contains("less than the 10 s"));
        let own = margin("", Some(seconds(11))).unwrap();
        let error = own.too_large(&Environment::of([]), seconds(10)).to_string();
        assert!(error.contains("11 s") && error.contains("10 s"), "{error}");
    }

    #[test]
    fn a_malformed_one_is_named() {
        for text in ["soon", "-1", "200ms"] {
            let error = margin(text, None).unwrap_err().to_string();
            assert!(error.contains(VARIABLE) && error.contains("seconds"));
        }
    }
}

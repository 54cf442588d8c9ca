//! How many events of one delivery are handled at once.

use std::num::NonZeroUsize;

use crate::RunError;
use crate::config::Environment;

/// Enough to hide what each waits for, and few enough for a small database's connections.
const DEFAULT: usize = 32;

/// Reads `ISOBAR_EVENT_CONCURRENCY`; without it the program's own number counts.
pub(crate) fn limit(environment: &Environment, own: Option<usize>) -> Result<usize, RunError> {
    let set: Option<NonZeroUsize> =
        environment.value("ISOBAR_EVENT_CONCURRENCY", "a number from 1 on is wanted")?;
    Ok(set.map(NonZeroUsize::get).or(own).unwrap_or(DEFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_from_one_on() {
        let of = |text| {
            limit(
                &Environment::of([("ISOBAR_EVENT_CONCURRENCY", text)]),
                Some(5),
            )
        };
        assert_eq!(of("100").unwrap(), 100);
        assert_eq!(limit(&Environment::of([]), Some(5)).unwrap(), 5);
        assert_eq!(limit(&Environment::of([]), None).unwrap(), DEFAULT);
        assert!(of("0").is_err() && of("many").is_err());
    }
}

//! The numbers of a process since its start. Their names are few, so they are bounded.

use std::collections::BTreeMap;

use super::{Measurement, SECONDS, SIZES};

/// What the numbers of an invocation are kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) trigger: &'static str,
    pub(super) outcome: &'static str,
    /// Empty where it was not a request.
    pub(super) method: &'static str,
}

/// The numbers since the start.
#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    pub(super) invocations: BTreeMap<Key, u64>,
    /// Seconds, by trigger and outcome.
    pub(super) durations: BTreeMap<(&'static str, &'static str), Histogram>,
    /// By trigger, as what follows.
    pub(super) cold_starts: BTreeMap<&'static str, u64>,
    pub(super) batches: BTreeMap<&'static str, Histogram>,
    pub(super) failed: BTreeMap<&'static str, u64>,
}

impl Series {
    pub(super) fn add(&mut self, measurement: &Measurement) {
        let Measurement {
            trigger, outcome, ..
        } = *measurement;
        let method = measurement.method.unwrap_or_default();
        let key = Key {
            trigger,
            outcome,
            method,
        };
        *self.invocations.entry(key).or_default() += 1;
        let durations = self.durations.entry((trigger, outcome));
        let seconds = measurement.duration.as_secs_f64();
        durations
            .or_insert_with(|| Histogram::of(SECONDS))
            .add(seconds);
        *self.cold_starts.entry(trigger).or_default() += u64::from(measurement.cold_start);
        if let Some(items) = measurement.items {
            let sizes = self.batches.entry(trigger);
            let size = u32::try_from(items).unwrap_or(u32::MAX);
            sizes
                .or_insert_with(|| Histogram::of(SIZES))
                .add(size.into());
            *self.failed.entry(trigger).or_default() += measurement.failed;
        }
    }
}

/// How many values were within which bound.
#[derive(Clone, Debug)]
pub(super) struct Histogram {
    /// Each bound, and how many values were within it and over the one before.
    within: Vec<(f64, u64)>,
    over: u64,
    pub(super) sum: f64,
}

impl Histogram {
    fn of(bounds: &[f64]) -> Self {
        Self {
            within: bounds.iter().map(|bound| (*bound, 0)).collect(),
            over: 0,
            sum: 0.0,
        }
    }

    fn add(&mut self, value: f64) {
        self.sum += value;
        let bucket = self.within.iter_mut().find(|(bound, _)| value <= *bound);
        *bucket.map_or(&mut self.over, |(_, count)| count) += 1;
    }

    /// Returns each bound with the number of values up to it.
    pub(super) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        self.within.iter().scan(0, |sum, (bound, count)| {
            *sum += count;
            Some((*bound, *sum))
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.within.iter().map(|(_, count)| count).sum::<u64>() + self.over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_counted_in_each_bound_that_it_is_within() {
        let mut histogram = Histogram::of(&[1.0, 5.0]);
        for value in [0.5, 1.0, 1.5, 7.0] {
            histogram.add(value);
        }
        let counts: Vec<_> = histogram.cumulative().collect();
        assert_eq!(counts, [(1.0, 2), (5.0, 3)]);
        assert_eq!(histogram.count(), 4);
        assert!((histogram.sum - 10.0).abs() < 1e-9);
    }
}

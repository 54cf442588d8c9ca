//! What a run comes to: latencies, memory over its tenths, and what was wrong.

use std::time::Duration;

use isobar_hosts::Program;

use crate::Result;

/// No more are kept: one fault may be that of every request.
const MOST_WRONG: usize = 5;

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// Of each request.
    pub(crate) micros: Vec<u32>,
    /// Resident memory in KiB, at equal distances.
    pub(crate) memory: Vec<u64>,
    pub(crate) took: Duration,
    pub(crate) wrong: Vec<String>,
}

impl Measured {
    pub(crate) fn answered(&mut self, after: Duration) {
        self.micros
            .push(after.as_micros().try_into().unwrap_or(u32::MAX));
    }

    pub(crate) fn wrong(&mut self, what: impl Into<String>) {
        if self.wrong.len() < MOST_WRONG {
            self.wrong.push(what.into());
        }
    }

    /// Takes in what another worker measured at the same time.
    pub(crate) fn join(&mut self, other: Self) {
        self.micros.extend(other.micros);
        other.wrong.into_iter().for_each(|what| self.wrong(what));
    }

    pub(crate) fn look(&mut self, program: &Program) -> Result<()> {
        self.memory.push(program.memory_kib()?.resident);
        Ok(())
    }

    /// How much more memory the last tenth took than the second, in percent.
    pub(crate) fn growth(&self) -> f64 {
        let tenth = self.memory.len() / 10;
        let mean = |from: usize| {
            let part = self.memory.iter().skip(from).take(tenth.max(1));
            let (sum, count) = part.fold((0.0, 0.0), |(sum, count), kib| {
                (sum + to_f64(*kib), count + 1.0)
            });
            sum / f64::max(count, 1.0)
        };
        let (second, last) = (
            mean(tenth),
            mean(self.memory.len().saturating_sub(tenth.max(1))),
        );
        (last / second - 1.0) * 100.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "of a size that is exact")]
fn to_f64(number: u64) -> f64 {
    number as f64
}

/// One line for who reads it.
pub(crate) fn report(measured: &Measured) -> String {
    let mut micros = measured.micros.clone();
    micros.sort_unstable();
    let at = |thousandths: usize| {
        let place = (micros.len() * thousandths / 1000).min(micros.len().saturating_sub(1));
        f64::from(micros.get(place).copied().unwrap_or_default()) / 1000.0
    };
    let rate = to_f64(micros.len() as u64) / measured.took.as_secs_f64();
    format!(
        "{} answers in {:.1} s ({rate:.0} a second); ms: median {:.3}, 99 % {:.3}, 99.9 % {:.3}, most {:.3}; \
         memory {} KiB at the end, {:+.2} % since the second tenth; {} wrong",
        micros.len(),
        measured.took.as_secs_f64(),
        at(500),
        at(990),
        at(999),
        at(1000),
        measured.memory.last().copied().unwrap_or_default(),
        measured.growth(),
        measured.wrong.len(),
    )
}

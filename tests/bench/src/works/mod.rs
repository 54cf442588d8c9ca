//! What is measured: a file a host.

mod azure;
mod cloud_run;
mod cold;
mod lambda;
mod start;

use crate::Options;
use crate::programs::Programs;
use crate::stats::{self, Problem};

/// `RUST_LOG` for what is logged by default.
const LINES: &str = "info";

/// The same without the access lines: no peer writes a line an invocation.
const QUIET: &str = "info,isobar::access=off";

/// One figure of ours beside a peer's.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub work: &'static str,
    pub figure: Figure,
    pub ours: f64,
    pub peer: &'static str,
    pub theirs: f64,
    /// The ratio that is aimed at, at most.
    pub aim: Option<f64>,
}

impl Row {
    pub(crate) fn ratio(&self) -> f64 {
        self.ours / self.theirs
    }
}

/// What a figure says, and in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Figure {
    Processor,
    Time,
    Slowest,
    Instructions,
    Memory,
    Size,
}

/// What was measured of a program at a work; medians of all turns.
#[derive(Clone, Copy, Debug, Default)]
struct Measured {
    /// Microseconds of processor time an invocation.
    processor: f64,
    /// Microseconds from its first byte to the answer's last: the middle, and the 99th of 100.
    time: f64,
    slowest: f64,
    /// KiB, at most.
    memory: f64,
    /// Thousands an invocation, where they were counted.
    instructions: Option<f64>,
}

/// The turns of one program, of which the middle is taken.
#[derive(Debug, Default)]
struct Turns {
    processor: Vec<f64>,
    time: Vec<f64>,
    slowest: Vec<f64>,
}

impl Turns {
    /// One more: the processor time of all, and the time of each.
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    fn add(&mut self, processor: std::time::Duration, times: &[f64]) {
        self.processor
            .push(stats::micros(processor) / times.len() as f64);
        self.time.push(stats::median(times));
        self.slowest.push(stats::at(times, 0.99));
    }

    fn middle(&self, memory: f64, instructions: Option<f64>) -> Measured {
        Measured {
            processor: stats::median(&self.processor),
            time: stats::median(&self.time),
            slowest: stats::median(&self.slowest),
            memory,
            instructions,
        }
    }
}

/// How often, and how many at once.
#[derive(Clone, Copy, Debug)]
struct Effort {
    turns: usize,
    count: usize,
    counted: bool,
}

impl Effort {
    fn new(options: &Options, count: usize) -> Self {
        if options.quick {
            return Self {
                turns: 1,
                count: count.div_ceil(20),
                counted: false,
            };
        }
        Self {
            turns: 5,
            count,
            counted: crate::instructions::can_be_counted(),
        }
    }

    /// For what is so large that counting it would take minutes.
    fn uncounted(self) -> Self {
        Self {
            counted: false,
            ..self
        }
    }
}

/// Rows of some figures, of ours against one peer.
fn rows(
    work: &'static str,
    peer: &'static str,
    (ours, theirs): (Measured, Measured),
    aims: &[(Figure, Option<f64>)],
) -> Vec<Row> {
    let value = |measured: Measured, figure| match figure {
        Figure::Processor => Some(measured.processor),
        Figure::Time => Some(measured.time),
        Figure::Slowest => Some(measured.slowest),
        Figure::Memory => Some(measured.memory),
        Figure::Instructions => measured.instructions,
        Figure::Size => None,
    };
    let row = |&(figure, aim): &(Figure, Option<f64>)| {
        let (ours, theirs) = (value(ours, figure)?, value(theirs, figure)?);
        Some(Row {
            work,
            figure,
            ours,
            peer,
            theirs,
            aim,
        })
    };
    aims.iter().filter_map(row).collect()
}

/// Measures all that is asked for.
pub(crate) async fn all(programs: &Programs, options: &Options) -> Result<Vec<Row>, Problem> {
    let mut all = lambda::all(programs, options).await?;
    all.extend(azure::all(programs, options).await?);
    all.extend(cloud_run::all(programs, options).await?);
    all.extend(start::all(programs, options).await?);
    Ok(all)
}

/// Whether a work is asked for; says that it begins.
#[expect(
    clippy::print_stderr,
    reason = "it takes minutes: one sees what it is at"
)]
fn is_wanted(options: &Options, work: &str) -> bool {
    let wanted = options
        .only
        .as_ref()
        .is_none_or(|only| work.contains(only.as_str()));
    if wanted {
        eprintln!("measuring {work}");
    }
    wanted
}

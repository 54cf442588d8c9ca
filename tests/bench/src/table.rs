//! The table, as README has it.

use std::fmt::Write as _;
use std::path::Path;

use crate::stats::Problem;
use crate::works::{Figure, Row};

const BEGIN: &str = "<!-- measured by `cargo run -p bench --release -- --readme README.md` -->\n";
const END: &str = "<!-- measured: end -->";

pub(crate) fn table(rows: &[Row], machine: &str) -> String {
    let mut text = String::from(
        "| work | figure | ours | peer's | peer | ratio | aim |\n| --- | --- | ---: | ---: | --- | ---: | ---: |\n",
    );
    for row in rows {
        let aim = row.aim.map(|aim| format!("{aim:.2}")).unwrap_or_default();
        // a String takes all that is written
        let _written = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {aim} |",
            row.work,
            name(row.figure),
            value(row.figure, row.ours),
            value(row.figure, row.theirs),
            row.peer,
            ratio(row),
        );
    }
    let _written = write!(text, "\n{machine}; peers as `Cargo.lock` has them.");
    text
}

/// What has met its aim is bold.
fn ratio(row: &Row) -> String {
    match row.aim {
        Some(aim) if row.ratio() <= aim => format!("**{:.2}**", row.ratio()),
        _ => format!("{:.2}", row.ratio()),
    }
}

pub(crate) fn name(figure: Figure) -> &'static str {
    match figure {
        Figure::Processor => "processor time",
        Figure::Time => "time",
        Figure::Slowest => "time, 99th of 100",
        Figure::Instructions => "instructions",
        Figure::Memory => "peak memory",
        Figure::Size => "size",
    }
}

pub(crate) fn value(figure: Figure, value: f64) -> String {
    match figure {
        Figure::Processor | Figure::Time | Figure::Slowest if value >= 10_000.0 => {
            format!("{:.1} ms", value / 1000.0)
        }
        Figure::Processor | Figure::Time | Figure::Slowest => format!("{value:.1} µs"),
        Figure::Instructions => format!("{value:.1} k"),
        Figure::Memory => format!("{:.1} MB", value / 1024.0),
        Figure::Size => format!("{value:.0} KB"),
    }
}

/// Writes the table between its marks.
pub(crate) fn write(readme: &Path, table: &str) -> Result<(), Problem> {
    let text = std::fs::read_to_string(readme)?;
    let marks = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        marks.ok_or_else(|| format!("{} has no marks of the table", readme.display()))?;
    std::fs::write(readme, format!("{before}{BEGIN}\n{table}\n\n{END}{after}"))?;
    Ok(())
}

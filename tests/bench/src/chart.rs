//! The table's ratios as a picture: a bar a row, the peer at 1. Light and dark by the reader's own
//! setting.

use std::fmt::Write as _;

use crate::table;
use crate::works::{Figure, Row};

const LINE: f64 = 26.0;
const LEFT: f64 = 330.0;
/// The peer's place.
const ONE: f64 = 300.0;
const WIDTH: f64 = 820.0;

const STYLE: &str = "<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.small { fill: #59636e; font-size: 12px }
.ours { fill: #0969da } .over { fill: #9a6700 } .peer { stroke: #59636e; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .small { fill: #9198a1 }
  .ours { fill: #4493f8 } .over { fill: #d29922 } .peer { stroke: #9198a1 }
}
</style>";

/// The rows that a picture has: one a work and peer, of what is aimed at.
fn drawn(rows: &[Row]) -> impl Iterator<Item = &Row> {
    let wanted = |row: &&Row| row.aim.is_some() && row.peer != "by hand";
    rows.iter().filter(wanted)
}

#[expect(clippy::cast_precision_loss, reason = "some dozens of rows")]
pub(crate) fn chart(rows: &[Row]) -> String {
    let height = 60.0 + LINE * drawn(rows).count() as f64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-label=\"What isobar costs, as a share of what each peer costs\">\n{STYLE}\n"
    );
    // a String takes all that is written
    let _written = writeln!(
        svg,
        "<text x=\"{}\" y=\"18\" text-anchor=\"middle\" class=\"small\">the peer</text>",
        LEFT + ONE
    );
    for (nth, row) in drawn(rows).enumerate() {
        let y = 34.0 + LINE * nth as f64;
        bar(&mut svg, row, y);
    }
    let x = LEFT + ONE;
    let _written = writeln!(
        svg,
        "<line class=\"peer\" x1=\"{x}\" x2=\"{x}\" y1=\"26\" y2=\"{}\"/>\n</svg>",
        height - 20.0
    );
    svg
}

fn bar(svg: &mut String, row: &Row, y: f64) {
    let length = (row.ratio() * ONE).min(WIDTH - LEFT - 60.0);
    let class = if row.ratio() <= 1.0 { "ours" } else { "over" };
    let what = match row.figure {
        Figure::Processor => String::new(),
        figure => format!(", {}", table::name(figure)),
    };
    let middle = y + 13.0;
    let _written = writeln!(
        svg,
        "<text x=\"{}\" y=\"{middle}\" text-anchor=\"end\">{}<tspan class=\"small\">{what}</tspan></text>\
         <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{length:.1}\" height=\"17\" rx=\"2\"/>\
         <text x=\"{:.1}\" y=\"{middle}\" class=\"small\">{:.2} of {}</text>",
        LEFT - 10.0,
        row.work,
        LEFT + length + 6.0,
        row.ratio(),
        row.peer,
    );
}

//! What is there before the first invocation: size, and the time that a start takes.

use std::rc::Rc;

use super::cold::{self, Start};
use super::{Figure, Row, is_wanted};
use crate::Options;
use crate::programs::Programs;
use crate::sample;
use crate::stats::Problem;

pub(super) async fn all(programs: &Programs, options: &Options) -> Result<Vec<Row>, Problem> {
    let mut all = Vec::new();
    if is_wanted(options, "size") {
        all.extend(sizes(programs)?);
    }
    let starts = if options.quick { 2 } else { 25 };
    if is_wanted(options, "cold start, Lambda") {
        let event = crate::lambda::delivery(&sample::http_api("GET", "/hello", "", None));
        let pair = [
            programs.get("hello-aws")?,
            programs.get("lambda-http-hello")?,
        ];
        let [ours, theirs] = cold::lambda(pair, &event, starts).await?;
        all.extend(pairs(
            (
                "Lambda, spawn to first poll",
                "Lambda, spawn to first answer",
            ),
            "lambda_http",
            ours,
            theirs,
        ));
    }
    if is_wanted(options, "cold start, Cloud Run") {
        let request: Rc<[u8]> = sample::plain("/hello").into();
        let pair = [programs.get("hello-gcp")?, programs.get("axum")?];
        let [ours, theirs] = cold::server(pair, &request, starts).await?;
        all.extend(pairs(
            (
                "Cloud Run, spawn to listening",
                "Cloud Run, spawn to first answer",
            ),
            "bare axum",
            ours,
            theirs,
        ));
    }
    Ok(all)
}

fn pairs(
    (ready, answered): (&'static str, &'static str),
    peer: &'static str,
    ours: Start,
    theirs: Start,
) -> [Row; 2] {
    let row = |work, ours, theirs| Row {
        work,
        figure: Figure::Time,
        ours,
        peer,
        theirs,
        aim: Some(1.0),
    };
    [
        row(ready, ours.ready, theirs.ready),
        row(answered, ours.answered, theirs.answered),
    ]
}

fn sizes(programs: &Programs) -> Result<Vec<Row>, Problem> {
    let theirs = programs.size("lambda-http-hello")?;
    let row = |work, ours, aim| Row {
        work,
        figure: Figure::Size,
        ours,
        peer: "lambda_http",
        theirs,
        aim,
    };
    Ok(vec![
        row(
            "hello for AWS Lambda",
            programs.size("hello-aws")?,
            Some(0.65),
        ),
        row(
            "hello for Azure Functions",
            programs.size("hello-azure")?,
            Some(0.65),
        ),
        row(
            "hello for Cloud Run",
            programs.size("hello-gcp")?,
            Some(0.65),
        ),
        row(
            "hello for every host",
            programs.size("hello-all")?,
            Some(1.0),
        ),
    ])
}

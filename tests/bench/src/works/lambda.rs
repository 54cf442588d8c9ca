//! AWS Lambda, by the Runtime API.

use std::rc::Rc;

use super::Figure::{Instructions, Memory, Processor, Slowest, Time};
use super::{Effort, Figure, LINES, Measured, QUIET, Row, Turns, is_wanted, rows};
use crate::Options;
use crate::instructions::{self, FEW, MANY};
use crate::lambda::{Answer, Api, delivery};
use crate::process::Launch;
use crate::programs::Programs;
use crate::sample;
use crate::stats::{self, Problem};

/// A work: an event, what each program is told to do with it, and what its answer has in it.
struct Work {
    name: &'static str,
    event: Vec<u8>,
    bench: &'static str,
    log: &'static str,
    answer: &'static str,
    count: usize,
    counted: bool,
    /// Ours, and the others with what is aimed at of each.
    ours: &'static str,
    others: &'static [Other],
}

/// A program, whose it is, and what is aimed at.
type Other = (&'static str, &'static str, &'static [(Figure, Option<f64>)]);

#[rustfmt::skip]
fn works() -> Vec<Work> {
    const OK: &str = "\"statusCode\":200";
    let hello = |name, event, aims| Work {
        name, event, bench: "", log: QUIET, answer: OK, count: 3000, counted: true, ours: "hello-aws", others: aims,
    };
    let echo = |name, bytes, count, counted, others| {
        let body = sample::binary(bytes);
        let event = sample::bytes("/echo", &body);
        Work { name, event, bench: "echo", log: QUIET, answer: OK, count, counted, ours: "ours-aws", others }
    };
    let stream = |name, query, count, others| {
        let event = sample::function_url("/stream", query);
        Work { name, event, bench: "stream", log: QUIET, answer: OK, count, counted: false, ours: "ours-aws", others }
    };
    let queue = |name, messages, count, others| Work {
        name, event: sample::queue(messages), bench: "sqs", log: QUIET,
        answer: "\"batchItemFailures\":[]", count, counted: false, ours: "ours-aws", others,
    };
    let document = sample::document(1024);
    let json = sample::http_api("POST", "/json", "", Some((&document, false)));
    vec![
        Work { log: LINES, ..hello("Lambda, HTTP API, hello, with its access line", sample::http_api("GET", "/hello", "", None), &[
            ("lambda-http-hello", "lambda_http", &[(Processor, None), (Time, None), (Instructions, None)])]) },
        hello("Lambda, HTTP API, hello", sample::http_api("GET", "/hello", "", None), &[
            ("lambda-http-hello", "lambda_http", &[(Processor, Some(0.26)), (Time, Some(0.38)), (Slowest, None), (Instructions, Some(0.40)), (Memory, Some(1.0))]),
            ("floor", "by hand", &[(Processor, Some(1.4)), (Instructions, None)]),
        ]),
        hello("Lambda, REST API, hello", sample::rest_api("/hello"), &[
            ("lambda-http-hello", "lambda_http", &[(Processor, None), (Instructions, Some(0.38))])]),
        hello("Lambda, load balancer, hello", sample::load_balancer("/hello"), &[
            ("lambda-http-hello", "lambda_http", &[(Processor, None), (Instructions, Some(0.46))])]),
        Work { name: "Lambda, 1 KB of JSON through axum", event: json, bench: "json", log: QUIET, answer: OK, count: 3000, counted: true,
            ours: "ours-aws", others: &[("lambda-http", "lambda_http", &[(Processor, Some(0.30)), (Time, None), (Instructions, None)])] },
        echo("Lambda, 1 KB of bytes", 1 << 10, 2000, false, &[("lambda-http", "lambda_http", &[(Processor, None)])]),
        echo("Lambda, 10 KB of bytes", 10 << 10, 1000, false, &[("lambda-http", "lambda_http", &[(Processor, None)])]),
        echo("Lambda, 1 MB of bytes", 1 << 20, 60, false, &[("lambda-http", "lambda_http", &[(Processor, None)])]),
        echo("Lambda, 100 KB of bytes", 100 << 10, 400, true, &[
            ("lambda-http", "lambda_http", &[(Processor, None), (Time, Some(0.42)), (Instructions, None)])]),
        echo("Lambda, 4 MB of bytes", 4 << 20, 20, false, &[
            ("lambda-http", "lambda_http", &[(Processor, None), (Time, Some(0.42)), (Memory, None)])]),
        stream("Lambda, streamed hello", "20=", 60, &[("lambda-http", "lambda_http", &[(Processor, None), (Time, None)])]),
        stream("Lambda, streamed 10 MB", "10485760=", 6, &[("lambda-http", "lambda_http", &[(Processor, None), (Time, None), (Memory, None)])]),
        queue("Lambda, 10 messages of SQS", 10, 2000, &[("lambda-runtime", "lambda_runtime", &[(Processor, Some(0.5)), (Time, None)])]),
        queue("Lambda, 10,000 messages of SQS", 10_000, 8, &[("lambda-runtime", "lambda_runtime", &[(Processor, Some(0.7)), (Time, None), (Memory, None)])]),
    ]
}

pub(super) async fn all(programs: &Programs, options: &Options) -> Result<Vec<Row>, Problem> {
    let mut all = Vec::new();
    for work in works() {
        if !is_wanted(options, work.name) {
            continue;
        }
        let mut effort = Effort::new(options, work.count);
        if !work.counted {
            effort = effort.uncounted();
        }
        let ours = launch(programs, work.ours, work.bench)?;
        let mut launches = vec![ours.variable("RUST_LOG", work.log)];
        for (program, ..) in work.others {
            launches.push(launch(programs, program, work.bench)?);
        }
        let event = delivery(&work.event);
        let measured = compare(&launches, &event, work.answer, effort).await?;
        let (ours, theirs) = measured.split_first().ok_or("nothing was measured")?;
        for ((_, peer, aims), theirs) in work.others.iter().zip(theirs) {
            all.extend(rows(work.name, peer, (*ours, *theirs), aims));
        }
    }
    Ok(all)
}

fn launch(programs: &Programs, program: &str, bench: &str) -> Result<Launch, Problem> {
    Ok(Launch::new(programs.get(program)?)
        .variable("BENCH", bench)
        .variable("ISOBAR_NAMES", "orders=orders")
        .variable(
            "ISOBAR_RESPONSE_MODE",
            if bench == "stream" {
                "stream"
            } else {
                "buffer"
            },
        ))
}

/// All programs in turns, each with a host of its own.
async fn compare(
    launches: &[Launch],
    event: &Rc<[u8]>,
    wanted: &str,
    effort: Effort,
) -> Result<Vec<Measured>, Problem> {
    let (mut contenders, mut lengths) = (Vec::new(), Vec::new());
    for launch in launches {
        let mut api = Api::listen().await?;
        let mut running = api.around(launch.clone()).start()?;
        api.first_poll(&mut running).await?;
        let warm = api.invoke(event, effort.count.div_ceil(10)).await?;
        lengths.push(check(&warm, wanted)?);
        contenders.push((api, running, Turns::default()));
    }
    // all answered with as much, but for what their wires add
    if lengths.iter().min() < lengths.iter().max().map(|most| most / 2).as_ref() {
        return Err(format!("answers of {lengths:?} bytes").into());
    }
    for _ in 0..effort.turns {
        for (api, running, turns) in &mut contenders {
            let before = running.processor_time()?;
            let answers = api.invoke(event, effort.count).await?;
            let times: Vec<_> = answers
                .iter()
                .map(|answer| stats::micros(answer.took))
                .collect();
            turns.add(running.processor_time()?.saturating_sub(before), &times);
        }
    }
    let mut measured = Vec::new();
    for ((_, running, turns), launch) in contenders.into_iter().zip(launches) {
        let memory = running.peak_memory()?;
        running.end()?;
        let counted = if effort.counted {
            Some(count(launch, event).await?)
        } else {
            None
        };
        measured.push(turns.middle(memory, counted));
    }
    Ok(measured)
}

/// The answers are what was asked for, since a program that fails fast would win. Returns how long
/// one is.
fn check(answers: &[Answer], wanted: &str) -> Result<usize, Problem> {
    for answer in answers {
        let said = String::from_utf8_lossy(&answer.received.beginning);
        if !said.contains(wanted) {
            return Err(format!("not answered with {wanted}: {said}").into());
        }
    }
    let first = answers.first().ok_or("no answer")?;
    Ok(first.received.length)
}

async fn count(launch: &Launch, event: &Rc<[u8]>) -> Result<f64, Problem> {
    Ok(instructions::each(
        run(launch, event, FEW).await?,
        run(launch, event, MANY).await?,
    ))
}

async fn run(launch: &Launch, event: &Rc<[u8]>, count: usize) -> Result<f64, Problem> {
    let mut api = Api::listen().await?;
    let mut program = instructions::start(&api.around(launch.clone()))?;
    api.first_poll(&mut program.running).await?;
    api.invoke(event, count).await?;
    instructions::collected(program)
}

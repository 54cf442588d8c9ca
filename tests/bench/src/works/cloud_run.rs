//! Google Cloud Run, by HTTP, over one connection and over many.

use std::path::Path;
use std::rc::Rc;

use super::Figure::{Instructions, Memory, Processor, Slowest, Time};
use super::{Effort, LINES, Measured, QUIET, Row, Turns, is_wanted, rows};
use crate::Options;
use crate::http::{Client, free_port};
use crate::instructions::{self, FEW, MANY};
use crate::process::Launch;
use crate::programs::Programs;
use crate::sample;
use crate::stats::{self, Problem};

pub(super) async fn all(programs: &Programs, options: &Options) -> Result<Vec<Row>, Problem> {
    let works = [
        ("Cloud Run, hello, with its access line", 1, LINES),
        ("Cloud Run, hello, 1 connection", 1, QUIET),
        ("Cloud Run, hello, 16 connections", 16, QUIET),
        ("Cloud Run, hello, 256 connections", 256, QUIET),
    ];
    let request: Rc<[u8]> = sample::plain("/hello").into();
    let mut all = Vec::new();
    for (work, connections, log) in works {
        if !is_wanted(options, work) {
            continue;
        }
        let mut launches = Vec::new();
        for name in ["hello-gcp", "axum", "hyper"] {
            let (launch, port) = server(programs.get(name)?)?;
            launches.push((launch.variable("RUST_LOG", log), port));
        }
        let mut effort = Effort::new(options, 8192);
        if connections > 1 {
            effort = effort.uncounted();
        }
        let measured = compare(&launches, &request, connections, effort).await?;
        if let [ours, axum, hyper] = *measured {
            let aims = [
                (Processor, Some(1.0)),
                (Time, None),
                (Slowest, None),
                (Instructions, None),
                (Memory, Some(1.0)),
            ];
            all.extend(rows(work, "bare axum", (ours, axum), &aims));
            all.extend(rows(
                work,
                "bare hyper",
                (ours, hyper),
                &[(Processor, Some(1.08))],
            ));
        }
    }
    Ok(all)
}

/// A program in Cloud Run's environment, and its port.
pub(super) fn server(program: &Path) -> Result<(Launch, u16), Problem> {
    let port = free_port()?;
    let launch = Launch::new(program)
        .variable("PORT", port.to_string())
        .variable("K_SERVICE", "hello")
        .variable("K_REVISION", "hello-00001-abc")
        .variable("K_CONFIGURATION", "hello");
    Ok((launch, port))
}

/// All servers in turns, by clients on so many connections.
pub(super) async fn compare(
    launches: &[(Launch, u16)],
    request: &Rc<[u8]>,
    connections: usize,
    effort: Effort,
) -> Result<Vec<Measured>, Problem> {
    let mut contenders = Vec::new();
    for (launch, port) in launches {
        let mut running = launch.start()?;
        let mut client = Client::connect(*port, &mut running).await?;
        let (_, last) = client
            .send(request, connections, effort.count.div_ceil(10))
            .await?;
        if last.subject != "200" || last.length == 0 {
            let said = String::from_utf8_lossy(&last.beginning);
            return Err(format!("{}: {} {said}", launch.program.display(), last.subject).into());
        }
        contenders.push((client, running, Turns::default()));
    }
    for _ in 0..effort.turns {
        for (client, running, turns) in &mut contenders {
            let before = running.processor_time()?;
            let (took, _) = client.send(request, connections, effort.count).await?;
            let times: Vec<_> = took.into_iter().map(stats::micros).collect();
            turns.add(running.processor_time()?.saturating_sub(before), &times);
        }
    }
    let mut measured = Vec::new();
    for ((client, running, turns), launch) in contenders.into_iter().zip(launches) {
        let memory = running.peak_memory()?;
        drop(client);
        running.end()?;
        let counted = if effort.counted {
            Some(count(launch, request).await?)
        } else {
            None
        };
        measured.push(turns.middle(memory, counted));
    }
    Ok(measured)
}

async fn count(launch: &(Launch, u16), request: &Rc<[u8]>) -> Result<f64, Problem> {
    Ok(instructions::each(
        run(launch, request, FEW).await?,
        run(launch, request, MANY).await?,
    ))
}

async fn run(
    (launch, port): &(Launch, u16),
    request: &Rc<[u8]>,
    count: usize,
) -> Result<f64, Problem> {
    let mut program = instructions::start(launch)?;
    let mut client = Client::connect(*port, &mut program.running).await?;
    client.send(request, 1, count).await?;
    drop(client);
    instructions::collected(program)
}

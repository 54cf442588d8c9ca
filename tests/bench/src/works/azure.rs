//! Azure Functions, by invocation JSON.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::Figure::{Instructions, Processor, Slowest, Time};
use super::{Effort, LINES, QUIET, Row, is_wanted, rows};
use crate::Options;
use crate::http::free_port;
use crate::process::Launch;
use crate::programs::Programs;
use crate::sample;
use crate::stats::Problem;

pub(super) async fn all(programs: &Programs, options: &Options) -> Result<Vec<Row>, Problem> {
    let hello = || sample::invocation("GET", "/hello", None);
    let chunks = sample::in_chunks(&hello());
    let (small, large) = (echo(1024), echo(100 << 10));
    #[rustfmt::skip]
    let works = [
        ("Azure, hello, with its access line", hello(), "hello-azure", LINES, (1, 3000), None),
        ("Azure, hello", hello(), "hello-azure", QUIET, (1, 3000), Some(0.6)),
        ("Azure, hello, 16 connections", hello(), "hello-azure", QUIET, (16, 8000), None),
        ("Azure, hello, in chunks", chunks, "hello-azure", QUIET, (1, 3000), None),
        ("Azure, 1 KB of JSON", small, "ours-azure", QUIET, (1, 3000), Some(0.65)),
        ("Azure, 100 KB of JSON", large, "ours-azure", QUIET, (1, 300), Some(0.85)),
    ];
    let root = app_root()?;
    let mut all = Vec::new();
    for (work, request, ours, log, (connections, count), aim) in works {
        if !is_wanted(options, work) {
            continue;
        }
        let (ours, port) = server(programs.get(ours)?, &root)?;
        let launches = [
            (ours.variable("RUST_LOG", log), port),
            server(programs.get("azure-sample")?, &root)?,
        ];
        let request: Rc<[u8]> = request.into();
        let effort = Effort::new(options, count);
        let measured = super::cloud_run::compare(&launches, &request, connections, effort).await?;
        if let [ours, theirs] = *measured {
            let aims = [
                (Processor, aim),
                (Time, None),
                (Slowest, None),
                (Instructions, None),
            ];
            all.extend(rows(work, "the sample", (ours, theirs), &aims));
        }
    }
    std::fs::remove_dir_all(root)?;
    Ok(all)
}

fn echo(bytes: usize) -> Vec<u8> {
    sample::invocation("POST", "/echo", Some(&sample::document(bytes)))
}

fn server(program: &Path, root: &Path) -> Result<(Launch, u16), Problem> {
    let port = free_port()?;
    let launch = Launch::new(program)
        .folder(root)
        .variable("BENCH", "echo")
        .variable("FUNCTIONS_CUSTOMHANDLER_PORT", port.to_string())
        .variable("FUNCTIONS_APP_ROOT_PATH", root.to_string_lossy());
    Ok((launch, port))
}

/// A function app: its host.json, and one function with an HTTP trigger.
fn app_root() -> Result<PathBuf, Problem> {
    let root = std::env::temp_dir().join(format!("isobar-bench-{}", std::process::id()));
    std::fs::create_dir_all(root.join("http"))?;
    let host = r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;
    std::fs::write(root.join("host.json"), host)?;
    let function = r#"{"bindings": [
        {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": "{*path}"},
        {"type": "http", "direction": "out", "name": "res"}]}"#;
    std::fs::write(root.join("http/function.json"), function)?;
    Ok(root)
}

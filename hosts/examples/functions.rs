//! Plays the Functions host for a folder as it is deployed: its host.json says which program runs.
//!
//! ```text
//! cargo run -p isobar-hosts --example functions -- FOLDER PORT
//! ```

use std::error::Error;
use std::path::PathBuf;

use isobar_hosts::functions::{App, Host};
use isobar_hosts::{Launch, Listening};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: functions FOLDER PORT";
    let folder = PathBuf::from(arguments.next().ok_or(usage)?).canonicalize()?;
    let port = arguments.next().ok_or(usage)?.parse()?;
    let settings: Value = serde_json::from_slice(&std::fs::read(folder.join("host.json"))?)?;
    let program = settings
        .pointer("/customHandler/description/defaultExecutablePath")
        .and_then(Value::as_str)
        .ok_or("host.json has no customHandler.description.defaultExecutablePath")?;
    let host = Host::new(Launch::new(folder.join(program)), App::at(&folder));
    let started = host.start().await?;
    let _listening = Listening::open(started.front, port).await?;
    std::future::pending::<()>().await;
    Ok(())
}

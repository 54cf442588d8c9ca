//! `cargo isobar invoke`: sends a request or a trigger's event to a running `cargo isobar dev`, and
//! shows both sides of both directions.

mod fate;
mod list;
mod replay;
mod sample;
mod show;
mod sources;
mod target;

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::cli::Target;
use crate::dev::{Contact, EventOrder, HttpOrder, Order};
use crate::explain::{self, Input};
use crate::fail::{Failure, Kind, Result};
use crate::project::Project;
use crate::run::block_on;
use crate::say;
pub(crate) use replay::{KINDS, of_request, replayed, source};
pub(crate) use sample::Parts;
use sources::Trigger;
pub(crate) use sources::word;
pub(crate) use target::{Sent, of_native, of_sample, wanted_name};

const EXAMPLES: &str = "\
Examples:
  cargo isobar invoke /hello?name=Ada                     an HTTP request
  cargo isobar invoke /orders -X POST -H 'content-type: application/json' --body '{}'
  cargo isobar invoke --sqs --body '{\"id\":\"1\",\"seats\":2}'   a message, to dev --as aws
  cargo isobar invoke --sqs --body 1 --body 2             a batch of two
  cargo isobar invoke --s3-put uploads/a.csv              an object that was made
  cargo isobar invoke --timer --source nightly            a schedule, to dev --as azure
  cargo isobar invoke event.json                          a native event from a file
  cargo isobar invoke --fixture orders.json               what the inspector saved, on any host
  cargo isobar invoke --list                              all samples there are
  cargo isobar invoke --sqs --print > event.json          a sample itself; nothing is sent";

/// Send a request or any trigger's sample event to a running dev, and show both sides
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Invoke {
    #[command(flatten)]
    target: Target,
    /// A path for an HTTP request, or a file with a native event
    #[arg(value_name = "PATH|FILE", conflicts_with = "trigger")]
    what: Option<String>,
    /// HTTP: the method; GET, or POST where there is a body
    #[arg(short = 'X', long, value_name = "METHOD")]
    method: Option<String>,
    /// HTTP: a header
    #[arg(short = 'H', long, value_name = "NAME: VALUE")]
    header: Vec<String>,
    /// Azure: the function of a native event
    #[arg(long, value_name = "NAME")]
    function: Option<String>,
    #[command(flatten)]
    parts: Parts,
    #[command(flatten)]
    trigger: Trigger,
    /// An invocation that the inspector has saved: it is sent to whatever host dev plays
    #[arg(long, value_name = "FILE", conflicts_with_all = ["what", "trigger"])]
    fixture: Option<PathBuf>,
    /// List the samples
    #[arg(long)]
    list: bool,
    /// Print the sample, and send nothing
    #[arg(long)]
    print: bool,
    /// Print both sides as JSON
    #[arg(long)]
    json: bool,
}

impl Invoke {
    /// Sends, and shows what comes of it.
    pub(crate) fn run(mut self) -> Result<()> {
        if self.list {
            list::list(self.json);
            return Ok(());
        }
        if let Some((bucket, key)) = self.trigger.object.take() {
            self.parts.source.get_or_insert(bucket);
            self.parts.key = Some(key);
        }
        if self.print {
            return self.print();
        }
        let project = Project::find(&self.target)?;
        let contact = Contact::find(&project)?;
        block_on(async {
            let status = contact.order(&Order::Status).await?;
            let host = status
                .get("host")
                .and_then(Value::as_str)
                .unwrap_or("local");
            let mut failed = None;
            for sent in self.orders(&project, host)? {
                let answer = contact.order(&sent.order).await?;
                let shown = show::Shown::new(host, &sent, &answer);
                if self.json {
                    say::data(format_args!("{:#}", shown.json()));
                } else {
                    shown.draw();
                }
                if !shown.is_well() {
                    failed = Some(Failure::new(Kind::Found, shown.what()));
                }
            }
            failed.map_or(Ok(()), |failed| {
                Err(failed.help("the log, where cargo isobar dev runs, has more"))
            })
        })
    }

    /// Prints a sample, as the host sends it.
    fn print(&self) -> Result<()> {
        let Some(source) = self.trigger.source else {
            return Err(
                Failure::new(Kind::Usage, "which sample?").help("cargo isobar invoke --list")
            );
        };
        let name = self.parts.source.as_deref();
        let name = name.unwrap_or_else(|| target::default_name(source.kind()));
        let items = sample::items(source, &self.parts)?;
        let native = sample::native(source, name, items)?;
        if native.source.provider() == isobar::Provider::Aws {
            say::data(String::from_utf8_lossy(&native.body));
        } else {
            say::data(target::request_text(&native));
        }
        Ok(())
    }

    /// What is to be done by dev: one thing, unless a batch goes to a host that has none.
    fn orders(&self, project: &Project, host: &str) -> Result<Vec<Sent>> {
        match &self.fixture {
            Some(file) => replayed(project, host, &replay::open(file)?),
            None => Ok(vec![self.order(project, host)?]),
        }
    }

    fn order(&self, project: &Project, host: &str) -> Result<Sent> {
        match (&self.what, self.trigger.source) {
            (_, Some(source)) => of_sample(project, host, source, &self.parts),
            (Some(what), None) if is_target(what) => self.http(what),
            (Some(file), None) => {
                let file = PathBuf::from(file);
                let hint = "a path begins with a slash: cargo isobar invoke /hello";
                let input = Input::open(&file, None).map_err(|failure| failure.help(hint))?;
                target::of_file(host, &input, self.function.as_deref())
            }
            (None, None) => Err(Failure::new(Kind::Usage, "what is to be sent?")
                .help("a path (/hello), a trigger (--sqs) or a file; cargo isobar invoke --help")),
        }
    }

    fn http(&self, target: &str) -> Result<Sent> {
        let body = self.parts.body.first().cloned().unwrap_or_default();
        let default = if self.parts.body.is_empty() {
            "GET"
        } else {
            "POST"
        };
        let mut headers = Vec::new();
        for header in &self.header {
            let parts = header.split_once(':').ok_or_else(|| {
                Failure::new(
                    Kind::Usage,
                    format!("--header: NAME: VALUE is wanted, not {header}"),
                )
            })?;
            headers.push((parts.0.trim().to_owned(), parts.1.trim().to_owned()));
        }
        let order = HttpOrder {
            method: self.method.clone().unwrap_or_else(|| default.to_owned()),
            target: target.to_owned(),
            headers,
            body: BASE64_STANDARD.encode(body),
        };
        Ok(Sent {
            title: format!("{} {target}", order.method),
            explained: None,
            order: Order::Http(order),
        })
    }
}

/// True for an HTTP request's target; an event's file may have a path from the root as well.
fn is_target(what: &str) -> bool {
    let is_file = PathBuf::from(what).is_file();
    (what.starts_with('/') && !is_file) || what.contains("://")
}

/// An event as dev is given it.
pub(super) fn event_order(path: String, headers: Vec<(String, String)>, body: &[u8]) -> Order {
    Order::Event(EventOrder {
        path,
        headers,
        body: BASE64_STANDARD.encode(body),
    })
}

/// The explanation of what is sent.
pub(super) fn explained(input: &Input) -> explain::Reading {
    explain::read(input)
}

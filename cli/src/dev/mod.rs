//! `cargo isobar dev`: builds, serves, and does so again after each change, with no request lost.
//!
//! A front of our own stands on one local address ([`switch`]). Behind it runs the program, by
//! itself or in an emulated host ([`host`]); the old one serves until the new one does.

mod app;
mod control;
mod deliver;
mod environment;
mod host;
mod inspector;
mod lines;
mod recorded;
mod rounds;
mod switch;
mod tell;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use isobar_hosts::Listening;
use tokio::signal::unix::{SignalKind, signal};

use crate::build::How;
use crate::cli::Target;
use crate::fail::{Failure, Kind, Result, cause};
use crate::manifest::{Cloud, Mode};
use crate::project::Project;
use crate::run::block_on;
use crate::say;
pub(crate) use control::{Contact, Order};
pub(crate) use deliver::{EventOrder, HttpOrder};
pub(crate) use host::FrontDoor;

const EXAMPLES: &str = "\
Examples:
  cargo isobar dev                         serve http://localhost:8080, and again after each change
  cargo isobar dev --as aws                as AWS Lambda runs it, behind a function URL
  cargo isobar dev --as aws --front alb    behind a load balancer; rest-api, http-api, lattice too
  cargo isobar dev --as azure              as Azure Functions runs it
  cargo isobar dev --as azure --mode invocation
                                           with requests as invocation JSON
  cargo isobar dev --as gcp --port 9000    as Cloud Run runs it, on another port
  cargo isobar dev --env GREETING=hi       with a variable; --env-file reads a file of them";

/// Serve the program here, and again after each change; by itself or as a cloud would run it
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Dev {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    how: How,
    /// Run the very binary against the host of this cloud
    #[arg(long = "as", value_name = "CLOUD")]
    cloud: Option<Cloud>,
    /// AWS: what stands before the function; the manifest's aws.front, else a function URL
    #[arg(long, value_name = "FRONT")]
    front: Option<FrontDoor>,
    /// Azure: how a request reaches the program; the manifest's azure.mode, else proxying
    #[arg(long, value_name = "MODE")]
    mode: Option<Mode>,
    /// The port of the local address; 0 for any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// A variable of the program's environment, over the manifest's
    #[arg(short, long, value_name = "NAME=VALUE")]
    env: Vec<String>,
    /// A file of lines NAME=VALUE, under those of --env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
    /// Build and serve once, and do not watch for changes
    #[arg(long)]
    no_watch: bool,
    /// Leave the inspector out: the program is built without its feature
    #[arg(long)]
    no_inspector: bool,
    /// Print what happens as lines of JSON; what the program prints goes to stderr then
    #[arg(long)]
    json: bool,
}

impl Dev {
    /// Serves, until a signal asks to end.
    pub(crate) fn run(self) -> Result<()> {
        block_on(self.serve())
    }

    async fn serve(self) -> Result<()> {
        let project = Project::find(&self.target)?;
        let mut end = End::new()?;
        let switch = Arc::new(switch::Switch::default());
        let sides = Arc::<inspector::Sides>::default();
        let mut front: Arc<dyn isobar_hosts::Front> = Arc::<switch::Switch>::clone(&switch);
        let inspection = if self.no_inspector || !project.uses_isobar {
            None
        } else {
            let inspection = inspector::Inspection::open(&project, &switch, &sides).await?;
            front = inspection.before(front);
            Some(inspection)
        };
        let listening = Listening::open(front, self.port).await.map_err(|error| {
            Failure::new(Kind::Run, format!("cannot serve on port {}", self.port))
                .because(&error)
                .help("end what listens there, or choose another: cargo isobar dev --port 8081")
        })?;
        let url = format!("http://localhost:{}", listening.address().port());
        let recorded = inspection.as_ref().map(inspector::Inspection::store);
        let recorded = recorded::Recorded::new(recorded);
        let _control =
            control::Control::open(&project, &url, Arc::clone(&switch), recorded).await?;
        let tell = tell::Tell::new(self.json);
        let changes = watch::Changes::new(&project, !self.no_watch)?;
        let inspected = rounds::Inspected {
            told: inspection.as_ref().map(|open| open.told().to_owned()),
            url: inspection.as_ref().map(|open| open.url(&url)),
            sides: Arc::clone(&sides),
        };
        let ways = (Arc::clone(&switch), tell, url);
        let mut rounds = rounds::Rounds::new(self, project, ways, inspected);
        tokio::select! {
            done = rounds.go(changes) => done?,
            () = end.asked() => say::status("Ending", "what runs is stopped"),
        }
        // who asks twice does not want to wait
        tokio::select! {
            () = async { tokio::join!(switch.stop(), sides.stop()); } => {}
            () = end.asked() => {}
        }
        rounds.clean();
        Ok(())
    }
}

/// The signals that ask to end.
struct End {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl End {
    fn new() -> Result<Self> {
        let on = |kind| signal(kind).map_err(cause(Kind::Run, "cannot wait for signals"));
        Ok(Self {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
            hangup: on(SignalKind::hangup())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _signal = self.interrupt.recv() => {}
            _signal = self.terminate.recv() => {}
            _signal = self.hangup.recv() => {}
        }
    }
}

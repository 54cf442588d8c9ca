//! Round after round: build, start, switch, wait for a change.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use isobar_hosts::program::Line;
use tokio::sync::mpsc::UnboundedSender;

use super::host::{Host, Way};
use super::inspector::{FEATURE, Sides, Starter};
use super::switch::{Served, Switch};
use super::tell::{Serving, Tell};
use super::watch::{Change, Changes};
use super::{Dev, lines};
use crate::build::{self, Built, Outcome};
use crate::fail::{Failure, Kind, Result, cause};
use crate::project::Project;

/// What the inspector wants of each round.
#[derive(Debug)]
pub(super) struct Inspected {
    /// Where programs tell what they record; `None` where there is no inspector.
    pub(super) told: Option<String>,
    /// Where the page is.
    pub(super) url: Option<String>,
    pub(super) sides: Arc<Sides>,
}

/// All that lasts from round to round.
#[derive(Debug)]
pub(super) struct Rounds {
    dev: Dev,
    project: Project,
    switch: Arc<Switch>,
    tell: Tell,
    url: String,
    inspected: Inspected,
    lines: UnboundedSender<Line>,
    /// The folder of the binaries that run: cargo overwrites its own.
    binaries: PathBuf,
    round: u32,
}

impl Rounds {
    pub(super) fn new(
        mut dev: Dev,
        project: Project,
        (switch, tell, url): (Arc<Switch>, Tell, String),
        inspected: Inspected,
    ) -> Self {
        if inspected.told.is_some() {
            let own = dev.how.features.take();
            let own = own.filter(|own| !own.is_empty());
            let all = own.map_or_else(|| FEATURE.to_owned(), |own| format!("{own},{FEATURE}"));
            dev.how.features = Some(all);
        }
        let binaries = project.own().join(format!("run-{}", std::process::id()));
        let lines = lines::shown(tell.is_json());
        Self {
            dev,
            project,
            switch,
            tell,
            url,
            inspected,
            lines,
            binaries,
            round: 0,
        }
    }

    /// Goes on until something is wrong that no change of the code mends.
    pub(super) async fn go(&mut self, mut changes: Changes) -> Result<()> {
        let mut change = None;
        loop {
            let why = change
                .as_ref()
                .map(|change: &Change| change.words(&self.project));
            self.tell.building(why.as_deref());
            let next = tokio::select! {
                // a change in the middle of a build begins it anew
                next = changes.next() => Some(next),
                done = self.round(change.as_ref()) => {
                    self.judge(done)?;
                    None
                }
            };
            change = match next {
                Some(next) => Some(next),
                None => Some(changes.next().await),
            };
        }
    }

    /// What does not build or start is told; what is called wrongly ends it all.
    fn judge(&self, done: Result<()>) -> Result<()> {
        let Err(failure) = done else { return Ok(()) };
        if failure.kind() == Kind::Usage {
            return Err(failure);
        }
        let serving = self.switch.now().is_some();
        self.switch.failed(&failure.to_string());
        if failure.kind() != Kind::Build {
            failure.say();
        }
        let why = match failure.kind() {
            Kind::Build => "the program does not build",
            Kind::Project => "the manifest is wrong",
            _ => "the program does not serve",
        };
        self.tell.failed(why, serving);
        Ok(())
    }

    async fn round(&mut self, change: Option<&Change>) -> Result<()> {
        let settings = change.is_some_and(Change::is_of_settings);
        if settings {
            self.project = Project::find(&self.dev.target)?;
        }
        let Dev {
            cloud, front, mode, ..
        } = self.dev;
        let way = Way::of(cloud, front, mode, &self.project)?;
        let began = Instant::now();
        let built = self.build().await?;
        let cargo = began.elapsed();
        if built.fresh && !settings && self.is_well() {
            self.tell.unchanged();
            return Ok(());
        }
        let began = Instant::now();
        let host = self.start(way, &built).await?;
        let served = self.switch.to(host);
        self.tell.serving(&Serving {
            url: &self.url,
            host: &way.to_string(),
            round: self.round,
            built: cargo,
            started: began.elapsed(),
            inspector: self.inspected.url.as_deref().filter(|_| self.round == 1),
        });
        self.watch_over(&served);
        Ok(())
    }

    async fn build(&self) -> Result<Built> {
        match build::build(&self.project, &self.dev.how).await? {
            Outcome::Built(built) => Ok(built),
            Outcome::Errors(errors) => {
                let text = errors.join("\n");
                let message = format!("{} does not build\n\n{text}", self.project.bin);
                Err(Failure::new(Kind::Build, message))
            }
        }
    }

    /// Whether a program serves whose process has not ended.
    fn is_well(&self) -> bool {
        self.switch.now().is_some_and(|served| {
            served
                .host
                .program()
                .is_none_or(|program| program.status().is_none())
        })
    }

    async fn start(&mut self, way: Way, built: &Built) -> Result<Host> {
        self.round += 1;
        let binary = self.place(&built.executable)?;
        let starter = Starter {
            binary,
            project: self.project.clone(),
            lines: self.lines.clone(),
            pairs: self.dev.env.clone(),
            file: self.dev.env_file.clone(),
            told: self.inspected.told.clone(),
        };
        let host = starter.start(way).await?;
        self.inspected.sides.to(starter).await;
        Ok(host)
    }

    /// Copies the binary to where the next build does not touch it.
    fn place(&self, executable: &Path) -> Result<PathBuf> {
        let folder = self.binaries.join(self.round.to_string());
        let name = executable.file_name().unwrap_or_default();
        let to = folder.join(name);
        let placed = std::fs::create_dir_all(&folder).and_then(|()| std::fs::copy(executable, &to));
        placed.map_err(cause(Kind::Run, format!("cannot write {}", to.display())))?;
        let old = self
            .round
            .checked_sub(3)
            .map(|old| self.binaries.join(old.to_string()));
        if let Some(old) = old {
            // what still runs keeps its file
            let _removed = std::fs::remove_dir_all(old);
        }
        Ok(to)
    }

    /// Tells the end of a program that nobody has asked to end.
    fn watch_over(&self, served: &Arc<Served>) {
        let Some(program) = served.host.program().cloned() else {
            return;
        };
        let (switch, tell) = (Arc::clone(&self.switch), self.tell);
        let served = Arc::downgrade(served);
        tokio::spawn(async move {
            let status = loop {
                if let Ok(status) = program.wait(Duration::from_secs(3600)).await {
                    break status;
                }
            };
            let now = switch.now().map(|now| Arc::downgrade(&now));
            if now.is_some_and(|now| now.ptr_eq(&served)) {
                tell.ended(&status.to_string());
            }
        });
    }

    /// Removes what was written.
    pub(super) fn clean(&self) {
        // what is left lies in target/
        let _removed = std::fs::remove_dir_all(&self.binaries);
    }
}

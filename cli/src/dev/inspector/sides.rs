//! Hosts beside the one that serves: started when something is to be sent through them.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use isobar_hosts::Launch;
use isobar_hosts::program::Line;
use tokio::sync::mpsc::UnboundedSender;

use crate::dev::environment::{self, Options};
use crate::dev::host::{Host, Way};
use crate::fail::{Failure, Kind, Result};
use crate::manifest::Cloud;
use crate::project::Project;

/// All that it takes to start the program that was built last.
#[derive(Clone, Debug)]
pub(in crate::dev) struct Starter {
    pub(in crate::dev) binary: PathBuf,
    pub(in crate::dev) project: Project,
    pub(in crate::dev) lines: UnboundedSender<Line>,
    /// `--env`.
    pub(in crate::dev) pairs: Vec<String>,
    /// `--env-file`.
    pub(in crate::dev) file: Option<PathBuf>,
    /// Where what it records is told, if it is recorded.
    pub(in crate::dev) told: Option<String>,
}

impl Starter {
    /// Starts it in a host.
    ///
    /// # Errors
    ///
    /// When it does not start.
    pub(in crate::dev) async fn start(&self, way: Way) -> Result<Host> {
        let launch = Launch::new(&self.binary).cwd(&self.project.folder).apart();
        let launch = launch.report(self.lines.clone());
        let options = Options {
            pairs: &self.pairs,
            file: self.file.as_deref(),
        };
        let launch = environment::set(launch, way, &self.project.manifest, &options)?;
        let launch = match &self.told {
            Some(told) => launch.env("ISOBAR_INSPECT", told),
            None => launch,
        };
        Host::start(way, launch, &self.project).await
    }
}

/// The hosts.
#[derive(Debug, Default)]
pub(in crate::dev) struct Sides {
    starter: Mutex<Option<Starter>>,
    running: tokio::sync::Mutex<HashMap<String, Arc<Host>>>,
}

impl Sides {
    /// Has the program of this starter run from now on; those of the last one end.
    pub(in crate::dev) async fn to(&self, starter: Starter) {
        *self.starter.lock().unwrap_or_else(PoisonError::into_inner) = Some(starter);
        self.stop().await;
    }

    /// Ends them.
    pub(in crate::dev) async fn stop(&self) {
        let running = std::mem::take(&mut *self.running.lock().await);
        for host in running.values() {
            host.stop().await;
        }
    }

    /// The project as it was built last.
    pub(super) fn project(&self) -> Option<Project> {
        let starter = self.starter.lock().unwrap_or_else(PoisonError::into_inner);
        starter.as_ref().map(|starter| starter.project.clone())
    }

    /// The host of this word, started where it does not run.
    ///
    /// # Errors
    ///
    /// When nothing is built yet, or it does not start.
    pub(super) async fn host(&self, word: &str) -> Result<Arc<Host>> {
        let mut running = self.running.lock().await;
        if let Some(host) = running.get(word) {
            return Ok(Arc::clone(host));
        }
        let starter = { self.starter.lock() }
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let starter = starter.ok_or_else(|| Failure::new(Kind::Run, "no program is built yet"))?;
        let cloud = Cloud::ALL.into_iter().find(|cloud| cloud.word() == word);
        let way = Way::of(cloud, None, None, &starter.project)?;
        let host = Arc::new(starter.start(way).await?);
        running.insert(word.to_owned(), Arc::clone(&host));
        Ok(host)
    }
}

//! Changes of the project's files.
//!
//! Watched are the folders of all packages that cargo builds from a path, the project's own first;
//! of these not what cargo writes, nor what is hidden.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cargo_metadata::MetadataCommand;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::fail::{Kind, Result, cause};
use crate::project::Project;

/// So long nothing more may change, until it counts as one change: editors write in steps.
const QUIET: Duration = Duration::from_millis(60);
/// So long at most a change waits for more.
const PATIENCE: Duration = Duration::from_millis(500);
/// Folders that no program is made of.
const NO_SOURCES: [&str; 2] = ["target", "node_modules"];

/// Files that changed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    files: BTreeSet<PathBuf>,
}

impl Change {
    /// The first file, and how many more.
    pub(super) fn words(&self, project: &Project) -> String {
        let mut files = self.files.iter();
        let first = files.next().map_or_else(|| Path::new(""), PathBuf::as_path);
        let first = first
            .strip_prefix(&project.folder)
            .unwrap_or(first)
            .display();
        match files.count() {
            0 => first.to_string(),
            more => format!("{first} and {more} more"),
        }
    }

    /// Whether it is of the settings, which no build shows.
    pub(super) fn is_of_settings(&self) -> bool {
        let settings = ["Cargo.toml", "host.json", "function.json"].map(OsStr::new);
        self.files.iter().any(|file| {
            file.file_name()
                .is_some_and(|name| settings.contains(&name))
        })
    }
}

/// Where changes come from.
#[derive(Debug)]
pub(super) struct Changes {
    watcher: Option<RecommendedWatcher>,
    files: UnboundedReceiver<PathBuf>,
    roots: Vec<PathBuf>,
    watched: HashSet<PathBuf>,
    target: PathBuf,
}

impl Changes {
    /// Watches, where that is wanted.
    ///
    /// # Errors
    ///
    /// When the system does not let us.
    pub(super) fn new(project: &Project, wanted: bool) -> Result<Self> {
        let (sender, files) = unbounded_channel();
        let target = project.target.clone();
        let ignored = target.clone();
        let roots = if wanted { roots(project) } else { Vec::new() };
        let own = roots.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            for path in event.map(changed).unwrap_or_default() {
                if is_source(&path, &own, &ignored) {
                    // nobody watches any more
                    let _ended = sender.send(path);
                }
            }
        });
        let watcher = watcher.map_err(cause(Kind::Run, "cannot watch for changes"))?;
        let mut changes = Self {
            watcher: wanted.then_some(watcher),
            files,
            roots,
            watched: HashSet::new(),
            target,
        };
        changes.watch()?;
        Ok(changes)
    }

    /// Waits for the next change, and for its end.
    pub(super) async fn next(&mut self) -> Change {
        let mut change = Change::default();
        match self.files.recv().await {
            Some(file) => change.files.insert(file),
            None => std::future::pending().await,
        };
        let end = Instant::now() + PATIENCE;
        loop {
            let quiet = end.min(Instant::now() + QUIET);
            match timeout_at(quiet, self.files.recv()).await {
                Ok(Some(file)) => change.files.insert(file),
                Ok(None) | Err(_) => break,
            };
        }
        // a folder may have been made; one that cannot be watched is not
        let _unwatched = self.watch();
        change
    }

    /// Watches each root, and all folders in it that may have sources.
    fn watch(&mut self) -> Result<()> {
        let Some(watcher) = &mut self.watcher else {
            return Ok(());
        };
        self.watched.retain(|folder| folder.exists());
        for root in &self.roots {
            let inner = root.read_dir().into_iter().flatten().flatten();
            let folders = inner
                .map(|entry| entry.path())
                .filter(|path| path.is_dir() && is_source(path, &self.roots, &self.target));
            let all = folders.map(|folder| (folder, RecursiveMode::Recursive));
            for (folder, mode) in all.chain([(root.clone(), RecursiveMode::NonRecursive)]) {
                if self.watched.insert(folder.clone()) {
                    let why = format!("cannot watch {}", folder.display());
                    watcher
                        .watch(&folder, mode)
                        .map_err(cause(Kind::Run, why))?;
                }
            }
        }
        Ok(())
    }
}

/// The files of an event that is a change.
fn changed(event: Event) -> Vec<PathBuf> {
    match event.kind {
        EventKind::Access(_) | EventKind::Other => Vec::new(),
        _ => event.paths,
    }
}

/// Whether a program may be made of this: neither it nor a folder between a root and it is hidden,
/// or is known to have no sources. What lies above a root says nothing.
fn is_source(path: &Path, roots: &[PathBuf], target: &Path) -> bool {
    if path.starts_with(target) {
        return false;
    }
    let mut inside = roots.iter().filter_map(|root| path.strip_prefix(root).ok());
    inside.any(|path| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let swap = path.extension() == Some(OsStr::new("swp"));
        let by_editor = name.ends_with('~') || swap || name == "4913";
        let parts = path
            .components()
            .map(|part| part.as_os_str().to_str().unwrap_or_default());
        let hidden = parts
            .into_iter()
            .any(|part| part.starts_with('.') || NO_SOURCES.contains(&part));
        !(by_editor || hidden)
    })
}

/// The folders of packages that are built from a path.
fn roots(project: &Project) -> Vec<PathBuf> {
    let mut command = MetadataCommand::new();
    let all = command.manifest_path(&project.file).exec();
    let packages = all.map(|all| all.packages).unwrap_or_default();
    let local = packages.iter().filter(|package| package.source.is_none());
    let mut roots: Vec<_> = local
        .filter_map(|package| package.manifest_path.parent().map(PathBuf::from))
        .collect();
    roots.push(project.folder.clone());
    roots.push(project.workspace.clone());
    roots.sort();
    roots.dedup();
    // one inside another is watched with it
    let inner = |root: &PathBuf| {
        roots
            .iter()
            .any(|other| other != root && root.starts_with(other))
    };
    let outer: Vec<_> = roots.iter().filter(|root| !inner(root)).cloned().collect();
    outer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_and_editors_write_is_no_change() {
        let (target, roots) = (Path::new("/.tmp/p/target"), [PathBuf::from("/.tmp/p")]);
        let is_source = |path: &str| is_source(Path::new(path), &roots, target);
        for path in ["src/main.rs", "Cargo.toml", "templates/a.html"] {
            assert!(is_source(&format!("/.tmp/p/{path}")), "{path}");
        }
        for path in [
            "target/debug/x",
            ".git/index",
            "src/.main.rs.swp",
            "src/x.swp",
            "src/main.rs~",
            "src/4913",
            "node_modules",
            "node_modules/a/b.js",
            "target",
        ] {
            assert!(!is_source(&format!("/.tmp/p/{path}")), "{path}");
        }
    }
}

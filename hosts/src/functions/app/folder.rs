//! The folder itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::{Error, ids};

/// A folder with `host.json` and a folder with a `function.json` for each function.
///
/// One that was made here is removed with the last clone.
#[derive(Debug, Clone)]
pub struct App {
    root: Arc<Root>,
}

#[derive(Debug)]
struct Root {
    path: PathBuf,
    is_ours: bool,
}

impl App {
    /// Makes a new folder, with a `host.json` that has a custom handler and nothing else.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn new() -> Result<Self, Error> {
        let path = std::env::temp_dir().join(format!("isobar-hosts-{}", ids::uuid()));
        let made = std::fs::create_dir_all(&path);
        made.map_err(Error::io(format!("cannot make {}", path.display())))?;
        let app = Self::rooted(path, true);
        app.write(
            "host.json",
            &json!({
                "version": "2.0",
                "customHandler": {"description": {"defaultExecutablePath": "handler"}},
            }),
        )?;
        Ok(app)
    }

    /// Takes a folder that is there, and leaves it as it is.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self::rooted(path.into(), false)
    }

    fn rooted(path: PathBuf, is_ours: bool) -> Self {
        let root = Arc::new(Root { path, is_ours });
        Self { root }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.root.path
    }

    /// Merges this into `host.json`.
    ///
    /// # Errors
    ///
    /// When `host.json` cannot be read or written.
    pub fn host_json(self, more: &Value) -> Result<Self, Error> {
        let mut host = read(&self.path().join("host.json"))?;
        merge(&mut host, more);
        self.write("host.json", &host)?;
        Ok(self)
    }

    /// Sets `enableForwardingHttpRequest`.
    ///
    /// # Errors
    ///
    /// When `host.json` cannot be read or written.
    pub fn forwarding(self) -> Result<Self, Error> {
        self.host_json(&json!({"customHandler": {"enableForwardingHttpRequest": true}}))
    }

    /// Sets `enableProxyingHttpRequest`.
    ///
    /// # Errors
    ///
    /// When `host.json` cannot be read or written.
    pub fn proxying(self) -> Result<Self, Error> {
        self.host_json(&json!({"customHandler": {"enableProxyingHttpRequest": true}}))
    }

    /// Sets `extensions.http.routePrefix`, `api` otherwise.
    ///
    /// # Errors
    ///
    /// When `host.json` cannot be read or written.
    pub fn route_prefix(self, prefix: &str) -> Result<Self, Error> {
        self.host_json(&json!({"extensions": {"http": {"routePrefix": prefix}}}))
    }

    /// Adds an anonymous HTTP function of all methods: trigger `req`, output `res`.
    ///
    /// # Errors
    ///
    /// When its folder cannot be written.
    pub fn http(self, name: &str, route: &str) -> Result<Self, Error> {
        self.function(name, &json!([
            {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": "anonymous", "route": route},
            {"type": "http", "direction": "out", "name": "res"},
        ]))
    }

    /// Adds a function with these bindings.
    ///
    /// # Errors
    ///
    /// When its folder cannot be written.
    pub fn function(self, name: &str, bindings: &Value) -> Result<Self, Error> {
        let folder = self.path().join(name);
        let made = std::fs::create_dir_all(&folder);
        made.map_err(Error::io(format!("cannot make {}", folder.display())))?;
        self.write(
            &format!("{name}/function.json"),
            &json!({"bindings": bindings}),
        )?;
        Ok(self)
    }

    fn write(&self, name: &str, value: &Value) -> Result<(), Error> {
        let path = self.path().join(name);
        let written = std::fs::write(&path, format!("{value:#}"));
        written.map_err(Error::io(format!("cannot write {}", path.display())))
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        if self.is_ours {
            // what is left over lies in the system's own folder for that
            let _removed = std::fs::remove_dir_all(&self.path);
        }
    }
}

/// Reads a file of JSON.
pub(super) fn read(path: &Path) -> Result<Value, Error> {
    let text = std::fs::read(path).map_err(Error::io(format!("cannot read {}", path.display())))?;
    serde_json::from_slice(&text)
        .map_err(|e| Error::malformed("app", format!("{}: {e}", path.display())))
}

fn merge(into: &mut Value, more: &Value) {
    match (into, more) {
        (Value::Object(into), Value::Object(more)) => {
            for (name, value) in more {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more.clone(),
    }
}

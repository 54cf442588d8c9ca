//! The app as it is deployed.

use std::collections::BTreeMap;

use isobar_core::Routes;

use super::check;
use super::function::Function;
use super::functions;
use super::host_json::{self, HostJson};
use crate::RunError;
use crate::config::Environment;

/// The app's files, read and found to go together.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) host: HostJson,
    functions: BTreeMap<String, Function>,
    unknown: Function,
}

impl Deployment {
    /// Reads them in the app's own folder.
    pub(crate) fn read(environment: &Environment) -> Result<Self, RunError> {
        let host = HostJson::read(environment)?;
        let functions = functions::read(&host_json::root(environment), &host)?;
        Self::new(host, functions)
    }

    pub(crate) fn new(host: HostJson, functions: Vec<Function>) -> Result<Self, RunError> {
        check::forgeable(&host, &functions)?;
        let functions = { functions.into_iter() }.map(|function| (function.name.clone(), function));
        Ok(Self {
            host,
            functions: functions.collect(),
            unknown: Function::unknown(),
        })
    }

    /// Says of each function that the program has nothing for that it has not.
    pub(crate) fn unhandled(&self, routes: &Routes) -> Vec<String> {
        let all = self.functions.values();
        { all }
            .filter_map(|function| check::unhandled(function, routes))
            .collect()
    }

    /// Returns a function by its name. Where no file tells of any, every name is one of an HTTP
    /// function, which what arrives then must bear out.
    pub(crate) fn function(&self, name: &str) -> Option<&Function> {
        if self.functions.is_empty() {
            return Some(&self.unknown);
        }
        self.functions.get(name)
    }
}

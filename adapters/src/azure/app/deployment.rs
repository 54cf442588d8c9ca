//! The app as it is deployed.

use std::collections::BTreeMap;

use isobar_core::Routes;

use super::check;
use super::function::Function;
use super::functions;
use super::host_json::{self, HostJson};
use crate::RunError;
use crate::config::Environment;
use crate::names::Names;

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

    /// Says that the program was not started where the app's files are.
    pub(crate) fn misplaced(environment: &Environment) -> Option<String> {
        let root = host_json::root(environment);
        let is_there = root.join("host.json").exists();
        (!is_there).then(|| {
            let root = root.display();
            format!(
                "there is no host.json in {root}: start the program in the folder that is deployed"
            )
        })
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

    /// Says what of the functions an operator should know: that the program has nothing for one,
    /// or that a failure loses what it was for.
    pub(crate) fn warnings(&self, names: &Names, routes: &Routes) -> Vec<String> {
        let functions = self.functions.values();
        functions
            .flat_map(|function| {
                let unhandled = check::unhandled(function, names, routes);
                [unhandled, check::lossy(function, &self.host)]
            })
            .flatten()
            .collect()
    }

    /// Returns true if the host moves on after a failure of this function, its events lost: without
    /// a retry policy always, with one after its last try.
    pub(crate) fn moves_on(&self, function: &Function, is_last_try: bool) -> bool {
        let is_last = is_last_try && function.trigger.what.moves_on();
        is_last || check::moves_on(function, &self.host)
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

//! Not built yet.

use crate::RunError;
use crate::config::Environment;
use crate::start::{Init, Launched, Workers};

pub(crate) const BUILT: bool = false;

pub(crate) fn workers(_environment: &Environment) -> Workers {
    Workers::One
}

pub(crate) fn launch(_environment: Environment, _init: Init) -> Launched {
    Box::pin(async { Err(RunError::NotBuilt("aws")) })
}

//! Ways that this build leaves out, since no host of it has them.

#[cfg(not(feature = "aws"))]
pub(super) mod emf {
    use std::sync::Arc;

    use super::super::Sink;
    use super::super::meter::InFlight;
    use crate::config::Environment;

    pub(crate) fn sinks(_: &Environment, _: Arc<InFlight>) -> Vec<Box<dyn Sink>> {
        Vec::new()
    }
}

#[cfg(not(feature = "serve"))]
pub(super) mod prometheus {
    use std::sync::Arc;

    use super::super::Sink;
    use super::super::meter::InFlight;

    pub(crate) fn sinks(_: Arc<InFlight>) -> Vec<Box<dyn Sink>> {
        Vec::new()
    }
}

#[cfg(not(feature = "otel"))]
pub(super) mod otlp {
    use std::sync::Arc;

    use super::super::Sink;
    use super::super::meter::InFlight;
    use crate::config::Environment;

    pub(crate) fn sinks(_: &Environment, _: &Arc<InFlight>) -> Vec<Box<dyn Sink>> {
        Vec::new()
    }
}

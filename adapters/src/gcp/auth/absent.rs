//! What stands in place of the verification of tokens in a build without the feature `oidc`.

use isobar_core::{HeaderMap, Response};

use crate::RunError;
use crate::config::Environment;

/// No verifier: there is no way to make one.
pub(in crate::gcp) enum Verifier {}

impl Verifier {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let wanted = "this build cannot verify tokens; build it with the feature `oidc`";
        Err(environment.wrong("ISOBAR_EVENTS_AUTH", wanted))
    }

    #[expect(
        clippy::unused_async,
        reason = "as the verifier that stands here otherwise"
    )]
    pub(super) async fn admit(&self, _headers: &HeaderMap) -> Result<(), Box<Response>> {
        match *self {}
    }
}

use isobar_core::{HeaderMap, Response};

use super::oidc::Verifier;
use crate::RunError;
use crate::config::Environment;

const VARIABLE: &str = "ISOBAR_EVENTS_AUTH";

const UNSAID: &str = "the program takes HTTP requests and events, and nothing says who may send the \
                      events; set ISOBAR_EVENTS_AUTH=iam if Cloud Run checks every caller of this \
                      service (it does unless the service is public, that is lets `allUsers` invoke \
                      it or has its invoker check disabled), or ISOBAR_EVENTS_AUTH=oidc to have \
                      senders' tokens verified here, which a public service needs: anybody could \
                      send it events otherwise. On Knative, where the network says who may come, \
                      set ISOBAR_EVENTS_AUTH=none";

/// Who says that a sender may send events.
pub(in crate::gcp) enum Auth {
    /// The platform, before the request came here. It takes the signature off the sender's token,
    /// so there is nothing left to verify.
    Iam,
    /// This program, by the sender's token.
    Oidc(Box<Verifier>),
    /// Nobody: the network alone.
    Nobody,
}

impl Auth {
    /// Reads `ISOBAR_EVENTS_AUTH`. A service that serves HTTP beside its events may be public, so
    /// there it has to be said.
    pub(in crate::gcp) fn new(
        environment: &Environment,
        only_events: bool,
    ) -> Result<Self, RunError> {
        match environment.text(VARIABLE) {
            Some("iam") => Ok(Self::Iam),
            Some("oidc") => Ok(Self::Oidc(Box::new(Verifier::new(environment)?))),
            Some("none") => {
                tracing::warn!("{VARIABLE} is none: whoever can reach the program can send events");
                Ok(Self::Nobody)
            }
            Some(_) => Err(environment.wrong(VARIABLE, "it can be iam, oidc or none")),
            None if !only_events && environment.text("K_SERVICE").is_some() => {
                Err(RunError::Conflict(UNSAID.to_owned()))
            }
            None => Ok(Self::Iam),
        }
    }

    /// Lets a sender in, or answers it.
    pub(in crate::gcp) async fn admit(&self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        match self {
            Self::Iam | Self::Nobody => Ok(()),
            Self::Oidc(verifier) => verifier.admit(headers).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth<const N: usize>(only_events: bool, pairs: [(&str, &str); N]) -> Result<Auth, RunError> {
        Auth::new(&Environment::of(pairs), only_events)
    }

    #[test]
    fn a_service_of_both_has_to_say_who_may_send_events() {
        let service = ("K_SERVICE", "orders");
        let error = auth(false, [service]).err().unwrap().to_string();
        for word in ["iam", "oidc", "none", "public"] {
            assert!(error.contains(word), "{error}");
        }
        let said = auth(false, [service, (VARIABLE, "iam")]).unwrap();
        assert!(matches!(said, Auth::Iam));
        assert!(matches!(auth(true, [service]).unwrap(), Auth::Iam));
        assert!(matches!(auth(false, []).unwrap(), Auth::Iam));
        let none = auth(true, [service, (VARIABLE, "none")]).unwrap();
        assert!(matches!(none, Auth::Nobody));
        assert!(auth(true, [(VARIABLE, "IAM")]).is_err());
    }

    #[test]
    fn oidc_never_becomes_another_mode() {
        // It lacks the audience and the senders, or the feature.
        assert!(auth(true, [(VARIABLE, "oidc")]).is_err());
    }
}

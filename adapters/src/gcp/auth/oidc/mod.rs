//! Senders verified by the OpenID Connect tokens that Google's services send along.
//!
//! Sources: <https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions>,
//! <https://cloud.google.com/run/docs/authenticating/service-to-service>,
//! <https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken>.

mod fetch;
mod keys;
#[cfg(test)]
mod tests;
mod token;
#[cfg(feature = "translate")]
mod translate;
mod verifier;

#[cfg(feature = "translate")]
pub use translate::accepts;
pub(in crate::gcp) use verifier::Verifier;

//! Who may send events: an explicit mode, and never a fall back from one to another.

#[cfg(not(feature = "oidc"))]
mod absent;
mod mode;
#[cfg(feature = "oidc")]
mod oidc;

#[cfg(not(feature = "oidc"))]
use absent as oidc;
pub(super) use mode::Auth;
#[cfg(all(feature = "oidc", feature = "translate"))]
pub use oidc::accepts;

//! The host's name that a client asked for.

use http::uri::Authority;
use isobar_core::Bytes;

/// Reads the value of a `Host` header; what is no legal authority, or names a user, is none: a user
/// in it would be a disguise of the host behind it.
pub(crate) fn of_host(value: Bytes) -> Option<Authority> {
    let authority = Authority::from_maybe_shared(value).ok();
    authority.filter(|authority| !is_disguised(authority))
}

/// Returns true if it names a user.
pub(crate) fn is_disguised(authority: &Authority) -> bool {
    authority.as_str().contains('@')
}

//! The host's name that a client asked for, and the URI that is made with it.

use http::uri::{Authority, Parts, PathAndQuery, Scheme};
use isobar_core::{Bytes, Uri};

/// Reads the value of a `Host` header; what is no legal authority, or names a user, is none: a user
/// in it would be a disguise of the host behind it.
pub(crate) fn of_host(value: Bytes) -> Option<Authority> {
    let authority = Authority::from_maybe_shared(value).ok();
    authority.filter(|authority| !is_disguised(authority))
}

/// Puts a URI together, of the target alone where there is no authority.
pub(crate) fn uri(scheme: Scheme, authority: Option<Authority>, target: PathAndQuery) -> Uri {
    let mut parts = Parts::default();
    parts.scheme = authority.is_some().then_some(scheme);
    parts.authority = authority;
    parts.path_and_query = Some(target);
    // It fails only where a part is missing, and all are there.
    Uri::from_parts(parts).unwrap_or_default()
}

/// Returns true if it names a user.
pub(crate) fn is_disguised(authority: &Authority) -> bool {
    authority.as_str().contains('@')
}

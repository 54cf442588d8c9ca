//! Panics, in the host's form.

use std::panic::{set_hook, take_hook};

/// Has panics logged in place of std's two lines on stderr, which are no host's form. A hook that
/// the program has set hears them as well.
pub(super) fn hook() {
    let before = take_hook();
    let stds_own = take_hook();
    // Two that std made are of one type, made in one place. If they were held for different ones, a
    // panic would be said twice.
    let is_stds_own = std::ptr::eq(&raw const *before, &raw const *stds_own);
    set_hook(Box::new(move |info| {
        isobar_core::log_panic(info);
        if !is_stds_own {
            before(info);
        }
    }));
}

//! Names of what is made beside the service, which belong to this function alone.

use crate::infra::{Function, label};

/// The most letters that a service account's name has, of 6 at least.
/// cloud.google.com/iam/docs/service-accounts-create
const ACCOUNT: usize = 30;
/// The most letters that a trigger's name has.
/// cloud.google.com/eventarc/docs/reference/rest/v1/projects.locations.triggers/create
const TRIGGER: usize = 63;

/// The account that the program runs as.
pub(super) fn server(function: &Function) -> String {
    label::of(&[&function.name, "server"], ACCOUNT)
}

/// The account that sends it events.
pub(super) fn sender(function: &Function) -> String {
    label::of(&[&function.name, "sender"], ACCOUNT)
}

/// The topic of what was tried in vain, and the subscription where that waits.
pub(super) fn dead_letters(function: &Function) -> String {
    format!("{}-dead-letters", function.name)
}

/// The topic, and its subscription, by which a bucket tells of its objects.
pub(super) fn objects(function: &Function, logical: &str) -> String {
    label::of(&[&function.name, logical, "objects"], TRIGGER)
}

/// The trigger that tells of changes.
pub(super) fn trigger(function: &Function, logical: &str) -> String {
    label::of(&[&function.name, logical, "changes"], TRIGGER)
}

/// An account's address.
pub(super) fn address(account: &str, project: &str) -> String {
    format!("{account}@{project}.iam.gserviceaccount.com")
}

//! A CloudEvent by its type.

use isobar_core::Event;

use super::{Rules, firestore, pubsub, scheduler, storage};
use crate::cloudevents::{CloudEvent, Malformed};

/// Makes the portable event of a CloudEvent; one of a type that has no portable kind stays what it
/// is.
///
/// # Errors
///
/// When its type has a portable kind, and its data is not that type's.
pub(super) fn event(rules: &Rules, event: &CloudEvent) -> Result<Event, Malformed> {
    let ty = event.ty.clone();
    if let Some(what) = ty.strip_prefix(storage::TYPE) {
        return storage::event(rules, event, what);
    }
    // Also `.withAuthContext`, whose two attributes more are extensions.
    if let Some(what) = ty.strip_prefix(firestore::NATIVE) {
        return firestore::native(rules, event, what);
    }
    if let Some(what) = ty.strip_prefix(firestore::DATASTORE) {
        return firestore::datastore(rules, event, what);
    }
    match &*ty {
        pubsub::TYPE => pubsub::published(rules, event),
        scheduler::TYPE => Ok(scheduler::executed(rules, event)),
        _ => Ok(event.other(|name| rules.logical(name))),
    }
}

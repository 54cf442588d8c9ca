//! The types, and the services that they belong to.

/// The type of before, and that of CloudEvents; the way back takes the first that fits.
pub(super) const TYPES: [(&str, &str); 19] = [
    (
        "google.pubsub.topic.publish",
        "google.cloud.pubsub.topic.v1.messagePublished",
    ),
    (
        "providers/cloud.pubsub/eventTypes/topic.publish",
        "google.cloud.pubsub.topic.v1.messagePublished",
    ),
    (
        "google.storage.object.finalize",
        "google.cloud.storage.object.v1.finalized",
    ),
    (
        "google.storage.object.delete",
        "google.cloud.storage.object.v1.deleted",
    ),
    (
        "google.storage.object.archive",
        "google.cloud.storage.object.v1.archived",
    ),
    (
        "google.storage.object.metadataUpdate",
        "google.cloud.storage.object.v1.metadataUpdated",
    ),
    (
        "providers/cloud.storage/eventTypes/object.change",
        "google.cloud.storage.object.v1.finalized",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.write",
        "google.cloud.firestore.document.v1.written",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.create",
        "google.cloud.firestore.document.v1.created",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.update",
        "google.cloud.firestore.document.v1.updated",
    ),
    (
        "providers/cloud.firestore/eventTypes/document.delete",
        "google.cloud.firestore.document.v1.deleted",
    ),
    (
        "providers/firebase.auth/eventTypes/user.create",
        "google.firebase.auth.user.v1.created",
    ),
    (
        "providers/firebase.auth/eventTypes/user.delete",
        "google.firebase.auth.user.v1.deleted",
    ),
    (
        "providers/firebase.remoteConfig/remoteconfig.update",
        "google.firebase.remoteconfig.remoteConfig.v1.updated",
    ),
    (
        "providers/google.firebase.analytics/eventTypes/event.log",
        "google.firebase.analytics.log.v1.written",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.create",
        "google.firebase.database.ref.v1.created",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.write",
        "google.firebase.database.ref.v1.written",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.update",
        "google.firebase.database.ref.v1.updated",
    ),
    (
        "providers/google.firebase.database/eventTypes/ref.delete",
        "google.firebase.database.ref.v1.deleted",
    ),
];

/// The service of a CloudEvents type, by how that begins.
pub(super) const SERVICES: [(&str, &str); 7] = [
    ("google.cloud.pubsub.", PUBSUB),
    ("google.cloud.storage.", STORAGE),
    ("google.cloud.firestore.", FIRESTORE),
    ("google.firebase.auth.", AUTH),
    (
        "google.firebase.remoteconfig.",
        "firebaseremoteconfig.googleapis.com",
    ),
    ("google.firebase.analytics.", ANALYTICS),
    ("google.firebase.database.", DATABASE),
];

pub(super) const PUBSUB: &str = "pubsub.googleapis.com";
pub(super) const STORAGE: &str = "storage.googleapis.com";
pub(super) const FIRESTORE: &str = "firestore.googleapis.com";
pub(super) const AUTH: &str = "firebaseauth.googleapis.com";
pub(super) const ANALYTICS: &str = "firebaseanalytics.googleapis.com";
pub(super) const DATABASE: &str = "firebasedatabase.googleapis.com";

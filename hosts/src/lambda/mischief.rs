//! How a Runtime API can misbehave, once, when told to.

use std::time::Duration;

/// What becomes of one `GET next`, in place of an event or on the way to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum OnNext {
    /// 204, as idle emulators answer.
    Idle,
    /// This status, with AWS's form of an error.
    Fail(u16),
    /// Exactly these bytes, and then the connection is closed.
    Bytes(Vec<u8>),
    /// The event begins, and the connection is closed in the middle of it.
    CloseMidBody,
    /// The connection is reset without an answer.
    Reset,
    /// The event comes, but only after this time.
    Slow(Duration),
}

/// What becomes of one posted response or error. Its content is taken all the same where the
/// request was read whole.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum OnAnswer {
    /// It is read and refused with this status: 413 for an answer too long, 400, 410, 500.
    Refuse(u16),
    /// It is read, and the connection is reset in place of a 202.
    Reset,
    /// It is read, and the connection is closed in place of a 202.
    Close,
    /// It is not read at all: the connection is reset after its head.
    ResetUnread,
    /// It is answered, but only after this time.
    Slow(Duration),
}

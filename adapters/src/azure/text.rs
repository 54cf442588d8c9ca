//! Text of a payload.

use std::borrow::Cow;

use serde::Deserialize;

/// Text that is borrowed where it can be.
#[derive(Deserialize)]
pub(super) struct Str<'p>(#[serde(borrow)] pub(super) Cow<'p, str>);

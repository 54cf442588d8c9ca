use super::super::wire::{WHEN, event};
use super::super::{Native, Source};
use crate::testing::item::What;

/// Beginning of an event in binary mode.
pub(super) fn head(native: Native, id: &str, ty: &str, source: &str) -> Native {
    native
        .header("ce-specversion", "1.0")
        .header("ce-id", id)
        .header("ce-type", ty)
        .header("ce-source", source)
        .header("ce-time", WHEN)
}

pub(super) fn binary(source: Source, id: &str, what: &What) -> Native {
    let (ty, data) = event(what);
    head(Native::json(source, data), id, ty, "com.example")
}

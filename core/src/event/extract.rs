//! Events and their views as axum extractors.

use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::StatusCode;
use http::request::Parts;

use super::{Change, Event, FromData, Invoke, Message, Object, Schedule};
use crate::{Error, RequestExt};

fn is_none(wanted: &str) -> Error {
    Error::new(
        StatusCode::BAD_REQUEST,
        format!("this request is no {wanted}"),
    )
}

macro_rules! extractor {
    ($wanted:literal, $view:ty $(, $t:ident)?; $read:expr) => {
        impl<S: Sync $(, $t: FromData)?> FromRequestParts<S> for $view {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
                let found = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state);
                found.await?.ok_or_else(|| is_none($wanted))
            }
        }

        /// `None` for a request that stands for something else.
        impl<S: Sync $(, $t: FromData)?> OptionalFromRequestParts<S> for $view {
            type Rejection = Error;

            async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Option<Self>, Error> {
                let read: fn(&Event) -> Result<Option<Self>, Error> = $read;
                parts.event().map_or(Ok(None), read)
            }
        }
    };
}

extractor!("event", Event; |event| Ok(Some(event.clone())));
extractor!("object event", Object; |event| Ok(Self::of(event)));
extractor!("schedule event", Schedule; |event| Ok(Self::of(event)));
extractor!("call", Invoke<T>, T; |event| Ok(Self::of(event).transpose()?));
extractor!("message", Message<T>, T; |event| Ok(Self::of(event).transpose()?));
extractor!("change event", Change<T>, T; |event| Ok(Self::of(event).transpose()?));

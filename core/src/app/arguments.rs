use std::sync::Arc;

use axum_core::extract::FromRequestParts;
use axum_core::response::IntoResponse;
use http::request::Parts;

use crate::Error;

/// The arguments of an event handler: a tuple of up to eight extractors that read no body.
#[diagnostic::on_unimplemented(
    message = "an event handler cannot take `{Self}`",
    label = "not a tuple of extractors",
    note = "each argument is an extractor that reads no body: `Message<T>`, `Object`, `Schedule`, `Change<T>`, `Invoke<T>`, `Event`, `Context`, `State<S>`, an `Option` or `Result<_, isobar::Error>` of one, or a `FromRequestParts` of your own",
    note = "`T` of `Message<T>` needs `serde::Deserialize`; `State<S>` needs `App::with_state`; an event's data is read by `Message<T>` or `event.data_as()`, not by `Json<T>`"
)]
pub trait Arguments<S>: Sized + Send {
    /// Reads the arguments.
    fn from_parts(parts: &mut Parts, state: &S)
    -> impl Future<Output = Result<Self, Error>> + Send;
}

macro_rules! all_tuples {
    ($name:ident) => {
        $name!();
        $name!(A1);
        $name!(A1, A2);
        $name!(A1, A2, A3);
        $name!(A1, A2, A3, A4);
        $name!(A1, A2, A3, A4, A5);
        $name!(A1, A2, A3, A4, A5, A6);
        $name!(A1, A2, A3, A4, A5, A6, A7);
        $name!(A1, A2, A3, A4, A5, A6, A7, A8);
    };
}
pub(super) use all_tuples;

macro_rules! impl_arguments {
    ($($argument:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<S, $($argument),*> Arguments<S> for ($($argument,)*)
        where
            S: Send + Sync,
            $($argument: FromRequestParts<S> + Send,)*
        {
            #[expect(clippy::allow_attributes, reason = "the empty tuple uses neither")]
            #[allow(unused_variables, reason = "the empty tuple uses neither")]
            async fn from_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
                Ok(($($argument::from_request_parts(parts, state).await.map_err(refused)?,)*))
            }
        }
    };
}

all_tuples!(impl_arguments);

/// Keeps our own error, whose source the log wants; of any other rejection only the answer is left.
fn refused(rejection: impl IntoResponse) -> Error {
    let mut response = rejection.into_response();
    let own = response.extensions_mut().remove::<Arc<Error>>();
    own.and_then(Arc::into_inner)
        .unwrap_or_else(|| Error::from_status(response.status()))
}

use std::marker::PhantomData;
use std::sync::Arc;

use async_trait::async_trait;
use http::request::Parts;

use super::{Arguments, IntoReply, Reply};
use crate::Error;

/// An `async fn` of up to eight extractors: what [`App::on_message`](super::App::on_message) and
/// its siblings take.
///
/// You need not name this trait. It is not axum's `Handler`, whose `IntoResponse` would refuse
/// `Result<(), anyhow::Error>`; the bounds on the arguments and on what is returned stand at the
/// `on_..` methods, so that the compiler names the one that is not met.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event handler",
    label = "not an event handler",
    note = "an event handler is an `async fn` of up to eight extractors, such as `async fn take(order: isobar::Message<Order>) -> isobar::Result<()>`"
)]
pub trait EventHandler<A>: Clone + Send + Sync + 'static {
    /// What the function returns.
    type Reply;
    /// The future that it makes.
    type Future: Future<Output = Self::Reply>;

    /// Calls the function.
    fn call(&self, arguments: A) -> Self::Future;
}

macro_rules! impl_event_handler {
    ($($argument:ident),*) => {
        #[diagnostic::do_not_recommend]
        impl<F, Fut, $($argument),*> EventHandler<($($argument,)*)> for F
        where
            F: Fn($($argument),*) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future,
        {
            type Reply = Fut::Output;
            type Future = Fut;

            #[expect(clippy::allow_attributes, reason = "the empty tuple has no argument")]
            #[allow(non_snake_case, reason = "the arguments bear the names of their types")]
            fn call(&self, ($($argument,)*): ($($argument,)*)) -> Fut {
                self($($argument),*)
            }
        }
    };
}

super::arguments::all_tuples!(impl_event_handler);

/// An event handler whose arguments are forgotten.
#[async_trait]
pub(super) trait Erased<S>: Send + Sync {
    async fn call(&self, parts: &mut Parts, state: &S) -> Result<Reply, Error>;
}

struct Typed<H, A>(H, PhantomData<fn(A)>);

pub(super) fn erase<S, H, A>(handler: H) -> Arc<dyn Erased<S>>
where
    S: Send + Sync + 'static,
    H: EventHandler<A>,
    H::Future: Send,
    H::Reply: IntoReply,
    A: Arguments<S> + 'static,
{
    Arc::new(Typed(handler, PhantomData))
}

#[async_trait]
impl<S, H, A> Erased<S> for Typed<H, A>
where
    S: Send + Sync + 'static,
    H: EventHandler<A>,
    H::Future: Send,
    H::Reply: IntoReply,
    A: Arguments<S> + 'static,
{
    async fn call(&self, parts: &mut Parts, state: &S) -> Result<Reply, Error> {
        let arguments = A::from_parts(parts, state).await?;
        // A block, so that the future is gone before what it returned is looked at.
        let returned = { self.0.call(arguments).await };
        returned.into_reply()
    }
}

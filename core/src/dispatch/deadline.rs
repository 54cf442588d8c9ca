use std::pin::Pin;
use std::task::{Context, Poll};

/// A host's deadline. It goes into a box when it is first polled: most invocations end before, and till then
/// it is moved about.
pub(super) struct Deadline<D> {
    unpolled: Option<D>,
    polled: Option<Pin<Box<D>>>,
}

/// What is polled is in its box.
impl<D> Unpin for Deadline<D> {}

impl<D> Deadline<D> {
    pub(super) fn new(deadline: D) -> Self {
        Self {
            unpolled: Some(deadline),
            polled: None,
        }
    }
}

impl<D: Future<Output = ()>> Future for Deadline<D> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        if let Some(deadline) = this.unpolled.take() {
            this.polled = Some(Box::pin(deadline));
        }
        let Some(deadline) = &mut this.polled else {
            return Poll::Pending;
        };
        deadline.as_mut().poll(cx)
    }
}

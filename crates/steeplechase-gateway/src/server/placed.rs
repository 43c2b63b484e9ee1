use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use tokio::sync::OwnedSemaphorePermit;

pin_project! {
    /// A connection, in the place that it takes until it has ended.
    ///
    /// A named future, because an `async` block keeps what it awaits twice: as it was moved in, and as it
    /// is awaited. There is one for each caller, so that counts.
    pub(super) struct Placed<C> {
        #[pin]
        connection: C,
        // Given back with the future, which its task drops when it has ended.
        place: OwnedSemaphorePermit,
    }
}

impl<C> Placed<C> {
    pub(super) const fn new(connection: C, place: OwnedSemaphorePermit) -> Self {
        Self { connection, place }
    }
}

impl<C, E> Future for Placed<C>
where
    C: Future<Output = Result<(), E>>,
    E: Display,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Err(error) = ready!(self.project().connection.poll(cx)) {
            tracing::debug!(%error, "a connection ended in an error");
        }
        Poll::Ready(())
    }
}

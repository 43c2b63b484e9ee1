use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use pin_project_lite::pin_project;
use tokio::time::{self, Sleep};

/// The most bytes that are read only to use a connection again.
const MAX: usize = 64 * 1024;

/// How long they are waited for. A caller who has a body at hand sends it at once.
const PATIENCE: Duration = Duration::from_secs(1);

pin_project! {
    /// Reads the rest of a body that nobody wants.
    ///
    /// With HTTP/1 a response to a request of which something is still to come ends the connection, and
    /// a caller who sends the next request meanwhile sees a connection that was closed on it. So a
    /// refusal waits for the rest, if it is small and comes soon. It resolves to whether that was so;
    /// if not, the response should say that the connection ends with it.
    ///
    /// # Cancellation
    ///
    /// Dropping it drops the body.
    #[must_use = "futures do nothing unless polled"]
    pub struct Rest<B> {
        #[pin]
        body: B,
        left: usize,
        // Armed at the first pause.
        patience: Option<Pin<Box<Sleep>>>,
    }
}

impl<B> Rest<B> {
    /// The rest of `body`.
    pub const fn of(body: B) -> Self {
        Self {
            body,
            left: MAX,
            patience: None,
        }
    }
}

impl<B> Future for Rest<B>
where
    B: Body<Data = Bytes>,
{
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut this = self.project();
        if this.body.size_hint().lower() > MAX as u64 {
            return Poll::Ready(false);
        }
        loop {
            match this.body.as_mut().poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(true),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                Poll::Ready(Some(Ok(frame))) => {
                    let len = frame.data_ref().map_or(0, Bytes::len);
                    let Some(left) = this.left.checked_sub(len) else {
                        return Poll::Ready(false);
                    };
                    *this.left = left;
                }
                Poll::Pending => {
                    let patience = || Box::pin(time::sleep(PATIENCE));
                    let patience = this.patience.get_or_insert_with(patience);
                    ready!(patience.as_mut().poll(cx));
                    return Poll::Ready(false);
                }
            }
        }
    }
}

impl<B> fmt::Debug for Rest<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use steeplechase_core::{BoxError, Carries, Error};

use super::clocks::Clocks;

pin_project! {
    /// A body with limits to how long it may take.
    ///
    /// It ends with the end or the first error of the body inside, which is dropped then. Dropping it
    /// drops the body inside, and its timer.
    pub struct TimeoutBody<B> {
        // `None` after its end.
        #[pin]
        body: Option<B>,
        // `None` if nothing is limited, and after the end.
        pub(super) clocks: Option<Clocks>,
    }
}

impl<B> TimeoutBody<B> {
    pub(super) const fn new(body: B, clocks: Option<Clocks>) -> Self {
        Self {
            body: Some(body),
            clocks,
        }
    }

    /// The body inside, until its end.
    pub const fn get_ref(&self) -> Option<&B> {
        self.body.as_ref()
    }

    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        this.body.set(None);
        *this.clocks = None;
    }
}

impl<B> Body for TimeoutBody<B>
where
    B: Body,
    B::Data: Carries,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, Error>>> {
        let this = self.as_mut().project();
        let Some(body) = this.body.as_pin_mut() else {
            return Poll::Ready(None);
        };
        // The body goes first: what is here is never too late.
        let ending = match body.poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(clocks) = this.clocks {
                    clocks.on_frame(frame.data_ref().is_some_and(Carries::is_content));
                }
                return Poll::Ready(Some(Ok(frame)));
            }
            Poll::Ready(Some(Err(error))) => Some(Err(Error::from(error.into()))),
            Poll::Ready(None) => None,
            Poll::Pending => {
                let Some(clocks) = this.clocks else {
                    return Poll::Pending;
                };
                let limit = ready!(clocks.poll_limit(cx));
                Some(Err(limit.exceed(clocks.are_callers)))
            }
        };
        self.end();
        Poll::Ready(ending)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B: Default> Default for TimeoutBody<B> {
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}

impl<B: fmt::Debug> fmt::Debug for TimeoutBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutBody")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

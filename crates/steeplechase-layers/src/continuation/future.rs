use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{Call, Chunk, Error};
use tower::Service;

use super::body::Spare;
use super::{Continued, Seam};

pin_project! {
    /// The response future of [`Continuation`](super::Continuation).
    ///
    /// Dropping it drops the attempt.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, J>
    where
        S: Service<Request<Call>>,
    {
        #[pin]
        call: S::Future,
        // `None` if the answer is not to be continued. Taken with the answer.
        spare: Option<Box<Spare<S, J>>>,
    }
}

impl<S, J> ResponseFuture<S, J>
where
    S: Service<Request<Call>>,
{
    pub(super) fn new(call: S::Future, spare: Option<Box<Spare<S, J>>>) -> Self {
        Self { call, spare }
    }
}

impl<S, B, J> Future for ResponseFuture<S, J>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    B: Body<Data = Chunk, Error = Error>,
    J: Seam,
{
    type Output = Result<Response<Continued<S, B, J>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let outcome = ready!(this.call.poll(cx));
        let spare = this.spare.take();
        Poll::Ready(outcome.map(|response| response.map(|body| Continued::new(body, spare))))
    }
}

impl<S, J> fmt::Debug for ResponseFuture<S, J>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

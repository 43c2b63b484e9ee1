use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use steeplechase_core::Classify;
use tower::Service;

use super::contest::Contest;

pin_project! {
    /// The response future of [`Race`](super::Race).
    ///
    /// All lanes live in it, so dropping it drops them.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, C, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        // The first lane. `None` once it has ended.
        #[pin]
        first: Option<S::Future>,
        // `None` if the first lane is the only one. Boxed, so that this costs next to nothing then.
        contest: Option<Box<Contest<S, C, ReqBody>>>,
    }
}

impl<S, C, ReqBody> ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn new(first: S::Future, contest: Contest<S, C, ReqBody>) -> Self {
        Self {
            first: Some(first),
            contest: Some(Box::new(contest)),
        }
    }

    /// A single lane, straight through.
    pub(super) fn alone(first: S::Future) -> Self {
        Self {
            first: Some(first),
            contest: None,
        }
    }
}

impl<S, C, ReqBody, ResBody> Future for ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    C: Classify<ResBody, S::Error>,
    ReqBody: Clone,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let first = this.first.as_mut().as_pin_mut();
        let Some(contest) = this.contest else {
            let first = first.expect("`ResponseFuture` polled after completion");
            let result = ready!(first.poll(cx));
            this.first.set(None);
            return Poll::Ready(result);
        };
        assert!(
            first.is_some() || !contest.is_over(),
            "`ResponseFuture` polled after completion",
        );

        // The first lane has made its call already, and goes first: if it is ready at once, there is
        // no race to pay for.
        let mut result = None;
        if let Some(first) = first
            && let Poll::Ready(ended) = first.poll(cx)
        {
            this.first.set(None);
            result = contest.ended(0, ended);
        }

        if let Some(result) = result.or_else(|| contest.poll_lanes(cx)) {
            // The caller may keep this future for as long as it reads the response, so dropping the
            // losers cannot be left to it: they are still costing money.
            contest.end(this.first.is_some());
            this.first.set(None);
            return Poll::Ready(result);
        }
        if this.first.is_none() && contest.is_over() {
            let failure = contest.take_failure();
            return Poll::Ready(failure.expect("every lane that has ended has failed"));
        }
        Poll::Pending
    }
}

impl<S, C, ReqBody> fmt::Debug for ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

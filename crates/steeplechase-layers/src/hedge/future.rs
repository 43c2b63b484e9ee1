use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use pin_project_lite::pin_project;
use steeplechase_core::{Class, Classify, Outcome, Retry, Scope};
use tokio::time::Instant;
use tower::Service;

use super::backup::{Backup, Plan};
use super::shared::Stopwatch;

pin_project! {
    /// The response future of [`Hedge`](super::Hedge).
    ///
    /// Dropping it drops both copies of the request.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, C, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        // `None` once the primary has answered or has lost.
        #[pin]
        primary: Option<S::Future>,
        // Times the primary. `None` also if nobody wants to know.
        stopwatch: Option<Stopwatch>,
        // How one copy has failed, while the other may still do better.
        // Boxed, as it is large and seldom there.
        failure: Option<Box<Failure<S::Response, S::Error>>>,
        #[pin]
        backup: Backup<S, ReqBody>,
        classifier: C,
    }
}

/// How a copy has failed, and how much a caller can make of it.
struct Failure<T, E> {
    result: Result<T, E>,
    usefulness: u8,
}

// ===== impl ResponseFuture =====

impl<S, C, ReqBody> ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn new(
        primary: S::Future,
        stopwatch: Option<Stopwatch>,
        due: Instant,
        plan: Plan<S, ReqBody>,
        classifier: C,
    ) -> Self {
        Self {
            primary: Some(primary),
            stopwatch,
            failure: None,
            backup: Backup::due(due, plan),
            classifier,
        }
    }

    /// A primary that will never be hedged.
    pub(super) fn alone(primary: S::Future, classifier: C) -> Self {
        Self {
            primary: Some(primary),
            stopwatch: None,
            failure: None,
            backup: Backup::Idle,
            classifier,
        }
    }
}

impl<S, C, ReqBody, ResBody> ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    C: Classify<ResBody, S::Error>,
{
    /// The primary has answered. Returns the result, unless the hedge may still do better.
    fn primary_answered(
        self: Pin<&mut Self>,
        result: Result<S::Response, S::Error>,
    ) -> Option<Result<S::Response, S::Error>> {
        let mut this = self.project();
        this.primary.set(None);
        let other = this.failure.take();
        if this.backup.is_idle() && this.stopwatch.is_none() && other.is_none() {
            return Some(result);
        }

        let outcome = this.classifier.classify(result.as_ref());
        if let Some(stopwatch) = this.stopwatch.take() {
            stopwatch.stop(&outcome);
        }
        if outcome.is_success() {
            this.backup.lose();
            return Some(result);
        }

        let failure = Failure::new(result, &outcome);
        if let Some(other) = other {
            return Some(failure.or_more_useful(*other));
        }
        let goes_on = if this.backup.is_in_flight() {
            !is_everybodys(&outcome)
        } else {
            outcome.is_retryable() && this.backup.as_mut().fail_over(&outcome)
        };
        if goes_on {
            *this.failure = Some(Box::new(failure));
            return None;
        }
        this.backup.give_up();
        Some(failure.result)
    }

    /// The hedge has answered. Returns the result, unless the primary may still do better.
    fn hedge_answered(
        self: Pin<&mut Self>,
        result: Result<S::Response, S::Error>,
    ) -> Option<Result<S::Response, S::Error>> {
        let mut this = self.project();
        let outcome = this.classifier.classify(result.as_ref());
        this.backup.land(&outcome);
        if !outcome.is_success() {
            let failure = Failure::new(result, &outcome);
            if let Some(primary) = this.failure.take() {
                return Some(primary.or_more_useful(failure));
            }
            if !is_everybodys(&outcome) {
                *this.failure = Some(Box::new(failure));
                return None;
            }
            this.primary.set(None);
            *this.stopwatch = None;
            return Some(failure.result);
        }

        // The caller may keep this future for as long as it reads the response, so dropping the loser
        // cannot be left to it: the loser is still costing money.
        this.primary.set(None);
        *this.stopwatch = None;
        *this.failure = None;
        Some(result)
    }
}

impl<S, C, ReqBody, ResBody> Future for ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    C: Classify<ResBody, S::Error>,
{
    type Output = Result<S::Response, S::Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_mut().project();
        assert!(
            this.primary.is_some() || this.backup.is_in_flight(),
            "`ResponseFuture` polled after completion",
        );

        // The primary goes first, so that an answer which is already here is never passed over to
        // send a hedge, or for one that came in the same instant.
        if let Some(primary) = this.primary.as_pin_mut()
            && let Poll::Ready(result) = primary.poll(cx)
            && let Some(result) = self.as_mut().primary_answered(result)
        {
            return Poll::Ready(result);
        }

        let result = ready!(self.as_mut().project().backup.poll_result(cx));
        match self.hedge_answered(result) {
            Some(result) => Poll::Ready(result),
            // The primary is all that is left, and it was polled above.
            None => Poll::Pending,
        }
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

// ===== impl Failure =====

impl<T, E> Failure<T, E> {
    fn new(result: Result<T, E>, outcome: &Outcome) -> Self {
        Self {
            usefulness: outcome.class.map_or(0, Class::usefulness),
            result,
        }
    }

    /// Of two failures, the one that the caller can make more of. At a tie it is `self`.
    fn or_more_useful(self, other: Self) -> Result<T, E> {
        if other.usefulness > self.usefulness {
            other.result
        } else {
            self.result
        }
    }
}

/// Whether a failure is one that every copy of the request must meet.
fn is_everybodys(outcome: &Outcome) -> bool {
    outcome.scope == Scope::Request && outcome.retry == Retry::Never
}

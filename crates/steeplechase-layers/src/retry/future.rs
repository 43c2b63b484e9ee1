use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::{Request, Response};
use pin_project_lite::pin_project;
use steeplechase_core::attempts::{Kind, Leave};
use steeplechase_core::{Attempts, Class, Classify, Outcome, Retry};
use tokio::time::{self, Sleep};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::{RetryConfig, metrics};

pin_project! {
    /// The response future of [`Retry`](super::Retry).
    ///
    /// Dropping it drops the attempt in flight, or ends the wait for the next one.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, C, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody>,
        // `None` if there are to be no more attempts.
        spare: Option<Spare<S, ReqBody>>,
        rules: Rules<C>,
        retries: u8,
        // The most useful of the errors before this attempt.
        kept: Option<(Class, S::Error)>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        // The first attempt is in flight.
        First {
            #[pin]
            call: S::Future,
        },
        // Waits to start another one.
        Wait {
            #[pin]
            sleep: Sleep,
            // Taken when the wait is over.
            leave: Option<Leave>,
        },
        // Another one is in flight, or waits for its service to become ready.
        Again {
            #[pin]
            call: Oneshot<S, Request<ReqBody>>,
            // Held for as long as it is.
            _leave: Leave,
        },
        // Has answered.
        Done,
    }
}

/// All that is needed to send another attempt.
pub(super) struct Spare<S, ReqBody> {
    pub(super) service: S,
    pub(super) request: Request<ReqBody>,
}

/// What decides whether and when to send one.
pub(super) struct Rules<C> {
    pub(super) attempts: Attempts,
    pub(super) config: RetryConfig,
    pub(super) classifier: C,
}

// ===== impl ResponseFuture =====

impl<S, C, ReqBody> ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn new(call: S::Future, spare: Option<Spare<S, ReqBody>>, rules: Rules<C>) -> Self {
        Self {
            state: State::First { call },
            spare,
            rules,
            retries: 0,
            kept: None,
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
        loop {
            let outcome = match this.state.as_mut().project() {
                StateProj::First { call } => ready!(call.poll(cx)),
                StateProj::Again { call, .. } => ready!(call.poll(cx)),
                StateProj::Wait { sleep, leave } => {
                    ready!(sleep.poll(cx));
                    let leave = leave.take().expect("the wait is over only once");
                    let next = send(this.spare, this.rules, leave);
                    this.state.set(next);
                    continue;
                }
                StateProj::Done => panic!("`ResponseFuture` polled after completion"),
            };
            // What the attempt holds goes first, its place in the budget included: the next one may
            // need it, and the caller may keep this future for as long as it reads the response.
            this.state.set(State::Done);

            let meaning = this.rules.classifier.classify(outcome.as_ref());
            let Some(class) = meaning.class else {
                *this.spare = None;
                return Poll::Ready(outcome);
            };
            let retries = this.spare.is_some().then_some(*this.retries);
            let Some((wait, leave)) = this.rules.next(class, meaning, retries) else {
                *this.spare = None;
                return Poll::Ready(most_useful(this.kept.take(), class, outcome));
            };
            metrics::retried(class);
            *this.retries += 1;
            match outcome {
                Err(error) => keep(this.kept, class, error),
                // A failed response would hold its connection.
                Ok(response) => drop(response),
            }
            let next = if wait.is_zero() {
                send(this.spare, this.rules, leave)
            } else {
                metrics::waits(wait);
                State::Wait {
                    sleep: time::sleep(wait),
                    leave: Some(leave),
                }
            };
            this.state.set(next);
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

fn send<S, C, ReqBody>(
    spare: &mut Option<Spare<S, ReqBody>>,
    rules: &Rules<C>,
    leave: Leave,
) -> State<S, ReqBody>
where
    S: Service<Request<ReqBody>> + Clone,
    ReqBody: Clone,
{
    // The last one needs no copy.
    let next = if rules.attempts.left() > 0 {
        spare.clone()
    } else {
        spare.take()
    };
    let Spare {
        service,
        mut request,
    } = next.expect("it is there while there are attempts");
    request.extensions_mut().insert(Kind::Retry);
    State::Again {
        call: service.oneshot(request),
        _leave: leave,
    }
}

fn keep<E>(kept: &mut Option<(Class, E)>, class: Class, error: E) {
    let better = |old: Class| class.usefulness() >= old.usefulness();
    if kept.as_ref().is_none_or(|(old, _)| better(*old)) {
        *kept = Some((class, error));
    }
}

/// The failure that the caller can make most of; at a tie the last.
fn most_useful<T, E>(
    kept: Option<(Class, E)>,
    class: Class,
    outcome: Result<T, E>,
) -> Result<T, E> {
    match kept {
        Some((old, error)) if old.usefulness() > class.usefulness() => Err(error),
        _ => outcome,
    }
}

// ===== impl Rules =====

impl<C> Rules<C> {
    /// Whether there is to be another attempt: how long to wait before it, and leave to start it. Without a
    /// number of `retries` there can be none.
    fn next(
        &self,
        class: Class,
        failure: Outcome,
        retries: Option<u8>,
    ) -> Option<(Duration, Leave)> {
        if !self.config.is_retryable(class, &failure) {
            return None;
        }
        self.try_next(class, failure, retries)
            .inspect_err(|reason| metrics::denied(reason))
            .ok()
    }

    fn try_next(
        &self,
        class: Class,
        failure: Outcome,
        retries: Option<u8>,
    ) -> Result<(Duration, Leave), &'static str> {
        let call = self.attempts.controls().and_then(|call| call.num_retries);
        let own = self.attempts.own_retries();
        let most = self.config.retries(class, call, own);
        let retries = retries.filter(|retries| *retries < most);
        let retries = retries.ok_or("retries_spent")?;
        let wait = self.wait(class, failure, retries)?;
        // Not worth waiting for: the attempt would begin when it has to be over.
        let left = self.attempts.time_left();
        if !wait.is_zero() && left.is_some_and(|left| left <= wait) {
            return Err("deadline_near");
        }
        // Leave is asked for before the wait: a caller who waits is to get the attempt for it.
        match self.attempts.try_start_after(Kind::Retry, wait) {
            Ok(leave) => Ok((wait, leave)),
            Err(denied) => Err(denied.as_str()),
        }
    }

    /// How long to wait before another attempt. None, if it goes elsewhere.
    fn wait(&self, class: Class, failure: Outcome, retries: u8) -> Result<Duration, &'static str> {
        let elsewhere = self.attempts.alternatives().is_some_and(|n| n > 0);
        if elsewhere || failure.retry == Retry::Same {
            return Ok(Duration::ZERO);
        }
        if !self.config.may_stay(class) {
            return Err("nowhere_else");
        }
        // Another model has the time that this one does not.
        let is_told_to_wait = class == Class::RateLimited || failure.retry_after.is_some();
        if is_told_to_wait && self.attempts.has_held() {
            return Err("fallback_ahead");
        }
        let wait = self.config.wait(failure.retry_after, retries);
        wait.ok_or("hint_too_long")
    }
}

// ===== impl Spare =====

impl<S: Clone, ReqBody: Clone> Clone for Spare<S, ReqBody> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            request: self.request.clone(),
        }
    }
}

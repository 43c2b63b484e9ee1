use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{Attempts, BoxError, Carries, Error};
use tokio::time::{self, Instant, Sleep};

use super::clocks::Clocks;
use super::limit::{At, Limit, earliest};
use super::patience::Watch;
use super::{TimeoutBody, Timeouts};

pin_project! {
    /// The response future of [`Timeout`](super::Timeout).
    ///
    /// Dropping it drops the future inside, and its timer.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
        plan: Plan,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // Waits for the head.
        Head {
            #[pin]
            head: F,
            // `None` if nothing limits it.
            #[pin]
            sleep: Option<Sleep>,
            limit: Option<At>,
        },
        // There was no time to begin with.
        Late { limit: Limit },
        // Has answered.
        Done,
    }
}

/// The limits of one request.
pub(super) struct Plan {
    timeouts: Timeouts,
    /// When it was sent. `None` if nothing is limited.
    started: Option<Instant>,
    /// *Total*, or the deadline.
    until: Option<At>,
    total: Option<At>,
    watch: Option<Watch>,
}

// ===== impl ResponseFuture =====

impl<F> ResponseFuture<F> {
    /// Calls `send`, if there is time.
    pub(super) fn new(plan: Plan, send: impl FnOnce() -> F) -> Self {
        let state = match plan.head() {
            Some((at, limit)) if Some(at) <= plan.started => State::Late { limit },
            limit => State::Head {
                head: send(),
                sleep: plan.first_look(limit).map(time::sleep_until),
                limit,
            },
        };
        Self { state, plan }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body,
    B::Data: Carries,
{
    type Output = Result<Response<TimeoutBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let is_callers = this.plan.timeouts.are_callers;
        let outcome = match this.state.as_mut().project() {
            StateProj::Head { head, sleep, limit } => match (head.poll(cx), sleep.as_pin_mut()) {
                // An answer goes first: what is here is never too late.
                (Poll::Ready(Ok(response)), _) => {
                    Ok(response.map(|body| TimeoutBody::new(body, this.plan.clocks::<B::Data>())))
                }
                (Poll::Ready(Err(error)), _) => Err(Error::from(error.into())),
                (Poll::Pending, None) => return Poll::Pending,
                (Poll::Pending, Some(mut sleep)) => {
                    let limit = loop {
                        ready!(sleep.as_mut().poll(cx));
                        match this.plan.reached(*limit) {
                            Ok(limit) => break limit,
                            Err(again) => sleep.as_mut().reset(again),
                        }
                    };
                    Err(limit.exceed(is_callers))
                }
            },
            StateProj::Late { limit } => Err(limit.exceed(is_callers)),
            StateProj::Done => panic!("`ResponseFuture` polled after completion"),
        };
        // The caller may keep this future, so dropping what is inside cannot be left to it.
        this.state.set(State::Done);
        Poll::Ready(outcome)
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

// ===== impl Plan =====

impl Plan {
    pub(super) fn new(timeouts: Timeouts, attempts: Option<&Attempts>) -> Self {
        let deadline = attempts.and_then(Attempts::deadline);
        let limited = deadline.is_some() || !timeouts.limits_nothing();
        let started = limited.then(Instant::now);
        let total = timeouts
            .total
            .zip(started)
            .and_then(|(limit, started)| Limit::Total(limit).from(started, limit));
        Self {
            timeouts,
            started,
            until: earliest([total, deadline.map(|at| (at, Limit::Deadline))]),
            total,
            watch: (timeouts.patience.zip(attempts))
                .and_then(|(patience, attempts)| Watch::new(patience, attempts)),
        }
    }

    /// When to look whether it takes too long.
    fn first_look(&self, limit: Option<At>) -> Option<Instant> {
        let patience = self.watch.as_ref().zip(self.started);
        let patience = patience.and_then(|(watch, sent)| watch.first(sent));
        let limit = limit.map(|(at, _)| at);
        patience.into_iter().chain(limit).min()
    }

    /// What has been reached now that it is time to look; or when to look again.
    fn reached(&self, limit: Option<At>) -> Result<Limit, Instant> {
        let Some((watch, sent)) = self.watch.as_ref().zip(self.started) else {
            return Ok(limit.expect("a timer is for a limit").1);
        };
        match limit {
            Some((at, limit)) if at <= Instant::now() => Ok(limit),
            limit => {
                let again = match watch.look(sent) {
                    Ok(waited) => return Ok(Limit::FirstToken(waited)),
                    Err(again) => again,
                };
                Err(limit.map_or(again, |(at, _)| again.min(at)))
            }
        }
    }

    /// What limits the future.
    fn head(&self) -> Option<At> {
        let first_token = self
            .timeouts
            .first_token
            .zip(self.started)
            .and_then(|(limit, started)| Limit::FirstToken(limit).from(started, limit));
        earliest([first_token, self.until])
    }

    /// What limits the body of an answer whose head is there.
    ///
    /// The deadline of the request is for getting an answer. A stream of content that has begun is one:
    /// to cut it off in the middle because it is long helps nobody.
    fn clocks<D: Carries>(&self) -> Option<Clocks> {
        let head = match (self.timeouts.first_token, self.started) {
            (Some(_), Some(started)) => started.elapsed(),
            _ => Duration::ZERO,
        };
        let until = if D::SAYS_END { self.total } else { self.until };
        Clocks::new(self.timeouts, head, until)
    }
}

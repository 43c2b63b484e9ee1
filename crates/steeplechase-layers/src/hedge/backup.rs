use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Request;
use pin_project_lite::pin_project;
use steeplechase_core::attempts::{Denied, Kind, Leave};
use steeplechase_core::{Attempts, Outcome};
use tokio::time::{self, Instant, Sleep};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::Size;
use super::pool::Afford;
use super::shared::{Active, Shared, Stopwatch};

pin_project! {
    /// The second copy of a request, which most requests never need.
    #[project = BackupProj]
    pub(super) enum Backup<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        // Not sent, because the primary still has time to answer.
        Waiting {
            #[pin]
            timer: Sleep,
            // Taken when it is decided.
            plan: Option<Plan<S, ReqBody>>,
        },
        // Sent, or waiting for its service to become ready.
        InFlight {
            // Boxed, as it is as large as the primary, and seldom there.
            call: Pin<Box<Oneshot<S, Request<ReqBody>>>>,
            flight: Flight,
        },
        // Answered, or not to be sent at all.
        Idle,
    }
}

/// What it takes to send a hedge.
pub(super) struct Plan<S, ReqBody> {
    pub(super) shared: Arc<Shared>,
    pub(super) attempts: Attempts,
    /// `None` if the policy has refused.
    pub(super) spare: Option<(S, Request<ReqBody>)>,
    /// How much the request is, if that is known.
    pub(super) size: Option<Size>,
    /// Whether the delay is learnt from how long it takes.
    pub(super) is_timed: bool,
    /// Whether it is sent however scarce hedges are, as the primary is there to find out something.
    pub(super) is_free: bool,
    /// When to look again, once, if hedges are scarce at first.
    pub(super) scarce_at: Option<Instant>,
    /// Whether there was none left when it was due.
    pub(super) was_denied: bool,
}

/// After how long one for whom no hedge was left asks again.
const AGAIN: Duration = Duration::from_millis(500);

/// What a hedge holds while it is in flight.
pub(super) struct Flight {
    shared: Arc<Shared>,
    attempts: Attempts,
    stopwatch: Option<Stopwatch>,
    _leave: Leave,
}

/// What to do when the delay is over.
enum Decision {
    Send(Leave),
    LookAgain(Instant),
    DoNot,
}

// ===== impl Backup =====

impl<S, ReqBody> Backup<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn due(at: Instant, plan: Plan<S, ReqBody>) -> Self {
        Self::Waiting {
            timer: time::sleep_until(at),
            plan: Some(plan),
        }
    }

    pub(super) fn is_in_flight(&self) -> bool {
        matches!(self, Self::InFlight { .. })
    }

    pub(super) fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }

    /// Waits out the delay, sends the hedge, and resolves with its result, which is to be told to the
    /// [`Flight`].
    ///
    /// Never resolves if the hedge is not to be sent.
    pub(super) fn poll_result(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<S::Response, S::Error>> {
        loop {
            match self.as_mut().project() {
                BackupProj::Waiting { mut timer, plan } => {
                    ready!(timer.as_mut().poll(cx));
                    let mut taken = plan.take().expect("taken once, when it is decided");
                    match taken.decide() {
                        Decision::Send(leave) => self.set(taken.send(leave)),
                        Decision::LookAgain(at) => {
                            timer.reset(at);
                            *plan = Some(taken);
                        }
                        Decision::DoNot => self.set(Self::Idle),
                    }
                }
                BackupProj::InFlight { call, .. } => return call.as_mut().poll(cx),
                BackupProj::Idle => return Poll::Pending,
            }
        }
    }

    /// Sends the hedge at once, because the primary has failed. Returns whether it did.
    pub(super) fn fail_over(mut self: Pin<&mut Self>, failure: &Outcome) -> bool {
        let BackupProj::Waiting { plan, .. } = self.as_mut().project() else {
            return false;
        };
        let plan = plan.take().expect("taken once, when it is decided");
        if let Some(leave) = plan.leave_to_fail_over(failure) {
            self.set(plan.send(leave));
            return true;
        }
        self.set(Self::Idle);
        false
    }

    /// The hedge has answered.
    pub(super) fn land(mut self: Pin<&mut Self>, outcome: &Outcome) {
        if let BackupProj::InFlight { flight, .. } = self.as_mut().project() {
            if let Some(stopwatch) = flight.stopwatch.take() {
                stopwatch.stop(outcome);
            }
            let metrics = &flight.shared.active().metrics;
            if outcome.is_success() {
                flight.attempts.set_winner();
                metrics.won.increment(1);
            } else {
                metrics.lost.increment(1);
            }
        }
        self.set(Self::Idle);
    }

    /// The primary has answered.
    pub(super) fn lose(self: Pin<&mut Self>) {
        if let Self::InFlight { flight, .. } = &*self {
            flight.attempts.set_winner();
        }
        self.give_up();
    }

    /// The hedge is of no more use. If it is in flight, it is dropped, here and now.
    pub(super) fn give_up(mut self: Pin<&mut Self>) {
        if let BackupProj::InFlight { flight, .. } = self.as_mut().project() {
            flight.shared.active().metrics.lost.increment(1);
        }
        self.set(Self::Idle);
    }
}

// ===== impl Plan =====

impl<S, ReqBody> Plan<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn decide(&mut self) -> Decision {
        let Active {
            bucket, metrics, ..
        } = self.shared.active();

        // A copy on the deployment that is slow would be slow as well.
        let is_alone = self.attempts.alternatives() == Some(0);
        let afford = self.afford();
        if afford == Afford::Nobody || is_alone || self.shared.is_down() {
            metrics.ineligible.increment(1);
            return Decision::DoNot;
        }
        // What is left is for the slowest: in a brownout, first come would be first served.
        if !self.is_free
            && bucket.is_scarce()
            && let Some(at) = self.scarce_at.take()
        {
            return Decision::LookAgain(at);
        }
        match self.leave() {
            Ok(leave) => {
                metrics.sent.increment(1);
                if let (Afford::Some(bound), Some((_, request))) = (afford, &mut self.spare) {
                    request.extensions_mut().insert(bound);
                }
                Decision::Send(leave)
            }
            Err(denied) => {
                if !std::mem::replace(&mut self.was_denied, true) {
                    metrics.budget.increment(1);
                }
                match denied {
                    // Those that hang get what comes in next.
                    Denied::BudgetSpent => Decision::LookAgain(Instant::now() + AGAIN),
                    _ => Decision::DoNot,
                }
            }
        }
    }

    /// Leave to send a hedge, by both budgets.
    fn leave(&self) -> Result<Leave, Denied> {
        let bucket = &self.shared.active().bucket;
        if !self.is_free && !bucket.try_withdraw() {
            return Err(Denied::BudgetSpent);
        }
        self.attempts.try_start(Kind::Hedge).inspect_err(|_| {
            if !self.is_free {
                bucket.refund();
            }
        })
    }

    /// Who may have the copy, if there is one.
    fn afford(&self) -> Afford {
        match (&self.spare, self.size) {
            (None, _) => Afford::Nobody,
            (Some(_), None) => Afford::Any,
            (Some(_), Some(size)) => {
                let afford = |tried: &[u32]| self.shared.afford(tried, size);
                self.attempts.with_tried(afford)
            }
        }
    }

    fn leave_to_fail_over(&self, failure: &Outcome) -> Option<Leave> {
        self.spare.as_ref()?;
        match self.attempts.alternatives() {
            Some(0) => return None,
            // For all that is known, it is the one that has just asked to be left alone.
            None if failure.retry_after.is_some() => return None,
            _ => {}
        }
        let leave = self.attempts.try_start(Kind::Hedge).ok()?;
        self.shared.active().metrics.failover.increment(1);
        Some(leave)
    }

    fn send(self, leave: Leave) -> Backup<S, ReqBody> {
        let Some((service, mut request)) = self.spare else {
            return Backup::Idle;
        };
        request.extensions_mut().insert(Kind::Hedge);
        Backup::InFlight {
            call: Box::pin(service.oneshot(request)),
            flight: Flight {
                stopwatch: self
                    .is_timed
                    .then(|| Stopwatch::new(&self.shared, Instant::now())),
                shared: self.shared,
                attempts: self.attempts,
                _leave: leave,
            },
        }
    }
}

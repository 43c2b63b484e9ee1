use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Extensions, Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::attempts::{Kind, Leave};
use steeplechase_core::controls;
use steeplechase_core::{Attempts, Call, Class, Error, Retry};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::Patch;
use super::itinerary::Itinerary;
use super::metrics::{self, Leg};
use super::plan::Plan;
use crate::body::{Hold, Watched};

/// The model that has answered instead of the one asked for. It is found in the extensions of the
/// response.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FellBack {
    /// The model that has answered.
    pub to: Arc<str>,
    /// How many models were asked after the first one, this one included.
    pub legs: u8,
    /// How the first one has failed.
    pub reason: Class,
}

/// How each model has failed that was asked before the one that has answered, in order, if the call wants
/// to know. It is found in the extensions of the response.
#[derive(Clone, Debug)]
pub struct FallbackErrors(pub Arc<[(Arc<str>, Error)]>);

pin_project! {
    /// The response future of [`Fallback`](super::Fallback).
    ///
    /// Dropping it drops the leg that is under way, and no other is started.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S>
    where
        S: Service<Request<Call>>,
    {
        #[pin]
        state: State<S>,
        attempts: Attempts,
        // `None` if the model has no targets.
        spare: Option<Spare<S>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S>
    where
        S: Service<Request<Call>>,
    {
        // The call as it came.
        First {
            #[pin]
            call: S::Future,
        },
        // The call as it came, which fails without being sent.
        Refused { error: Option<Error> },
        // The call for a target.
        Fallback {
            #[pin]
            call: Oneshot<S, Request<Call>>,
            // Taken when the leg has answered, and held for as long as its answer lasts.
            leave: Option<Leave>,
            // Why it was started.
            reason: Class,
        },
        // Has answered.
        Done,
    }
}

/// All that is needed for the legs after the first.
pub(super) struct Spare<S> {
    service: S,
    /// The request as it came.
    request: Request<Call>,
    plan: Plan,
    patch: Patch,
    /// Made when the first leg has failed.
    itinerary: Option<Itinerary>,
    /// How the first leg has failed.
    reason: Option<Class>,
    /// The most useful failure so far.
    error: Option<Error>,
    /// All of them, if the call wants to know.
    errors: Vec<(Arc<str>, Error)>,
}

// ===== impl ResponseFuture =====

impl<S> ResponseFuture<S>
where
    S: Service<Request<Call>>,
{
    pub(super) fn new(first: S::Future, attempts: Attempts, spare: Option<Spare<S>>) -> Self {
        Self {
            state: State::First { call: first },
            attempts,
            spare,
        }
    }

    /// The first leg fails without being sent.
    pub(super) fn refused(error: Error, attempts: Attempts, spare: Option<Spare<S>>) -> Self {
        Self {
            state: State::Refused { error: Some(error) },
            attempts,
            spare,
        }
    }
}

impl<S, B> Future for ResponseFuture<S>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    B: Body,
{
    type Output = Result<Response<Watched<B, Hold<Option<Leave>>>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let (outcome, leave) = match this.state.as_mut().project() {
                StateProj::First { call } => (ready!(call.poll(cx)), None),
                StateProj::Refused { error } => {
                    (Err(error.take().expect("taken once, here")), None)
                }
                StateProj::Fallback {
                    call,
                    leave,
                    reason,
                } => {
                    let outcome = ready!(call.poll(cx));
                    let is_ok = outcome.is_ok();
                    metrics::leg(*reason, if is_ok { Leg::Success } else { Leg::Failure });
                    (outcome, leave.take())
                }
                StateProj::Done => panic!("`ResponseFuture` polled after completion"),
            };
            // The leg is over: nothing of it may be alive while another is under way.
            this.state.set(State::Done);
            match outcome {
                Ok(mut response) => {
                    if let Some(spare) = this.spare {
                        spare.report(response.extensions_mut());
                    }
                    let held = |body| Watched::new(body, Hold(leave));
                    return Poll::Ready(Ok(response.map(held)));
                }
                Err(error) => {
                    drop(leave);
                    let reason = error.class();
                    match next_leg(this.spare, this.attempts, error) {
                        Err(error) => return Poll::Ready(Err(error)),
                        Ok((call, leave)) => this.state.set(State::Fallback {
                            call,
                            leave: Some(leave),
                            reason,
                        }),
                    }
                }
            }
        }
    }
}

impl<S> fmt::Debug for ResponseFuture<S>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

type NextLeg<S> = (Oneshot<S, Request<Call>>, Leave);

/// Starts the next leg after a failure, or says what the caller is told.
fn next_leg<S>(
    spare: &mut Option<Spare<S>>,
    attempts: &Attempts,
    mut error: Error,
) -> Result<NextLeg<S>, Error>
where
    S: Service<Request<Call>, Error = Error> + Clone,
{
    let Some(spare) = spare else {
        return Err(finish(error, attempts, false));
    };
    if error.retry() == Retry::Never && attempts.is_leg_over() {
        // That its share of the time was too short for one model is not so for the next.
        error = error.with_retry(Retry::OtherModel);
    }
    loop {
        let reason = error.class();
        let (target, error_so_far) = spare.after(error);
        let Some(target) = target else {
            return Err(finish(error_so_far, attempts, false));
        };
        let Ok(leave) = attempts.try_start(Kind::Fallback) else {
            metrics::leg(reason, Leg::Denied);
            return Err(finish(error_so_far, attempts, true));
        };
        spare.error = Some(error_so_far);
        match spare.request_for(&target) {
            Ok(mut request) => {
                request.extensions_mut().insert(Kind::Fallback);
                attempts.begin_leg(spare.legs_ahead());
                return Ok((spare.service.clone().oneshot(request), leave));
            }
            Err(failed) => {
                metrics::leg(reason, Leg::Failure);
                error = failed;
            }
        }
    }
}

/// Marks the error that leaves the layer, if nothing more is to be tried by anybody.
fn finish(error: Error, attempts: &Attempts, was_denied: bool) -> Error {
    let is_final = was_denied
        || attempts.was_denied()
        || attempts.used() > 1
        || attempts.left() == 0
        || error.retry() == Retry::Never;
    if is_final { error.into_final() } else { error }
}

// ===== impl Spare =====

impl<S> Spare<S> {
    pub(super) fn new(service: S, request: Request<Call>, plan: Plan, patch: Patch) -> Self {
        Self {
            service,
            request,
            plan,
            patch,
            itinerary: None,
            reason: None,
            error: None,
            errors: Vec::new(),
        }
    }

    /// What is to be asked after a failure of the last one, and the most useful failure so far.
    fn after(&mut self, error: Error) -> (Option<controls::Leg>, Error) {
        let model = self.request.body().model_handle();
        let itinerary = self.itinerary.get_or_insert_with(|| Itinerary::from(model));
        self.reason.get_or_insert(error.class());
        let wants_errors = self
            .plan
            .controls()
            .is_some_and(|c| c.include_fallback_errors);
        if let (true, Some(failed)) = (wants_errors, itinerary.current()) {
            self.errors.push((Arc::clone(&failed.model), error.clone()));
        }
        let target = itinerary.next(&self.plan, &error).cloned();
        let error = match self.error.take() {
            Some(earlier) => earlier.or_more_useful(error),
            None => error,
        };
        (target, error)
    }

    fn legs_ahead(&self) -> u8 {
        let itinerary = self.itinerary.as_ref();
        itinerary.map_or(0, |itinerary| itinerary.legs_ahead(&self.plan))
    }

    /// The request as it came, but for another model.
    fn request_for(&self, target: &controls::Leg) -> Result<Request<Call>, Error> {
        let call = self.request.body();
        let call = match &target.patch {
            None => call.with_model(Arc::clone(&target.model)),
            Some(patch) => (self.patch)(call, patch, &target.model)?,
        };
        let mut request = self.request.clone();
        *request.body_mut() = call;
        Ok(request)
    }

    /// Says what has led to an answer, if it is not the first leg's.
    fn report(&mut self, extensions: &mut Extensions) {
        let (Some(itinerary), Some(reason)) = (&self.itinerary, self.reason) else {
            return;
        };
        let Some(current) = itinerary.current() else {
            return;
        };
        extensions.insert(FellBack {
            to: Arc::clone(&current.model),
            legs: itinerary.legs(),
            reason,
        });
        if !self.errors.is_empty() {
            let errors = std::mem::take(&mut self.errors);
            extensions.insert(FallbackErrors(errors.into()));
        }
    }
}

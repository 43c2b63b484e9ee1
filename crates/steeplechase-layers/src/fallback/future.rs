use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::attempts::{Kind, Leave};
use steeplechase_core::{Attempts, Call, Class, Error, Retry};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::Fallbacks;
use super::config::is_for_nobody;
use super::itinerary::Itinerary;
use super::metrics::{self, Leg};
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
}

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
    fallbacks: Arc<Fallbacks>,
    /// Made when the first leg has failed.
    itinerary: Option<Itinerary>,
    /// The most useful failure so far.
    error: Option<Error>,
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
                    let fell_back = this.spare.as_ref().and_then(Spare::fell_back);
                    if let Some(fell_back) = fell_back {
                        response.extensions_mut().insert(fell_back);
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
    error: Error,
) -> Result<NextLeg<S>, Error>
where
    S: Service<Request<Call>, Error = Error> + Clone,
{
    let Some(spare) = spare else {
        return Err(finish(error, attempts, false));
    };
    let target = spare.next_target(&error);
    let reason = error.class();
    let error = match spare.error.take() {
        Some(earlier) => earlier.or_more_useful(error),
        None => error,
    };
    let Some(target) = target else {
        return Err(finish(error, attempts, false));
    };
    let Ok(leave) = attempts.try_start(Kind::Fallback) else {
        metrics::leg(reason, Leg::Denied);
        return Err(finish(error, attempts, true));
    };
    spare.error = Some(error);
    attempts.hold(spare.itinerary.as_ref().map_or(0, Itinerary::legs_ahead));
    Ok((
        spare.service.clone().oneshot(spare.request_for(target)),
        leave,
    ))
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
    pub(super) fn new(service: S, request: Request<Call>, fallbacks: Arc<Fallbacks>) -> Self {
        Self {
            service,
            request,
            fallbacks,
            itinerary: None,
            error: None,
        }
    }

    /// The model that is to be asked after a failure of the last one.
    fn next_target(&mut self, error: &Error) -> Option<Arc<str>> {
        if is_for_nobody(error) {
            return None;
        }
        let model = self.request.body().model_handle();
        let itinerary = self.itinerary.get_or_insert_with(|| Itinerary::from(model));
        itinerary.next(&self.fallbacks, error)
    }

    /// The request as it came, but for another model.
    fn request_for(&self, model: Arc<str>) -> Request<Call> {
        let mut request = self.request.clone();
        *request.body_mut() = self.request.body().with_model(model);
        request
    }

    fn fell_back(&self) -> Option<FellBack> {
        let itinerary = self.itinerary.as_ref()?;
        Some(FellBack {
            to: Arc::clone(itinerary.current()?),
            legs: itinerary.legs(),
        })
    }
}

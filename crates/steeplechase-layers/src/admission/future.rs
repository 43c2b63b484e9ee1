use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{BoxError, Error};
use tokio::time::{self, Instant, Sleep};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::Place;
use super::queue::Ticket;
use crate::body::{Hold, Watched};

pin_project! {
    /// The response future of [`Admission`](super::Admission).
    ///
    /// Dropping it leaves the line, or frees its place.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        // Has found a place, and waits for the answer.
        Admitted {
            #[pin]
            call: S::Future,
            // Handed on to the body. `None` if everybody is let in.
            place: Option<Place>,
        },
        // Stands in line. Few do, so it is boxed.
        Waits { wait: Pin<Box<Wait<S, ReqBody>>> },
        // Has waited for its place, and waits for the answer.
        Next {
            #[pin]
            call: Oneshot<S, Request<ReqBody>>,
            // Handed on to the body.
            place: Option<Place>,
        },
        // Has got no place.
        Refused { error: Option<Error> },
        // Has answered.
        Done,
    }
}

pin_project! {
    /// A call in line.
    struct Wait<S, ReqBody> {
        ticket: Ticket,
        #[pin]
        patience: Sleep,
        is_deadline: bool,
        // Taken when there is a place.
        next: Option<(S, Request<ReqBody>)>,
    }
}

// ===== impl ResponseFuture =====

impl<S, ReqBody> ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn admitted(call: S::Future, place: Option<Place>) -> Self {
        Self {
            state: State::Admitted { call, place },
        }
    }

    pub(super) fn waits(
        ticket: Ticket,
        until: Instant,
        is_deadline: bool,
        next: (S, Request<ReqBody>),
    ) -> Self {
        let wait = Wait {
            ticket,
            patience: time::sleep_until(until),
            is_deadline,
            next: Some(next),
        };
        Self {
            state: State::Waits {
                wait: Box::pin(wait),
            },
        }
    }

    pub(super) fn refused(error: Error) -> Self {
        Self {
            state: State::Refused { error: Some(error) },
        }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    ResBody: Body,
{
    type Output = Result<Response<Watched<ResBody, Hold<Option<Place>>>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.project().state;
        loop {
            let (outcome, place) = match state.as_mut().project() {
                StateProj::Admitted { call, place } => (ready!(call.poll(cx)), place.take()),
                StateProj::Next { call, place } => (ready!(call.poll(cx)), place.take()),
                StateProj::Waits { wait } => {
                    let next = match ready!(wait.as_mut().poll_turn(cx)) {
                        Ok((call, place)) => State::Next {
                            call,
                            place: Some(place),
                        },
                        Err(error) => State::Refused { error: Some(error) },
                    };
                    state.set(next);
                    continue;
                }
                StateProj::Refused { error } => {
                    let error = error.take().expect("taken once, here");
                    state.set(State::Done);
                    return Poll::Ready(Err(error));
                }
                StateProj::Done => panic!("`ResponseFuture` polled after completion"),
            };
            // The place of a failure is free before anybody hears of it.
            state.set(State::Done);
            return Poll::Ready(match outcome {
                Ok(response) => Ok(response.map(|body| Watched::new(body, Hold(place)))),
                Err(error) => {
                    drop(place);
                    Err(Error::from(error.into()))
                }
            });
        }
    }
}

impl<S, ReqBody> fmt::Debug for ResponseFuture<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

// ===== impl Wait =====

type Turn<S, ReqBody> = (Oneshot<S, Request<ReqBody>>, Place);

impl<S, ReqBody> Wait<S, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn poll_turn(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Turn<S, ReqBody>, Error>> {
        let this = self.project();
        // A place goes first: who has one is never too late.
        if let Poll::Ready(place) = this.ticket.poll_place(cx) {
            let (service, request) = this.next.take().expect("the turn comes once");
            return Poll::Ready(Ok((service.oneshot(request), place)));
        }
        ready!(this.patience.poll(cx));
        Poll::Ready(Err(this.ticket.give_up(*this.is_deadline)))
    }
}

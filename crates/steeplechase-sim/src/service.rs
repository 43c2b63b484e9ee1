//! The sim as a service.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::combinators::Collect;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tower::{BoxError, Service};

use crate::body::SimBody;
use crate::clock::Clock;
use crate::counts::Ended;

use crate::error::SimError;
use crate::respond::{Arrival, Planned, Verdict, respond};
use crate::route::Route;
use crate::sim::Sim;

/// The longest request body that is read. A longer one is answered with 413.
const LONGEST_REQUEST: usize = 32 * 1024 * 1024;

pin_project! {
    /// The response future of a [`Sim`].
    ///
    /// Dropping it before it resolves counts the request as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<B>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        sim: Sim,
        #[pin]
        request: Option<Collect<Limited<B>>>,
        // Taken when the request has been read.
        arrival: Option<Arrival>,
        planned: Option<Planned>,
        clock: Clock,
    }
}

impl<B> Service<Request<B>> for Sim
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Response = Response<SimBody>;
    type Error = SimError;
    type Future = ResponseFuture<B>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SimError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let at = Instant::now();
        let route = Route::of(&parts);
        let (ticket, draw) = self.arrive(at, route);
        ResponseFuture {
            sim: self.clone(),
            request: Some(Limited::new(body, LONGEST_REQUEST).collect()),
            arrival: Some(Arrival {
                at,
                route,
                parts,
                ticket,
                draw,
            }),
            planned: None,
            clock: Clock::since(at),
        }
    }
}

impl<B> Future for ResponseFuture<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Output = Result<Response<SimBody>, SimError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();

        if let Some(request) = this.request.as_mut().as_pin_mut() {
            let body = ready!(request.poll(cx));
            this.request.set(None);
            let mut arrival = this.arrival.take().expect("taken only here, once");
            let body = match body {
                Ok(collected) => Ok(collected.to_bytes()),
                Err(error) if error.is::<LengthLimitError>() => Err(LONGEST_REQUEST),
                Err(error) => {
                    arrival.ticket.settle(Ended::Failed);
                    return Poll::Ready(Err(SimError::request_body(error)));
                }
            };
            *this.planned = Some(respond(this.sim, arrival, body));
        }

        let planned = this.planned.as_mut();
        let planned = planned.expect("`ResponseFuture` polled after completion");
        if matches!(planned.verdict, Verdict::Silence) {
            return Poll::Pending;
        }
        if let Some((hold, rest)) = &planned.hold {
            let released = this.clock.offset(ready!(hold.poll_released(cx)));
            planned.head = planned.head.max(released.saturating_add(*rest));
            planned.hold = None;
        }
        ready!(this.clock.poll_until(planned.head, cx));
        let Planned {
            verdict,
            mut ticket,
            ..
        } = this.planned.take().expect("looked at above");
        Poll::Ready(match verdict {
            Verdict::Answer(answer) => Ok(answer.into_response(ticket, this.clock.arrival())),
            Verdict::Reset | Verdict::Silence => {
                ticket.settle(Ended::Failed);
                Err(SimError::reset())
            }
        })
    }
}

impl<B> fmt::Debug for ResponseFuture<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("planned", &self.planned)
            .finish_non_exhaustive()
    }
}

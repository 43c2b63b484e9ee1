use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use steeplechase_core::attempts::{Kind, Leave};
use steeplechase_core::{Attempts, Call, Chunk, Class, Error, Retry};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::Seam;
use super::metrics::{self, Rest};

/// In the extensions of a call for the rest of an answer: who gets it has to go on from where the last
/// message ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Continues;

pin_project! {
    /// The body of an answer that is continued if it breaks off.
    ///
    /// Dropping it drops the attempt that is under way.
    pub struct Continued<S, B, J>
    where
        S: Service<Request<Call>>,
    {
        // `None` after the end, and while the rest is asked for.
        #[pin]
        body: Option<B>,
        // The attempt for the rest. Boxed: there is hardly ever one.
        asking: Option<Asking<S>>,
        // `None` if the answer cannot be continued.
        spare: Option<Box<Spare<S, J>>>,
        // Held for as long as there is an attempt for the rest.
        rest: Option<Leave>,
    }
}

struct Asking<S: Service<Request<Call>>> {
    call: Pin<Box<Oneshot<S, Request<Call>>>>,
    /// Why.
    failure: Error,
    leave: Leave,
}

/// All that is needed to ask for the rest of an answer, and to join it.
pub(super) struct Spare<S, J> {
    service: S,
    /// The request as it came.
    request: Request<Call>,
    attempts: Attempts,
    seam: J,
}

// ===== impl Continued =====

impl<S, B, J> Continued<S, B, J>
where
    S: Service<Request<Call>>,
{
    pub(super) const fn new(body: B, spare: Option<Box<Spare<S, J>>>) -> Self {
        Self {
            body: Some(body),
            asking: None,
            spare,
            rest: None,
        }
    }
}

impl<S, B, J> Body for Continued<S, B, J>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    B: Body<Data = Chunk, Error = Error>,
    J: Seam,
{
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Error>>> {
        let mut this = self.project();
        if this.spare.is_none() && this.asking.is_none() {
            // Nobody listens: what comes is handed on as it came.
            let body = this.body.as_pin_mut();
            return body.map_or(Poll::Ready(None), |body| body.poll_frame(cx));
        }
        loop {
            if let Some(asking) = this.asking {
                let outcome = ready!(asking.call.as_mut().poll(cx));
                let Asking { failure, leave, .. } = this.asking.take().expect("it is there");
                let Ok(response) = outcome else {
                    metrics::continued(failure.class(), Rest::Failure);
                    return Poll::Ready(Some(Err(failure)));
                };
                metrics::continued(failure.class(), Rest::Success);
                this.body.set(Some(response.into_body()));
                *this.rest = Some(leave);
                let mark = this.spare.as_ref().and_then(|spare| spare.mark());
                if let Some(mark) = mark {
                    return Poll::Ready(Some(Ok(Frame::data(mark))));
                }
            }
            let Some(body) = this.body.as_mut().as_pin_mut() else {
                return Poll::Ready(None);
            };
            let frame = ready!(body.poll_frame(cx));
            let Some(spare) = this.spare else {
                return Poll::Ready(frame);
            };
            match frame.map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(chunk))) if this.rest.is_none() => {
                    if !spare.seam.hear(&chunk) {
                        *this.spare = None;
                    }
                    return Poll::Ready(Some(Ok(Frame::data(chunk))));
                }
                Some(Ok(Ok(chunk))) => match spare.seam.join(chunk) {
                    Ok(None) => {}
                    Ok(Some(chunk)) => return Poll::Ready(Some(Ok(Frame::data(chunk)))),
                    Err(error) => {
                        this.body.set(None);
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                Some(Ok(Err(trailers))) => return Poll::Ready(Some(Ok(trailers))),
                Some(Err(error)) => {
                    // What has failed goes first: the attempt for the rest may need its place.
                    this.body.set(None);
                    if this.rest.is_some() {
                        return Poll::Ready(Some(Err(error)));
                    }
                    match spare.ask(error) {
                        Ok(asking) => *this.asking = Some(asking),
                        Err(error) => {
                            *this.spare = None;
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
                None => {
                    this.body.set(None);
                    *this.spare = None;
                    *this.rest = None;
                    return Poll::Ready(None);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let body = self.body.as_ref();
        self.asking.is_none() && body.is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.body, &self.spare) {
            (Some(body), None) => body.size_hint(),
            // How much there will be of the rest is not known.
            _ => SizeHint::default(),
        }
    }
}

impl<S, B, J> Default for Continued<S, B, J>
where
    S: Service<Request<Call>>,
    B: Default,
{
    fn default() -> Self {
        Self::new(B::default(), None)
    }
}

impl<S, B, J> fmt::Debug for Continued<S, B, J>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Continued").finish_non_exhaustive()
    }
}

// ===== impl Spare =====

impl<S, J> Spare<S, J> {
    pub(super) const fn new(
        service: S,
        request: Request<Call>,
        attempts: Attempts,
        seam: J,
    ) -> Self {
        Self {
            service,
            request,
            attempts,
            seam,
        }
    }
}

impl<S, J> Spare<S, J>
where
    S: Service<Request<Call>> + Clone,
    J: Seam,
{
    fn mark(&self) -> Option<Chunk> {
        self.seam.mark(self.request.body().model())
    }

    /// Asks for the rest after a failure, or says what the caller is told.
    fn ask(&mut self, failure: Error) -> Result<Asking<S>, Error> {
        if !is_worth_it(&failure) {
            return Err(failure);
        }
        let Some(call) = self.seam.call(self.request.body()) else {
            return Err(failure);
        };
        // The legs of a fallback are over: one of them has answered.
        self.attempts.begin_leg(0);
        let Ok(leave) = self.attempts.try_start(Kind::Continuation) else {
            metrics::continued(failure.class(), Rest::Denied);
            return Err(failure);
        };
        let mut request = self.request.clone();
        *request.body_mut() = call;
        request.extensions_mut().insert(Continues);
        Ok(Asking {
            call: Box::pin(self.service.clone().oneshot(request)),
            failure,
            leave,
        })
    }
}

/// Whether another attempt may do better: the provider has failed, or the way to it. A refusal is an answer.
fn is_worth_it(failure: &Error) -> bool {
    let class = failure.class();
    let may_pass = matches!(
        class,
        Class::Overloaded | Class::Server | Class::Timeout(_) | Class::Transport | Class::Truncated
    );
    may_pass && failure.retry() != Retry::Never
}

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::LengthLimitError;
use pin_project_lite::pin_project;
use steeplechase_core::call::Head;
use steeplechase_core::{Attempts, BoxError, Call, Chunk, Class, Dialect, Error, Operation};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::service::too_large;
use super::{ResponseBody, error_response, scan};
use crate::collect::Collect;

pin_project! {
    /// The response future of [`Intake`](super::Intake).
    ///
    /// Dropping it drops everything that was started for the call.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, ReqBody>
    where
        S: Service<Request<Call>>,
    {
        #[pin]
        state: State<S, ReqBody>,
        dialect: Dialect,
        attempts: Attempts,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody>
    where
        S: Service<Request<Call>>,
    {
        // Waits for the rest of the body.
        Collect {
            #[pin]
            body: ReqBody,
            collected: Collect,
            max: usize,
            operation: Operation,
            // Taken when the body is there.
            next: Option<(S, Parts)>,
        },
        // Waits for the answer.
        Call {
            streamed: bool,
            #[pin]
            call: Oneshot<S, Request<Call>>,
        },
        // Knows already that it fails.
        Refused { error: Error },
    }
}

// ===== impl ResponseFuture =====

impl<S, ReqBody> ResponseFuture<S, ReqBody>
where
    S: Service<Request<Call>>,
{
    pub(super) fn refused(error: Error, attempts: Attempts) -> Self {
        Self {
            state: State::Refused { error },
            dialect: Dialect::OpenAi,
            attempts,
        }
    }

    pub(super) fn collect(
        service: S,
        parts: Parts,
        body: ReqBody,
        operation: Operation,
        dialect: Dialect,
        max: usize,
        attempts: Attempts,
    ) -> Self {
        Self {
            state: State::Collect {
                body,
                collected: Collect::new(max),
                max,
                operation,
                next: Some((service, parts)),
            },
            dialect,
            attempts,
        }
    }
}

impl<S, ReqBody, ResBody> Future for ResponseFuture<S, ReqBody>
where
    S: Service<Request<Call>, Response = Response<ResBody>, Error = Error>,
    ReqBody: Body<Data = Bytes>,
    ReqBody::Error: Into<BoxError>,
    ResBody: Body<Data = Chunk, Error = Error>,
{
    type Output = Result<Response<ResponseBody<ResBody>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.state.as_mut().project() {
                StateProj::Collect {
                    body,
                    collected,
                    max,
                    operation,
                    next,
                } => {
                    let outcome = ready!(collected.poll(body, cx));
                    match read(outcome.map_err(Into::into), collected, *max) {
                        Err(error) => State::Refused { error },
                        Ok((raw, head)) => {
                            let (service, parts) = next.take().expect("the body ends once");
                            let streamed = head.stream;
                            let call = Call::new(*operation, *this.dialect, raw, head);
                            let request = Request::from_parts(parts, call);
                            State::Call {
                                streamed,
                                call: service.oneshot(request),
                            }
                        }
                    }
                }
                StateProj::Call { streamed, call } => match ready!(call.poll(cx)) {
                    Err(error) => State::Refused { error },
                    Ok(response) => {
                        let (dialect, streamed) = (*this.dialect, *streamed);
                        let mut response =
                            response.map(|body| ResponseBody::answer(body, dialect, streamed));
                        response.extensions_mut().insert(this.attempts.clone());
                        return Poll::Ready(Ok(response));
                    }
                },
                StateProj::Refused { error } => {
                    let mut response = error_response(*this.dialect, error).map(ResponseBody::from);
                    response.extensions_mut().insert(this.attempts.clone());
                    response.extensions_mut().insert(error.clone());
                    return Poll::Ready(Ok(response));
                }
            };
            // What was started is dropped here, before the failure is told.
            this.state.set(next);
        }
    }
}

impl<S, ReqBody> fmt::Debug for ResponseFuture<S, ReqBody>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Makes of what was collected a call and its head.
fn read(
    outcome: Result<(), BoxError>,
    collected: &mut Collect,
    max: usize,
) -> Result<(Bytes, Head), Error> {
    outcome.map_err(broken_off)?;
    if collected.is_cut() {
        return Err(too_large(max));
    }
    let raw = collected.take();
    let head = scan(&raw)?;
    Ok((raw, head))
}

/// A body that failed. A stock layer above may have given it up, and says so with an error of its own.
fn broken_off(error: BoxError) -> Error {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&*error);
    while let Some(cause) = source {
        if cause.is::<LengthLimitError>() {
            return Error::new(Class::TooLarge, "the request body is too large");
        }
        if is_timeout(cause) {
            let message = "the request body did not come in time";
            return Error::new(Class::InvalidRequest, message)
                .with_status(StatusCode::REQUEST_TIMEOUT)
                .with_code("request_timeout")
                .with_source(error);
        }
        source = cause.source();
    }
    Error::new(Class::InvalidRequest, "the request body broke off").with_source(error)
}

/// Whether a body has paused for too long. The error of `tower-http` is known by what it says: for its
/// type alone the whole of it would be needed here.
fn is_timeout(error: &(dyn std::error::Error + 'static)) -> bool {
    let kind = error.downcast_ref().map(io::Error::kind);
    kind == Some(io::ErrorKind::TimedOut)
        || error.is::<tokio::time::error::Elapsed>()
        || error.to_string() == "data was not received within the designated timeout"
}

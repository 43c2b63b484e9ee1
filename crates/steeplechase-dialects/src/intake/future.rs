use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{Attempts, BoxError, Call, Chunk, Class, Dialect, Error, Operation};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::service::too_large;
use super::{ResponseBody, error_response, scan};

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
            collected: Collected,
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

/// The bytes of a body that has come in part. A body in one frame is not copied.
#[derive(Default)]
struct Collected {
    only: Option<Bytes>,
    many: BytesMut,
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
                collected: Collected::default(),
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
                } => match ready!(collected.poll(body, *max, cx)) {
                    Err(error) => State::Refused { error },
                    Ok(raw) => match scan(&raw) {
                        Err(error) => State::Refused { error },
                        Ok(head) => {
                            let (service, parts) = next.take().expect("the body ends once");
                            let streamed = head.stream;
                            let call = Call::new(*operation, *this.dialect, raw, head);
                            let request = Request::from_parts(parts, call);
                            State::Call {
                                streamed,
                                call: service.oneshot(request),
                            }
                        }
                    },
                },
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

// ===== impl Collected =====

impl Collected {
    fn poll<B>(
        &mut self,
        mut body: Pin<&mut B>,
        max: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Bytes, Error>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<BoxError>,
    {
        while let Some(frame) = ready!(body.as_mut().poll_frame(cx)) {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => return Poll::Ready(Err(broken_off(error.into()))),
            };
            // Trailers say nothing to us.
            if let Ok(data) = frame.into_data() {
                if self.len() + data.len() > max {
                    return Poll::Ready(Err(too_large(max)));
                }
                self.push(data);
            }
        }
        Poll::Ready(Ok(self.take()))
    }

    fn len(&self) -> usize {
        self.only.as_ref().map_or(0, Bytes::len) + self.many.len()
    }

    fn push(&mut self, data: Bytes) {
        if self.only.is_none() && self.many.is_empty() {
            self.only = Some(data);
            return;
        }
        if let Some(first) = self.only.take() {
            self.many.extend_from_slice(&first);
        }
        self.many.extend_from_slice(&data);
    }

    fn take(&mut self) -> Bytes {
        let many = std::mem::take(&mut self.many);
        self.only.take().unwrap_or_else(|| many.freeze())
    }
}

fn broken_off(error: BoxError) -> Error {
    // A stock layer above may have limited the body, and says so with an error of its own.
    if error.to_string().contains("length limit exceeded") {
        return Error::new(Class::TooLarge, "the request body is too large");
    }
    Error::new(Class::InvalidRequest, "the request body broke off").with_source(error)
}

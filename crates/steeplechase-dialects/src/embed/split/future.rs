use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use bytes::BytesMut;
use http::{Request, Response, response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{Call, Chunk, Error, Usage};
use tower::util::Oneshot;
use tower::{Service, ServiceExt};

use super::SplitBody;
use super::join::Joined;

pin_project! {
    /// The response future of [`Split`](super::Split).
    ///
    /// Dropping it drops the request that is under way.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<Call>>,
    {
        #[pin]
        state: State<S, B>,
        // `None` if there is one request.
        parts: Option<Parts<S>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, B>
    where
        S: Service<Request<Call>>,
    {
        // Waits for the first answer, or for the only one.
        First { #[pin] answer: S::Future },
        // Waits for the next.
        Next { #[pin] answer: Oneshot<S, Request<Call>> },
        // Reads an answer.
        Body { #[pin] body: B, read: Read },
    }
}

/// What is left to do, and what is done.
struct Parts<S> {
    service: S,
    /// What all requests have, but for their calls.
    request: Request<()>,
    left: vec::IntoIter<Call>,
    joined: Joined,
    /// The head of the first answer.
    head: Option<response::Parts>,
}

/// What has been read of an answer.
#[derive(Default)]
struct Read {
    bytes: BytesMut,
    usage: Option<Usage>,
}

// ===== impl ResponseFuture =====

impl<S, B> ResponseFuture<S, B>
where
    S: Service<Request<Call>>,
{
    pub(super) const fn whole(answer: S::Future) -> Self {
        Self {
            state: State::First { answer },
            parts: None,
        }
    }

    /// Sends the calls one after the other: the first by the service that is ready, the others by clones.
    pub(super) fn parts(
        mut ready: S,
        service: S,
        request: Request<Call>,
        calls: Vec<Call>,
    ) -> Self {
        let mut left = calls.into_iter();
        let (head, whole) = request.into_parts();
        let request = Request::from_parts(head, ());
        let first = left.next().unwrap_or(whole);
        Self {
            state: State::First {
                answer: ready.call(request.clone().map(|()| first)),
            },
            parts: Some(Parts {
                service,
                request,
                left,
                joined: Joined::default(),
                head: None,
            }),
        }
    }
}

impl<S, B> Future for ResponseFuture<S, B>
where
    S: Service<Request<Call>, Response = Response<B>, Error = Error> + Clone,
    B: Body<Data = Chunk, Error = Error>,
{
    type Output = Result<Response<SplitBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let answer = match this.state.as_mut().project() {
                StateProj::First { answer } => ready!(answer.poll(cx))?,
                StateProj::Next { answer } => ready!(answer.poll(cx))?,
                StateProj::Body { body, read } => {
                    ready!(read.poll(body, cx))?;
                    let parts = this.parts.as_mut().expect("only parts are read here");
                    parts.joined.push(&read.bytes, read.usage)?;
                    let Some(call) = parts.left.next() else {
                        let parts = this.parts.take().expect("it was there just now");
                        return Poll::Ready(Ok(parts.finish()));
                    };
                    let request = parts.request.clone().map(|()| call);
                    let answer = parts.service.clone().oneshot(request);
                    this.state.set(State::Next { answer });
                    continue;
                }
            };
            let Some(parts) = this.parts.as_mut() else {
                return Poll::Ready(Ok(answer.map(SplitBody::inner)));
            };
            let (head, body) = answer.into_parts();
            parts.head.get_or_insert(head);
            let read = Read::default();
            this.state.set(State::Body { body, read });
        }
    }
}

impl<S, B> fmt::Debug for ResponseFuture<S, B>
where
    S: Service<Request<Call>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

// ===== impl Parts =====

impl<S> Parts<S> {
    fn finish<B>(self) -> Response<SplitBody<B>> {
        let (chunk, usage) = self.joined.finish();
        let mut response = Response::new(SplitBody::joined(chunk));
        if let Some(head) = self.head {
            *response.status_mut() = head.status;
            *response.headers_mut() = head.headers;
            *response.extensions_mut() = head.extensions;
        }
        response.extensions_mut().insert(usage);
        response
    }
}

// ===== impl Read =====

impl Read {
    /// Reads on, to the end.
    fn poll<B>(&mut self, mut body: Pin<&mut B>, cx: &mut Context<'_>) -> Poll<Result<(), Error>>
    where
        B: Body<Data = Chunk, Error = Error>,
    {
        while let Some(frame) = ready!(body.as_mut().poll_frame(cx)) {
            if let Ok(chunk) = frame?.into_data() {
                self.bytes.extend_from_slice(chunk.data());
                self.usage = chunk.usage().copied().or(self.usage);
            }
        }
        Poll::Ready(Ok(()))
    }
}

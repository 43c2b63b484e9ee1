use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use pin_project_lite::pin_project;
use steeplechase_core::{Chunk, Error};
use tower::{Layer, Service};

use super::AnswerBody;

/// Ends the stack of a deployment: its types are no part of those above.
///
/// What is moved through all the layers above is small then. It costs two allocations a call, one for the future and
/// one for the body, and saves as many moves of some kilobytes as there are layers.
#[derive(Clone, Copy, Debug)]
pub(super) struct EraseLayer;

/// See [`EraseLayer`].
#[derive(Clone, Debug)]
pub(super) struct Erase<S>(S);

pin_project! {
    /// Hides the type of the body of an answer.
    struct Erasing<F> {
        #[pin]
        answer: F,
    }
}

// ===== impl EraseLayer =====

impl<S> Layer<S> for EraseLayer {
    type Service = Erase<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Erase(inner)
    }
}

// ===== impl Erase =====

impl<S, R, B> Service<R> for Erase<S>
where
    S: Service<R, Response = Response<B>, Error = Error>,
    S::Future: Send + 'static,
    B: Body<Data = Chunk, Error = Error> + Send + 'static,
{
    type Response = Response<AnswerBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        Box::pin(Erasing {
            answer: self.0.call(request),
        })
    }
}

// ===== impl Erasing =====

impl<F, B> Future for Erasing<F>
where
    F: Future<Output = Result<Response<B>, Error>>,
    B: Body<Data = Chunk, Error = Error> + Send + 'static,
{
    type Output = Result<Response<AnswerBody>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(self.project().answer.poll(cx)) {
            Ok(response) => Ok(response.map(BodyExt::boxed_unsync)),
            Err(error) => Err(error),
        })
    }
}

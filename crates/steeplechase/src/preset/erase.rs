use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use steeplechase_core::{Chunk, Error};
use tower::{Layer, Service};

use super::AnswerBody;

/// Ends the stack of a deployment: its types are no part of those above.
///
/// What is moved through all the layers above is small then. It costs an allocation a call, and saves as many moves
/// of some kilobytes as there are layers.
#[derive(Clone, Copy, Debug)]
pub(super) struct EraseLayer;

/// See [`EraseLayer`].
#[derive(Clone, Debug)]
pub(super) struct Erase<S>(S);

// ===== impl EraseLayer =====

impl<S> Layer<S> for EraseLayer {
    type Service = Erase<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Erase(inner)
    }
}

// ===== impl Erase =====

impl<S, R> Service<R> for Erase<S>
where
    S: Service<R, Response = Response<AnswerBody>, Error = Error>,
    S::Future: Send + 'static,
{
    type Response = Response<AnswerBody>;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<AnswerBody>, Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        Box::pin(self.0.call(request))
    }
}

/// Hides the type of an answer's body.
pub(super) fn erase<B>(response: Response<B>) -> Response<AnswerBody>
where
    B: Body<Data = Chunk, Error = Error> + Send + 'static,
{
    response.map(BodyExt::boxed_unsync)
}

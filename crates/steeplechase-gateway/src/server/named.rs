use std::task::{Context, Poll};

use http::Request;
use steeplechase::controls::Caller;
use tower::Service;

/// A service for one connection, whose requests say who makes them: all that is known of it is the address.
#[derive(Clone, Debug)]
pub(super) struct Named<S> {
    inner: S,
    caller: Caller,
}

impl<S> Named<S> {
    pub(super) const fn new(inner: S, caller: Caller) -> Self {
        Self { inner, caller }
    }
}

impl<S, B> Service<Request<B>> for Named<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.caller.clone());
        self.inner.call(request)
    }
}

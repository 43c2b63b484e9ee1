use std::task::{Context, Poll};

use http::Request;
use tower::{Layer, Service};

use super::Decisions;

/// Begins a record of each request, if there are to be any.
#[derive(Clone, Debug)]
pub(crate) struct RecordLayer(pub(crate) Option<Decisions>);

/// Begins a record of each request.
#[derive(Clone, Debug)]
pub(crate) struct Record<S> {
    inner: S,
    decisions: Option<Decisions>,
}

impl<S> Layer<S> for RecordLayer {
    type Service = Record<S>;

    fn layer(&self, inner: S) -> Record<S> {
        Record {
            inner,
            decisions: self.0.clone(),
        }
    }
}

impl<S, B> Service<Request<B>> for Record<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        self.inner.call(match &self.decisions {
            Some(decisions) => decisions.begin(request),
            None => request,
        })
    }
}

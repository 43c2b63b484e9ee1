use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use pin_project_lite::pin_project;
use steeplechase_core::deployment::Permit;
use steeplechase_core::{BoxError, Class, Error, Phase};
use steeplechase_layers::body::{Hold, Watched};
use tower::timeout::error::Elapsed;

pin_project! {
    /// The response future of [`HttpClient`](super::HttpClient).
    ///
    /// Dropping it closes the connection, or resets the stream.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture {
        #[pin]
        inner: legacy::ResponseFuture,
        permit: Option<Permit>,
    }
}

pin_project! {
    /// The body of an answer.
    ///
    /// Dropping it before its end closes the connection, or resets the stream.
    #[derive(Debug)]
    pub struct HttpBody {
        #[pin]
        inner: Watched<Incoming, Hold<Option<Permit>>>,
    }
}

// ===== impl ResponseFuture =====

impl ResponseFuture {
    pub(super) fn new(inner: legacy::ResponseFuture, permit: Option<Permit>) -> Self {
        Self { inner, permit }
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response<HttpBody>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx)).map_err(classify)?;
        let permit = this.permit.take();
        Poll::Ready(Ok(response.map(|body| HttpBody {
            inner: Watched::new(body, Hold(permit)),
        })))
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn classify(error: legacy::Error) -> Error {
    let timed_out = sources(&error).any(<dyn std::error::Error>::is::<Elapsed>);
    if error.is_connect() && timed_out {
        let message = "the connection to the provider took too long";
        return Error::new(Class::Timeout(Phase::Connect), message).with_source(error);
    }
    if error.is_connect() {
        let detail = sources(&error).last().map(ToString::to_string);
        let message = "the provider could not be reached";
        return Error::new(Class::Transport, message)
            .with_detail(detail.unwrap_or_default())
            .with_source(error);
    }
    Error::from(BoxError::from(error))
}

fn sources<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}

// ===== impl HttpBody =====

impl Body for HttpBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

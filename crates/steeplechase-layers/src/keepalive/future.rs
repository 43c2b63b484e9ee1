use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response};
use pin_project_lite::pin_project;
use steeplechase_core::Error;
use tokio::time::{self, Sleep};

use super::{KeepaliveBody, KeepaliveConfig, metrics};

pin_project! {
    /// The response future of [`Keepalive`](super::Keepalive).
    ///
    /// Dropping it drops what is inside.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // Nothing is sent before its time.
        Direct { #[pin] inner: F },
        // Waits for the answer, or for the time to send the head.
        Waiting {
            // Boxed, as it moves into the body when the head is sent. Taken then.
            inner: Option<Pin<Box<F>>>,
            #[pin]
            patience: Sleep,
            config: KeepaliveConfig,
        },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn direct(inner: F) -> Self {
        Self {
            state: State::Direct { inner },
        }
    }

    pub(super) fn waiting(inner: F, config: KeepaliveConfig) -> Self {
        Self {
            state: State::Waiting {
                inner: Some(Box::pin(inner)),
                patience: time::sleep(config.after),
                config,
            },
        }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, Error>>,
{
    type Output = Result<Response<KeepaliveBody<F, B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProj::Direct { inner } => {
                let response = ready!(inner.poll(cx))?;
                Poll::Ready(Ok(response.map(KeepaliveBody::direct)))
            }
            StateProj::Waiting {
                inner,
                patience,
                config,
            } => {
                let waiting = inner
                    .as_mut()
                    .expect("`ResponseFuture` polled after completion");
                if let Poll::Ready(response) = waiting.as_mut().poll(cx) {
                    *inner = None;
                    let every = config.clone();
                    let body = |body| KeepaliveBody::streaming(body, every);
                    return Poll::Ready(response.map(|response| response.map(body)));
                }
                ready!(patience.poll(cx));
                metrics::head_sent();
                let inner = inner.take().expect("it was polled above");
                let mut head = Response::new(KeepaliveBody::waiting(inner, config.clone()));
                let headers = head.headers_mut();
                let events = HeaderValue::from_static("text/event-stream; charset=utf-8");
                headers.insert(CONTENT_TYPE, events);
                headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
                Poll::Ready(Ok(head))
            }
        }
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

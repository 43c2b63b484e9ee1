use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{Carries, Error};

use super::Recorder;
use crate::body::Watched;

pin_project! {
    /// The response future of [`Observe`](super::Observe).
    ///
    /// Dropping it records the attempt as dropped.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        call: F,
        // Taken when the call has answered.
        recorder: Option<Recorder>,
    }
}

impl<F> ResponseFuture<F> {
    pub(super) fn new(call: F, recorder: Recorder) -> Self {
        Self {
            call,
            recorder: Some(recorder),
        }
    }
}

impl<F, B> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, Error>>,
    B: Body<Error = Error>,
    B::Data: Carries,
{
    type Output = Result<Response<Watched<B, Recorder>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        assert!(
            this.recorder.is_some(),
            "`ResponseFuture` polled after completion",
        );
        if let Some(recorder) = this.recorder {
            recorder.on_poll();
        }
        let outcome = ready!(this.call.poll(cx));
        let mut recorder = this.recorder.take().expect("asserted above");
        Poll::Ready(match outcome {
            Ok(response) => {
                recorder.on_head(&response);
                Ok(response.map(|body| Watched::new(body, recorder)))
            }
            Err(error) => {
                recorder.on_error(&error);
                Err(error)
            }
        })
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture")
            .field("recorder", &self.recorder)
            .finish_non_exhaustive()
    }
}

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::deployment::Permit;
use steeplechase_core::{BoxError, Class, Error, Retry, Scope};

use super::metrics;
use crate::body::{Hold, Watched};

pin_project! {
    /// The response future of [`Limit`](super::Limit).
    ///
    /// Dropping it frees its permit.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F> {
        // Has a permit, and waits for the answer.
        Admitted {
            #[pin]
            answer: F,
            // Handed on to the body.
            permit: Option<Permit>,
        },
        // Has none.
        Refused,
        // Has answered.
        Done,
    }
}

// ===== impl ResponseFuture =====

impl<F> ResponseFuture<F> {
    pub(super) fn admitted(answer: F, permit: Permit) -> Self {
        Self {
            state: State::Admitted {
                answer,
                permit: Some(permit),
            },
        }
    }

    pub(super) fn refused() -> Self {
        metrics::refused();
        Self {
            state: State::Refused,
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body,
{
    type Output = Result<Response<Watched<B, Hold<Permit>>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = match this.state.as_mut().project() {
            StateProj::Admitted { answer, permit } => match ready!(answer.poll(cx)) {
                Ok(response) => {
                    let permit = permit.take().expect("taken once, here");
                    Ok(response.map(|body| Watched::new(body, Hold(permit))))
                }
                Err(error) => Err(Error::from(error.into())),
            },
            StateProj::Refused => Err(refusal()),
            StateProj::Done => panic!("`ResponseFuture` polled after completion"),
        };
        // The permit of a failure is free before anybody hears of it.
        this.state.set(State::Done);
        Poll::Ready(result)
    }
}

impl<F> fmt::Debug for ResponseFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// It is one deployment that has no room: another may have.
fn refusal() -> Error {
    let message = "the deployment has too many requests in progress";
    Error::new(Class::Unavailable, message)
        .with_scope(Scope::Deployment)
        .with_retry(Retry::OtherDeployment)
}

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Response, StatusCode};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::deployment::Full;
use steeplechase_core::{BoxError, Carries, Class, Error, Retry, Scope};
use tokio::time::Instant;

use super::{Meter, metrics};
use crate::body::Watched;

pin_project! {
    /// The response future of [`Limit`](super::Limit).
    ///
    /// Dropping it frees its permit, and settles it.
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
            meter: Option<Meter>,
        },
        // Has none.
        Refused { full: Full },
        // Has answered.
        Done,
    }
}

// ===== impl ResponseFuture =====

impl<F> ResponseFuture<F> {
    pub(super) const fn admitted(answer: F, meter: Meter) -> Self {
        Self {
            state: State::Admitted {
                answer,
                meter: Some(meter),
            },
        }
    }

    pub(super) fn refused(full: Full) -> Self {
        metrics::refused(full);
        Self {
            state: State::Refused { full },
        }
    }
}

impl<F, B, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    E: Into<BoxError>,
    B: Body,
    B::Data: Carries,
{
    type Output = Result<Response<Watched<B, Meter>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = match this.state.as_mut().project() {
            StateProj::Admitted { answer, meter } => {
                if let Some(meter) = meter {
                    meter.on_poll();
                }
                let outcome = ready!(answer.poll(cx));
                let mut meter = meter.take().expect("taken once, here");
                match outcome {
                    Ok(response) => Ok(response.map(|body| Watched::new(body, meter))),
                    Err(error) => {
                        let error = Error::from(error.into());
                        meter.on_error(&error);
                        Err(error)
                    }
                }
            }
            StateProj::Refused { full } => Err(refusal(*full)),
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
fn refusal(full: Full) -> Error {
    let error = |message: &'static str| {
        Error::new(Class::Unavailable, message)
            .with_scope(Scope::Deployment)
            .with_retry(Retry::OtherDeployment)
    };
    match full {
        Full::Until(at) => error("the deployment has had as much as it takes for now")
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .with_retry_after(at.saturating_duration_since(Instant::now())),
        Full::Never { needs, limit, of } => error("the call needs more than the deployment takes")
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .with_detail(format!(
                "it has about {needs} {}, and may have {limit} a {}",
                of.of_call(),
                of.span()
            )),
        _ => error("the deployment has too many requests in progress"),
    }
}

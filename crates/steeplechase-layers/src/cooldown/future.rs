use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::{BoxError, Classify, Error};
use tokio::time::{self, Sleep};

use super::Witness;
use super::attempt::Attempt;
use super::metrics::Probe;
use crate::body::Watched;

pin_project! {
    /// The response future of [`Cooldown`](super::Cooldown).
    ///
    /// Dropping it drops the attempt, and gives the place of a probe back.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, C> {
        #[pin]
        state: State<F, C>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<F, C> {
        // Was let through.
        Sent {
            #[pin]
            call: F,
            // `None` if nobody keeps count.
            attempt: Option<Attempt>,
            // How long the outcome of a probe is waited for. Few attempts are one, so it is boxed.
            ttl: Option<Pin<Box<Sleep>>>,
            classifier: C,
        },
        // Was refused.
        Refused { error: Option<Error> },
        // Has answered.
        Done,
    }
}

impl<F, C> ResponseFuture<F, C> {
    pub(super) fn sent(call: F, attempt: Option<Attempt>, classifier: C) -> Self {
        let ttl = attempt.as_ref().and_then(Attempt::probe_ttl);
        Self {
            state: State::Sent {
                call,
                attempt,
                ttl: ttl.map(|ttl| Box::pin(time::sleep(ttl))),
                classifier,
            },
        }
    }

    pub(super) fn refused(error: Error) -> Self {
        Self {
            state: State::Refused { error: Some(error) },
        }
    }
}

impl<F, C, B, E> Future for ResponseFuture<F, C>
where
    F: Future<Output = Result<Response<B>, E>>,
    C: Classify<B, E>,
    B: Body,
    B::Error: 'static,
    E: Into<BoxError>,
{
    type Output = Result<Response<Watched<B, Witness>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let outcome = match this.state.as_mut().project() {
            StateProj::Sent {
                call,
                attempt,
                ttl,
                classifier,
            } => {
                let Poll::Ready(outcome) = call.poll(cx) else {
                    if let (Some(sleep), Some(attempt)) = (ttl.as_mut(), attempt)
                        && sleep.as_mut().poll(cx).is_ready()
                    {
                        *ttl = None;
                        attempt.give_up_probe(Probe::Expired);
                    }
                    return Poll::Pending;
                };
                let mut attempt = attempt.take();
                let mut is_success = false;
                if let Some(attempt) = &mut attempt {
                    let meaning = classifier.classify(outcome.as_ref());
                    attempt.record(&meaning);
                    is_success = meaning.is_success();
                }
                // A failure has been told already; how its body ends is of no interest.
                let attempt = attempt.filter(|_| is_success);
                outcome
                    .map(|response| response.map(|body| Watched::new(body, Witness::new(attempt))))
                    .map_err(|error| Error::from(error.into()))
            }
            StateProj::Refused { error } => Err(error.take().expect("taken once, here")),
            StateProj::Done => panic!("`ResponseFuture` polled after completion"),
        };
        this.state.set(State::Done);
        Poll::Ready(outcome)
    }
}

impl<F, C> fmt::Debug for ResponseFuture<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use steeplechase_core::deployment::InFlight;
use steeplechase_core::{BoxError, Class, Classify, Deployment, Error, Outcome, Signal};
use tokio::time::Instant;
use tower::Service;
use tower::util::Oneshot;

use super::ServedBy;
use crate::body::{Hold, Watched};

pin_project! {
    /// The response future of [`Route`](super::Route).
    ///
    /// Dropping it drops the attempt, and with it its place among those in flight.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, C, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        #[pin]
        state: State<S, ReqBody>,
        classifier: Option<C>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, ReqBody>
    where
        S: Service<Request<ReqBody>>,
    {
        // Sent, or waiting for its service to become ready.
        Sent {
            #[pin]
            call: Oneshot<S, Request<ReqBody>>,
            // Taken when the call has answered.
            running: Option<Running>,
        },
        // No deployment could take it.
        Refused { error: Option<Error> },
        // Has answered.
        Done,
    }
}

/// An attempt that has no outcome yet. Dropping it without one records how long it has waited.
struct Running {
    deployment: Arc<Deployment>,
    started: Instant,
    /// Taken with the outcome.
    in_flight: Option<InFlight>,
}

// ===== impl ResponseFuture =====

impl<S, C, ReqBody> ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    pub(super) fn sent(
        call: Oneshot<S, Request<ReqBody>>,
        deployment: Arc<Deployment>,
        started: Instant,
        classifier: C,
    ) -> Self {
        let in_flight = Some(deployment.load().start());
        Self {
            state: State::Sent {
                call,
                running: Some(Running {
                    deployment,
                    started,
                    in_flight,
                }),
            },
            classifier: Some(classifier),
        }
    }

    pub(super) fn refused(error: Error) -> Self {
        Self {
            state: State::Refused { error: Some(error) },
            classifier: None,
        }
    }
}

impl<S, C, ReqBody, ResBody> Future for ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    S::Error: Into<BoxError>,
    C: Classify<ResBody, S::Error>,
    ResBody: Body,
{
    type Output = Result<Response<Watched<ResBody, Hold<InFlight>>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let result = match this.state.as_mut().project() {
            StateProj::Refused { error } => Err(error.take().expect("taken once, here")),
            StateProj::Sent { call, running } => {
                let result = ready!(call.poll(cx));
                let classifier = this.classifier.as_ref().expect("there is one for a call");
                let outcome = classifier.classify(result.as_ref());
                let running = running.take().expect("taken once, here");
                let (deployment, in_flight) = running.settle(&outcome);
                match result {
                    Ok(response) => Ok(serve(response, deployment, in_flight)),
                    Err(error) => Err(blame(Error::from(error.into()), &deployment)),
                }
            }
            StateProj::Done => panic!("`ResponseFuture` polled after completion"),
        };
        this.state.set(State::Done);
        Poll::Ready(result)
    }
}

impl<S, C, ReqBody> fmt::Debug for ResponseFuture<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn serve<B: Body>(
    mut response: Response<B>,
    deployment: Arc<Deployment>,
    in_flight: InFlight,
) -> Response<Watched<B, Hold<InFlight>>> {
    response.extensions_mut().insert(ServedBy(deployment));
    response.map(|body| Watched::new(body, Hold(in_flight)))
}

/// Names the deployment that failed, and says when it may be asked again, if it is left alone until
/// then: a retry that has nowhere else to go waits as long, and no longer.
fn blame(mut error: Error, deployment: &Deployment) -> Error {
    if error.deployment().is_none() {
        error = error.with_deployment(Arc::clone(deployment.id_handle()));
    }
    let now = Instant::now();
    if let (None, Some(until)) = (error.retry_after(), deployment.health().cooling(now)) {
        error = error.with_retry_after(until.saturating_duration_since(now));
    }
    error
}

// ===== impl Running =====

impl Running {
    /// Records how the attempt came out.
    fn settle(mut self, outcome: &Outcome) -> (Arc<Deployment>, InFlight) {
        let load = self.deployment.load();
        if counts_as_slow(outcome) {
            load.penalise(outcome.retry_after);
            if matches!(outcome.class, Some(Class::Timeout(_))) {
                load.at_least(self.started.elapsed());
            }
        } else if outcome.signal == Signal::Success {
            load.observe(self.started.elapsed());
        }
        let in_flight = self.in_flight.take().expect("taken once, here");
        (Arc::clone(&self.deployment), in_flight)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.in_flight.is_none() {
            return;
        }
        // A lower bound of what the latency would have been.
        self.deployment.load().at_least(self.started.elapsed());
    }
}

/// Whether an outcome speaks against the deployment.
///
/// A wrong key or a wrong model says nothing about its health, but what fails at once and for good
/// must not look quick.
fn counts_as_slow(outcome: &Outcome) -> bool {
    matches!(outcome.signal, Signal::Failure | Signal::Throttle)
        || matches!(
            outcome.class,
            Some(Class::Auth | Class::NotFound | Class::Quota)
        )
}

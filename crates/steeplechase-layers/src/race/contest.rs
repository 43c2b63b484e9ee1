use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use steeplechase_core::{Attempts, Class, Classify, Retry, Scope};
use tower::Service;

use super::Won;
use super::metrics::Metrics;
use super::starter::{Lane, Next, Starter};

/// The lanes of one request after the first, and how those that have failed did.
pub(super) struct Contest<S, C, ReqBody>
where
    S: Service<Request<ReqBody>>,
{
    /// `None` once all lanes are started.
    starter: Option<Starter<S, ReqBody>>,
    running: Vec<Lane<S, ReqBody>>,
    failure: Option<Failure<S::Response, S::Error>>,
    lanes: u8,
    is_variants: bool,
    attempts: Attempts,
    classifier: C,
    metrics: Arc<Metrics>,
}

/// How a lane has failed, and how much a caller can make of it.
struct Failure<T, E> {
    result: Result<T, E>,
    usefulness: u8,
    lane: u8,
}

impl<S, C, ReqBody> Contest<S, C, ReqBody>
where
    S: Service<Request<ReqBody>> + Clone,
    ReqBody: Clone,
{
    pub(super) fn new(starter: Starter<S, ReqBody>, classifier: C, metrics: Arc<Metrics>) -> Self {
        Self {
            running: Vec::new(),
            failure: None,
            lanes: starter.lanes(),
            is_variants: starter.is_variants(),
            attempts: starter.attempts().clone(),
            starter: Some(starter),
            classifier,
            metrics,
        }
    }
}

impl<S, C, ReqBody, ResBody> Contest<S, C, ReqBody>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    C: Classify<ResBody, S::Error>,
    ReqBody: Clone,
{
    /// A lane has ended. Returns the result if it ends the race, and tells the failure for later if it
    /// does not.
    pub(super) fn ended(
        &mut self,
        lane: u8,
        mut result: Result<S::Response, S::Error>,
    ) -> Option<Result<S::Response, S::Error>> {
        let outcome = self.classifier.classify(result.as_ref());
        if outcome.is_success() {
            self.attempts.set_winner();
            self.metrics.won.increment(1);
            if let (true, Ok(response)) = (self.is_variants, &mut result) {
                let lanes = self.lanes;
                response.extensions_mut().insert(Won { lane, lanes });
            }
            return Some(result);
        }

        self.metrics.failed.increment(1);
        // All copies of a request that is to blame itself must fail. Another variant need not.
        let is_everybodys = outcome.scope == Scope::Request && outcome.retry == Retry::Never;
        if is_everybodys && !self.is_variants {
            return Some(result);
        }
        let usefulness = outcome.class.map_or(0, Class::usefulness);
        let is_best = self
            .failure
            .as_ref()
            .is_none_or(|best| (usefulness, best.lane) > (best.usefulness, lane));
        if is_best {
            self.failure = Some(Failure {
                result,
                usefulness,
                lane,
            });
        }
        None
    }

    /// Polls the lanes that run, then starts those that are left. Returns the result that ends the race.
    pub(super) fn poll_lanes(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Option<Result<S::Response, S::Error>> {
        let mut index = 0;
        while let Some(lane) = self.running.get_mut(index) {
            if let Poll::Ready(result) = lane.call.as_mut().poll(cx) {
                let number = self.running.remove(index).number;
                if let Some(result) = self.ended(number, result) {
                    return Some(result);
                }
            } else {
                index += 1;
            }
        }

        let mut starter = self.starter.take()?;
        loop {
            match starter.start_next() {
                Next::NoMore => return None,
                Next::Denied => self.metrics.denied.increment(1),
                // Its call is made here, before the next lane is there, so that a router inside gives
                // the next one another deployment.
                Next::Started(mut lane) => match lane.call.as_mut().poll(cx) {
                    Poll::Pending => self.running.push(lane),
                    Poll::Ready(result) => {
                        let number = lane.number;
                        drop(lane);
                        if let Some(result) = self.ended(number, result) {
                            return Some(result);
                        }
                    }
                },
            }
        }
    }

    /// The race is over: what still runs is dropped, here and now, and is counted together with the
    /// first lane, if that still runs.
    pub(super) fn end(&mut self, is_first_running: bool) {
        let lost = self.running.len() + usize::from(is_first_running);
        self.metrics.lost.increment(lost as u64);
        self.running.clear();
        self.starter = None;
        self.failure = None;
    }

    /// Whether no lane after the first runs, or is still to be started.
    pub(super) fn is_over(&self) -> bool {
        self.running.is_empty() && self.starter.is_none()
    }

    /// How the race was lost by all: of the failures, the one that a caller can make most of; at a
    /// tie, that of the first of the lanes.
    pub(super) fn take_failure(&mut self) -> Option<Result<S::Response, S::Error>> {
        self.failure.take().map(|failure| failure.result)
    }
}

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Extensions, Request, Response};
use http_body::Body;
use steeplechase_core::deployment::FailOpen;
use steeplechase_core::deployment::InFlight;
use steeplechase_core::{
    Attempts, BoxError, Classify, DefaultClassifier, Deployment, Error, Pricing,
};
use tokio::time::Instant;
use tower::{Service, ServiceExt};

use super::asked::Asking;
use super::choose::choose;
use super::metrics::{Picks, Reason};
use super::roster::Roster;
use super::trace::note;
use super::{Describe, Eligible, Every, ResponseFuture, Scores, Strategy, Undescribed};
use crate::body::{Hold, Watched};

/// Sends each request to one of a group of deployments.
///
/// See the [module documentation](super) for which one, and for an example. Cloning it clones a handle.
///
/// # Requirements on the inner services
///
/// They must be [`Clone`], as each attempt is sent on a clone of its own. This service is always ready;
/// an attempt waits until its clone is.
#[must_use]
pub struct Route<S, St, C = DefaultClassifier, P = Every, D = Undescribed> {
    group: Arc<Group<S, St>>,
    classifier: C,
    eligible: P,
    describe: D,
}

/// The deployment that has served a request, found in the extensions of the response.
#[derive(Clone, Debug)]
pub struct ServedBy(pub Arc<Deployment>);

struct Group<S, St> {
    roster: Roster,
    /// In the order of the deployments.
    members: Box<[Member<S>]>,
    strategy: St,
}

struct Member<S> {
    service: S,
    picks: Picks,
}

// ===== impl Route =====

impl<S, St, C, P, D> Route<S, St, C, P, D> {
    pub(super) fn new(
        deployments: Arc<[Arc<Deployment>]>,
        services: Vec<S>,
        strategy: St,
        classifier: C,
        eligible: P,
        describe: D,
    ) -> Self
    where
        St: Strategy,
    {
        let members = services.into_iter().zip(deployments.iter());
        let members = members.map(|(service, deployment)| Member {
            service,
            picks: Picks::of(deployment),
        });
        Self {
            group: Arc::new(Group {
                members: members.collect(),
                roster: Roster::new(deployments, &strategy),
                strategy,
            }),
            classifier,
            eligible,
            describe,
        }
    }

    /// The deployments that it sends requests to.
    pub fn deployments(&self) -> &[Arc<Deployment>] {
        self.group.roster.deployments()
    }
}

impl<S, St, C, P, D, ReqBody, ResBody> Service<Request<ReqBody>> for Route<S, St, C, P, D>
where
    P: Eligible<ReqBody>,
    D: Describe<ReqBody>,
    S: Service<Request<ReqBody>, Response = Response<ResBody>> + Clone,
    S::Error: Into<BoxError>,
    St: Strategy,
    C: Classify<ResBody, S::Error> + Clone,
    ResBody: Body,
{
    type Response = Response<Watched<ResBody, Hold<InFlight>>>;
    type Error = Error;
    type Future = ResponseFuture<S, C, ReqBody>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let Group {
            roster,
            members,
            strategy,
        } = &*self.group;
        let attempts = Attempts::of(request.extensions_mut());
        let now = Instant::now();
        let asking = Asking::new(&self.eligible, &self.describe, &request);
        let mut scores = attempts.trace().map(|_| Scores::new());
        let choice = choose(roster, strategy, &attempts, &asking, now, scores.as_mut());
        if let (Some(trace), Some(scores)) = (attempts.trace(), &scores) {
            let told = (choice.as_ref().ok(), scores);
            note(trace, &attempts, roster.deployments(), told, &asking, now);
        }
        let choice = match choice {
            Ok(choice) => choice,
            Err(error) => {
                attempts.set_alternatives(0);
                return ResponseFuture::refused(error);
            }
        };
        let deployment = &roster.deployments()[choice.index];
        attempts.pick(deployment, choice.alternatives);
        match choice.reason {
            Reason::Panic => {
                request.extensions_mut().insert(FailOpen);
            }
            Reason::Probe => attempts.set_probe(true),
            Reason::Strategy | Reason::Again => {}
        }

        let member = &members[choice.index];
        member.picks.count(choice.reason);
        let call = member.service.clone().oneshot(request);
        ResponseFuture::sent(call, Arc::clone(deployment), now, self.classifier.clone())
    }
}

impl<S, St, C: Clone, P: Clone, D: Clone> Clone for Route<S, St, C, P, D> {
    fn clone(&self) -> Self {
        Self {
            group: Arc::clone(&self.group),
            classifier: self.classifier.clone(),
            eligible: self.eligible.clone(),
            describe: self.describe.clone(),
        }
    }
}

impl<S, St: fmt::Debug, C, P, D> fmt::Debug for Route<S, St, C, P, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("deployments", &self.group.roster.deployments())
            .field("strategy", &self.group.strategy)
            .finish_non_exhaustive()
    }
}

// ===== impl ServedBy =====

impl ServedBy {
    /// What is known about the price of an answer: what its response says of it, or else its deployment.
    /// `None` if no deployment has served it.
    pub fn pricing(extensions: &Extensions) -> Option<&Pricing> {
        let Self(deployment) = extensions.get()?;
        match deployment.pricing() {
            Pricing::ByModel(_) => extensions.get(),
            pricing => Some(pricing),
        }
    }
}

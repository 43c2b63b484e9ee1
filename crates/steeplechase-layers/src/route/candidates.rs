use std::iter::FusedIterator;
use std::slice;
use std::sync::Arc;

use steeplechase_core::deployment::Availability;
use steeplechase_core::{Deployment, Health};
use tokio::time::Instant;

use super::asked::{Anything, Asked};
use super::hash;
use super::roster::{Roster, Tried};
use super::unfit::Unfit;

/// The deployments that can take a request; of a large group those of them that were drawn, see
/// [`Sampling`](super::Sampling).
///
/// It is an iterator that is cheap to clone, for a strategy that looks more than once. Nothing is
/// collected: who can take the request is looked up as it goes. So two looks may differ, if the health
/// of a deployment changes in between.
#[derive(Clone, Debug)]
pub struct Candidates<'a> {
    rest: Rest<'a>,
    now: Instant,
    asked: Asked<'a>,
    roster: Option<&'a Roster>,
    /// Of how many they were drawn, if they were.
    population: Option<usize>,
}

/// A deployment that can take a request.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    index: usize,
    deployment: &'a Deployment,
    weight: f64,
}

#[derive(Clone, Debug)]
enum Rest<'a> {
    /// Those of all deployments from a place on that pass the filter.
    Group {
        deployments: &'a [Arc<Deployment>],
        next: usize,
        filter: Filter<'a>,
    },
    /// Those that were drawn. The first so many are near to the request's affinity.
    Sample {
        drawn: slice::Iter<'a, Candidate<'a>>,
        near: usize,
    },
}

/// Which of the deployments of a group are candidates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Filter<'a> {
    /// Those that cannot take the request.
    pub(super) unfit: Option<&'a Unfit>,
    /// Those that were tried.
    pub(super) tried: Option<&'a Tried>,
    /// Those that were tried, or those that were not.
    pub(super) again: bool,
    /// Those that are due for a probe, or those that are well. `None` for both.
    pub(super) probe: Option<bool>,
    /// Those of one order. `None` for all.
    pub(super) order: Option<i64>,
    /// Only those of providers that were not tried.
    pub(super) elsewhere: bool,
}

// ===== impl Candidates =====

impl<'a> Candidates<'a> {
    /// All of `deployments` that may be used at `now`, to try a strategy of one's own. Nothing is known of the
    /// request.
    pub fn among(deployments: &'a [Arc<Deployment>], now: Instant) -> Self {
        Self {
            rest: Rest::Group {
                deployments,
                next: 0,
                filter: Filter::default(),
            },
            now,
            asked: Asked::new(&Anything),
            roster: None,
            population: None,
        }
    }

    /// Those of a group that pass a filter.
    pub(super) fn of(
        roster: &'a Roster,
        filter: Filter<'a>,
        asked: Asked<'a>,
        now: Instant,
    ) -> Self {
        Self {
            rest: Rest::Group {
                deployments: roster.deployments(),
                next: 0,
                filter,
            },
            now,
            asked,
            roster: Some(roster),
            population: None,
        }
    }

    /// Those that were drawn out of so many, with those first that are near to the request's affinity.
    pub(super) fn drawn(
        roster: &'a Roster,
        (drawn, near): (&'a [Candidate<'a>], usize),
        population: usize,
        asked: Asked<'a>,
        now: Instant,
    ) -> Self {
        Self {
            rest: Rest::Sample {
                drawn: drawn.iter(),
                near,
            },
            now,
            asked,
            roster: Some(roster),
            population: Some(population),
        }
    }

    /// These of them, which were looked up before.
    pub(super) fn only(self, found: &'a [Candidate<'a>]) -> Self {
        let near = match self.rest {
            Rest::Group { .. } => found.len(),
            Rest::Sample { near, .. } => near,
        };
        let drawn = found.iter();
        Self {
            rest: Rest::Sample { drawn, near },
            ..self
        }
    }

    /// When the request is routed.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// What is known of the request.
    pub fn asked(&self) -> Asked<'a> {
        self.asked
    }

    /// Of how many deployments these were drawn. `None` if they are all.
    pub(super) fn population(&self) -> Option<usize> {
        self.population
    }

    /// A hash of the id of one of them.
    pub(super) fn mark(&self, candidate: &Candidate<'_>) -> u64 {
        match self.roster {
            Some(roster) => roster.mark(candidate.index),
            None => hash::of(candidate.deployment.id().as_bytes()),
        }
    }

    /// Those of them that are near to the request's affinity: where none were drawn, all.
    pub(super) fn near(mut self) -> Self {
        if let Rest::Sample { drawn, near } = &mut self.rest {
            let all = drawn.as_slice();
            *drawn = all[..(*near).min(all.len())].iter();
        }
        self
    }

    #[cfg(test)]
    pub(super) fn with_asked(mut self, asked: Asked<'a>) -> Self {
        self.asked = asked;
        self
    }
}

impl<'a> Iterator for Candidates<'a> {
    type Item = Candidate<'a>;

    fn next(&mut self) -> Option<Candidate<'a>> {
        match &mut self.rest {
            Rest::Group {
                deployments,
                next,
                filter,
            } => loop {
                let index = *next;
                let deployment = deployments.get(index)?;
                *next += 1;
                let share = filter.share(self.roster, index, deployment, self.now);
                if let Some(share) = share {
                    return Some(Candidate::new(index, deployment, share));
                }
            },
            Rest::Sample { drawn, near } => {
                *near = near.saturating_sub(1);
                drawn.next().copied()
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.rest {
            Rest::Group {
                deployments, next, ..
            } => (0, Some(deployments.len() - next)),
            Rest::Sample { drawn, .. } => drawn.size_hint(),
        }
    }
}

impl FusedIterator for Candidates<'_> {}

// ===== impl Candidate =====

impl<'a> Candidate<'a> {
    /// One that gets a part of its weight.
    pub(super) fn new(index: usize, deployment: &'a Deployment, share: f64) -> Self {
        Self {
            index,
            deployment,
            weight: deployment.weight() * share,
        }
    }

    /// The deployment.
    pub fn deployment(&self) -> &'a Deployment {
        self.deployment
    }

    /// Its place in the group, counted from zero. It is the same for every request.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its weight, or the part of it that it gets while it comes back after an outage.
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

// ===== impl Filter =====

impl Filter<'_> {
    /// The part of its weight that a deployment gets, or `None` if it is no candidate.
    fn share(
        &self,
        roster: Option<&Roster>,
        index: usize,
        deployment: &Deployment,
        now: Instant,
    ) -> Option<f64> {
        let is_tried = |tried: &Tried| tried.contains(deployment);
        let fits = !self.unfit.is_some_and(|unfit| unfit.contains(index))
            && self.order.is_none_or(|order| order == deployment.order())
            && self.tried.is_some_and(is_tried) == self.again
            && deployment.limits().has_room_at(now);
        if !fits || (self.elsewhere && !self.is_elsewhere(roster, index)) {
            return None;
        }
        match deployment.health().availability(now) {
            Availability::Ready(share) if self.probe != Some(true) => Some(share),
            Availability::Probe if self.probe != Some(false) => Some(Health::RAMP_START),
            _ => None,
        }
    }

    fn is_elsewhere(&self, roster: Option<&Roster>, index: usize) -> bool {
        match (roster, self.tried) {
            (Some(roster), Some(tried)) => roster.is_elsewhere(index, tried),
            _ => true,
        }
    }
}

use std::sync::Arc;

use http::StatusCode;
use steeplechase_core::deployment::{Availability, Circuit};
use steeplechase_core::{Attempts, Class, Deployment, Error};
use tokio::time::Instant;

use super::candidates::Filter;
use super::eligible::{Unfit, is_unfit};
use super::metrics::{self, Reason};
use super::{Candidates, Strategy};

/// Of the requests that cannot afford a probe, one in so many is used for it all the same.
const UNSAFE_PROBES: u8 = 10;

/// The deployment that gets a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Choice {
    pub(super) index: usize,
    pub(super) reason: Reason,
    /// How many others that were not tried could have taken it.
    pub(super) alternatives: u32,
}

/// What one look at all deployments of a group has told.
#[derive(Debug, Default)]
struct Survey {
    /// Those that can take the request, by [`tier`].
    tiers: [Option<Tier>; 4],
    /// How many of them were not tried.
    untried: u32,
    /// How many can take the request, if they are well.
    fit: usize,
    /// Whether any deployment of *this* group was tried.
    has_tried: bool,
    /// How many have made a promise not to be used.
    cooling: usize,
    /// How many have no room.
    full: usize,
    /// The one with an open circuit that is used if there is no other.
    least_bad: Option<LeastBad>,
    /// The first time at which one that cannot be used now can be.
    back: Option<Instant>,
}

/// Those of a kind that have the lowest order.
#[derive(Clone, Copy, Debug)]
struct Tier {
    order: i64,
    first: usize,
    count: u32,
}

/// Smaller is better, from the first field to the last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct LeastBad {
    tried: bool,
    reopens: Instant,
    in_flight: u32,
    index: usize,
}

/// Chooses the deployment for one attempt.
pub(super) fn choose<St: Strategy + ?Sized>(
    deployments: &[Arc<Deployment>],
    strategy: &St,
    attempts: &Attempts,
    unfit: Unfit<'_>,
    now: Instant,
) -> Result<Choice, Error> {
    let can_retry = attempts.left() > 0;
    let may_go_elsewhere = attempts.has_held();
    attempts.with_tried(|tried| {
        let survey = Survey::of(deployments, tried, unfit, now);
        if let Some(index) = survey.probe(!survey.has_tried, can_retry) {
            return Ok(Choice {
                index,
                reason: Reason::Probe,
                alternatives: survey.untried - 1,
            });
        }
        let Some((which, tier)) = survey.tier() else {
            return survey.panic(may_go_elsewhere, now);
        };
        let (again, probe) = (which & tier::TRIED != 0, which & tier::PROBE != 0);
        let pick = || {
            let filter = Filter {
                now,
                unfit,
                tried,
                again,
                probe: Some(probe),
                order: Some(tier.order),
            };
            let picked = strategy.pick(Candidates::new(deployments, filter))?;
            Some(picked.index())
        };
        // A lone one needs no strategy, and neither does a strategy that does not mind.
        let index = (tier.count > 1).then(pick).flatten().unwrap_or(tier.first);
        Ok(Choice {
            index,
            reason: match (again, probe) {
                (_, true) => Reason::Probe,
                (true, false) => Reason::Again,
                (false, false) => Reason::Strategy,
            },
            alternatives: survey.untried - u32::from(!again),
        })
    })
}

/// The tiers of a [`Survey`], the best first: bits, so that an index says what is in it.
mod tier {
    pub(super) const PROBE: usize = 1;
    pub(super) const TRIED: usize = 2;
}

// ===== impl Survey =====

impl Survey {
    fn of(deployments: &[Arc<Deployment>], tried: &[u32], unfit: Unfit<'_>, now: Instant) -> Self {
        let mut survey = Self::default();
        let all = deployments.iter().enumerate();
        for (index, deployment) in all.filter(|(index, _)| !is_unfit(unfit, *index)) {
            survey.fit += 1;
            survey.add(index, deployment, tried.contains(&deployment.key()), now);
        }
        survey
    }

    fn add(&mut self, index: usize, deployment: &Deployment, tried: bool, now: Instant) {
        self.has_tried |= tried;
        let health = deployment.health();
        let has_room = deployment.limits().has_room_at(now);
        let probe = match health.availability(now) {
            Availability::Ready(_) if has_room => 0,
            Availability::Probe if has_room => tier::PROBE,
            Availability::Closed { until } if health.cooling(now).is_some() => {
                self.cooling += 1;
                return self.comes_back(until);
            }
            Availability::Closed { until } if has_room => {
                let least_bad = LeastBad {
                    tried,
                    // While a probe is under way, its time has come already.
                    reopens: match health.circuit() {
                        Circuit::Open { until } => until,
                        _ => now,
                    },
                    in_flight: deployment.load().in_flight(),
                    index,
                };
                let old = self.least_bad.unwrap_or(least_bad);
                self.least_bad = Some(old.min(least_bad));
                return self.comes_back(until);
            }
            _ => {
                self.full += 1;
                return self.comes_back(deployment.limits().opens_at(now));
            }
        };
        self.untried += u32::from(!tried);
        let tried = if tried { tier::TRIED } else { 0 };
        let order = deployment.order();
        match &mut self.tiers[tried | probe] {
            Some(tier) if tier.order == order => tier.count += 1,
            Some(tier) if tier.order < order => {}
            slot => {
                *slot = Some(Tier {
                    order,
                    first: index,
                    count: 1,
                });
            }
        }
    }

    fn comes_back(&mut self, until: Option<Instant>) {
        self.back = match (self.back, until) {
            (Some(back), Some(until)) => Some(back.min(until)),
            (back, until) => back.or(until),
        };
    }

    /// The deployment that is due for a probe, if this request should be the one.
    fn probe(&self, is_first: bool, can_retry: bool) -> Option<usize> {
        let (ready, probe) = (self.tiers[0]?, self.tiers[tier::PROBE]?);
        let wanted = is_first && probe.order <= ready.order;
        (wanted && (can_retry || fastrand::u8(..UNSAFE_PROBES) == 0)).then_some(probe.first)
    }

    /// The best of the tiers that has anybody in it.
    fn tier(&self) -> Option<(usize, Tier)> {
        let mut tiers = self.tiers.iter().enumerate();
        tiers.find_map(|(which, tier)| Some((which, (*tier)?)))
    }

    /// What to do if nobody can take the request. Where another model can take it, that is
    /// better than a deployment that is broken.
    fn panic(&self, may_go_elsewhere: bool, now: Instant) -> Result<Choice, Error> {
        // One that is only busy is well, and one that is cooling has asked to be left alone.
        let has_others = self.full > 0 || may_go_elsewhere;
        match self.least_bad {
            Some(LeastBad { index, .. }) if !has_others => Ok(Choice {
                index,
                reason: Reason::Panic,
                // Nowhere is it better, so there is no hurry to go elsewhere.
                alternatives: 0,
            }),
            _ => Err(self.refusal(now)),
        }
    }

    fn refusal(&self, now: Instant) -> Error {
        let error = |message: &'static str| Error::new(Class::Unavailable, message);
        if self.fit == 0 {
            metrics::refused("empty");
            return error("the model has no deployments");
        }
        let back = self.back.map(|at| at.saturating_duration_since(now));
        if self.cooling == self.fit {
            metrics::refused("cooling");
            return error("all deployments of the model are cooling down")
                .with_status(StatusCode::TOO_MANY_REQUESTS)
                .with_retry_after(back);
        }
        if self.full == self.fit && back.is_some() {
            metrics::refused("full");
            return error("all deployments of the model have had as much as they take in a minute")
                .with_status(StatusCode::TOO_MANY_REQUESTS)
                .with_retry_after(back);
        }
        if self.full == self.fit {
            metrics::refused("full");
            return error("all deployments of the model have too many requests in progress");
        }
        metrics::refused("mixed");
        error("no deployment of the model can take the request now").with_retry_after(back)
    }
}

use std::sync::Arc;

use steeplechase_core::attempts::{Exclusion, Score, Standing, Trace, Why};
use steeplechase_core::deployment::Availability;
use steeplechase_core::{Attempts, Deployment};
use tokio::time::Instant;

use super::Scores;
use super::asked::Ask;
use super::choose::Choice;
use super::metrics::Reason;

/// Notes whom a router has picked, and how all others have stood: for who wants to know why. It is told before
/// the deployment is marked as tried.
pub(super) fn note<A: Ask>(
    trace: &Trace,
    attempts: &Attempts,
    deployments: &Arc<[Arc<Deployment>]>,
    (choice, scores): (Option<&Choice>, &Scores),
    ask: &A,
    now: Instant,
) {
    let picked = choice.map(|choice| (choice.index, why(choice.reason)));
    let order = choice.map(|choice| deployments[choice.index].order());
    let standings = if deployments.len() > Trace::MOST_STANDINGS {
        // Who could not be picked was not drawn.
        let drawn = scores.drawn();
        let drawn = drawn.map(|(place, score)| stood(place, deployments, None, score));
        drawn.collect()
    } else {
        // Taken out of the attempts, as whoever is asked may look at them too.
        let tried: Vec<u32> = attempts.with_tried(<[u32]>::to_vec);
        let standing = |(place, deployment): (u32, &Arc<Deployment>)| {
            let excluded = exclusion(deployment, &tried, order, ask, now);
            stood(place, deployments, excluded, scores.at(place as usize))
        };
        (0..).zip(deployments.iter()).map(standing).collect()
    };
    trace.picked(now, deployments, picked, standings);
}

fn stood(
    place: u32,
    deployments: &[Arc<Deployment>],
    excluded: Option<Exclusion>,
    score: Option<Score>,
) -> Standing {
    Standing {
        place,
        in_flight: deployments[place as usize].load().in_flight(),
        excluded,
        score,
    }
}

/// Why a deployment cannot be picked. What is worst comes first.
fn exclusion<A: Ask>(
    deployment: &Deployment,
    tried: &[u32],
    order: Option<i64>,
    ask: &A,
    now: Instant,
) -> Option<Exclusion> {
    if !ask.is_eligible(deployment) {
        return Some(Exclusion::Unfit(ask.excluded_by(deployment)));
    }
    let health = deployment.health();
    if let Some(until) = health.cooling(now) {
        return Some(Exclusion::Cooling(until.saturating_duration_since(now)));
    }
    if let Availability::Closed { until } = health.availability(now) {
        let left = until.map(|until| until.saturating_duration_since(now));
        return Some(Exclusion::Open(left));
    }
    if !deployment.limits().has_room_at(now) {
        return Some(Exclusion::Full);
    }
    if tried.contains(&deployment.key()) {
        return Some(Exclusion::Tried);
    }
    let is_later = order.is_some_and(|order| deployment.order() > order);
    is_later.then_some(Exclusion::Order)
}

const fn why(reason: Reason) -> Why {
    match reason {
        Reason::Strategy => Why::Strategy,
        Reason::Probe => Why::Probe,
        Reason::Again => Why::Again,
        Reason::Panic => Why::Panic,
    }
}

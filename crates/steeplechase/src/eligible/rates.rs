use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::StatusCode;
use steeplechase_core::deployment::{Full, Measure};
use steeplechase_core::{Class, Deployment, Error, Retry};
use tokio::time::Instant;

use super::rule::{Asked, Rule};
use crate::preset::ByFamily;

/// A call does not go to where there are not as many tokens left, in the minute or the day, as it needs.
///
/// Who has no room even for a small one is for the router, which knows when there will be.
#[derive(Debug)]
pub(super) struct Rates {
    /// All of the group, by their keys.
    members: Vec<(Arc<Deployment>, ByFamily)>,
    /// Whether one was found of which rates are known. They do not get unknown again.
    is_any: AtomicBool,
    /// Where it is looked next.
    next: AtomicUsize,
}

/// At so many of a group it is looked at a time, as a provider may speak of its limits only later: at all of a small
/// one. In a large one somebody is found after some calls.
const LOOKS: usize = 16;

impl Rates {
    pub(super) fn of(deployments: &[Arc<Deployment>]) -> Self {
        let member = |it: &Arc<Deployment>| (Arc::clone(it), ByFamily::of(it));
        let mut members: Vec<_> = deployments.iter().map(member).collect();
        members.sort_by_key(|(it, _)| it.key());
        let is_any = deployments.iter().any(|it| it.limits().has_rates());
        Self {
            members,
            is_any: AtomicBool::new(is_any),
            next: AtomicUsize::new(0),
        }
    }

    /// Why a deployment has no room for this call, if it has some for others, or never has any.
    fn short(&self, asked: &Asked<'_>, deployment: &Deployment, now: Instant) -> Option<Full> {
        let limits = deployment.limits();
        if !limits.has_rates() {
            return None;
        }
        let key = deployment.key();
        let place = self.members.binary_search_by_key(&key, |(it, _)| it.key());
        let (_, family) = self.members.get(place.ok()?)?;
        let full = limits.fits(family.need(asked.call()), now).err()?;
        match full {
            Full::Never { .. } => Some(full),
            Full::Until(_) if limits.has_room_at(now) => Some(full),
            _ => None,
        }
    }
}

impl Rule for Rates {
    fn name(&self) -> &'static str {
        "rates"
    }

    fn concerns(&self, _: &Asked<'_>) -> bool {
        if self.is_any.load(Ordering::Relaxed) {
            return true;
        }
        let looks = self.members.len().min(LOOKS);
        let start = self.next.fetch_add(looks, Ordering::Relaxed);
        let mut places = (0..looks).map(|look| start.wrapping_add(look) % self.members.len());
        let found = places.any(|place| self.members[place].0.limits().has_rates());
        if found {
            self.is_any.store(true, Ordering::Relaxed);
        }
        found
    }

    fn concerns_one(&self, _: &Asked<'_>, deployment: &Deployment) -> bool {
        deployment.limits().has_rates()
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        self.short(asked, deployment, Instant::now()).is_none()
    }

    fn refusal(&self, asked: &Asked<'_>, deployments: &[Arc<Deployment>]) -> Error {
        let now = Instant::now();
        let short = deployments.iter();
        let short = short.filter_map(|it| self.short(asked, it, now));
        let (mut back, mut most) = (None::<Instant>, None::<(u64, u64, Measure)>);
        for full in short {
            match full {
                Full::Until(at) => back = Some(back.map_or(at, |back| back.min(at))),
                Full::Never { needs, limit, of } => {
                    most = most
                        .filter(|(most, ..)| *most >= limit)
                        .or(Some((limit, needs, of)));
                }
                _ => {}
            }
        }
        match (back, most) {
            (None, Some((0, ..))) => Error::new(
                Class::Unavailable,
                "no deployment of the model may be called: their limits are zero",
            ),
            (None, Some((limit, needs, of))) => {
                let (what, span) = (of.of_call(), of.span());
                let message = format!(
                    "the call has about {needs} {what}, and a deployment of the model may have {limit} a {span} \
                     at the most"
                );
                Error::new(Class::TooLarge, message)
                    .with_retry(Retry::OtherModel)
                    .with_code(match span {
                        "day" => "tokens_per_day_exceeded",
                        _ => "tokens_per_minute_exceeded",
                    })
            }
            (back, _) => {
                let message =
                    "no deployment of the model has as many tokens left for now as the call needs";
                Error::new(Class::Unavailable, message)
                    .with_status(StatusCode::TOO_MANY_REQUESTS)
                    .with_room_after(back.map(|at| at.saturating_duration_since(now)))
                    .with_code("rate_limit_exceeded")
            }
        }
    }
}

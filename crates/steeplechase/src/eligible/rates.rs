use std::sync::Arc;

use http::StatusCode;
use steeplechase_core::deployment::Full;
use steeplechase_core::{Class, Deployment, Error, Retry};
use tokio::time::Instant;

use super::rule::{Asked, Rule};
use crate::preset::ByFamily;

/// A call does not go to where there are not as many tokens left in the minute as it needs.
///
/// Who has no room even for a small one is for the router, which knows when there will be.
#[derive(Debug)]
pub(super) struct Rates {
    /// All of the group.
    members: Vec<(Arc<Deployment>, ByFamily)>,
}

impl Rates {
    pub(super) fn of(deployments: &[Arc<Deployment>]) -> Self {
        let member = |it: &Arc<Deployment>| (Arc::clone(it), ByFamily::of(it));
        Self {
            members: deployments.iter().map(member).collect(),
        }
    }

    /// Why a deployment has no room for this call, if it has some for others, or never has any.
    fn short(&self, asked: &Asked<'_>, deployment: &Deployment, now: Instant) -> Option<Full> {
        let limits = deployment.limits();
        if !limits.has_rates() {
            return None;
        }
        let key = deployment.key();
        let (_, family) = self.members.iter().find(|(it, _)| it.key() == key)?;
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
        let mut members = self.members.iter();
        members.any(|(it, _)| it.limits().has_rates())
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        self.short(asked, deployment, Instant::now()).is_none()
    }

    fn refusal(&self, asked: &Asked<'_>, deployments: &[Arc<Deployment>]) -> Error {
        let now = Instant::now();
        let short = deployments.iter();
        let short = short.filter_map(|it| self.short(asked, it, now));
        let (mut back, mut most) = (None::<Instant>, None);
        for full in short {
            match full {
                Full::Until(at) => back = Some(back.map_or(at, |back| back.min(at))),
                Full::Never { needs, limit } => most = most.max(Some((limit, needs))),
                _ => {}
            }
        }
        match (back, most) {
            (None, Some((0, _))) => Error::new(
                Class::Unavailable,
                "no deployment of the model may be called: their limits are zero",
            ),
            (None, Some((limit, needs))) => {
                let message = format!(
                    "the call has about {needs} tokens with its answer, and a deployment of the model may have \
                     {limit} a minute at the most"
                );
                Error::new(Class::TooLarge, message)
                    .with_retry(Retry::OtherModel)
                    .with_code("tokens_per_minute_exceeded")
            }
            (back, _) => {
                let message = "no deployment of the model has as many tokens left in this minute as the call \
                               needs";
                Error::new(Class::Unavailable, message)
                    .with_status(StatusCode::TOO_MANY_REQUESTS)
                    .with_retry_after(back.map(|at| at.saturating_duration_since(now)))
                    .with_code("rate_limit_exceeded")
            }
        }
    }
}

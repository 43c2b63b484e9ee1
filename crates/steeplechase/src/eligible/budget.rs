use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use steeplechase_core::purse::{Empty, Purse, Purses};
use steeplechase_core::{Class, Deployment, Error};
use tokio::time::Instant;

use super::rule::{Asked, Rule, shown};

/// A call does not go to where nothing is left to spend: for the deployment, with its provider, or for calls with one of
/// its tags.
#[derive(Debug)]
pub(super) struct Budget {
    purses: Arc<Purses>,
    /// Those of the group that draw on any whatever the call, by their keys.
    members: Vec<(u32, Vec<Arc<Purse>>)>,
}

/// Why a deployment has nothing left, and when it is looked at again.
#[derive(Clone, Copy)]
struct Spent<'p> {
    back: Instant,
    purse: &'p Purse,
    why: Empty,
}

/// When what is reserved may have been given back.
const SOON: Duration = Duration::from_secs(1);

/// The units of a window, as they are written: in seconds.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];

impl Budget {
    /// `None` if no call of the group draws on any.
    pub(super) fn of(deployments: &[Arc<Deployment>], purses: &Arc<Purses>) -> Option<Self> {
        let own = |it: &Arc<Deployment>| -> Vec<_> { purses.of(it).cloned().collect() };
        let members = deployments.iter().map(|it| (it.key(), own(it)));
        let mut members: Vec<_> = members.filter(|(_, own)| !own.is_empty()).collect();
        members.sort_by_key(|(key, _)| *key);
        let is_any = !members.is_empty() || purses.tags().next().is_some();
        is_any.then(|| Self {
            purses: Arc::clone(purses),
            members,
        })
    }

    /// Why a deployment may not spend anything for this call. Of several reasons that which lasts longest.
    fn spent(&self, asked: &Asked<'_>, deployment: &Deployment, now: Instant) -> Option<Spent<'_>> {
        let key = deployment.key();
        let place = self.members.binary_search_by_key(&key, |(key, _)| *key);
        let own = place.map_or(&[][..], |place| &self.members[place].1);
        let tags = asked.tags().iter();
        let of_tags = tags.filter_map(|tag| self.purses.of_tag(tag));
        let spent = own.iter().chain(of_tags).filter_map(|purse| {
            let why = purse.check(now).err()?;
            let back = match why {
                Empty::Until(at) => at,
                _ => now + SOON,
            };
            Some(Spent { back, purse, why })
        });
        spent.max_by_key(|spent| spent.back)
    }
}

impl Rule for Budget {
    fn name(&self) -> &'static str {
        "budget"
    }

    fn concerns(&self, asked: &Asked<'_>) -> bool {
        let mut tags = asked.tags().iter();
        !self.members.is_empty() || tags.any(|tag| self.purses.of_tag(tag).is_some())
    }

    fn admits(&self, asked: &Asked<'_>, deployment: &Deployment) -> bool {
        self.spent(asked, deployment, Instant::now()).is_none()
    }

    fn refusal(&self, asked: &Asked<'_>, deployments: &[Arc<Deployment>]) -> Error {
        let now = Instant::now();
        let spent = deployments.iter();
        let spent = spent.filter_map(|it| self.spent(asked, it, now));
        let Some(first) = spent.min_by_key(|spent| spent.back) else {
            return Error::new(
                Class::Unavailable,
                "no deployment of the model is within its budget",
            );
        };
        let wait = first.back.saturating_duration_since(now);
        let (owner, limit) = (first.purse.owner(), first.purse.limit());
        let why = match first.why {
            Empty::Until(_) => format!("is spent, for another {} s", seconds(wait)),
            _ => "is reserved for calls that are under way".to_owned(),
        };
        let message = format!(
            "no deployment of the model is within its budget: that of the {} `{}`, ${limit} for {}, {why}",
            owner.kind(),
            shown(owner.name()),
            span(first.purse.window()),
        );
        Error::new(Class::Unavailable, message)
            .with_status(StatusCode::TOO_MANY_REQUESTS)
            .with_room_after(wait)
            .with_code("budget_exceeded")
    }
}

/// Rounded up, as who comes a moment too soon comes in vain.
fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// A time as it is written: `1d`, `90m`.
fn span(time: Duration) -> String {
    let seconds = seconds(time);
    let unit = UNITS.iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, name) = unit.unwrap_or(&(1, "s"));
    format!("{}{name}", seconds / unit)
}

use steeplechase_core::attempts::Trace;
use steeplechase_core::{Attempts, Error};
use tokio::time::Instant;

use super::asked::{Ask, Asked};
use super::candidates::Filter;
use super::metrics::Reason;
use super::roster::{Roster, Tried};
use super::sample::{Found, Sample};
use super::survey::{Survey, tier};
use super::{Candidate, Candidates, Scores, Strategy};

/// Of the requests that cannot afford a probe, one in so many is used for it all the same.
const UNSAFE_PROBES: u8 = 10;

/// The deployment that gets a request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Choice {
    pub(super) index: usize,
    pub(super) reason: Reason,
    /// How many others that were not tried could have taken it. If not all were looked at, there may be more.
    pub(super) alternatives: u32,
}

/// What a look at the deployments of a group goes by.
#[derive(Debug)]
pub(super) struct Look<'a, A> {
    pub(super) roster: &'a Roster,
    pub(super) tried: &'a Tried,
    pub(super) ask: &'a A,
    pub(super) now: Instant,
}

/// Chooses the deployment for one attempt. What the strategy makes of those that it could pick is told if there
/// are `scores`.
pub(super) fn choose<St, A>(
    roster: &Roster,
    strategy: &St,
    attempts: &Attempts,
    ask: &A,
    now: Instant,
    mut scores: Option<&mut Scores>,
) -> Result<Choice, Error>
where
    St: Strategy + ?Sized,
    A: Ask,
{
    // Taken out of the attempts, as whoever is asked below may look at them too.
    let tried = attempts.with_tried(|keys| roster.tried(keys));
    let look = Look {
        roster,
        tried: &tried,
        ask,
        now,
    };
    let sample = Sample::of(&look);
    let drawn = sample.and_then(|it| it.choose(&look, strategy, attempts, scores.as_deref_mut()));
    drawn.map_or_else(|| look.among_all(strategy, attempts, scores), Ok)
}

/// Lets a strategy pick, and then say why.
pub(super) fn pick<'a, St>(
    strategy: &St,
    candidates: Candidates<'a>,
    scores: Option<&mut Scores>,
) -> Option<Candidate<'a>>
where
    St: Strategy + ?Sized,
{
    let Some(scores) = scores else {
        return strategy.pick(candidates);
    };
    let picked = strategy.pick(candidates.clone());
    // Looked up once, as a strategy looks several times.
    let mut found = Found::default();
    for candidate in candidates.clone() {
        found.push(candidate);
    }
    strategy.score(candidates.only(found.as_slice()), scores);
    picked
}

// ===== impl Look =====

impl<A: Ask> Look<'_, A> {
    /// Whether this request should be the one that tries a deployment, if one is due for it.
    pub(super) fn may_probe(&self, attempts: &Attempts) -> bool {
        !self.tried.any() && (attempts.left() > 0 || fastrand::u8(..UNSAFE_PROBES) == 0)
    }

    /// Looks at all deployments, and picks one of those that can take the request.
    fn among_all<St>(
        &self,
        strategy: &St,
        attempts: &Attempts,
        scores: Option<&mut Scores>,
    ) -> Result<Choice, Error>
    where
        St: Strategy + ?Sized,
    {
        let survey = Survey::of(self)?;
        if let Some(index) = survey.due().filter(|_| self.may_probe(attempts)) {
            return Ok(Choice {
                index,
                reason: Reason::Probe,
                alternatives: survey.untried - 1,
            });
        }
        let Some((which, tier)) = survey.tier() else {
            return survey.panic(attempts.has_held(), self.now);
        };
        let (again, probe) = (which & tier::TRIED != 0, which & tier::PROBE != 0);
        let members = tier.elsewhere.unwrap_or(tier.all);
        // Nobody notes how all of a large group have stood.
        let is_noted = self.roster.deployments().len() <= Trace::MOST_STANDINGS;
        let scores = scores.filter(|_| is_noted);
        let picked = || {
            let filter = Filter {
                unfit: Some(&survey.unfit),
                tried: Some(self.tried),
                again,
                probe: Some(probe),
                order: Some(tier.order),
                elsewhere: tier.elsewhere.is_some(),
            };
            let asked = Asked::new(self.ask);
            let candidates = Candidates::of(self.roster, filter, asked, self.now);
            pick(strategy, candidates, scores).map(|picked| picked.index())
        };
        // A lone one needs no strategy, and neither does a strategy that does not mind.
        let index = (members.count > 1).then(picked).flatten();
        Ok(Choice {
            index: index.unwrap_or(members.first),
            reason: match (again, probe) {
                (_, true) => Reason::Probe,
                (true, false) => Reason::Again,
                (false, false) => Reason::Strategy,
            },
            alternatives: survey.untried - u32::from(!again),
        })
    }
}

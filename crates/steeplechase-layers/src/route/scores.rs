use steeplechase_core::attempts::{Measure, Score, Trace, Wins};

use super::Candidate;

/// What a strategy makes of those that it could pick.
///
/// There is room for as many as there are in a group that is looked at whole, and nothing is allocated for them.
///
/// # Example
///
/// ```
/// use steeplechase_core::attempts::{Measure, Score, Wins};
/// use steeplechase_core::{Deployment, Dialect};
/// use steeplechase_layers::route::{Candidates, LeastBusy, Scores, Strategy};
/// use tokio::time::Instant;
///
/// let group = ["a", "b"].map(|id| Deployment::builder(id, "fast", Dialect::OpenAi).build());
/// let _call = group[0].load().start();
///
/// let mut scores = Scores::new();
/// let candidates = Candidates::among(&group, Instant::now());
/// LeastBusy::new().score(candidates.clone(), &mut scores);
/// let in_flight = candidates.filter_map(|it| scores.of(&it)).map(|score| score.value);
/// assert_eq!(in_flight.collect::<Vec<_>>(), [2.0, 1.0]);
/// ```
#[derive(Clone, Debug)]
pub struct Scores {
    /// Of a large group the places of those that were drawn.
    drawn: [u32; MOST],
    count: usize,
    /// By the place in a small group, or among those that were drawn.
    told: [Option<Score>; MOST],
}

const MOST: usize = Trace::MOST_STANDINGS;

/// The weight, or the part of it that a deployment gets.
pub(super) static WEIGHT: Measure = Measure::new("weight", Wins::ByChance);

/// The weight, times a power of the share of successes.
pub(super) static SUCCESS: Measure = Measure::new("success_weight", Wins::ByChance);

/// How many are in flight, for the weight.
pub(super) static IN_FLIGHT: Measure = Measure::new("in_flight", Wins::Lowest);

/// The time to the first content, times a queue for the weight.
pub(super) static LATENCY: Measure = Measure::new("latency_seconds", Wins::Lowest);

/// The time for each token of a whole answer, times a queue for the weight.
pub(super) static PER_TOKEN: Measure = Measure::new("token_seconds", Wins::Lowest);

/// The time within which nine of ten first contents come.
pub(super) static P90: Measure = Measure::new("p90_seconds", Wins::Lowest);

/// The part that is used of what may be.
pub(super) static USED: Measure = Measure::new("used_share", Wins::Lowest);

/// What the call is expected to cost.
pub(super) static DOLLARS: Measure = Measure::new("dollars", Wins::Lowest);

/// How near a deployment is to a conversation.
pub(super) static AFFINITY: Measure = Measure::new("affinity", Wins::Highest);

// ===== impl Scores =====

impl Scores {
    /// Nothing is known yet.
    pub const fn new() -> Self {
        Self {
            drawn: [0; MOST],
            count: 0,
            told: [None; MOST],
        }
    }

    /// Says what to make of one of the candidates. What was said before is forgotten.
    pub fn tell(&mut self, candidate: &Candidate<'_>, score: Score) {
        if let Some(place) = self.place_of(candidate.index()) {
            self.told[place] = Some(score);
        }
    }

    /// What was made of one of the candidates.
    pub fn of(&self, candidate: &Candidate<'_>) -> Option<Score> {
        self.told[self.place_of(candidate.index())?]
    }

    /// The candidates are those of a large group that were drawn.
    pub(super) fn draw(&mut self, drawn: &[Candidate<'_>]) {
        for (place, candidate) in self.drawn.iter_mut().zip(drawn) {
            *place = u32::try_from(candidate.index()).unwrap_or(u32::MAX);
        }
        self.count = drawn.len().min(MOST);
    }

    /// Those that were drawn, and what was made of them.
    pub(super) fn drawn(&self) -> impl ExactSizeIterator<Item = (u32, Option<Score>)> + '_ {
        let drawn = self.drawn[..self.count].iter();
        drawn.copied().zip(self.told.iter().copied())
    }

    /// What was made of the one at a place in a group that is looked at whole.
    pub(super) fn at(&self, place: usize) -> Option<Score> {
        *self.told.get(place)?
    }

    fn place_of(&self, index: usize) -> Option<usize> {
        let drawn = &self.drawn[..self.count];
        if drawn.is_empty() {
            return (index < MOST).then_some(index);
        }
        drawn.iter().position(|place| *place as usize == index)
    }
}

impl Default for Scores {
    fn default() -> Self {
        Self::new()
    }
}

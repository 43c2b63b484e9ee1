use steeplechase_core::attempts::Score;

use super::dice::{Cheapest, Dice};
use super::scores::IN_FLIGHT;
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// How many of a large group are looked at. With two the worst are avoided; with six the gain over all is
/// next to nothing.
pub(super) const SAMPLE: u8 = 6;

/// The deployment with the least in flight for its weight.
///
/// With equal weights that is the one with the least in flight. At a tie each has the same chance, so
/// that a first one in the list does not get all the traffic of a quiet hour.
#[derive(Clone, Debug, Default)]
pub struct LeastBusy {
    dice: Dice,
}

impl LeastBusy {
    /// Gets its chances from the thread's random numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gets its chances from a seed, for tests.
    pub fn seeded(seed: u64) -> Self {
        Self {
            dice: Dice::seeded(seed),
        }
    }
}

impl Strategy for LeastBusy {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let mut cheapest = Cheapest::default();
        for candidate in candidates {
            cheapest.offer(queue(&candidate), candidate, &mut rng);
        }
        cheapest.kept()
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        for candidate in candidates {
            scores.tell(&candidate, Score::new(&IN_FLIGHT, queue(&candidate)));
        }
    }

    fn sampling(&self) -> Sampling {
        Sampling::Uniform(SAMPLE)
    }
}

/// How many would be in flight with one more, for the weight.
pub(super) fn queue(candidate: &Candidate<'_>) -> f64 {
    let in_flight = f64::from(candidate.deployment().load().in_flight()) + 1.0;
    let weight = candidate.weight();
    // Without weight it is used when there is no other.
    if weight > 0.0 {
        in_flight / weight
    } else {
        f64::INFINITY
    }
}

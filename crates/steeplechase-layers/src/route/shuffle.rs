use steeplechase_core::attempts::Score;

use super::dice::{Dice, Weighted};
use super::scores::WEIGHT;
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// Each deployment gets its share by chance: in proportion to its weight.
///
/// One with weight zero is used when there is no other. If all have weight zero, each has the same
/// chance. This is `simple-shuffle` of LiteLLM.
///
/// One pass over the candidates; of a large group one is drawn from a table made with the group.
#[derive(Clone, Debug, Default)]
pub struct WeightedShuffle {
    dice: Dice,
}

impl WeightedShuffle {
    /// Gets its chances from the thread's random numbers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gets its chances from a seed, for tests. What is drawn from a large group is not among them.
    pub fn seeded(seed: u64) -> Self {
        Self {
            dice: Dice::seeded(seed),
        }
    }
}

impl Strategy for WeightedShuffle {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let mut kept = Weighted::default();
        for candidate in candidates {
            kept.offer(candidate.weight(), candidate, &mut rng);
        }
        kept.kept()
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        for candidate in candidates {
            scores.tell(&candidate, Score::new(&WEIGHT, candidate.weight()));
        }
    }

    fn sampling(&self) -> Sampling {
        Sampling::Weighted
    }
}

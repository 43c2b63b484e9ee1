use super::dice::{Dice, Reservoir};
use super::{Candidate, Candidates, Sampling, Strategy};

/// Each deployment gets its share by chance: in proportion to its weight.
///
/// One with weight zero is used when there is no other. If all have weight zero, each has the same
/// chance. This is `simple-shuffle` of LiteLLM.
///
/// One pass over the candidates, by A-Chao's weighted reservoir sampling with a reservoir of one.
#[derive(Clone, Debug, Default)]
pub struct WeightedShuffle {
    dice: Dice,
}

impl WeightedShuffle {
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

impl Strategy for WeightedShuffle {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let mut total = 0.0;
        let mut weighted = None;
        let mut weightless = Reservoir::default();
        for candidate in candidates {
            let weight = candidate.weight();
            if weight > 0.0 {
                total += weight;
                if rng.f64() * total < weight {
                    weighted = Some(candidate);
                }
            } else {
                weightless.offer(candidate, &mut rng);
            }
        }
        weighted.or_else(|| weightless.kept())
    }

    fn sampling(&self) -> Sampling {
        Sampling::Weighted
    }
}

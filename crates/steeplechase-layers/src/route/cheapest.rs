use std::time::Duration;

use steeplechase_core::Deployment;
use steeplechase_core::attempts::Score;
use steeplechase_core::price::{Service, Unit};

use super::busy::queue;
use super::dice::Dice;
use super::quickest::{Clock, Quickest, Soonest};
use super::scores::DOLLARS;
use super::{Candidate, Candidates, Sampling, Scores, Strategy};

/// The deployment at which this call is the cheapest.
///
/// What the call is expected to cost is the tokens of its prompt at the price of input, and those of the answer
/// at the price of output: as many as an answer of these deployments has on average, and no more than
/// `max_tokens`. So who is dear for a long prompt may be cheap for a long answer. Of those that cost the same, the
/// one that [`LowestLatency`](super::LowestLatency) would pick.
///
/// * One whose price nobody knows, or depends on the model that the caller names, comes after all whose price
///   is known. An estimated price counts as known.
/// * There is no share for the dearer ones: a price need not be measured. What a deployment can take is for its
///   limits to say.
///
/// It is `cost-based-routing` of LiteLLM, which adds the price of one token of each and so takes a call for as
/// much output as input.
///
/// # Defaults
///
/// Without a description of the call, its prompt is taken for 1000 tokens; an answer, while there was none, for 256.
#[derive(Clone, Debug, Default)]
pub struct CheapestFirst {
    dice: Dice,
}

/// How much of what a call is expected to use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    prompt: u64,
    output: u64,
}

/// The one with the lowest price so far, at a tie the quickest.
#[derive(Debug)]
pub(super) struct Bargain<'a> {
    price: f64,
    quickest: Quickest<'a>,
}

/// What a pico-dollar is of a dollar.
const DOLLAR: f64 = 1e-12;

/// How many of a large group are looked at, from the cheapest on.
const FIRST: u8 = 8;

// ===== impl CheapestFirst =====

impl CheapestFirst {
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

impl Strategy for CheapestFirst {
    fn pick<'a>(&self, candidates: Candidates<'a>) -> Option<Candidate<'a>> {
        let mut rng = self.dice.rng();
        let expected = Expected::of(&candidates);
        let clock = Clock::of(&candidates, Duration::MAX);
        let mut bargain = Bargain::default();
        for candidate in candidates {
            let price = expected.price(candidate.deployment());
            if let Some(quickest) = bargain.at(price) {
                let latency = clock.latency(&candidate);
                quickest.offer(latency, queue(&candidate), candidate, &mut rng);
            }
        }
        bargain.quickest().best(&mut rng).kept()
    }

    fn score(&self, candidates: Candidates<'_>, scores: &mut Scores) {
        let expected = Expected::of(&candidates);
        let clock = Clock::of(&candidates, Duration::MAX);
        expected.score(candidates, clock, scores);
    }

    fn sampling(&self) -> Sampling {
        Sampling::Ranked(FIRST)
    }

    fn rank(&self, deployment: &Deployment) -> f64 {
        Expected::default().price(deployment)
    }
}

// ===== impl Expected =====

impl Expected {
    pub(super) fn of(candidates: &Candidates<'_>) -> Self {
        let asked = candidates.asked();
        let outputs = candidates.clone();
        // One figure for all: how long an answer is, is not a price.
        let outputs = outputs.filter_map(|it| it.deployment().load().mean_output());
        let (sum, count) = outputs.fold((0.0, 0.0), |(sum, count), output| {
            (sum + output, count + 1.0_f32)
        });
        let mut expected = Self::default();
        if count > 0.0 {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a mean of positive numbers, and what is too large is as much as can be"
            )]
            let mean = (sum / count) as u64;
            expected.output = mean;
        }
        if let Some(most) = asked.max_tokens() {
            expected.output = expected.output.min(most);
        }
        expected.prompt = asked.prompt().unwrap_or(expected.prompt);
        expected
    }

    /// What so much costs at a deployment, in pico-dollars. Infinite if nobody knows.
    pub(super) fn price(self, deployment: &Deployment) -> f64 {
        let Some(price) = deployment.pricing().price() else {
            return f64::INFINITY;
        };
        let rates = price.rates(Service::Standard, self.prompt);
        let of = |unit, count: u64| u128::from(rates.get(unit).picos()) * u128::from(count);
        let sum = of(Unit::Request, 1)
            .saturating_add(of(Unit::Input, self.prompt))
            .saturating_add(of(Unit::Output, self.output));
        #[allow(
            clippy::cast_precision_loss,
            reason = "equal sums are equal floats, and others need not differ"
        )]
        let sum = sum as f64;
        sum
    }

    /// Says what each costs; and how quick it is, for those of the lowest price.
    pub(super) fn score<'a>(
        self,
        candidates: impl Iterator<Item = Candidate<'a>> + Clone,
        clock: Clock,
        scores: &mut Scores,
    ) {
        let price = |candidate: &Candidate<'_>| self.price(candidate.deployment());
        let lowest = candidates.clone().map(|it| price(&it));
        let lowest = lowest.fold(f64::INFINITY, f64::min);
        let cheapest = candidates.clone().filter(|it| price(it) <= lowest);
        let soonest = Soonest::of(cheapest, clock);
        for candidate in candidates {
            let cost = soonest.cost(clock.latency(&candidate), queue(&candidate));
            let score = Score::new(&DOLLARS, price(&candidate) * DOLLAR);
            scores.tell(&candidate, score.then(clock.measure(), cost));
        }
    }
}

impl Default for Expected {
    fn default() -> Self {
        Self {
            prompt: 1000,
            output: 256,
        }
    }
}

// ===== impl Bargain =====

impl<'a> Bargain<'a> {
    /// Where to offer a candidate that costs so much. `None` if there are cheaper ones.
    pub(super) fn at(&mut self, price: f64) -> Option<&mut Quickest<'a>> {
        if price < self.price {
            *self = Self {
                price,
                quickest: Quickest::default(),
            };
        }
        (price <= self.price).then_some(&mut self.quickest)
    }

    pub(super) fn quickest(self) -> Quickest<'a> {
        self.quickest
    }
}

impl Default for Bargain<'_> {
    fn default() -> Self {
        Self {
            price: f64::INFINITY,
            quickest: Quickest::default(),
        }
    }
}

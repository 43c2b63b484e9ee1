//! All that chance decides about one request.
//!
//! ```text
//! (seed, name, number) ─┬─ dice 0 ─► fault? brownout? latencies     always drawn, in this order
//!                       ├─ dice 1 ─► the gap before each token
//!                       └─ dice 2 ─► the words
//! ```
//!
//! Nothing else is put in, and each purpose has its own dice. So a run repeats exactly, in whatever
//! order the tasks ran, and a longer answer does not change the latency of the next one.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;

use crate::behaviour::{Behaviour, RawEvent};
use crate::config::Config;
use crate::hold::Hold;
use crate::latency::{Latency, scale};
use crate::plan::{Gaps, Timeline};

const WORDS: [&str; 32] = [
    "the", "horse", "clears", "a", "hedge", "and", "runs", "on", "over", "water", "while", "two",
    "others", "follow", "close", "behind", "it", "past", "old", "stone", "walls", "until", "one",
    "of", "them", "takes", "lead", "at", "last", "turn", "before", "home",
];

/// What has been drawn.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    pub(crate) number: u64,
    pub(crate) behaviour: Arc<Behaviour>,
    /// Whether `behaviour` is what happens to every request, and not a script or a fault.
    pub(crate) usual: bool,
    /// If it is held back.
    pub(crate) hold: Option<Hold>,
    seed: u64,
    head: Duration,
    first_token: Duration,
    between_tokens: Latency,
    factor: f64,
}

impl Draw {
    pub(crate) fn new(
        config: &Config,
        number: u64,
        since_start: Duration,
        always: &Arc<Behaviour>,
        step: Option<Arc<Behaviour>>,
    ) -> Self {
        let seed = mix(mix(config.seed ^ hash(config.name.as_bytes())) ^ number);
        let mut rng = Rng::with_seed(seed);

        let mut roll = rng.f64();
        let fault = config.faults.iter().find(|(share, _)| {
            roll -= share;
            roll < 0.0
        });
        let roll = rng.f64();
        let brownout = config
            .brownouts
            .iter()
            .find(|b| b.during.contains(&since_start));
        let refusal = brownout.filter(|b| roll < b.fault_share);

        let failure = fault
            .map(|(_, fault)| Arc::clone(fault))
            .or_else(|| refusal.map(|_| Arc::new(Behaviour::overloaded())));
        let special = step.or(failure);
        let usual = special.is_none();
        let behaviour = special.unwrap_or_else(|| Arc::clone(always));

        let factor = brownout.map_or(1.0, |b| b.factor);
        let head = scaled(config.head.sample(&mut rng), factor);
        let first_token = scaled(config.first_token.sample(&mut rng), factor);
        Self {
            number,
            seed,
            head: behaviour.head_after.unwrap_or(head),
            first_token: behaviour.first_token_after.unwrap_or(first_token),
            between_tokens: behaviour
                .token_gap
                .map_or_else(|| config.between_tokens.clone(), Latency::fixed),
            // A gap that was asked for is not stretched.
            factor: if behaviour.token_gap.is_some() {
                1.0
            } else {
                factor
            },
            behaviour,
            usual,
            hold: None,
        }
    }

    /// Holds the request, if its behaviour says so.
    pub(crate) fn held_by(mut self, hold: Hold) -> Self {
        self.hold = self.behaviour.held.then_some(hold);
        self
    }

    /// Takes back all that is not for requests like listing models.
    pub(crate) fn plain(mut self) -> Self {
        self.behaviour = Arc::default();
        self.head = Duration::ZERO;
        self.first_token = Duration::ZERO;
        self
    }

    /// When the head comes, after the arrival of the request.
    pub(crate) fn head(&self) -> Duration {
        self.head
    }

    /// When each of `tokens` tokens comes.
    pub(crate) fn timeline(&self, tokens: usize) -> Timeline {
        let gaps = if let Some(gap) = self.between_tokens.constant() {
            Gaps::Even(scaled(gap, self.factor))
        } else {
            let mut rng = Rng::with_seed(mix(self.seed ^ 1));
            let mut sum = Duration::ZERO;
            let offsets = (0..tokens).map(|token| {
                if token > 0 {
                    let gap = self.between_tokens.sample(&mut rng);
                    sum = sum.saturating_add(scaled(gap, self.factor));
                }
                sum
            });
            Gaps::Drawn(offsets.collect())
        };
        Timeline {
            head: self.head,
            first: self.first_token.max(self.head),
            gaps,
            tokens,
        }
    }

    /// When each of some recorded events comes.
    pub(crate) fn replay(&self, events: &[RawEvent]) -> Timeline {
        let mut sum = Duration::ZERO;
        let offsets = events.iter().map(|event| {
            sum = sum.saturating_add(event.delay);
            sum
        });
        Timeline {
            gaps: Gaps::Drawn(offsets.collect()),
            head: self.head,
            first: self.head,
            tokens: events.len(),
        }
    }

    /// A text of so many words, in pieces that are its tokens.
    pub(crate) fn words(&self, count: usize) -> Vec<String> {
        let mut rng = Rng::with_seed(mix(self.seed ^ 2));
        (0..count)
            .map(|word| {
                let space = if word == 0 { "" } else { " " };
                format!("{space}{}", WORDS[rng.usize(..WORDS.len())])
            })
            .collect()
    }

    /// What to call the request in the answer's headers.
    pub(crate) fn request_id(&self) -> String {
        format!("req_{:016x}", self.id(0))
    }

    /// A number for an identifier, different for each `purpose`, request, sim and seed.
    pub(crate) fn id(&self, purpose: u64) -> u64 {
        mix(self.seed ^ mix(purpose))
    }
}

fn scaled(duration: Duration, factor: f64) -> Duration {
    if (factor - 1.0).abs() < f64::EPSILON || duration.is_zero() {
        duration
    } else {
        scale(duration, factor)
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea and Flood, 2014): neighbouring numbers come out far
/// apart.
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// FNV-1a (Fowler, Noll and Vo), which is the same on every platform and in every release.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

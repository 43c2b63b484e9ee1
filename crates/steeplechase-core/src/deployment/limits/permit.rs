use std::sync::Arc;

use tokio::time::Instant;

use super::Limits;
use super::rates::Taken;

/// What one attempt is expected to take, apart from being one request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Need {
    /// About how many tokens the prompt has.
    pub prompt: u64,
    /// The most tokens that the answer may have, if that is known. It is not expected to be longer than
    /// nine of ten answers of late are.
    pub max_output: Option<u64>,
}

/// A place among the calls in flight, and what was reserved of the rates.
///
/// Dropping it gives the place back, so it is held until the answer has ended, and not only until it has
/// begun. What was reserved stays spent unless it is [settled](Self::settle).
#[derive(Debug)]
#[must_use = "a call holds its permit until its answer has ended"]
pub struct Permit {
    limits: Arc<Limits>,
    /// What is taken for it as of now.
    taken: Taken,
}

// ===== impl Need =====

impl Need {
    /// No tokens that are counted.
    pub const NONE: Self = Self::new(0, Some(0));

    /// A prompt of about so many tokens, and an answer that may have at most so many.
    pub const fn new(prompt: u64, max_output: Option<u64>) -> Self {
        Self { prompt, max_output }
    }
}

// ===== impl Permit =====

impl Permit {
    /// One for whoever is counted as in flight.
    pub(super) fn new(limits: Arc<Limits>) -> Self {
        Self {
            limits,
            taken: Taken::default(),
        }
    }

    /// The same, with that taken for it.
    pub(super) const fn holding(mut self, taken: Taken) -> Self {
        self.taken = taken;
        self
    }

    /// Where it comes from.
    pub const fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// How many tokens are taken for it, of its prompt and of its answer.
    pub const fn tokens(&self) -> (u64, u64) {
        (self.taken.input, self.taken.output)
    }

    /// Says how many tokens the prompt and the answer have had, instead of what was reserved or was said before.
    pub fn settle(&mut self, prompt: u64, answer: u64) {
        if (prompt, answer) != self.tokens()
            && let Some(rates) = self.limits.rates()
        {
            rates.settle(&mut self.taken, prompt, answer, Instant::now());
        }
    }

    /// Says that nothing was sent: not even a request was used.
    pub fn give_back(mut self) {
        self.settle(0, 0);
        if let Some(rates) = self.limits.rates() {
            rates.unsent(self.taken, Instant::now());
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.limits.leave();
    }
}

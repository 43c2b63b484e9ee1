use std::ops::{Add, AddAssign};

/// What an answer has cost, in tokens.
///
/// The parts are *of* the totals, as OpenAI has it: [`prompt`](Self::prompt) includes what was read
/// from and written to a cache, and [`completion`](Self::completion) includes reasoning. A provider
/// that counts them apart is converted when its answer is read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Usage {
    /// All input tokens.
    pub prompt: u64,
    /// All output tokens.
    pub completion: u64,
    /// Input tokens that were read from the provider's prompt cache.
    pub cache_read: u64,
    /// Input tokens that were written to the provider's prompt cache.
    pub cache_write: u64,
    /// Output tokens that the model spent on reasoning.
    pub reasoning: u64,
    /// Input and output tokens of audio.
    pub audio: u64,
}

impl Usage {
    /// All tokens, in and out.
    pub const fn total(&self) -> u64 {
        self.prompt.saturating_add(self.completion)
    }

    /// The larger of each figure.
    ///
    /// Providers send usage several times in one stream, cumulative and sometimes with fields
    /// missing; the largest figure is the last one that was there.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        self.zip(other, u64::max)
    }

    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            prompt: f(self.prompt, other.prompt),
            completion: f(self.completion, other.completion),
            cache_read: f(self.cache_read, other.cache_read),
            cache_write: f(self.cache_write, other.cache_write),
            reasoning: f(self.reasoning, other.reasoning),
            audio: f(self.audio, other.audio),
        }
    }
}

impl Add for Usage {
    type Output = Self;

    /// Adds each figure, saturating.
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::saturating_add)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

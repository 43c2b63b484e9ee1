use std::ops::{Add, AddAssign};

use crate::price::{Cost, Service};

/// What an answer has taken: tokens, and whatever else is paid for.
///
/// The parts are *of* the totals, as OpenAI has it: [`prompt`](Self::prompt) includes what was read
/// from and written to a cache, and [`completion`](Self::completion) includes reasoning. A provider
/// that counts them apart is converted when its answer is read.
///
/// ```text
///  prompt      = cache_read + cache_write + audio_in + image_in + free_in + plain input
///                             cache_write = cache_write_1h + what was written for minutes
///  completion  = reasoning + audio_out + image_out + free_out + plain output
/// ```
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
    /// Those of [`cache_write`](Self::cache_write) that were written for an hour.
    pub cache_write_1h: u64,
    /// Output tokens that the model spent on reasoning.
    pub reasoning: u64,
    /// Input tokens of audio.
    pub audio_in: u64,
    /// Output tokens of audio.
    pub audio_out: u64,
    /// Input tokens of images.
    pub image_in: u64,
    /// Output tokens of images.
    pub image_out: u64,
    /// Images that were made.
    pub images: u64,
    /// Searches: of the web by the model, or of documents by a reranker.
    pub searches: u64,
    /// Characters that were spoken.
    pub characters: u64,
    /// Milliseconds of audio that were heard.
    pub milliseconds: u64,
    /// Input tokens that the provider asks nothing for, such as those of a preamble of its own.
    pub free_in: u64,
    /// Output tokens that the provider asks nothing for.
    pub free_out: u64,
    /// The class of service that the provider says it has given.
    pub service: Service,
    /// What the answer has cost, if the provider has said so.
    pub reported: Option<Cost>,
    /// Whether any of it is an estimate, as the provider has not said all of it. Of several usages that are
    /// put together, by [`max`](Self::max) or by addition, one estimate makes the whole an estimate.
    pub is_estimated: bool,
}

impl Usage {
    /// Nothing.
    pub const ZERO: Self = Self {
        prompt: 0,
        completion: 0,
        cache_read: 0,
        cache_write: 0,
        cache_write_1h: 0,
        reasoning: 0,
        audio_in: 0,
        audio_out: 0,
        image_in: 0,
        image_out: 0,
        images: 0,
        searches: 0,
        characters: 0,
        milliseconds: 0,
        free_in: 0,
        free_out: 0,
        service: Service::Standard,
        reported: None,
        is_estimated: false,
    };

    /// An estimate: so many tokens in, and so many out.
    pub const fn estimate(prompt: u64, completion: u64) -> Self {
        Self {
            prompt,
            completion,
            is_estimated: true,
            ..Self::ZERO
        }
    }

    /// Whether it says nothing: all figures are zero, and no cost is reported.
    ///
    /// Some providers have the fields and not the figures.
    pub fn is_blank(&self) -> bool {
        let rest = Self {
            service: Service::Standard,
            is_estimated: false,
            ..*self
        };
        rest == Self::ZERO
    }

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
        let reported = self.reported.max(other.reported);
        self.zip(other, u64::max, reported)
    }

    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64, reported: Option<Cost>) -> Self {
        Self {
            prompt: f(self.prompt, other.prompt),
            completion: f(self.completion, other.completion),
            cache_read: f(self.cache_read, other.cache_read),
            cache_write: f(self.cache_write, other.cache_write),
            cache_write_1h: f(self.cache_write_1h, other.cache_write_1h),
            reasoning: f(self.reasoning, other.reasoning),
            audio_in: f(self.audio_in, other.audio_in),
            audio_out: f(self.audio_out, other.audio_out),
            image_in: f(self.image_in, other.image_in),
            image_out: f(self.image_out, other.image_out),
            images: f(self.images, other.images),
            searches: f(self.searches, other.searches),
            characters: f(self.characters, other.characters),
            milliseconds: f(self.milliseconds, other.milliseconds),
            free_in: f(self.free_in, other.free_in),
            free_out: f(self.free_out, other.free_out),
            service: self.service.or(other.service),
            reported,
            is_estimated: self.is_estimated || other.is_estimated,
        }
    }
}

impl Add for Usage {
    type Output = Self;

    /// Adds each figure, saturating.
    fn add(self, other: Self) -> Self {
        let reported = match (self.reported, other.reported) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        self.zip(other, u64::saturating_add, reported)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

//! The settings that are compared.

use std::time::Duration;

use steeplechase::attempts::BudgetConfig;
use steeplechase::layers::cooldown::CooldownConfig;
use steeplechase::layers::hedge::{Delay, HedgeConfig};
use steeplechase::layers::retry::RetryConfig;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::preset::Preset;

/// How long a caller waits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Which deployment a call goes to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Routing {
    /// Where the preset has it.
    Usual,
    Random,
    Quickest,
    LeastBusy,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) name: &'static str,
    pub(crate) preset: Preset,
    pub(crate) routing: Routing,
}

/// One attempt, wherever chance has it.
pub(crate) fn bare() -> Preset {
    let forever = ByStream {
        whole: Timeouts::new(),
        stream: Timeouts::new(),
    };
    Preset::new()
        .deadline(PATIENCE)
        .timeouts(forever)
        .retry(RetryConfig::new().max_retries(0))
        .cooldown(CooldownConfig::new().disabled())
}

/// How long the first token of an attempt may take.
pub(crate) fn first_token(limit: Duration) -> ByStream {
    let mut timeouts = Preset::default_timeouts();
    timeouts.stream = timeouts.stream.first_token(limit);
    timeouts
}

/// As many extra attempts as anybody likes.
pub(crate) fn no_budget() -> BudgetConfig {
    BudgetConfig::new()
        .ratio(10.0)
        .burst(u16::MAX)
        .min_in_flight(u16::MAX)
}

impl Setting {
    pub(crate) fn random(name: &'static str, preset: Preset) -> Self {
        Self {
            name,
            preset,
            routing: Routing::Random,
        }
    }

    /// One attempt.
    pub(crate) fn none() -> Self {
        Self::random("none", bare())
    }

    /// Three attempts, each given up after `limit`.
    pub(crate) fn retry(name: &'static str, limit: Duration) -> Self {
        let preset = bare()
            .retry(RetryConfig::new())
            .timeouts(first_token(limit));
        Self::random(name, preset)
    }

    /// A hedge after a time that was found out beforehand, for as many calls as it takes.
    pub(crate) fn fixed(name: &'static str, delay: Duration) -> Self {
        let hedge = HedgeConfig::new(Delay::Fixed(delay))
            .max_extra(1.0)
            .burst(u16::MAX);
        Self::random(name, bare().hedge(hedge).budget(no_budget()))
    }

    /// A hedge when the layer thinks it is time.
    pub(crate) fn auto() -> Self {
        Self::random("hedge auto", bare().hedge(HedgeConfig::new(Delay::Auto)))
    }

    /// Two at once.
    pub(crate) fn race() -> Self {
        Self::random("race of 2", bare().race(2))
    }

    /// All that the preset has.
    pub(crate) fn full() -> Self {
        Self::full_with("full preset", HedgeConfig::new(Delay::Auto))
    }

    pub(crate) fn full_with(name: &'static str, hedge: HedgeConfig) -> Self {
        let preset = Preset::new().deadline(PATIENCE).hedge(hedge);
        Self {
            name,
            preset,
            routing: Routing::Usual,
        }
    }

    /// The same, and no deployment is left alone.
    pub(crate) fn without_cooldown(self, name: &'static str) -> Self {
        let preset = self.preset.cooldown(CooldownConfig::new().disabled());
        Self {
            name,
            preset,
            ..self
        }
    }

    /// The same, and calls wait in line for so long.
    pub(crate) fn queued(self, name: &'static str, max_wait: Duration) -> Self {
        let preset = self.preset.queue(max_wait);
        Self {
            name,
            preset,
            ..self
        }
    }

    /// The same, and the first token of an attempt may take so long.
    pub(crate) fn given_up_after(self, name: &'static str, limit: Duration) -> Self {
        let preset = self.preset.timeouts(first_token(limit));
        Self {
            name,
            preset,
            ..self
        }
    }

    /// The same, with another name.
    pub(crate) fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// The same, with another routing.
    pub(crate) fn routed(self, routing: Routing) -> Self {
        Self { routing, ..self }
    }
}

//! What a call asks of the gateway itself, beside what it asks of the model.
//!
//! ```text
//! body     "num_retries": 0, "tags": ["eu"], "hedge": true ─┐
//! headers  x-litellm-timeout: 20 ───────────────────────────┼─► Controls ─► Attempts ─► Retry, Hedge, Route …
//! the caller's key ──────────────────────────────────────────┘   only what the operator lets a caller say
//! ```
//!
//! Whoever reads a call reads its [`Controls`], and puts them into the call's
//! [`Attempts`](crate::Attempts), where each layer finds those that are for it. None are a call's own: they do
//! not go upstream. What is not said is `None`, and then the layer's own settings count.
//!
//! # Example
//!
//! ```
//! use steeplechase_core::{Attempts, Controls};
//!
//! let mut controls = Controls::default();
//! controls.num_retries = Some(0);
//!
//! let mut request = http::Request::new(());
//! let attempts = Attempts::of(request.extensions_mut());
//! attempts.control(controls);
//! let controls = attempts.controls().expect("somebody has said something");
//! assert_eq!(controls.num_retries, Some(0));
//! ```

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::{Class, FieldPath};

/// What a call asks of the gateway itself. All of it is optional.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a field of the call, not a state"
)]
pub struct Controls {
    /// How often a failed attempt is tried again.
    pub num_retries: Option<u8>,
    /// Whether the caller's SDK is itself trying again: then there are two attempts at the most.
    pub is_retry: bool,
    /// How long the call may take, all attempts together.
    pub timeout: Option<Duration>,
    /// How long one attempt may take to the first content of a stream, and between two contents.
    pub stream_timeout: Option<Duration>,
    /// Whether these two can make a time shorter only, and not longer than what is configured.
    pub only_shorter: bool,
    /// After how long a silence of a stream there is a sign of life. Zero for never.
    pub keepalive: Option<Duration>,
    /// Which deployments may serve it.
    pub tags: Vec<Arc<str>>,
    /// Where the deployments have to be that may serve it.
    pub region: Option<Arc<str>>,
    /// Its place in a queue: lower is sooner.
    pub priority: Option<i32>,
    /// Whether and when a slow attempt gets company.
    pub hedge: Option<Hedge>,
    /// To how many deployments it is sent at once.
    pub race: Option<u8>,
    /// Which models are asked when the one asked for fails.
    pub fallbacks: Option<Legs>,
    /// The same, for a prompt that is too long.
    pub context_window_fallbacks: Option<Legs>,
    /// The same, for a prompt that a content filter refuses.
    pub content_policy_fallbacks: Option<Legs>,
    /// Whether no other model is asked, whatever fails.
    pub disable_fallbacks: bool,
    /// Whether the answer says how each model has failed that was asked before.
    pub include_fallback_errors: bool,
    /// The class with which the first leg is to fail without being sent, to see what follows.
    pub fail_first: Option<Class>,
    /// What is answered without asking anybody.
    pub mock: Option<Mock>,
    /// The fields that are left out of what a provider is sent.
    pub drop_fields: Vec<FieldPath>,
    /// The parameters that are passed on though the provider is not known to take them.
    pub allowed_params: Vec<Arc<str>>,
    /// What keeps the calls of one conversation together.
    pub session: Option<Arc<str>>,
    /// The program that makes the call, as it names itself, if anybody wants to know.
    pub program: Option<Arc<str>>,
    /// What was asked for and is not for the caller to say.
    pub ignored: Vec<&'static str>,
}

/// In the extensions of a request: who makes it, which is what fairness goes by. Never a key itself.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Caller(pub Arc<str>);

/// Whether and when a slow attempt of a call gets company.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Hedge {
    /// Never.
    Off,
    /// After a delay that follows the traffic.
    Auto,
    /// After so long.
    After(Duration),
}

/// Models to ask, in order.
pub type Legs = Arc<[Leg]>;

/// A model to ask instead of another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Leg {
    /// The model.
    pub model: Arc<str>,
    /// The model that it is asked instead of. `None` for any.
    pub instead_of: Option<Arc<str>>,
    /// Fields that replace those of the call: a JSON object.
    pub patch: Option<Bytes>,
}

/// What is answered without asking anybody.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Mock {
    /// The text, or the failure.
    pub answer: Result<Arc<str>, Class>,
    /// How long it takes.
    pub delay: Option<Duration>,
}

// ===== impl Controls =====

impl Controls {
    /// A time that the call asks for, where `configured` is what it has otherwise. `None` if it says nothing, or what it
    /// says would make it longer and may not.
    pub fn shorter(
        &self,
        asked: Option<Duration>,
        configured: Option<Duration>,
    ) -> Option<Duration> {
        let is_longer = |asked: &Duration| configured.is_some_and(|configured| *asked > configured);
        asked.filter(|asked| !(self.only_shorter && is_longer(asked)))
    }

    /// How many attempts the call may have, the first included, where `max` is what it has if it does not
    /// say how often it wants to be tried again, nor whom to ask instead.
    pub fn max_attempts(&self, max: u8) -> u8 {
        if self.is_retry {
            // Whoever tries again above us would multiply what we do.
            return max.min(2);
        }
        let lists = [
            &self.fallbacks,
            &self.context_window_fallbacks,
            &self.content_policy_fallbacks,
        ];
        let lists = lists.into_iter().flatten().map(|list| list.len());
        let legs = u8::try_from(lists.max().unwrap_or(0)).unwrap_or(u8::MAX);
        let retries = self.num_retries.unwrap_or(0);
        max.max(legs.saturating_add(retries).saturating_add(1))
    }
}

// ===== impl Leg =====

impl Leg {
    /// The model with the call as it came.
    pub fn to(model: impl Into<Arc<str>>) -> Self {
        Self {
            model: model.into(),
            instead_of: None,
            patch: None,
        }
    }

    /// Asks it only instead of `model`.
    #[must_use]
    pub fn instead_of(mut self, model: impl Into<Arc<str>>) -> Self {
        self.instead_of = Some(model.into());
        self
    }

    /// Replaces fields of the call: a JSON object.
    #[must_use]
    pub fn patch(mut self, object: Bytes) -> Self {
        self.patch = Some(object);
        self
    }
}

impl From<&str> for Leg {
    fn from(model: &str) -> Self {
        Self::to(model)
    }
}

impl From<String> for Leg {
    fn from(model: String) -> Self {
        Self::to(model)
    }
}

impl From<Arc<str>> for Leg {
    fn from(model: Arc<str>) -> Self {
        Self::to(model)
    }
}

// ===== impl Mock =====

impl Mock {
    /// Answers a text, or fails, at once.
    pub const fn new(answer: Result<Arc<str>, Class>) -> Self {
        Self {
            answer,
            delay: None,
        }
    }
}

use std::sync::Arc;
use std::time::Duration;

use steeplechase_core::Operation;

use super::Overrides;

/// The settings of an [`IntakeLayer`](super::IntakeLayer).
///
/// # Defaults
///
/// * [`max_body`](Self::max_body): 32 MiB. Calls with images are often above 1 MiB.
/// * [`max_pause`](Self::max_pause): 30 s.
/// * [`overrides`](Self::overrides): callers may ask for everything.
/// * [`programs`](Self::programs): which program makes a call is not looked at.
/// * [`chat_model`](Self::chat_model), [`embedding_model`](Self::embedding_model): none, so a call has to name one.
/// * [`stream_usage`](Self::stream_usage): only streams of calls that ask for it end with their usage.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct IntakeConfig {
    pub(super) max_body: usize,
    pub(super) max_pause: Duration,
    pub(super) overrides: Overrides,
    pub(super) chat_model: Option<Arc<str>>,
    pub(super) embedding_model: Option<Arc<str>>,
    pub(super) always_names: bool,
    pub(super) stream_usage: bool,
    pub(super) programs: bool,
}

impl IntakeConfig {
    /// The defaults.
    pub const fn new() -> Self {
        Self {
            max_body: 32 * 1024 * 1024,
            max_pause: Duration::from_secs(30),
            overrides: Overrides::ALL,
            chat_model: None,
            embedding_model: None,
            always_names: false,
            stream_usage: false,
            programs: false,
        }
    }

    /// Sets how many bytes a call may have.
    pub const fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Sets how long a caller may pause in the middle of a call's bytes.
    pub const fn max_pause(mut self, pause: Duration) -> Self {
        self.max_pause = pause;
        self
    }

    /// Sets what callers may ask of the gateway itself. What they ask and may not has no effect, and is named
    /// in [`Controls::ignored`](steeplechase_core::Controls::ignored).
    pub const fn overrides(mut self, overrides: Overrides) -> Self {
        self.overrides = overrides;
        self
    }

    /// Sets the model of chats that name none.
    pub fn chat_model(mut self, model: impl Into<Arc<str>>) -> Self {
        self.chat_model = Some(model.into());
        self
    }

    /// Sets the model of embeddings that name none.
    pub fn embedding_model(mut self, model: impl Into<Arc<str>>) -> Self {
        self.embedding_model = Some(model.into());
        self
    }

    /// Sets whether these models are also those of calls that name another.
    pub const fn always_names(mut self, always: bool) -> Self {
        self.always_names = always;
        self
    }

    /// Sets whether a streamed chat of `OpenAI`'s dialects ends with its usage where the caller has not said
    /// whether it should.
    pub const fn stream_usage(mut self, always: bool) -> Self {
        self.stream_usage = always;
        self
    }

    /// The model that the operator has named for a kind of call.
    pub(super) const fn model_of(&self, operation: Operation) -> Option<&Arc<str>> {
        match operation {
            Operation::Chat | Operation::CountTokens => self.chat_model.as_ref(),
            Operation::Embeddings => self.embedding_model.as_ref(),
            _ => None,
        }
    }

    /// Sets whether it is noted which program makes a call, by its `user-agent`: in
    /// [`Controls::program`](steeplechase_core::Controls::program). It is for deployments that are for the calls of
    /// certain programs.
    pub const fn programs(mut self, noted: bool) -> Self {
        self.programs = noted;
        self
    }
}

impl Default for IntakeConfig {
    fn default() -> Self {
        Self::new()
    }
}

use std::borrow::Cow;
use std::sync::Arc;

use steeplechase_core::{ModelInfo, Price};

/// A model of a provider, as the catalog knows it.
#[derive(Clone, Debug)]
pub struct Model {
    pub(super) id: Cow<'static, str>,
    pub(super) provider: Cow<'static, str>,
    pub(super) info: ModelInfo,
    pub(super) price: Arc<Price>,
    pub(super) source: Option<Cow<'static, str>>,
    pub(super) date: Option<Cow<'static, str>>,
}

// ===== impl Model =====

impl Model {
    /// Its name, as LiteLLM spells it. It may begin with that of the provider.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The name of its provider.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// What it is for, how much fits into it, and what it can do.
    pub fn info(&self) -> &ModelInfo {
        &self.info
    }

    /// What it costs. Empty if nobody has said.
    pub fn price(&self) -> &Arc<Price> {
        &self.price
    }

    /// The page that the figures are from.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The day on which the figures were taken over, as `2026-11-28`.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }
}

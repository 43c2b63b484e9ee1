//! How one of those who speak OpenAI's dialect writes it.

use serde_json::Value;

use crate::dialect::Dialect;
use crate::openai::OpenAi;
use crate::quirks::Quirks;
use crate::sim::Sim;

/// What is not the same for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Form<'a> {
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) quirks: &'a Quirks,
    /// The model, if it is in the path and not in the body.
    pub(crate) model: Option<&'a str>,
    /// What a filter says about the prompt, and about each piece of an answer.
    pub(crate) filters: Option<Filters>,
}

/// The verdicts of a filter.
#[derive(Clone, Debug)]
pub(crate) struct Filters {
    pub(crate) prompt: Value,
    pub(crate) answer: Value,
    /// On an answer that it has stopped.
    pub(crate) stopped: Value,
}

impl<'a> Form<'a> {
    pub(crate) fn openai(sim: &'a Sim) -> Self {
        Self {
            dialect: &OpenAi,
            quirks: &sim.config.quirks,
            model: None,
            filters: None,
        }
    }
}

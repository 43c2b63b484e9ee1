use http::HeaderMap;
use steeplechase_core::Error;

use super::{Decoder, read_answer};
use crate::anthropic;
use crate::anthropic::context::Inner;
use crate::chat::{Answer, Decode, ReadAnswer};

/// What has to be known of a call to read its answer: what was changed in it, and what the answer does
/// not say itself.
///
/// It comes with the [request](super::Written). The default is that of a call in which nothing had to
/// be changed.
#[derive(Clone, Debug, Default)]
pub struct AnswerContext {
    /// Names and made-up tools are changed for this provider as for Anthropic.
    tools: anthropic::AnswerContext,
    /// The name that the answer gets, from its headers.
    id: Option<Box<str>>,
    /// The model that answers, as callers may see it.
    model: Box<str>,
    /// Whether the model seals its thoughts, and takes them back.
    seals: bool,
    /// Whether an answer by way of a tool may be in an object more than was asked for, `properties`, as
    /// if the model were to write a schema. Some do.
    unfolds: bool,
}

// ===== impl AnswerContext =====

impl ReadAnswer for AnswerContext {
    fn head(&mut self, headers: &HeaderMap) {
        let id = headers.get("x-amzn-requestid");
        let id = id.and_then(|id| id.to_str().ok());
        self.id = id.map(|id| format!("chatcmpl-{id}").into());
    }

    fn read(&self, body: &[u8]) -> Result<Answer, Error> {
        read_answer(body, self)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder::new(self.clone()))
    }
}

impl AnswerContext {
    pub(super) fn new(tools: Inner, seals: bool, unfolds: bool) -> Self {
        Self {
            tools: anthropic::AnswerContext::new(tools),
            id: None,
            model: Box::default(),
            seals,
            unfolds,
        }
    }

    /// Names the model that answers, as the answer does not.
    #[must_use]
    pub fn with_model(mut self, model: impl Into<Box<str>>) -> Self {
        self.model = model.into();
        self
    }

    pub(super) fn id(&self) -> &str {
        self.id.as_deref().unwrap_or("")
    }

    pub(super) fn model(&self) -> &str {
        &self.model
    }

    pub(super) const fn seals(&self) -> bool {
        self.seals
    }

    pub(super) const fn unfolds(&self) -> bool {
        self.unfolds
    }

    pub(super) const fn tools(&self) -> &anthropic::AnswerContext {
        &self.tools
    }
}

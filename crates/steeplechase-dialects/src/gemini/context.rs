use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use steeplechase_core::Error;

use super::{Decoder, read_answer};
use crate::chat::stand_in::free_text;
use crate::chat::{Answer, Decode, ReadAnswer, ToolInput, ids};
use crate::json;

/// What has to be known of a call to read its answer: which names were changed, which tools take free
/// text.
///
/// It comes with the [request](super::Written), and is a handle: a clone is cheap. The default is that
/// of a call in which nothing had to be changed.
#[derive(Clone, Debug, Default)]
pub struct AnswerContext(Arc<Inner>);

#[derive(Debug, Default)]
pub(super) struct Inner {
    /// The model that was asked, for an answer that does not say.
    pub(super) model: Box<str>,
    /// The caller's names for tools that had to be renamed.
    pub(super) renamed: HashMap<Box<str>, Box<str>>,
    /// The tools, by the names sent, that take free text.
    pub(super) custom: HashSet<Box<str>>,
    /// Whether the answer is to be JSON, and may come in a fence of Markdown.
    pub(super) strip_fences: bool,
}

// ===== impl AnswerContext =====

impl ReadAnswer for AnswerContext {
    fn read(&self, body: &[u8]) -> Result<Answer, Error> {
        read_answer(body, self)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder::new(self.clone()))
    }
}

impl AnswerContext {
    pub(super) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The model that has answered.
    pub(super) fn model<'n>(&'n self, said: &'n str) -> &'n str {
        if said.is_empty() { &self.0.model } else { said }
    }

    /// The caller's name for a tool.
    pub(super) fn caller_name<'n>(&'n self, native: &'n str) -> &'n str {
        self.0.renamed.get(native).map_or(native, |name| name)
    }

    pub(super) fn is_custom(&self, native: &str) -> bool {
        self.0.custom.contains(native)
    }

    pub(super) fn strips_fences(&self) -> bool {
        self.0.strip_fences
    }

    /// What a tool is given.
    pub(super) fn input(&self, native: &str, args: Option<&str>) -> ToolInput {
        // Arguments that are no object are none.
        let args = args.filter(|args| args.starts_with('{')).unwrap_or("{}");
        if !self.is_custom(native) {
            return ToolInput::Function(json::compact(args));
        }
        ToolInput::Custom(free_text(args).into_owned())
    }
}

/// The name of a call: the provider's, or one that is made up for a model that gives none.
pub(super) fn call_id(native: &str) -> String {
    if native.is_empty() {
        return ids::mint("call_");
    }
    native.to_owned()
}

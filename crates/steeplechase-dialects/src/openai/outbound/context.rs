use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use steeplechase_core::Error;

use super::decoder::Decoder;
use super::whole::read_answer;
use crate::chat::{Answer, Decode, ReadAnswer};

/// What has to be known of a call to read its answer. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub(in crate::openai) struct AnswerContext(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The caller's names for tools that had to be renamed.
    renamed: HashMap<Box<str>, Box<str>>,
    /// The tools, by the names sent, that take free text and look like functions.
    custom: HashSet<Box<str>>,
    /// How many answers were asked for.
    choices: usize,
}

// ===== impl AnswerContext =====

impl AnswerContext {
    pub(super) fn new(
        (renamed, custom): (HashMap<Box<str>, Box<str>>, HashSet<Box<str>>),
        choices: usize,
    ) -> Self {
        Self(Arc::new(Inner {
            renamed,
            custom,
            choices,
        }))
    }

    /// The caller's name for a tool.
    pub(super) fn caller_name<'n>(&'n self, native: &'n str) -> &'n str {
        self.0.renamed.get(native).map_or(native, |name| name)
    }

    /// Whether a tool takes free text, and is given it in an object.
    pub(super) fn is_custom(&self, native: &str) -> bool {
        self.0.custom.contains(native)
    }

    pub(super) fn choices(&self) -> usize {
        self.0.choices.max(1)
    }
}

impl ReadAnswer for AnswerContext {
    fn read(&self, body: &[u8]) -> Result<Answer, Error> {
        read_answer(body, self)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder::new(self.clone()))
    }
}

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use steeplechase_core::Error;

use super::decoder::Decoder;
use super::whole::read_answer;
use crate::chat::{Answer, Decode, ReadAnswer};

/// What has to be known of a call to read its answer. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub(in crate::openai) struct AnswerContext(Arc<Inner>);

/// What had to be changed about the tools of a call.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The caller's names for tools that had to be renamed.
    pub(super) renamed: HashMap<Box<str>, Box<str>>,
    /// The tools, by the names sent, that take free text and look like functions.
    pub(super) custom: HashSet<Box<str>>,
}

#[derive(Debug, Default)]
struct Inner {
    changes: Changes,
    /// How many answers were asked for.
    choices: u32,
}

// ===== impl AnswerContext =====

impl AnswerContext {
    pub(super) fn new(changes: Changes, choices: u32) -> Self {
        Self(Arc::new(Inner { changes, choices }))
    }

    /// The caller's name for a tool.
    pub(super) fn caller_name<'n>(&'n self, native: &'n str) -> &'n str {
        let renamed = self.0.changes.renamed.get(native);
        renamed.map_or(native, |name| name)
    }

    /// Whether a tool takes free text, and is given it in an object.
    pub(super) fn is_custom(&self, native: &str) -> bool {
        self.0.changes.custom.contains(native)
    }

    pub(super) fn choices(&self) -> usize {
        usize::try_from(self.0.choices).unwrap_or(usize::MAX).max(1)
    }
}

/// For the answer to a call that was sent as it came, and asked for so many choices.
pub(in crate::openai) fn as_it_was_asked(choices: u32) -> AnswerContext {
    AnswerContext::new(Changes::default(), choices)
}

impl ReadAnswer for AnswerContext {
    fn read(&self, body: &[u8]) -> Result<Answer, Error> {
        read_answer(body, self)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder::new(self.clone()))
    }
}

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;

use steeplechase_core::Error;

use super::Decoder;
use super::read_answer;
use crate::chat::Answer;
use crate::chat::Choice;
use crate::chat::Decode;
use crate::chat::ReadAnswer;
use crate::chat::ToolCall;
use crate::chat::ToolInput;
use crate::chat::blocks::without_fence;
use crate::chat::stand_in::JsonTool;
use crate::chat::stand_in::free_text;
use crate::json;

/// What has to be known of a call to read its answer: which names were changed, which tools were
/// made up.
///
/// It comes with the [request](super::Written), and is a handle: a clone is cheap. The default is that
/// of a call in which nothing had to be changed.
#[derive(Clone, Debug, Default)]
pub struct AnswerContext(Arc<Inner>);

#[derive(Debug, Default)]
pub(crate) struct Inner {
    /// The caller's names for tools that had to be renamed.
    pub(crate) renamed: HashMap<Box<str>, Box<str>>,
    /// The tools, by the names sent, that take free text.
    pub(crate) custom: HashSet<Box<str>>,
    /// The tool whose input is the answer.
    pub(crate) json_tool: Option<JsonTool>,
    /// Whether the answer is to be JSON, and may come in a fence of Markdown.
    pub(crate) strip_fences: bool,
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
    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// The caller's name for a tool.
    pub(crate) fn caller_name<'n>(&'n self, native: &'n str) -> &'n str {
        self.0.renamed.get(native).map_or(native, |name| name)
    }

    pub(crate) fn is_custom(&self, native: &str) -> bool {
        self.0.custom.contains(native)
    }

    /// A call, as the caller knows the tool.
    pub(crate) fn tool_call(&self, id: &str, native: &str, input: &str) -> ToolCall {
        ToolCall {
            id: id.to_owned(),
            name: self.caller_name(native).to_owned(),
            input: if self.is_custom(native) {
                ToolInput::Custom(free_text(input).into_owned())
            } else {
                ToolInput::Function(json::compact(input))
            },
            signature: None,
        }
    }

    /// Puts what was said into an answer, or what was given to the tool that stands for it: then it is JSON,
    /// and what was said on the way to it would spoil it.
    pub(crate) fn fill(&self, choice: &mut Choice, said: String, answer: Option<String>) {
        let content = match answer {
            Some(answer) => {
                choice.annotations.clear();
                answer
            }
            None if self.0.strip_fences => without_fence(said),
            None => said,
        };
        choice.content = (!content.is_empty()).then_some(content);
    }

    pub(crate) fn is_json_tool(&self, native: &str) -> bool {
        let tool = self.0.json_tool.as_ref();
        tool.is_some_and(|tool| *tool.name == *native)
    }
}

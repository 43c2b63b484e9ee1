use steeplechase_core::Error;

use crate::bedrock::AnswerContext;
use crate::bedrock::native::{self, Citation, Delta, ReasoningDelta, Start};
use crate::bedrock::response::json_answer;
use crate::chat::blocks::{MAX_OPEN, OpenBlocks, Words, args_event, hold, text_event, too_much};
use crate::chat::stand_in;
use crate::chat::{Annotation, Event, Sink, ThinkingPatch};
use crate::json::text;

/// The blocks of an answer: those that are open, and what has to be known of the others.
pub(super) struct Blocks {
    context: AnswerContext,
    open: OpenBlocks<Open>,
    words: Words,
    has_calls: bool,
    has_answered: bool,
    has_content: bool,
}

/// A block that is open. Those of words open with their first delta, as they have no start.
enum Open {
    /// The answer, which the model gives to a tool.
    Answer(Answer),
    /// What is for others.
    Other,
    Text {
        /// Where it begins, in characters.
        start: usize,
        citations: Vec<Annotation>,
    },
    Thinking {
        number: u64,
    },
    Tool {
        number: u64,
        /// All of the input so far, if it has to be taken apart.
        free_text: Option<String>,
    },
}

/// How far the answer has come that the model gives to a tool.
enum Answer {
    /// All of it so far, as it has to be taken apart, or may have to.
    Held(String),
    /// It is there already.
    Over,
    /// It is passed on as it comes.
    Passed,
}

/// How an answer begins that is in an object more than was asked for.
const FOLDED: &str = r#"{"properties":"#;

// ===== impl Blocks =====

impl Blocks {
    pub(super) fn new(context: AnswerContext) -> Self {
        Self {
            open: OpenBlocks::new(),
            words: Words::new(context.tools().inner().json_tool.is_some()),
            context,
            has_calls: false,
            has_answered: false,
            has_content: false,
        }
    }

    /// Whether the caller has tools to run.
    pub(super) fn has_calls(&self) -> bool {
        self.has_calls
    }

    /// Whether the model gave its answer to a tool.
    pub(super) fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// Whether there was anything of an answer.
    pub(super) fn has_content(&self) -> bool {
        self.has_content || self.has_calls || self.has_answered
    }

    pub(super) fn start(
        &mut self,
        index: u64,
        start: &Start<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let Some(tool) = &start.tool_use else {
            return Ok(());
        };
        self.stop(index, sink);
        let number = self.open.number()?;
        let name = text(tool.name.as_ref());
        let tools = self.context.tools();
        let open = if tool.is_of_server() {
            Open::Other
        } else if tools.is_json_tool(name) {
            let is_first = !std::mem::replace(&mut self.has_answered, true);
            Open::Answer(if is_first {
                Answer::Held(String::new())
            } else {
                Answer::Over
            })
        } else {
            self.has_calls = true;
            let is_custom = tools.is_custom(name);
            sink.send(Event::ToolStart {
                choice: 0,
                tool: number,
                id: text(tool.id.as_ref()),
                name: tools.caller_name(name),
                is_custom,
                signature: None,
            });
            Open::Tool {
                number,
                free_text: is_custom.then(String::new),
            }
        };
        self.open.push(index, open);
        Ok(())
    }

    pub(super) fn delta(
        &mut self,
        index: u64,
        delta: &Delta<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        if let Some(words) = &delta.text {
            self.open_text(index)?;
            self.has_content |= !words.is_empty();
            self.words.add(words, sink)?;
        }
        if let Some(citation) = &delta.citation {
            self.cited(index, citation)?;
        }
        if let Some(reasoning) = &delta.reasoning_content {
            self.reasoning(index, reasoning, sink)?;
        }
        if let Some(fragment) = &delta.tool_use {
            self.input(index, text(fragment.input.as_ref()), sink)?;
        }
        Ok(())
    }

    /// Closes a block, if it is open.
    pub(super) fn stop(&mut self, index: u64, sink: &mut Sink<'_>) {
        if let Some(open) = self.open.remove(index) {
            self.close(open, sink);
        }
    }

    /// Closes what is open, and lets go of what was held.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) {
        while let Some(open) = self.open.remove_first() {
            self.close(open, sink);
        }
        self.words.finish(self.has_answered, sink);
    }

    fn close(&self, open: Open, sink: &mut Sink<'_>) {
        match open {
            Open::Other | Open::Thinking { .. } | Open::Answer(Answer::Over | Answer::Passed) => {}
            Open::Answer(Answer::Held(input)) => {
                let input = if input.is_empty() { "{}" } else { &input };
                sink.send(text_event(&json_answer(input, &self.context)));
            }
            Open::Text { start, citations } => self.words.cite(start, citations, sink),
            Open::Tool { number, free_text } => {
                let input = free_text.filter(|input| !input.is_empty());
                if let Some(input) = input {
                    sink.send(args_event(number, &stand_in::free_text(&input)));
                }
                sink.send(Event::ToolEnd {
                    choice: 0,
                    tool: number,
                });
            }
        }
    }

    fn open_text(&mut self, index: u64) -> Result<(), Error> {
        if self.open.get(index).is_none() {
            self.open.number()?;
            let open = Open::Text {
                start: self.words.chars(),
                citations: Vec::new(),
            };
            self.open.push(index, open);
        }
        Ok(())
    }

    fn cited(&mut self, index: u64, citation: &Citation<'_>) -> Result<(), Error> {
        self.open_text(index)?;
        if let Some(Open::Text { citations, .. }) = self.open.get_mut(index) {
            if citations.len() >= MAX_OPEN {
                return Err(too_much());
            }
            citations.extend(citation.annotation(0, 0));
        }
        Ok(())
    }

    fn reasoning(
        &mut self,
        index: u64,
        reasoning: &ReasoningDelta<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let number = match self.open.get(index) {
            Some(Open::Thinking { number }) => *number,
            Some(_) => return Ok(()),
            None => {
                let number = self.open.number()?;
                self.open.push(index, Open::Thinking { number });
                number
            }
        };
        let words = text(reasoning.text.as_ref());
        if !self.context.seals() {
            sink.send(Event::Reasoning {
                choice: 0,
                text: words,
            });
            return Ok(());
        }
        let blob = text(reasoning.redacted_content.as_ref());
        let blob = native::unsealed(blob);
        let seal = text(reasoning.signature.as_ref());
        let patches = [
            (words, ThinkingPatch::Text(words)),
            (seal, ThinkingPatch::Signature(seal)),
            (&*blob, ThinkingPatch::Redacted(&blob)),
        ];
        for (_, patch) in patches.into_iter().filter(|(text, _)| !text.is_empty()) {
            sink.send(Event::Thinking {
                choice: 0,
                block: number,
                patch,
            });
        }
        Ok(())
    }

    fn input(&mut self, index: u64, fragment: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        let tools = self.context.tools().inner();
        let is_wrapped = tools.json_tool.as_ref().is_some_and(|it| it.is_wrapped);
        let unfolds = self.context.unfolds();
        match self.open.get_mut(index) {
            Some(Open::Answer(answer)) => answer.input(fragment, (is_wrapped, unfolds), sink)?,
            Some(Open::Tool {
                free_text: Some(input),
                ..
            }) => hold(input, fragment)?,
            Some(Open::Tool { number, .. }) => sink.send(args_event(*number, fragment)),
            // A tool without a start has no name.
            _ => {}
        }
        Ok(())
    }
}

// ===== impl Answer =====

impl Answer {
    fn input(
        &mut self,
        fragment: &str,
        (is_wrapped, unfolds): (bool, bool),
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        match self {
            Self::Over => {}
            Self::Passed => sink.send(text_event(fragment)),
            Self::Held(held) => {
                hold(held, fragment)?;
                if !(is_wrapped || unfolds && may_be_folded(held)) {
                    sink.send(text_event(held));
                    *self = Self::Passed;
                }
            }
        }
        Ok(())
    }
}

/// Whether an answer begins as one does that is in an object more, as far as it is known.
fn may_be_folded(input: &str) -> bool {
    let mut wanted = FOLDED.chars();
    let plain = input.chars().filter(|c| !c.is_ascii_whitespace());
    plain.take(FOLDED.len()).all(|c| wanted.next() == Some(c))
}

use serde_json::value::RawValue;
use steeplechase_core::Error;

use crate::anthropic::AnswerContext;
use crate::anthropic::native;
use crate::chat::Annotation;
use crate::chat::Event;
use crate::chat::Sink;
use crate::chat::ThinkingPatch;
use crate::chat::blocks::{OpenBlocks, Words, args_event, hold, text_event};
use crate::chat::stand_in;
use crate::json::text;

/// The blocks of an answer: those that are open, and what has to be known of the others.
pub(super) struct Blocks {
    context: AnswerContext,
    open: OpenBlocks<Open>,
    words: Words,
    has_calls: bool,
    has_answered: bool,
}

/// A block that is open.
enum Open {
    /// The answer, which the model gives to a tool.
    Answer {
        /// All of it so far, if it has to be taken apart.
        input: String,
        is_wrapped: bool,
        is_first: bool,
    },
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
        /// The input that came at the start, where servers send it so.
        whole: Option<String>,
        has_args: bool,
    },
}

// ===== impl Blocks =====

impl Blocks {
    pub(super) fn new(context: AnswerContext) -> Self {
        Self {
            open: OpenBlocks::new(),
            words: Words::new(context.inner().json_tool.is_some()),
            context,
            has_calls: false,
            has_answered: false,
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

    pub(super) fn start(
        &mut self,
        index: u64,
        block: &native::Block<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        self.stop(index, sink);
        let number = self.open.number()?;
        let open = match block.kind() {
            "text" => {
                let start = self.words.chars();
                self.words.add(text(block.text.as_ref()), sink)?;
                let known = block.citations.iter().flatten();
                Open::Text {
                    start,
                    citations: known.filter_map(|it| it.annotation(0, 0)).collect(),
                }
            }
            "thinking" => {
                let thought = text(block.thinking.as_ref());
                let seal = text(block.signature.as_ref());
                let patches = [
                    (thought, ThinkingPatch::Text(thought)),
                    (seal, ThinkingPatch::Signature(seal)),
                ];
                for (_, patch) in patches.into_iter().filter(|(text, _)| !text.is_empty()) {
                    sink.send(thinking(number, patch));
                }
                Open::Thinking { number }
            }
            "redacted_thinking" => {
                let data = ThinkingPatch::Redacted(text(block.data.as_ref()));
                sink.send(thinking(number, data));
                Open::Other
            }
            "tool_use" => self.tool(number, block, sink),
            _ => Open::Other,
        };
        self.open.push(index, open);
        Ok(())
    }

    /// A tool is called.
    fn tool(&mut self, number: u64, block: &native::Block<'_>, sink: &mut Sink<'_>) -> Open {
        let name = text(block.name.as_ref());
        // `{}` is only where the input is going to be.
        let whole = block.input.map(RawValue::get);
        let whole = whole.filter(|input| input.starts_with('{') && !is_empty_object(input));
        if self.context.is_json_tool(name) {
            let tool = self.context.inner().json_tool.as_ref();
            let open = Open::Answer {
                input: whole.unwrap_or("").to_owned(),
                is_wrapped: tool.is_some_and(|tool| tool.is_wrapped),
                is_first: !self.has_answered,
            };
            self.has_answered = true;
            return open;
        }
        self.has_calls = true;
        let is_custom = self.context.is_custom(name);
        let start = Event::ToolStart {
            choice: 0,
            tool: number,
            id: text(block.id.as_ref()),
            name: self.context.caller_name(name),
            is_custom,
            signature: None,
        };
        sink.send(start);
        Open::Tool {
            number,
            free_text: is_custom.then(String::new),
            whole: whole.map(str::to_owned),
            has_args: false,
        }
    }

    pub(super) fn delta(
        &mut self,
        index: u64,
        delta: &native::Delta<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let Some(open) = self.open.get_mut(index) else {
            return Ok(());
        };
        let fragment = text(delta.partial_json.as_ref());
        match open {
            Open::Text { citations, .. } => {
                let citation = delta.citation.as_ref();
                citations.extend(citation.and_then(|it| it.annotation(0, 0)));
                self.words.add(text(delta.text.as_ref()), sink)?;
            }
            Open::Thinking { number } => {
                let number = *number;
                let thought = text(delta.thinking.as_ref());
                let seal = text(delta.signature.as_ref());
                let patch = if seal.is_empty() {
                    ThinkingPatch::Text(thought)
                } else {
                    ThinkingPatch::Signature(seal)
                };
                if !thought.is_empty() || !seal.is_empty() {
                    sink.send(thinking(number, patch));
                }
            }
            Open::Other
            | Open::Answer {
                is_first: false, ..
            } => {}
            Open::Answer {
                input,
                is_wrapped: false,
                ..
            } => {
                // All of it comes again.
                input.clear();
                sink.send(text_event(fragment));
            }
            Open::Answer { input, .. }
            | Open::Tool {
                free_text: Some(input),
                ..
            } => {
                hold(input, fragment)?;
            }
            Open::Tool {
                number, has_args, ..
            } => {
                *has_args |= !fragment.is_empty();
                sink.send(args_event(*number, fragment));
            }
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
            Open::Other
            | Open::Thinking { .. }
            | Open::Answer {
                is_first: false, ..
            } => {}
            Open::Answer {
                input, is_wrapped, ..
            } => {
                let answer = if input.is_empty() {
                    String::new()
                } else {
                    stand_in::unwrapped(&input, is_wrapped)
                };
                sink.send(text_event(&answer));
            }
            Open::Text { start, citations } => self.words.cite(start, citations, sink),
            Open::Tool {
                number,
                free_text,
                whole,
                has_args,
            } => {
                let whole = whole.unwrap_or_default();
                let args = match free_text {
                    Some(input) if input.is_empty() && whole.is_empty() => String::new(),
                    Some(input) if input.is_empty() => stand_in::free_text(&whole).into_owned(),
                    Some(input) => stand_in::free_text(&input).into_owned(),
                    None if has_args => String::new(),
                    None => whole,
                };
                sink.send(args_event(number, &args));
                sink.send(Event::ToolEnd {
                    choice: 0,
                    tool: number,
                });
            }
        }
    }
}

fn thinking(block: u64, patch: ThinkingPatch<'_>) -> Event<'_> {
    Event::Thinking {
        choice: 0,
        block,
        patch,
    }
}

fn is_empty_object(input: &str) -> bool {
    input
        .bytes()
        .all(|b| b == b'{' || b == b'}' || b.is_ascii_whitespace())
}

use steeplechase_core::Error;

use crate::bedrock::AnswerContext;
use crate::bedrock::native::{self, Citation, Delta, ReasoningDelta, Start};
use crate::bedrock::response::json_answer;
use crate::chat::blocks::{MAX_BLOCKS, MAX_OPEN, args_event, hold, text_event, too_much};
use crate::chat::stand_in;
use crate::chat::{Annotation, Event, Sink, ThinkingPatch};
use crate::json::text;

/// The blocks of an answer: those that are open, and what has to be known of the others.
pub(super) struct Blocks {
    context: AnswerContext,
    /// By the provider's number. There is seldom more than one.
    open: Vec<(u64, Open)>,
    started: u64,
    /// How many characters of text there are.
    chars: usize,
    /// Text that is not sent yet, as it would spoil an answer in JSON if one comes.
    held: String,
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
            context,
            open: Vec::new(),
            started: 0,
            chars: 0,
            held: String::new(),
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
        let number = self.number()?;
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
        self.open.push((index, open));
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
            self.text(words, sink)?;
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
        let Some(place) = self.open.iter().rposition(|(known, _)| *known == index) else {
            return;
        };
        match self.open.remove(place).1 {
            Open::Other | Open::Thinking { .. } | Open::Answer(Answer::Over | Answer::Passed) => {}
            Open::Answer(Answer::Held(input)) => {
                let input = if input.is_empty() { "{}" } else { &input };
                sink.send(text_event(&json_answer(input, &self.context)));
            }
            Open::Text { start, citations } => self.cite(start, citations, sink),
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

    /// Closes what is open, and lets go of what was held.
    pub(super) fn finish(&mut self, sink: &mut Sink<'_>) {
        while let Some((index, _)) = self.open.first() {
            let index = *index;
            self.stop(index, sink);
        }
        let held = std::mem::take(&mut self.held);
        if !self.has_answered {
            sink.send(text_event(&held));
        }
    }

    fn number(&mut self) -> Result<u64, Error> {
        self.started += 1;
        if self.open.len() >= MAX_OPEN || self.started > MAX_BLOCKS {
            return Err(too_much());
        }
        Ok(self.started)
    }

    fn find(&mut self, index: u64) -> Option<&mut Open> {
        let mut open = self.open.iter_mut();
        open.rfind(|(known, _)| *known == index)
            .map(|(_, open)| open)
    }

    fn open_text(&mut self, index: u64) -> Result<(), Error> {
        if self.find(index).is_none() {
            self.number()?;
            let open = Open::Text {
                start: self.chars,
                citations: Vec::new(),
            };
            self.open.push((index, open));
        }
        Ok(())
    }

    fn text(&mut self, words: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.chars += words.chars().count();
        self.has_content |= !words.is_empty();
        if self.context.tools().inner().json_tool.is_some() {
            return hold(&mut self.held, words);
        }
        sink.send(text_event(words));
        Ok(())
    }

    fn cited(&mut self, index: u64, citation: &Citation<'_>) -> Result<(), Error> {
        self.open_text(index)?;
        if let Some(Open::Text { citations, .. }) = self.find(index) {
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
        let number = match self.find(index) {
            Some(Open::Thinking { number }) => *number,
            Some(_) => return Ok(()),
            None => {
                let number = self.number()?;
                self.open.push((index, Open::Thinking { number }));
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
        match self.find(index) {
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

    /// Says where a text is from, now that it is known where it ends.
    fn cite(&self, start: usize, citations: Vec<Annotation>, sink: &mut Sink<'_>) {
        if self.context.tools().inner().json_tool.is_some() {
            return;
        }
        for citation in citations {
            let annotation = &Annotation {
                start,
                end: self.chars,
                ..citation
            };
            sink.send(Event::Annotation {
                choice: 0,
                annotation,
            });
        }
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

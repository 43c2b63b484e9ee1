use steeplechase_core::{Call, Operation, Tally, Usage};

use super::{Family, Weights};
use crate::chat::{Answer, Event, ThinkingBlock, ThinkingPatch, ToolInput};

/// What an answer has used if its provider does not say it: an estimate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gap {
    /// `None` if nobody expects usage of such an answer.
    prompt: Option<u64>,
    weights: &'static Weights,
    /// What the model has said so far.
    said: Tally,
    /// Whether the provider has said something of what was used.
    is_closed: bool,
}

// ===== impl Gap =====

impl Gap {
    /// The gap in the answer to a call, by a model of that family.
    pub(crate) fn of(call: &Call, family: Family) -> Self {
        let has_usage = matches!(call.operation(), Operation::Chat | Operation::Embeddings);
        Self {
            prompt: has_usage.then(|| family.prompt(call)),
            weights: family.weights(),
            said: Tally::ZERO,
            is_closed: false,
        }
    }

    /// What the characters of the model's words weigh.
    pub(crate) const fn weights(&self) -> &'static Weights {
        self.weights
    }

    /// What the model has said so far.
    pub(crate) const fn said(&self) -> Tally {
        self.said
    }

    /// Notes what the model has said so far.
    pub(crate) const fn has_said(&mut self, said: Tally) {
        self.said = said;
    }

    /// Notes usage that the provider has reported.
    pub(crate) fn close(&mut self, usage: &Usage) {
        self.is_closed |= !usage.is_blank();
    }

    /// Notes an event of an answer. The usage to be told before it, if it is the end and none was.
    pub(crate) fn before(&mut self, event: &Event<'_>) -> Option<Usage> {
        match event {
            Event::Usage(usage) => self.close(usage),
            Event::End => return self.usage(),
            Event::Reasoning { text, .. }
            | Event::Refusal { text, .. }
            | Event::Text { text, .. }
            | Event::Thinking {
                patch: ThinkingPatch::Text(text),
                ..
            }
            | Event::ToolArgs { fragment: text, .. }
            | Event::ToolStart { name: text, .. } => {
                self.said += self.weights.tally(text.as_bytes());
            }
            _ => {}
        }
        None
    }

    /// What was used, if the provider has not said it.
    pub(crate) fn usage(&self) -> Option<Usage> {
        let prompt = self.prompt.filter(|_| !self.is_closed)?;
        Some(Usage::estimate(prompt, self.said.tokens()))
    }

    /// What a whole answer has used, if `reported` does not say it.
    pub(crate) fn fill(mut self, reported: Option<&Usage>, said: Tally) -> Option<Usage> {
        self.said = said;
        reported.inspect(|usage| self.close(usage));
        // The class of service may have been told.
        Some(self.usage()?.max(reported.copied().unwrap_or_default()))
    }

    /// How much the model says in an answer.
    pub(crate) fn weigh(&self, answer: &Answer) -> Tally {
        let choices = answer.choices.iter();
        let texts = choices.flat_map(|choice| {
            let thoughts = choice.thinking.iter().filter_map(|block| match block {
                ThinkingBlock::Thinking { text, .. } => Some(text),
                ThinkingBlock::Redacted { .. } => None,
            });
            // Sealed thoughts are the same once more.
            let thought = choice
                .reasoning
                .iter()
                .filter(|_| choice.thinking.is_empty());
            let calls = choice.tool_calls.iter().flat_map(|call| {
                let (ToolInput::Custom(input) | ToolInput::Function(input)) = &call.input;
                [&call.name, input]
            });
            let words = choice.content.iter().chain(&choice.refusal);
            words.chain(thought).chain(thoughts).chain(calls)
        });
        let weigh = |text: &String| self.weights.tally(text.as_bytes());
        texts.map(weigh).sum()
    }
}

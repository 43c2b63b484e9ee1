use std::fmt;

use bytes::BytesMut;

use super::Answer;
use super::Audio;
use super::Choice;
use super::Encode;
use super::Event;
use super::ThinkingBlock;
use super::ThinkingPatch;
use super::ToolCall;
use super::ToolInput;

/// Puts the events of an answer together to a whole one.
///
/// What writes nothing still says whether an event was a part of the answer, as others do.
#[derive(Default)]
pub(crate) struct Gather {
    answer: Answer,
    /// For each answer, the decoder's numbers of its calls and of its thoughts.
    numbers: Vec<Numbers>,
}

#[derive(Default)]
struct Numbers {
    calls: Vec<u64>,
    thoughts: Vec<u64>,
}

// ===== impl Gather =====

impl Gather {
    /// The answer, as far as it is there.
    pub(crate) fn into_answer(self) -> Answer {
        self.answer
    }

    fn choice(&mut self, index: usize) -> (&mut Choice, &mut Numbers) {
        while self.answer.choices.len() <= index {
            self.answer.choices.push(Choice::default());
            self.numbers.push(Numbers::default());
        }
        (&mut self.answer.choices[index], &mut self.numbers[index])
    }

    fn thinking(&mut self, choice: usize, block: u64, patch: ThinkingPatch<'_>) {
        let (choice, numbers) = self.choice(choice);
        let known = numbers.thoughts.iter().rposition(|known| *known == block);
        let place = known.unwrap_or_else(|| {
            numbers.thoughts.push(block);
            choice.thinking.push(ThinkingBlock::Thinking {
                text: String::new(),
                signature: None,
            });
            choice.thinking.len() - 1
        });
        let block = &mut choice.thinking[place];
        match (patch, block) {
            (ThinkingPatch::Redacted(data), block) => {
                let data = data.to_owned();
                *block = ThinkingBlock::Redacted { data };
            }
            (ThinkingPatch::Text(more), ThinkingBlock::Thinking { text, .. }) => {
                text.push_str(more);
                choice.reasoning.get_or_insert_default().push_str(more);
            }
            (ThinkingPatch::Signature(seal), ThinkingBlock::Thinking { signature, .. }) => {
                *signature = Some(seal.to_owned());
            }
            (_, ThinkingBlock::Redacted { .. }) => {}
        }
    }

    fn tool(&mut self, choice: usize, number: u64, call: ToolCall) {
        let (choice, numbers) = self.choice(choice);
        if !numbers.calls.contains(&number) {
            numbers.calls.push(number);
            choice.tool_calls.push(call);
        }
    }

    fn args(&mut self, choice: usize, number: u64, fragment: &str) {
        let (choice, numbers) = self.choice(choice);
        let place = numbers.calls.iter().rposition(|known| *known == number);
        let call = place.and_then(|place| choice.tool_calls.get_mut(place));
        if let Some(call) = call {
            let (ToolInput::Custom(input) | ToolInput::Function(input)) = &mut call.input;
            input.push_str(fragment);
        }
    }
}

impl Encode for Gather {
    fn write(&mut self, event: Event<'_>, _: &mut BytesMut) -> bool {
        let add = |slot: &mut Option<String>, text: &str| {
            if !text.is_empty() {
                slot.get_or_insert_default().push_str(text);
            }
        };
        match event {
            Event::Start { id, model } => {
                if self.answer.id.is_empty() {
                    id.clone_into(&mut self.answer.id);
                    model.clone_into(&mut self.answer.model);
                }
            }
            Event::Usage(usage) => self.answer.usage = usage,
            Event::Text { choice, text } => add(&mut self.choice(choice).0.content, text),
            Event::Refusal { choice, text } => add(&mut self.choice(choice).0.refusal, text),
            Event::Reasoning { choice, text } => add(&mut self.choice(choice).0.reasoning, text),
            Event::Thinking {
                choice,
                block,
                patch,
            } => self.thinking(choice, block, patch),
            Event::Annotation { choice, annotation } => {
                self.choice(choice).0.annotations.push(annotation.clone());
            }
            Event::Logprobs { choice, logprobs } => {
                self.choice(choice).0.logprobs = Some(logprobs.to_owned());
            }
            Event::ToolStart {
                choice,
                tool,
                id,
                name,
                is_custom,
                signature,
            } => {
                let input = if is_custom {
                    ToolInput::Custom(String::new())
                } else {
                    ToolInput::Function(String::new())
                };
                let call = ToolCall {
                    id: id.to_owned(),
                    name: name.to_owned(),
                    input,
                    signature: signature.map(str::to_owned),
                };
                self.tool(choice, tool, call);
            }
            Event::ToolArgs {
                choice,
                tool,
                fragment,
            } => self.args(choice, tool, fragment),
            Event::Finish {
                choice,
                reason,
                native,
            } => {
                let (choice, _) = self.choice(choice);
                choice.finish = reason;
                choice.native_finish = native.map(str::to_owned);
            }
            Event::Image { choice, image } => self.choice(choice).0.images.push(image.clone()),
            Event::Audio { choice, id, data } => {
                let (choice, _) = self.choice(choice);
                let audio = choice.audio.get_or_insert_with(|| Audio {
                    id: id.to_owned(),
                    data: String::new(),
                });
                audio.data.push_str(data);
            }
            Event::Signature { choice, signature } => {
                self.choice(choice).0.signature = Some(signature.to_owned());
            }
            Event::ToolEnd { .. } | Event::End => {}
        }
        false
    }
}

impl fmt::Debug for Gather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gather")
            .field("answer", &self.answer)
            .finish_non_exhaustive()
    }
}

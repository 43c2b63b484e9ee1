use std::fmt;

use bytes::BytesMut;
use serde_json::Map;
use serde_json::Value;
use serde_json::value::RawValue;
use steeplechase_core::Usage;

use super::Event;
use super::Sink;
use super::ThinkingBlock;
use super::ThinkingPatch;
use super::ToolCall;
use super::wire;

/// A whole answer in the neutral form.
#[derive(Clone, Default)]
pub struct Answer {
    /// The provider's name for the answer.
    pub id: String,
    /// The model that answered.
    pub model: String,
    /// When, in seconds since the epoch.
    pub created: u64,
    /// The answers, of which there is one unless more were asked for.
    pub choices: Vec<Choice>,
    /// What it has cost.
    pub usage: Usage,
    /// The class of service that it got.
    pub service_tier: Option<String>,
}

/// One of the answers.
#[derive(Clone, Default)]
pub struct Choice {
    /// What the model says, or `None` if it says nothing.
    pub content: Option<String>,
    /// Why it refuses.
    pub refusal: Option<String>,
    /// The tools that it calls.
    pub tool_calls: Vec<ToolCall>,
    /// Whether the caller expects a `function_call` and no `tool_calls`.
    pub legacy_functions: bool,
    /// What it thought, as text to read.
    pub reasoning: Option<String>,
    /// What it thought, sealed.
    pub thinking: Vec<ThinkingBlock>,
    /// Where it has what it says from.
    pub annotations: Vec<Annotation>,
    /// The pictures that it has made.
    pub images: Vec<Image>,
    /// What it says, as sound.
    pub audio: Option<Audio>,
    /// The provider's seal on what it says, to be shown to it again.
    pub signature: Option<String>,
    /// How probable its tokens were, in `OpenAI`'s form.
    pub logprobs: Option<Box<RawValue>>,
    /// What else the provider said, as it came.
    pub provider_fields: Map<String, Value>,
    /// Why it ended.
    pub finish: FinishReason,
    /// Why it ended, in the provider's words.
    pub native_finish: Option<String>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum FinishReason {
    /// A filter took the rest, or all of it.
    ContentFilter,
    /// A function is to be called, in the old way.
    FunctionCall,
    /// There was no room for more.
    Length,
    /// All is said.
    #[default]
    Stop,
    /// Tools are to be called.
    ToolCalls,
}

/// A picture that a model has made.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Image {
    /// What kind it is: `image/png`.
    pub media_type: String,
    /// The bytes in base64.
    pub data: String,
}

/// An answer as sound.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Audio {
    /// Its name.
    pub id: String,
    /// The bytes in base64.
    pub data: String,
}

/// Where a part of an answer is from.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Annotation {
    /// The first character of the part.
    pub start: usize,
    /// The one after its last.
    pub end: usize,
    /// The source.
    pub url: String,
    /// What the source calls itself.
    pub title: Option<String>,
}

// ===== impl Answer =====

impl Answer {
    /// Whether there is anything in it that a caller can use. A refusal is an answer, and so is one for
    /// which there was no room.
    pub fn has_content(&self) -> bool {
        self.choices.iter().any(Choice::has_content)
    }

    /// Calls tools in the old way, by `function_call`, if the caller does.
    pub(crate) fn legacy_functions(&mut self, legacy: bool) {
        for choice in self.choices.iter_mut().filter(|_| legacy) {
            choice.legacy_functions = true;
            if choice.finish == FinishReason::ToolCalls {
                choice.finish = FinishReason::FunctionCall;
            }
        }
    }

    /// Says the answer as the events of a stream that it would have been.
    pub fn replay(&self, sink: &mut Sink<'_>) {
        let (id, model) = (&*self.id, &*self.model);
        sink.send(Event::Usage(self.usage));
        sink.send(Event::Start { id, model });
        for (index, choice) in self.choices.iter().enumerate() {
            choice.replay(index, sink);
        }
        sink.send(Event::Usage(self.usage));
        sink.send(Event::End);
    }

    /// Appends the answer as a `chat.completion` object, in one pass.
    pub fn write(&self, out: &mut BytesMut) {
        wire::put(out, &wire::Completion::new(self));
    }
}

impl fmt::Debug for Answer {
    // An answer is somebody's text: its shape may reach a log, its words may not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("id", &self.id)
            .field("model", &self.model)
            .field("choices", &self.choices)
            .field("usage", &self.usage)
            .finish_non_exhaustive()
    }
}

// ===== impl Choice =====

impl Choice {
    /// Whether there is anything in it that a caller can use.
    pub(crate) fn has_content(&self) -> bool {
        let is_said = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        is_said(&self.content)
            || is_said(&self.refusal)
            || is_said(&self.reasoning)
            || !self.tool_calls.is_empty()
            || !self.images.is_empty()
            || self.audio.is_some()
            || !self.thinking.is_empty()
            || self.finish.is_answer()
    }

    fn replay(&self, choice: usize, sink: &mut Sink<'_>) {
        let mut thinking = self.thinking.iter().zip(0..).peekable();
        if let Some(text) = self
            .reasoning
            .as_deref()
            .filter(|_| thinking.peek().is_none())
        {
            sink.send(Event::Reasoning { choice, text });
        }
        for (piece, block) in thinking {
            let mut send = |patch| {
                sink.send(Event::Thinking {
                    choice,
                    block,
                    patch,
                });
            };
            match piece {
                ThinkingBlock::Redacted { data } => send(ThinkingPatch::Redacted(data)),
                ThinkingBlock::Thinking { text, signature } => {
                    send(ThinkingPatch::Text(text));
                    if let Some(seal) = signature {
                        send(ThinkingPatch::Signature(seal));
                    }
                }
            }
        }
        if let Some(text) = &self.content {
            sink.send(Event::Text { choice, text });
        }
        if let Some(signature) = &self.signature {
            sink.send(Event::Signature { choice, signature });
        }
        for image in &self.images {
            sink.send(Event::Image { choice, image });
        }
        if let Some(Audio { id, data }) = &self.audio {
            sink.send(Event::Audio { choice, id, data });
        }
        if let Some(logprobs) = &self.logprobs {
            sink.send(Event::Logprobs { choice, logprobs });
        }
        if let Some(text) = &self.refusal {
            sink.send(Event::Refusal { choice, text });
        }
        for annotation in &self.annotations {
            sink.send(Event::Annotation { choice, annotation });
        }
        for (call, tool) in self.tool_calls.iter().zip(0..) {
            call.replay(choice, tool, sink);
        }
        sink.send(Event::Finish {
            choice,
            reason: self.finish,
            native: self.native_finish.as_deref(),
        });
    }
}

impl fmt::Debug for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Choice")
            .field("tool_calls", &self.tool_calls)
            .field("finish", &self.finish)
            .finish_non_exhaustive()
    }
}

// ===== impl Image, Audio =====

impl Image {
    /// The picture as a `data` URL.
    pub fn url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, self.data)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("media_type", &self.media_type)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Audio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Audio").finish_non_exhaustive()
    }
}

// ===== impl FinishReason =====

impl FinishReason {
    /// Whether the reason is an answer by itself: that it was refused, or that there was no room.
    pub(crate) const fn is_answer(self) -> bool {
        matches!(self, Self::ContentFilter | Self::Length)
    }

    /// The name of the reason in `OpenAI`'s dialect.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ContentFilter => "content_filter",
            Self::FunctionCall => "function_call",
            Self::Length => "length",
            Self::Stop => "stop",
            Self::ToolCalls => "tool_calls",
        }
    }
}

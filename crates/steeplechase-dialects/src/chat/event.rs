use serde_json::value::RawValue;
use steeplechase_core::Usage;

use super::Annotation;
use super::FinishReason;
use super::Image;

/// What happens in a streamed answer, in the neutral form. Every decoder produces these.
///
/// `choice` counts the answers from 0. `tool` and `block` are the decoder's own numbers, any that tell
/// one from the other: those that callers see are counted by the encoder.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A part of the answer is from somewhere.
    Annotation {
        /// Which answer.
        choice: usize,
        /// From where.
        annotation: &'a Annotation,
    },
    /// A part of the answer as sound, in base64.
    Audio {
        /// Which answer.
        choice: usize,
        /// The name of the sound.
        id: &'a str,
        /// The part. Each can be decoded alone.
        data: &'a str,
    },
    /// All is said, and the stream is over.
    End,
    /// One answer is complete.
    Finish {
        /// Which answer.
        choice: usize,
        /// Why.
        reason: FinishReason,
        /// Why, in the provider's words.
        native: Option<&'a str>,
    },
    /// A picture that the model has made.
    Image {
        /// Which answer.
        choice: usize,
        /// All of it.
        image: &'a Image,
    },
    /// How probable the tokens of the last part of the text were.
    Logprobs {
        /// Which answer.
        choice: usize,
        /// In `OpenAI`'s form: `{"content":[…],"refusal":null}`.
        logprobs: &'a RawValue,
    },
    /// A part of the reasoning, as text to read.
    Reasoning {
        /// Which answer.
        choice: usize,
        /// The part.
        text: &'a str,
    },
    /// A part of the reasons for a refusal.
    Refusal {
        /// Which answer.
        choice: usize,
        /// The part.
        text: &'a str,
    },
    /// The provider's seal on what was said, to be shown to it again.
    Signature {
        /// Which answer.
        choice: usize,
        /// The seal.
        signature: &'a str,
    },
    /// The answer has a name.
    Start {
        /// The provider's name for the answer. One is made up if it is empty.
        id: &'a str,
        /// The model that answers.
        model: &'a str,
    },
    /// A part of the text.
    Text {
        /// Which answer.
        choice: usize,
        /// The part.
        text: &'a str,
    },
    /// A part of a sealed piece of reasoning.
    Thinking {
        /// Which answer.
        choice: usize,
        /// Which piece.
        block: u64,
        /// What is added to it.
        patch: ThinkingPatch<'a>,
    },
    /// A part of what a tool is given.
    ToolArgs {
        /// Which answer.
        choice: usize,
        /// Which call.
        tool: u64,
        /// The part.
        fragment: &'a str,
    },
    /// A call is complete.
    ToolEnd {
        /// Which answer.
        choice: usize,
        /// Which call.
        tool: u64,
    },
    /// A tool is called.
    ToolStart {
        /// Which answer.
        choice: usize,
        /// Which call.
        tool: u64,
        /// The name of the call.
        id: &'a str,
        /// The name of the tool.
        name: &'a str,
        /// Whether it takes free text, and not a JSON object.
        is_custom: bool,
        /// The provider's seal on the call, to be shown to it again.
        signature: Option<&'a str>,
    },
    /// What the answer has cost so far. The last one counts.
    Usage(Usage),
}

/// What is added to a sealed piece of reasoning.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ThinkingPatch<'a> {
    /// All of a hidden piece.
    Redacted(&'a str),
    /// Its seal.
    Signature(&'a str),
    /// More text.
    Text(&'a str),
}

use bytes::BytesMut;
use serde::Serialize;
use serde_json::Value;

use super::encoder::message_id;
use super::frames::WireCitation;
use super::frames::put;
use super::input::WireInput;
use super::stop::Stop;
use super::usage::WireUsage;
use crate::anthropic::ids::sealed_id;
use crate::chat::Answer;
use crate::chat::ChatRequest;
use crate::chat::Choice;
use crate::chat::ThinkingBlock;
use crate::chat::ToolCall;
use crate::chat::ToolInput;

#[derive(Serialize)]
struct WireMessage<'a> {
    id: String,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    content: Vec<WireBlock<'a>>,
    stop_reason: Option<&'a str>,
    stop_sequence: Option<&'a str>,
    usage: WireUsage,
}

#[derive(Serialize)]
#[serde(untagged)]
enum WireBlock<'a> {
    Known(WireKnown<'a>),
    /// One that the provider has in this dialect, as it came.
    Other(&'a Value),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum WireKnown<'a> {
    RedactedThinking {
        data: &'a str,
    },
    Text {
        text: &'a str,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        citations: Vec<WireCitation<'a>>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    ToolUse {
        id: String,
        name: &'a str,
        input: WireInput<'a>,
    },
}

/// Appends a whole answer as a message of Anthropic's, to whoever has made the call.
pub(crate) fn write_answer(answer: &Answer, chat: &ChatRequest, out: &mut BytesMut) {
    let mut stop = Stop::new(chat);
    let mut content = Vec::new();
    if let Some(choice) = answer.choices.first() {
        blocks(choice, &mut content);
        stop.is_refused = choice.refusal.as_deref().is_some_and(|it| !it.is_empty());
        stop.set(choice.finish, choice.native_finish.as_deref());
    }
    let end = stop.wire();
    let message = WireMessage {
        id: message_id(&answer.id),
        r#type: "message",
        role: "assistant",
        model: &chat.model,
        content,
        stop_reason: end.stop_reason,
        stop_sequence: end.stop_sequence,
        usage: WireUsage::of_message(&answer.usage, answer.service_tier.as_deref()),
    };
    put(&message, out);
}

/// What is said, in the order in which models say it. An answer with nothing in it has no blocks: one that
/// was made up would come back, and be refused.
fn blocks<'a>(choice: &'a Choice, content: &mut Vec<WireBlock<'a>>) {
    let mut known = |block| content.push(WireBlock::Known(block));
    if choice.thinking.is_empty()
        && let Some(thinking) = choice.reasoning.as_deref().filter(|text| !text.is_empty())
    {
        let signature = "";
        known(WireKnown::Thinking {
            thinking,
            signature,
        });
    }
    for block in &choice.thinking {
        known(match block {
            ThinkingBlock::Redacted { data } => WireKnown::RedactedThinking { data },
            ThinkingBlock::Thinking { text, signature } => WireKnown::Thinking {
                thinking: text,
                signature: signature.as_deref().unwrap_or(""),
            },
        });
    }
    let others = choice.provider_fields.get("content_blocks");
    let others = others.and_then(Value::as_array).into_iter().flatten();
    content.extend(others.map(WireBlock::Other));
    let texts = [&choice.content, &choice.refusal];
    for (place, text) in texts.into_iter().enumerate() {
        let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else {
            continue;
        };
        let cited = choice.annotations.iter().filter(|_| place == 0);
        content.push(WireBlock::Known(WireKnown::Text {
            text,
            citations: cited.map(WireCitation::new).collect(),
        }));
    }
    content.extend(choice.tool_calls.iter().map(call));
}

fn call(call: &ToolCall) -> WireBlock<'_> {
    let id = sealed_id(&call.id, call.signature.as_deref()).into_owned();
    let input = match &call.input {
        ToolInput::Custom(input) => WireInput::Free { input },
        ToolInput::Function(arguments) => WireInput::new(arguments),
    };
    WireBlock::Known(WireKnown::ToolUse {
        id,
        name: &call.name,
        input,
    })
}

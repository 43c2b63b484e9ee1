//! What becomes of a message beside its words.

use std::borrow::Cow;

use super::native::{Content, NativePart, Said, Thought};
use super::quirks::{Quirks, Thoughts};
use crate::chat::{Message, ThinkingBlock};

/// Says of the result of a tool that the tool has failed, unless it says so itself.
pub(super) fn mark_error(texts: &mut Vec<NativePart<'_>>) {
    let Some(NativePart::Text { text, .. }) = texts.first_mut() else {
        texts.insert(0, NativePart::text("Error"));
        return;
    };
    let start: String = text.chars().take(5).collect();
    if !start.eq_ignore_ascii_case("error") {
        *text = format!("Error: {text}").into();
    }
}

/// Adds what the assistant thought, as far as the provider wants it back.
pub(super) fn think<'a>(said: &mut Said<'a>, message: &'a Message, quirks: &Quirks, thinks: bool) {
    match quirks.thoughts {
        Thoughts::Forgotten => {}
        Thoughts::Told => said.reasoning = message.thoughts(),
        Thoughts::Sealed => {
            said.reasoning_content = message.thoughts();
            said.thinking_blocks = message.thinking.iter().map(Thought::new).collect();
        }
        Thoughts::WithCalls if message.tool_calls.is_empty() => {}
        Thoughts::WithCalls => {
            // Who thinks wants to have thought.
            let filler = thinks.then_some(Cow::Borrowed(" "));
            said.reasoning_content = message.thoughts().or(filler);
        }
    }
}

/// Adds why the assistant has refused: to a field of its own, or in its words.
pub(super) fn refuse<'a>(said: &mut Said<'a>, message: &'a Message, quirks: &Quirks) {
    let Some(refusal) = message.refusal.as_deref().filter(|text| !text.is_empty()) else {
        return;
    };
    if quirks.is_openai {
        said.refusal = Some(refusal);
    } else {
        let refusal = Content::Text(refusal.into());
        said.content.append(refusal, "\n\n");
    }
}

/// Adds to a message of the assistant's what it goes on to say.
pub(super) fn join<'a>(said: &mut Said<'a>, more: Said<'a>) {
    said.content.append(more.content, "\n\n");
    said.tool_calls.extend(more.tool_calls);
    said.thinking_blocks.extend(more.thinking_blocks);
    add(&mut said.reasoning_content, more.reasoning_content);
    add(&mut said.reasoning, more.reasoning);
}

fn add<'a>(slot: &mut Option<Cow<'a, str>>, more: Option<Cow<'a, str>>) {
    match (slot.as_mut(), more) {
        (_, None) => {}
        (Some(known), Some(more)) => known.to_mut().push_str(&more),
        (None, more) => *slot = more,
    }
}

// ===== impl Thought =====

impl<'a> Thought<'a> {
    fn new(block: &'a ThinkingBlock) -> Self {
        match block {
            ThinkingBlock::Redacted { data } => Self::RedactedThinking { data },
            ThinkingBlock::Thinking { text, signature } => Self::Thinking {
                thinking: text,
                signature: signature.as_deref(),
            },
        }
    }
}

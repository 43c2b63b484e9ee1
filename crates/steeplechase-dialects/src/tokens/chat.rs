//! How many tokens a conversation has.

use steeplechase_core::Tally;

use super::tools::{self, Text};
use super::{Count, Tokenizer};
use crate::chat::{
    ChatRequest, FilePart, Message, Part, PartKind, ResponseFormat, Role, ThinkingBlock, ToolInput,
};

/// What is around each message, besides its role.
const MESSAGE: u64 = 3;

/// What a name has besides its words.
const NAME: u64 = 1;

/// What comes before the answer.
const REPLY: u64 = 3;

/// What is around the call of a tool, as far as one can see.
const TOOL_CALL: u64 = 4;

/// Characters of base64 for a token: of a document, and of a sound.
const DOCUMENT: u64 = 25;
const SOUND: u64 = 2_000;

/// What a document has that is somewhere else.
const UNKNOWN: u64 = 1_500;

/// The tokens of the prompt, where `text` says what a text has.
pub(super) fn count(tokenizer: Tokenizer, chat: &ChatRequest, text: Text) -> Count {
    let each = chat.messages.iter().map(|it| message(tokenizer, it, text));
    let mut count: Count = each.sum();
    count += Count::exact(REPLY);
    count += tools::count(tokenizer, &chat.tools, text);
    if let Some(ResponseFormat::JsonSchema(format)) = &chat.response_format {
        count += tools::json(tokenizer, &format.schema, text);
    }
    count
}

fn message(tokenizer: Tokenizer, message: &Message, text: Text) -> Count {
    let of = |said: &String| text(tokenizer, said);
    let mut count = Count::exact(MESSAGE) + text(tokenizer, role(message.role));
    count += message
        .content
        .iter()
        .map(|it| part(tokenizer, it, text))
        .sum();
    if let Some(name) = &message.name {
        count += of(name) + Count::exact(NAME);
    }
    if let Some(refusal) = &message.refusal {
        count += of(refusal).as_estimate();
    }
    for call in &message.tool_calls {
        let (ToolInput::Custom(input) | ToolInput::Function(input)) = &call.input;
        let count_of_call = of(&call.name) + of(input) + Count::exact(TOOL_CALL);
        count += count_of_call.as_estimate();
    }
    for block in &message.thinking {
        if let ThinkingBlock::Thinking { text: thought, .. } = block {
            count += of(thought).as_estimate();
        }
    }
    if message.role == Role::Tool {
        // Nobody has said how much the name of the call is.
        return count.as_estimate();
    }
    count
}

fn part(tokenizer: Tokenizer, part: &Part, text: Text) -> Count {
    let estimate = |tokens| Count::estimated(Tally::from_tokens(tokens));
    match &part.kind {
        PartKind::Text(said) => text(tokenizer, said),
        PartKind::Refusal(said) => text(tokenizer, said).as_estimate(),
        PartKind::Image { url, detail } => tokenizer.images.count(url, detail.as_deref()),
        PartKind::Audio { data, .. } => estimate((data.len() as u64).div_ceil(SOUND)),
        PartKind::File(FilePart {
            data: Some(data), ..
        }) => estimate((data.len() as u64).div_ceil(DOCUMENT)),
        PartKind::File(_) => estimate(UNKNOWN),
        PartKind::Other(part) => tools::json(tokenizer, part, text),
    }
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Assistant => "assistant",
        Role::Developer => "developer",
        Role::System => "system",
        Role::Tool => "tool",
        Role::User => "user",
    }
}

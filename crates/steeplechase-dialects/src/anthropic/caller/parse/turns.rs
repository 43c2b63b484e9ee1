use serde_json::Value;
use steeplechase_core::Error;

use super::blocks;
use super::blocks::Kind;
use crate::chat::CacheMark;
use crate::chat::Message;
use crate::chat::Part;
use crate::chat::PartKind;
use crate::chat::Role;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::kind;
use crate::fields::list;
use crate::fields::wrong;

/// Begins what Claude Code says of itself at the head of its system text. It is another one in each call,
/// so what comes after it would never be found in a cache.
const BILLING: &str = "x-anthropic-billing-header:";

/// The application's text at the top, as the first message.
pub(super) fn system(body: &mut Object<'_>) -> Result<Option<Message>, Error> {
    let Some(system) = body.take("system") else {
        return Ok(None);
    };
    let path = body.at("system");
    let mut content = parts(system, &path)?;
    if let Some(at) = content.iter().position(|part| text(part).is_none()) {
        return Err(wrong(&Path::Index(&path, at), "must be of the type text"));
    }
    let is_said = |part: &Part| text(part).is_some_and(|text| !text.starts_with(BILLING));
    content.retain(is_said);
    if content.is_empty() {
        return Ok(None);
    }
    Ok(Some(Message {
        role: Role::System,
        content,
        ..Message::default()
    }))
}

/// Reads the turns of a conversation, each into one message or more.
pub(super) fn read(
    value: Value,
    path: &Path<'_>,
    messages: &mut Vec<Message>,
) -> Result<(), Error> {
    let turns = list(value, path)?;
    if turns.is_empty() {
        return Err(wrong(path, "must have at least one message"));
    }
    for (index, value) in turns.into_iter().enumerate() {
        turn(value, &Path::Index(path, index), messages)?;
    }
    // What the assistant says last is the start of its answer.
    if let Some(last) = messages.last_mut() {
        last.prefix = last.role == Role::Assistant && last.tool_calls.is_empty();
    }
    Ok(())
}

fn turn(value: Value, path: &Path<'_>, messages: &mut Vec<Message>) -> Result<(), Error> {
    let mut fields = Object::new(value, path)?;
    let role = fields.required_string("role")?;
    let content = fields.take("content");
    let path = fields.at("content");
    match role.as_str() {
        "user" => user(content, &path, messages),
        "assistant" => assistant(content, &path, messages),
        "system" | "developer" => {
            messages.push(Message {
                role: Role::System,
                content: content.map_or(Ok(Vec::new()), |content| parts(content, &path))?,
                ..Message::default()
            });
            Ok(())
        }
        _ => {
            let path = fields.at("role");
            Err(wrong(&path, "must be user, assistant or system"))
        }
    }
}

/// What the user says. The results of tools come first, wherever they stand: other providers want them
/// right after the calls.
fn user(content: Option<Value>, path: &Path<'_>, messages: &mut Vec<Message>) -> Result<(), Error> {
    let content = content.ok_or_else(|| wrong(path, "is required"))?;
    let mut said = Message::default();
    let first = messages.len();
    for (index, value) in blocks_of(content, path)?.into_iter().enumerate() {
        match blocks::read(value, &Path::Index(path, index))? {
            Kind::Parts(parts) => said.content.extend(parts),
            Kind::Result(result) => {
                // Of two results of one call, the later one counts.
                let earlier = messages[first..]
                    .iter()
                    .position(|known| known.tool_call_id == result.tool_call_id);
                if let Some(earlier) = earlier {
                    messages.remove(first + earlier);
                }
                messages.push(*result);
            }
            Kind::Call { .. } | Kind::Thought(_) => {
                let path = Path::Index(path, index);
                return Err(wrong(&path, "can only be in a turn of the assistant's"));
            }
        }
    }
    if !said.content.is_empty() || messages.len() == first {
        messages.push(said);
    }
    Ok(())
}

/// What the assistant says. What it thinks after it has spoken begins another message, as thoughts come
/// first in one.
fn assistant(
    content: Option<Value>,
    path: &Path<'_>,
    messages: &mut Vec<Message>,
) -> Result<(), Error> {
    let new = || Message {
        role: Role::Assistant,
        ..Message::default()
    };
    let mut said = new();
    let blocks = content.map_or(Ok(Vec::new()), |content| blocks_of(content, path))?;
    for (index, value) in blocks.into_iter().enumerate() {
        match blocks::read(value, &Path::Index(path, index))? {
            Kind::Parts(parts) => said.content.extend(parts),
            Kind::Call { call, cache } => {
                said.cache = cache.or(said.cache);
                said.tool_calls.push(call);
            }
            Kind::Thought(thought) => {
                if !said.content.is_empty() || !said.tool_calls.is_empty() {
                    messages.push(std::mem::replace(&mut said, new()));
                }
                said.thinking.extend(thought);
            }
            Kind::Result(_) => {
                let path = Path::Index(path, index);
                return Err(wrong(&path, "can only be in a turn of the user's"));
            }
        }
    }
    messages.push(said);
    Ok(())
}

/// The blocks of a turn. A plain string is one of text.
fn blocks_of(content: Value, path: &Path<'_>) -> Result<Vec<Value>, Error> {
    match content {
        Value::String(_) => Ok(vec![content]),
        Value::Array(blocks) => Ok(blocks),
        other => {
            let what = kind(&other);
            let wanted = format!("must be a string or an array, not {what}");
            Err(wrong(path, wanted))
        }
    }
}

/// The parts of what can have no calls, no results and no thoughts in it.
pub(super) fn parts(content: Value, path: &Path<'_>) -> Result<Vec<Part>, Error> {
    let mut parts = Vec::new();
    for (index, value) in blocks_of(content, path)?.into_iter().enumerate() {
        let path = Path::Index(path, index);
        match blocks::read(value, &path)? {
            Kind::Parts(more) => parts.extend(more),
            _ => return Err(wrong(&path, "must be text, an image or a document")),
        }
    }
    Ok(parts)
}

fn text(part: &Part) -> Option<&str> {
    match &part.kind {
        PartKind::Text(text) => Some(text),
        _ => None,
    }
}

/// The cache mark of a block.
pub(super) fn cache(fields: &mut Object<'_>) -> Result<Option<CacheMark>, Error> {
    Ok(fields.object("cache_control")?.map(CacheMark))
}

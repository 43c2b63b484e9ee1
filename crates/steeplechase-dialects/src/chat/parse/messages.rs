use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Error;

use crate::chat::CacheMark;
use crate::chat::FilePart;
use crate::chat::Message;
use crate::chat::Part;
use crate::chat::PartKind;
use crate::chat::Role;
use crate::chat::ThinkingBlock;
use crate::chat::ToolCall;
use crate::chat::ToolInput;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::kind;
use crate::fields::list;
use crate::fields::object;
use crate::fields::string;
use crate::fields::wrong;

/// What parts the name of a call from the seal that some gateways hide in it.
pub(crate) const SEAL: &str = "__thought__";

/// Functions that were called in the old way, which had no ids: their names, and the ids they got.
type OldCalls = Vec<(String, String)>;

pub(super) fn read(value: Value, path: &Path<'_>) -> Result<Vec<Message>, Error> {
    let values = list(value, path)?;
    if values.is_empty() {
        return Err(wrong(path, "must have at least one message"));
    }
    let mut old = OldCalls::new();
    let values = values.into_iter().enumerate();
    values
        .map(|(index, value)| message(value, index, &Path::Index(path, index), &mut old))
        .collect()
}

fn message(
    value: Value,
    index: usize,
    path: &Path<'_>,
    old: &mut OldCalls,
) -> Result<Message, Error> {
    let mut fields = Object::new(value, path)?;
    let role = fields.required_string("role")?;
    let mut message = Message {
        role: match role.as_str() {
            "assistant" => Role::Assistant,
            "developer" => Role::Developer,
            "system" => Role::System,
            "tool" | "function" => Role::Tool,
            "user" => Role::User,
            _ => {
                return Err(wrong(
                    &fields.at("role"),
                    "must be system, developer, user, assistant or tool",
                ));
            }
        },
        name: fields.string("name")?,
        cache: cache(&mut fields)?,
        ..Message::default()
    };
    message.content = content(&mut fields, message.role)?;
    match message.role {
        Role::Assistant => assistant(&mut message, &mut fields, index, old)?,
        Role::Tool => {
            message.is_error = fields.boolean("is_error")?.unwrap_or(false);
            message.tool_call_id = Some(if role == "function" {
                let Some(name) = message.name.take() else {
                    return Err(wrong(&fields.at("name"), "is required"));
                };
                let call = old.iter().rev().find(|(called, _)| *called == name);
                call.map_or(name, |(_, id)| id.clone())
            } else {
                unsealed(fields.required_string("tool_call_id")?).0
            });
        }
        _ => {}
    }
    message.extra = fields.rest();
    Ok(message)
}

fn content(fields: &mut Object<'_>, role: Role) -> Result<Vec<Part>, Error> {
    let value = match fields.take("content") {
        Some(value) => value,
        None if matches!(role, Role::Assistant | Role::Tool) => return Ok(Vec::new()),
        None => return Err(wrong(&fields.at("content"), "is required")),
    };
    let path = fields.at("content");
    match value {
        Value::String(text) => Ok(vec![Part::text(text)]),
        Value::Array(parts) => {
            let parts = parts.into_iter().enumerate();
            parts
                .map(|(index, value)| part(value, &Path::Index(&path, index)))
                .collect()
        }
        // The result of a tool that somebody has forgotten to encode.
        other if role == Role::Tool => Ok(vec![Part::text(other.to_string())]),
        other => Err(wrong(
            &path,
            format_args!("must be a string or an array, not {}", kind(&other)),
        )),
    }
}

fn part(value: Value, path: &Path<'_>) -> Result<Part, Error> {
    // A bare string among parts is text.
    if let Value::String(text) = value {
        return Ok(Part::text(text));
    }
    let mut fields = Object::new(value, path)?;
    let cache = cache(&mut fields)?;
    let name = fields.required_string("type")?;
    let kind = match name.as_str() {
        "text" => {
            let value = fields.required("text")?;
            PartKind::Text(string(value, &fields.at("text"))?)
        }
        "refusal" => PartKind::Refusal(fields.string("refusal")?.unwrap_or_default()),
        "image_url" => image(&mut fields)?,
        "input_audio" => {
            let value = fields.required("input_audio")?;
            let path = fields.at("input_audio");
            let mut audio = Object::new(value, &path)?;
            PartKind::Audio {
                data: audio.required_string("data")?,
                format: audio.required_string("format")?,
            }
        }
        "file" => {
            let value = fields.required("file")?;
            let path = fields.at("file");
            let mut file = Object::new(value, &path)?;
            let file_part = FilePart {
                id: file.string("file_id")?,
                data: file.string("file_data")?,
                url: file.string("file_url")?,
                name: file.string("filename")?,
                format: file.string("format")?,
            };
            if file_part.id.is_none() && file_part.data.is_none() && file_part.url.is_none() {
                return Err(wrong(&path, "must have a file_id or file_data"));
            }
            PartKind::File(file_part)
        }
        _ => {
            let mut rest = Map::new();
            rest.insert("type".into(), name.into());
            rest.extend(fields.rest());
            PartKind::Other(rest)
        }
    };
    Ok(Part {
        cache,
        ..Part::new(kind)
    })
}

fn image(fields: &mut Object<'_>) -> Result<PartKind, Error> {
    let value = fields.required("image_url")?;
    let path = fields.at("image_url");
    let (url, detail) = match value {
        Value::String(url) => (url, None),
        value => {
            let mut image = Object::new(value, &path)?;
            (image.required_string("url")?, image.string("detail")?)
        }
    };
    Ok(PartKind::Image { url, detail })
}

fn assistant(
    message: &mut Message,
    fields: &mut Object<'_>,
    index: usize,
    old: &mut OldCalls,
) -> Result<(), Error> {
    message.refusal = fields.string("refusal")?;
    message.prefix = fields.boolean("prefix")?.unwrap_or(false);
    // Both names are in use, and some servers send both. One of them is enough.
    let reasoning = fields.string("reasoning_content")?;
    let other_name = fields.take("reasoning").and_then(|value| match value {
        Value::String(text) => Some(text),
        _ => None,
    });
    message.reasoning = reasoning.or(other_name).filter(|text| !text.is_empty());
    if let Some(blocks) = fields.list("thinking_blocks")? {
        let path = fields.at("thinking_blocks");
        for (index, block) in blocks.into_iter().enumerate() {
            message
                .thinking
                .extend(thinking(block, &Path::Index(&path, index))?);
        }
    }
    if let Some(calls) = fields.list("tool_calls")? {
        let path = fields.at("tool_calls");
        for (index, call) in calls.into_iter().enumerate() {
            message
                .tool_calls
                .push(tool_call(call, &Path::Index(&path, index))?);
        }
    }
    if let Some(call) = fields.take("function_call") {
        let path = fields.at("function_call");
        let mut call = Object::new(call, &path)?;
        let name = call.required_string("name")?;
        // The place of the message makes an id that is the same in every turn of the conversation.
        let id = format!("call_fn_{index}");
        old.push((name.clone(), id.clone()));
        message.tool_calls.push(ToolCall {
            id,
            name,
            input: ToolInput::Function(arguments(&mut call)?),
            signature: None,
        });
    }
    Ok(())
}

fn thinking(value: Value, path: &Path<'_>) -> Result<Option<ThinkingBlock>, Error> {
    let mut block = Object::new(value, path)?;
    Ok(match block.string("type")?.as_deref() {
        Some("thinking") => Some(ThinkingBlock::Thinking {
            text: block.string("thinking")?.unwrap_or_default(),
            signature: block.string("signature")?.filter(|seal| !seal.is_empty()),
        }),
        Some("redacted_thinking") => Some(ThinkingBlock::Redacted {
            data: block.required_string("data")?,
        }),
        _ => None,
    })
}

fn tool_call(value: Value, path: &Path<'_>) -> Result<ToolCall, Error> {
    let mut call = Object::new(value, path)?;
    let (id, hidden) = unsealed(call.required_string("id")?);
    let signature = signature(&mut call).or(hidden);
    let kind = call.string("type")?;
    if kind.as_deref() == Some("custom") {
        let value = call.required("custom")?;
        let path = call.at("custom");
        let mut custom = Object::new(value, &path)?;
        return Ok(ToolCall {
            id,
            name: custom.required_string("name")?,
            input: ToolInput::Custom(custom.string("input")?.unwrap_or_default()),
            signature,
        });
    }
    if kind.is_some_and(|kind| kind != "function") {
        return Err(wrong(&call.at("type"), "must be function or custom"));
    }
    let value = call.required("function")?;
    let path = call.at("function");
    let mut function = Object::new(value, &path)?;
    Ok(ToolCall {
        id,
        name: function.required_string("name")?,
        input: ToolInput::Function(arguments(&mut function)?),
        signature,
    })
}

/// The text of the arguments. One that is JSON already is encoded.
fn arguments(function: &mut Object<'_>) -> Result<String, Error> {
    match function.take("arguments") {
        None => Ok(String::new()),
        Some(value @ Value::Object(_)) => Ok(value.to_string()),
        Some(value) => string(value, &function.at("arguments")),
    }
}

fn signature(call: &mut Object<'_>) -> Option<String> {
    let google = call.take("extra_content");
    let other = call.take("provider_specific_fields");
    let google = google.as_ref().and_then(|extra| extra.get("google"));
    let fields = google.or(other.as_ref())?;
    Some(fields.get("thought_signature")?.as_str()?.to_owned())
}

/// Parts the name of a call from a seal that is hidden in it.
pub(crate) fn unsealed(id: String) -> (String, Option<String>) {
    match id.split_once(SEAL) {
        Some((bare, seal)) if !bare.is_empty() => (bare.to_owned(), Some(seal.to_owned())),
        _ => (id, None),
    }
}

/// A cache mark by either of its names.
pub(crate) fn cache(fields: &mut Object<'_>) -> Result<Option<CacheMark>, Error> {
    let breakpoint = fields.object("prompt_cache_breakpoint")?;
    if let Some(mark) = fields.take("cache_control") {
        return Ok(Some(CacheMark(object(mark, &fields.at("cache_control"))?)));
    }
    let explicit = breakpoint.is_some_and(|mark| mark.get("mode") == Some(&"explicit".into()));
    Ok(explicit.then(CacheMark::ephemeral))
}

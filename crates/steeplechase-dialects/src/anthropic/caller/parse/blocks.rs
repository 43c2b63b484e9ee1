use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Error;

use super::turns;
use super::turns::cache;
use crate::chat::CacheMark;
use crate::chat::FilePart;
use crate::chat::Message;
use crate::chat::Part;
use crate::chat::PartKind;
use crate::chat::Role;
use crate::chat::ThinkingBlock;
use crate::chat::ToolCall;
use crate::chat::ToolInput;
use crate::chat::parse::messages::unsealed;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::string;
use crate::fields::wrong;

/// What a block is.
pub(super) enum Kind {
    Call {
        call: ToolCall,
        cache: Option<CacheMark>,
    },
    /// A document of several parts is several; what has nothing in it is none.
    Parts(Vec<Part>),
    // Boxed: it is large, and there are more of the others.
    Result(Box<Message>),
    /// Nothing, if there is nothing in it.
    Thought(Option<ThinkingBlock>),
}

pub(super) fn read(value: Value, path: &Path<'_>) -> Result<Kind, Error> {
    if let Value::String(text) = value {
        return Ok(Kind::Parts(words(text).into_iter().collect()));
    }
    let mut block = Object::new(value, path)?;
    let name = block.required_string("type")?;
    Ok(match name.as_str() {
        "text" => Kind::Parts(text(&mut block)?.into_iter().collect()),
        "image" => Kind::Parts(vec![image(block)?]),
        "document" => Kind::Parts(document(&mut block)?),
        "tool_use" => call(&mut block)?,
        "tool_result" => Kind::Result(Box::new(result(&mut block)?)),
        "thinking" => Kind::Thought(thinking(&mut block)?),
        "redacted_thinking" => Kind::Thought(Some(ThinkingBlock::Redacted {
            data: block.required_string("data")?,
        })),
        _ => Kind::Parts(vec![other(name, block)?]),
    })
}

/// A block that only Anthropic knows, as it came.
fn other(name: String, mut block: Object<'_>) -> Result<Part, Error> {
    let cache = cache(&mut block)?;
    let mut fields = Map::new();
    fields.insert("type".into(), name.into());
    fields.extend(block.rest());
    Ok(Part {
        cache,
        ..Part::new(PartKind::Other(fields))
    })
}

/// Words. An empty text is none: the provider would refuse it.
fn words(text: String) -> Option<Part> {
    (!text.is_empty()).then(|| Part::text(text))
}

fn text(block: &mut Object<'_>) -> Result<Option<Part>, Error> {
    let value = block.required("text")?;
    let words = words(string(value, &block.at("text"))?);
    let Some(mut part) = words else {
        return Ok(None);
    };
    part.cache = cache(block)?;
    // Where the model had it from, for the provider who has said so.
    if let Some(citations) = block.take("citations") {
        part.extra.insert("citations".into(), citations);
    }
    Ok(Some(part))
}

fn image(mut block: Object<'_>) -> Result<Part, Error> {
    let cache = cache(&mut block)?;
    let value = block.required("source")?;
    let path = block.at("source");
    let mut source = Object::new(value, &path)?;
    let url = match source.required_string("type")?.as_str() {
        "base64" => data_url(&mut source)?,
        "url" => source.required_string("url")?,
        "file" => {
            let mut fields = Map::new();
            fields.insert("type".into(), "image".into());
            let mut inner = Map::new();
            inner.insert("type".into(), "file".into());
            inner.extend(source.rest());
            fields.insert("source".into(), inner.into());
            return Ok(Part {
                cache,
                ..Part::new(PartKind::Other(fields))
            });
        }
        _ => return Err(wrong(&source.at("type"), "must be base64, url or file")),
    };
    Ok(Part {
        cache,
        ..Part::new(PartKind::Image { url, detail: None })
    })
}

fn data_url(source: &mut Object<'_>) -> Result<String, Error> {
    let media_type = source.required_string("media_type")?;
    let data = source.required_string("data")?;
    Ok(format!("data:{media_type};base64,{data}"))
}

fn document(block: &mut Object<'_>) -> Result<Vec<Part>, Error> {
    let cache = cache(block)?;
    let name = block.string("title")?;
    let mut file = FilePart {
        name: name.clone(),
        ..FilePart::default()
    };
    let value = block.required("source")?;
    let path = block.at("source");
    let mut source = Object::new(value, &path)?;
    match source.required_string("type")?.as_str() {
        "base64" => file.data = Some(data_url(&mut source)?),
        "text" => {
            let text = source.string("data")?.unwrap_or_default();
            let data = STANDARD.encode(text);
            file.data = Some(format!("data:text/plain;base64,{data}"));
        }
        "url" => file.url = Some(source.required_string("url")?),
        "file" => file.id = Some(source.required_string("file_id")?),
        "content" => {
            let content = source.required("content")?;
            let mut parts = turns::parts(content, &source.at("content"))?;
            if let Some(title) = name {
                parts.insert(0, Part::text(title));
            }
            if let Some(last) = parts.last_mut() {
                last.cache = cache.or_else(|| last.cache.take());
            }
            return Ok(parts);
        }
        _ => {
            let wanted = "must be base64, text, url, file or content";
            return Err(wrong(&source.at("type"), wanted));
        }
    }
    let mut part = Part::new(PartKind::File(file));
    part.cache = cache;
    for name in ["citations", "context"] {
        if let Some(value) = block.take(name) {
            part.extra.insert(name.into(), value);
        }
    }
    Ok(vec![part])
}

fn call(block: &mut Object<'_>) -> Result<Kind, Error> {
    let cache = cache(block)?;
    let (id, signature) = unsealed(block.required_string("id")?);
    let input = match block.take("input") {
        None => "{}".to_owned(),
        // Somebody has encoded it once too often.
        Some(Value::String(text)) => text,
        Some(value) => value.to_string(),
    };
    let call = ToolCall {
        id,
        name: block.required_string("name")?,
        input: ToolInput::Function(input),
        signature,
    };
    Ok(Kind::Call { call, cache })
}

fn result(block: &mut Object<'_>) -> Result<Message, Error> {
    let id = block.required_string("tool_use_id")?;
    let content = block.take("content");
    let content = match content {
        None => Vec::new(),
        Some(content) => turns::parts(content, &block.at("content"))?,
    };
    Ok(Message {
        role: Role::Tool,
        content,
        tool_call_id: Some(unsealed(id).0),
        is_error: block.boolean("is_error")?.unwrap_or(false),
        cache: cache(block)?,
        ..Message::default()
    })
}

/// A thought. One with neither a text nor a seal is none.
fn thinking(block: &mut Object<'_>) -> Result<Option<ThinkingBlock>, Error> {
    let text = block.string("thinking")?.unwrap_or_default();
    let signature = block.string("signature")?.filter(|seal| !seal.is_empty());
    let is_empty = text.is_empty() && signature.is_none();
    Ok((!is_empty).then_some(ThinkingBlock::Thinking { text, signature }))
}

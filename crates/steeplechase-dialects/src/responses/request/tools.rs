use std::collections::HashSet;

use serde_json::{Map, Value};
use steeplechase_core::Error;

use super::noted;
use super::strict::can_be_held;
use crate::chat::notes::unsupported;
use crate::chat::parse::messages::cache;
use crate::chat::{ChatRequest, Tool, ToolChoice, ToolKind, WebSearch};
use crate::fields::{Object, Path, list, wrong};
use crate::responses::Terms;
use crate::responses::terms::Namespaced;

/// Reads the tools and which of them is to be called. Gives back the tools as a response repeats them.
pub(super) fn read(
    chat: &mut ChatRequest,
    body: &mut Object<'_>,
    terms: &mut Terms,
) -> Result<String, Error> {
    let mut values = body.list("tools")?.unwrap_or_default();
    values.iter_mut().for_each(settle);
    let repeated: Vec<_> = values.iter().map(Value::to_string).collect();
    add(chat, values, &body.at("tools"), terms)?;
    chat.tool_choice = match body.take("tool_choice") {
        None => None,
        Some(choice) => Some(tool_choice(choice, &body.at("tool_choice"), terms)?),
    };
    chat.parallel_tool_calls = body.boolean("parallel_tool_calls")?;
    Ok(repeated.join(","))
}

/// Adds tools that stand in the conversation.
pub(super) fn add_late(
    chat: &mut ChatRequest,
    late: Vec<Value>,
    terms: &mut Terms,
) -> Result<(), Error> {
    add(chat, late, &Path::Key(&Path::Root, "input.tools"), terms)
}

fn add(
    chat: &mut ChatRequest,
    values: Vec<Value>,
    path: &Path<'_>,
    terms: &mut Terms,
) -> Result<(), Error> {
    let plain: HashSet<String> = values.iter().filter_map(plain_name).collect();
    for (index, value) in values.into_iter().enumerate() {
        let path = Path::Index(path, index);
        let kind = value.get("type").and_then(Value::as_str);
        match kind.unwrap_or("").to_owned().as_str() {
            "function" | "custom" => push(chat, tool(value, &path)?, &path)?,
            "namespace" => namespace(chat, value, &path, &plain, terms)?,
            "web_search" | "web_search_preview" => search(chat, value, &path, terms)?,
            dated if dated.starts_with("web_search_") => search(chat, value, &path, terms)?,
            // All tools are there from the start.
            "tool_search" => terms.note(noted(&path)),
            "" => return Err(wrong(&Path::Key(&path, "type"), "is required")),
            other => {
                let why = format!("`{other}` is no tool of this model's provider");
                return Err(unsupported(Path::Key(&path, "type"), why));
            }
        }
    }
    Ok(())
}

/// The name of a tool that is in no namespace.
fn plain_name(tool: &Value) -> Option<String> {
    let name = tool.get("name").or(tool.pointer("/function/name"))?;
    let is_plain = tool.get("type").is_some_and(|kind| kind != "namespace");
    name.as_str().filter(|_| is_plain).map(str::to_owned)
}

fn push(chat: &mut ChatRequest, tool: Tool, path: &Path<'_>) -> Result<(), Error> {
    let mut known = chat.tools.iter();
    if known.any(|known| known.name() == tool.name()) {
        return Err(wrong(path, "has the name of another tool"));
    }
    chat.tools.push(tool);
    Ok(())
}

/// Says of a function, wherever that is not said, what counts: whether it is held to its schema.
fn settle(tool: &mut Value) {
    let Some(fields) = tool.as_object_mut() else {
        return;
    };
    match fields.get("type").and_then(Value::as_str) {
        Some("namespace") => {
            let tools = fields.get_mut("tools").and_then(Value::as_array_mut);
            tools.into_iter().flatten().for_each(settle);
        }
        Some("function") if !fields.contains_key("function") => {
            let schema = fields.entry("parameters").or_insert(Value::Null);
            let held = schema.as_object().is_some_and(can_be_held);
            let strict = fields.entry("strict").or_insert(Value::Null);
            if strict.is_null() {
                *strict = held.into();
            }
        }
        _ => {}
    }
}

fn tool(value: Value, path: &Path<'_>) -> Result<Tool, Error> {
    let mut fields = Object::new(value, path)?;
    let is_custom = fields.required_string("type")? == "custom";
    let nested = if is_custom { "custom" } else { "function" };
    let Some(inner) = fields.take(nested) else {
        return flat(&mut fields, is_custom);
    };
    // As a chat has it.
    let path = fields.at(nested);
    flat(&mut Object::new(inner, &path)?, is_custom)
}

fn flat(fields: &mut Object<'_>, is_custom: bool) -> Result<Tool, Error> {
    let mark = cache(fields)?;
    let name = fields.required_string("name")?;
    let description = fields.string("description")?;
    let kind = if is_custom {
        ToolKind::Custom {
            name,
            description,
            grammar: grammar(fields)?,
        }
    } else {
        ToolKind::Function {
            name,
            description,
            parameters: fields.object("parameters")?,
            // `false` is what a chat takes for granted.
            strict: fields.boolean("strict")?.filter(|strict| *strict),
        }
    };
    Ok(Tool {
        kind,
        cache: mark,
        // The rest is about who else may call it, and when it is shown to the model.
        extra: Map::new(),
    })
}

/// The grammar of a tool that takes free text, as a chat has it.
fn grammar(fields: &mut Object<'_>) -> Result<Option<Value>, Error> {
    let Some(format) = fields.object("format")? else {
        return Ok(None);
    };
    let path = fields.at("format");
    let mut format = Object::new(format.into(), &path)?;
    match format.required_string("type")?.as_str() {
        "text" => Ok(None),
        "grammar" => Ok(Some(match format.take("grammar") {
            Some(nested) => nested,
            None => format.rest().into(),
        })),
        _ => Err(wrong(&format.at("type"), "must be text or grammar")),
    }
}

/// The tools of a namespace, each under a name that no other tool has.
fn namespace(
    chat: &mut ChatRequest,
    value: Value,
    path: &Path<'_>,
    plain: &HashSet<String>,
    terms: &mut Terms,
) -> Result<(), Error> {
    let mut fields = Object::new(value, path)?;
    let namespace = fields.required_string("name")?;
    let tools = list(fields.required("tools")?, &fields.at("tools"))?;
    let path = fields.at("tools");
    for (index, value) in tools.into_iter().enumerate() {
        let path = Path::Index(&path, index);
        let mut tool = tool(value, &path)?;
        let (ToolKind::Custom { name, .. } | ToolKind::Function { name, .. }) = &mut tool.kind
        else {
            continue;
        };
        let is_taken = |flat: &str| {
            plain.contains(flat) || chat.tools.iter().any(|known| known.name() == Some(flat))
        };
        let wish = format!("{namespace}__{name}");
        let others = (2..).map(|count| format!("{wish}_{count}"));
        let mut names = std::iter::once(wish.clone()).chain(others);
        let flat = names.find(|flat| !is_taken(flat)).unwrap_or(wish);
        terms.namespaced.push(Namespaced {
            flat: flat.as_str().into(),
            namespace: namespace.as_str().into(),
            name: name.as_str().into(),
        });
        *name = flat;
        chat.tools.push(tool);
    }
    Ok(())
}

fn search(
    chat: &mut ChatRequest,
    value: Value,
    path: &Path<'_>,
    terms: &mut Terms,
) -> Result<(), Error> {
    let mut fields = Object::new(value, path)?;
    let mut location = fields.object("user_location")?;
    if let Some(location) = &mut location {
        location.retain(|name, value| name != "type" && !value.is_null());
    }
    for unknown in ["external_web_access", "filters", "search_content_types"] {
        if fields.take(unknown).is_some() {
            terms.note(noted(&fields.at(unknown)));
        }
    }
    chat.web_search = Some(WebSearch {
        context_size: fields.string("search_context_size")?,
        location,
        tool: None,
    });
    Ok(())
}

fn tool_choice(value: Value, path: &Path<'_>, terms: &Terms) -> Result<ToolChoice, Error> {
    const WANTED: &str = "must be none, auto, required, or an object of type function, custom or \
                          allowed_tools";
    match &value {
        Value::String(choice) => match choice.as_str() {
            "none" => return Ok(ToolChoice::None),
            "auto" => return Ok(ToolChoice::Auto),
            "required" => return Ok(ToolChoice::Required),
            _ => return Err(wrong(path, WANTED)),
        },
        Value::Object(_) => {}
        _ => return Err(wrong(path, WANTED)),
    }
    let mut choice = Object::new(value, path)?;
    let kind = choice.required_string("type")?;
    match kind.as_str() {
        "function" | "custom" => Ok(ToolChoice::Named(named(&mut choice, &kind, terms)?)),
        "allowed_tools" => {
            if let Some(nested) = choice.take("allowed_tools") {
                let path = choice.at("allowed_tools");
                return allowed(&mut Object::new(nested, &path)?, terms);
            }
            allowed(&mut choice, terms)
        }
        other => {
            let why = format!("`{other}` is no tool that this model can be made to call");
            Err(unsupported(path, why))
        }
    }
}

fn allowed(choice: &mut Object<'_>, terms: &Terms) -> Result<ToolChoice, Error> {
    let required = match choice.string("mode")?.as_deref() {
        None | Some("auto") => false,
        Some("required") => true,
        Some(_) => return Err(wrong(&choice.at("mode"), "must be auto or required")),
    };
    let values = choice.list("tools")?.unwrap_or_default();
    let path = choice.at("tools");
    let mut tools = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let path = Path::Index(&path, index);
        let mut tool = Object::new(value, &path)?;
        let kind = tool.required_string("type")?;
        if matches!(&*kind, "function" | "custom") {
            tools.push(named(&mut tool, &kind, terms)?);
        }
    }
    Ok(ToolChoice::Allowed { required, tools })
}

/// The name of a tool that is chosen, by which the provider knows it.
fn named(choice: &mut Object<'_>, kind: &str, terms: &Terms) -> Result<String, Error> {
    if let Some(nested) = choice.take(kind) {
        let path = choice.at(kind);
        return Object::new(nested, &path)?.required_string("name");
    }
    let name = choice.required_string("name")?;
    let namespace = choice.string("namespace")?;
    let flat = namespace.and_then(|namespace| terms.flat_of(&namespace, &name));
    Ok(flat.map_or(name.clone(), str::to_owned))
}

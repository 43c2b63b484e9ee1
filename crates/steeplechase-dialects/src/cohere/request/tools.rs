use std::borrow::Cow;

use serde_json::{Map, Value};
use steeplechase_core::Error;

use super::native::{NativeFunction, NativeTool};
use crate::chat::notes::{Notes, invalid};
use crate::chat::{ChatRequest, Tool, ToolChoice, ToolKind};

/// The tools of a request, and whether they have to be called.
pub(super) struct Toolbox<'a> {
    pub(super) tools: Vec<NativeTool<'a>>,
    pub(super) choice: Option<&'static str>,
    /// Whether all calls are held to their schemas.
    pub(super) is_strict: Option<bool>,
}

impl<'a> Toolbox<'a> {
    pub(super) fn new(chat: &'a ChatRequest, notes: &mut Notes) -> Result<Self, Error> {
        let allowed = allowed(chat)?;
        let is_allowed = |tool: &Tool| {
            let allowed = allowed.as_deref();
            allowed.is_none_or(|names| tool.name().is_some_and(|name| names.contains(&name)))
        };
        let mut tools = Vec::new();
        let mut strict = Vec::new();
        let mut names = Vec::new();
        for (index, tool) in chat.tools.iter().enumerate() {
            let ToolKind::Function {
                name,
                description,
                parameters,
                strict: is_strict,
            } = &tool.kind
            else {
                let field = format!("tools[{index}].type");
                notes.refuse(&field, "the provider takes functions only")?;
                continue;
            };
            if names.contains(&name) {
                let field = format!("tools[{index}].function.name");
                return Err(invalid(
                    field,
                    format_args!("is there twice: {name}; leave one"),
                ));
            }
            names.push(name);
            if !is_allowed(tool) {
                continue;
            }
            strict.push(*is_strict == Some(true));
            tools.push(NativeTool {
                r#type: "function",
                function: NativeFunction {
                    name,
                    description: description.as_deref(),
                    parameters: match parameters {
                        Some(schema) => Cow::Borrowed(schema),
                        None => Cow::Owned(takes_nothing()),
                    },
                },
            });
        }
        if chat.parallel_tool_calls == Some(false) && !tools.is_empty() {
            notes.note("parallel_tool_calls");
        }
        let asked = chat.extra.get("strict_tools").and_then(Value::as_bool);
        let all = !strict.is_empty() && strict.iter().all(|is_strict| *is_strict);
        Ok(Self {
            choice: choice(chat).filter(|_| !tools.is_empty()),
            is_strict: asked.or(all.then_some(true)).filter(|_| !tools.is_empty()),
            tools,
        })
    }
}

fn choice(chat: &ChatRequest) -> Option<&'static str> {
    match chat.tool_choice.as_ref()? {
        ToolChoice::Required
        | ToolChoice::Named(_)
        | ToolChoice::Allowed { required: true, .. } => Some("REQUIRED"),
        ToolChoice::None => Some("NONE"),
        ToolChoice::Auto
        | ToolChoice::Allowed {
            required: false, ..
        } => None,
    }
}

/// The names of the tools that may be called, if not all of them.
fn allowed(chat: &ChatRequest) -> Result<Option<Vec<&str>>, Error> {
    let names: Vec<&str> = match &chat.tool_choice {
        Some(ToolChoice::Named(name)) => vec![name],
        Some(ToolChoice::Allowed { tools, .. }) => tools.iter().map(String::as_str).collect(),
        _ => return Ok(None),
    };
    if chat.tools.is_empty() {
        return Ok(None);
    }
    let is_known = |name: &&str| chat.tools.iter().any(|tool| tool.name() == Some(name));
    match names.iter().find(|name| !is_known(name)) {
        None => Ok(Some(names)),
        Some(name) => Err(invalid(
            "tool_choice",
            format_args!("names no tool: {name}"),
        )),
    }
}

/// The schema of a function that takes nothing. There has to be one.
fn takes_nothing() -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    schema.insert("properties".into(), Map::new().into());
    schema
}

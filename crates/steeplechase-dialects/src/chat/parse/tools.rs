use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Error;

use super::messages::cache;
use crate::chat::ChatRequest;
use crate::chat::Tool;
use crate::chat::ToolChoice;
use crate::chat::ToolKind;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::wrong;

pub(super) fn read(request: &mut ChatRequest, body: &mut Object<'_>) -> Result<(), Error> {
    let tools = body.list("tools")?.unwrap_or_default();
    let path = body.at("tools");
    for (index, value) in tools.into_iter().enumerate() {
        let path = Path::Index(&path, index);
        let tool = tool(value, &path)?;
        if tool.name().is_some()
            && request
                .tools
                .iter()
                .any(|known| known.name() == tool.name())
        {
            return Err(wrong(&path, "has the name of another tool"));
        }
        request.tools.push(tool);
    }
    request.tool_choice = body
        .take("tool_choice")
        .map(|choice| tool_choice(choice, &body.at("tool_choice")))
        .transpose()?;
    request.parallel_tool_calls = body.boolean("parallel_tool_calls")?;
    read_old(request, body)
}

/// What tools were called before they were called tools.
fn read_old(request: &mut ChatRequest, body: &mut Object<'_>) -> Result<(), Error> {
    let functions = body.list("functions")?.unwrap_or_default();
    let choice = body.take("function_call");
    // Whoever speaks of tools too has moved on.
    if functions.is_empty() || !request.tools.is_empty() {
        return Ok(());
    }
    let path = body.at("functions");
    for (index, value) in functions.into_iter().enumerate() {
        let path = Path::Index(&path, index);
        let mut fields = Object::new(value, &path)?;
        request.tools.push(function(&mut fields)?);
    }
    request.legacy_functions = true;
    // The answer has room for one.
    request.parallel_tool_calls = Some(false);
    request.tool_choice = match choice {
        None => None,
        Some(Value::Object(fields)) => {
            let path = body.at("function_call");
            let mut fields = Object::new(Value::Object(fields), &path)?;
            Some(ToolChoice::Named(fields.required_string("name")?))
        }
        Some(other) => Some(tool_choice(other, &body.at("function_call"))?),
    };
    Ok(())
}

/// Google's own tools, which have no type: their names are enough.
const GOOGLES: [&str; 10] = [
    "googleSearch",
    "google_search",
    "googleSearchRetrieval",
    "google_search_retrieval",
    "enterpriseWebSearch",
    "codeExecution",
    "code_execution",
    "urlContext",
    "url_context",
    "googleMaps",
];

pub(crate) fn tool(value: Value, path: &Path<'_>) -> Result<Tool, Error> {
    let mut fields = Object::new(value, path)?;
    let kind = match fields.take("type") {
        Some(Value::String(kind)) => kind,
        None if fields.has("function") => "function".to_owned(),
        // Google's own tools say what they are by the name of their field.
        None if GOOGLES.iter().any(|name| fields.has(name)) => {
            return Ok(Tool {
                cache: None,
                kind: ToolKind::Other(fields.rest()),
                extra: Map::new(),
            });
        }
        _ => return Err(wrong(&fields.at("type"), "must be function or custom")),
    };
    if kind != "function" && !(kind == "custom" && fields.has("custom")) {
        // Other providers' own tools: whoever gets the call may know them.
        let cache = cache(&mut fields)?;
        let mut rest = Map::new();
        rest.insert("type".into(), kind.into());
        rest.extend(fields.rest());
        return Ok(Tool {
            kind: ToolKind::Other(rest),
            cache,
            extra: Map::new(),
        });
    }
    let outer = cache(&mut fields)?;
    let inner = fields.required(&kind)?;
    let path = fields.at(&kind);
    let mut inner = Object::new(inner, &path)?;
    let mut tool = if kind == "custom" {
        custom(&mut inner)?
    } else {
        function(&mut inner)?
    };
    tool.cache = outer.or(tool.cache);
    tool.extra = inner.rest();
    tool.extra.extend(fields.rest());
    Ok(tool)
}

fn function(fields: &mut Object<'_>) -> Result<Tool, Error> {
    Ok(Tool {
        cache: cache(fields)?,
        kind: ToolKind::Function {
            name: fields.required_string("name")?,
            description: fields.string("description")?,
            parameters: fields.object("parameters")?,
            strict: fields.boolean("strict")?,
        },
        extra: Map::new(),
    })
}

fn custom(fields: &mut Object<'_>) -> Result<Tool, Error> {
    let cache = cache(fields)?;
    let name = fields.required_string("name")?;
    let description = fields.string("description")?;
    let grammar = match fields.take("format") {
        None => None,
        Some(format) => {
            let path = fields.at("format");
            let mut format = Object::new(format, &path)?;
            match format.required_string("type")?.as_str() {
                "text" => None,
                "grammar" => Some(format.required("grammar")?),
                _ => return Err(wrong(&format.at("type"), "must be text or grammar")),
            }
        }
    };
    Ok(Tool {
        kind: ToolKind::Custom {
            name,
            description,
            grammar,
        },
        cache,
        extra: Map::new(),
    })
}

pub(crate) fn tool_choice(value: Value, path: &Path<'_>) -> Result<ToolChoice, Error> {
    const WANTED: &str =
        "must be none, auto, required, or an object of type function, custom or allowed_tools";
    if let Value::String(choice) = &value {
        return match choice.as_str() {
            "none" => Ok(ToolChoice::None),
            "auto" => Ok(ToolChoice::Auto),
            "required" | "any" => Ok(ToolChoice::Required),
            _ => Err(wrong(path, WANTED)),
        };
    }
    if !value.is_object() {
        return Err(wrong(path, WANTED));
    }
    let mut choice = Object::new(value, path)?;
    let kind = choice.required_string("type")?;
    match kind.as_str() {
        "function" | "custom" => Ok(ToolChoice::Named(inner_name(&mut choice, &kind)?)),
        "allowed_tools" => {
            let value = choice.required("allowed_tools")?;
            let path = choice.at("allowed_tools");
            allowed(&mut Object::new(value, &path)?)
        }
        _ => Err(wrong(path, WANTED)),
    }
}

fn allowed(fields: &mut Object<'_>) -> Result<ToolChoice, Error> {
    let required = match fields.string("mode")?.as_deref() {
        None | Some("auto") => false,
        Some("required") => true,
        Some(_) => return Err(wrong(&fields.at("mode"), "must be auto or required")),
    };
    let values = fields.list("tools")?.unwrap_or_default();
    let path = fields.at("tools");
    let mut tools = Vec::with_capacity(values.len());
    for (index, value) in values.into_iter().enumerate() {
        let path = Path::Index(&path, index);
        let mut tool = Object::new(value, &path)?;
        let kind = tool.required_string("type")?;
        tools.push(inner_name(&mut tool, &kind)?);
    }
    Ok(ToolChoice::Allowed { required, tools })
}

/// The name in `{"type":"function","function":{"name":…}}`.
fn inner_name(fields: &mut Object<'_>, kind: &str) -> Result<String, Error> {
    let value = fields.required(kind)?;
    let path = fields.at(kind);
    Object::new(value, &path)?.required_string("name")
}

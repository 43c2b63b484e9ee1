use serde_json::Map;
use serde_json::Value;
use steeplechase_core::Error;

use super::turns::cache;
use crate::chat::ChatRequest;
use crate::chat::Tool;
use crate::chat::ToolChoice;
use crate::chat::ToolKind;
use crate::chat::WebSearch;
use crate::chat::parse::tools as openai;
use crate::fields::Object;
use crate::fields::Path;
use crate::fields::wrong;

pub(super) fn read(request: &mut ChatRequest, body: &mut Object<'_>) -> Result<(), Error> {
    let tools = body.list("tools")?.unwrap_or_default();
    let path = body.at("tools");
    for (index, value) in tools.into_iter().enumerate() {
        let path = Path::Index(&path, index);
        let Some(tool) = tool(value, &path, &mut request.web_search)? else {
            continue;
        };
        let is_known = |known: &Tool| known.name() == tool.name();
        if tool.name().is_some() && request.tools.iter().any(is_known) {
            return Err(wrong(&path, "has the name of another tool"));
        }
        request.tools.push(tool);
    }
    request.parallel_tool_calls = body.boolean("parallel_tool_calls")?;
    if let Some(value) = body.take("tool_choice") {
        let path = body.at("tool_choice");
        let (choice, one_only) = choice(value, &path)?;
        request.tool_choice = Some(choice);
        if one_only {
            request.parallel_tool_calls = Some(false);
        }
    }
    Ok(())
}

/// One of the tools. `None` if it is a search of the web, which others have too.
fn tool(
    value: Value,
    path: &Path<'_>,
    search: &mut Option<WebSearch>,
) -> Result<Option<Tool>, Error> {
    // A deployment's default may be in the other dialect.
    if value.get("type") == Some(&"function".into()) {
        return openai::tool(value, path).map(Some);
    }
    let mut fields = Object::new(value, path)?;
    match fields.string("type")? {
        None => own(fields).map(Some),
        Some(kind) if kind == "custom" => own(fields).map(Some),
        Some(kind) if kind.starts_with("web_search_") && search.is_none() => {
            *search = Some(web_search(kind, fields)?);
            Ok(None)
        }
        Some(kind) => theirs(kind, fields).map(Some),
    }
}

/// A tool of the caller's.
fn own(mut fields: Object<'_>) -> Result<Tool, Error> {
    let cache = cache(&mut fields)?;
    let kind = ToolKind::Function {
        name: fields.required_string("name")?,
        description: fields.string("description")?,
        parameters: fields.object("input_schema")?,
        strict: fields.boolean("strict")?,
    };
    Ok(Tool {
        kind,
        cache,
        extra: fields.rest(),
    })
}

/// A tool of Anthropic's.
fn theirs(kind: String, mut fields: Object<'_>) -> Result<Tool, Error> {
    let cache = cache(&mut fields)?;
    Ok(Tool {
        kind: ToolKind::Other(with_type(kind, fields)),
        cache,
        extra: Map::new(),
    })
}

fn web_search(kind: String, mut fields: Object<'_>) -> Result<WebSearch, Error> {
    let location = fields.object("user_location")?;
    let mut tool = with_type(kind, fields);
    let mut search = WebSearch::default();
    if let Some(mut location) = location {
        tool.insert("user_location".into(), location.clone().into());
        location.shift_remove("type");
        location.retain(|_, value| !value.is_null());
        search.location = Some(location);
    }
    search.tool = Some(tool);
    Ok(search)
}

fn with_type(kind: String, fields: Object<'_>) -> Map<String, Value> {
    let mut tool = Map::new();
    tool.insert("type".into(), kind.into());
    tool.extend(fields.rest());
    tool
}

/// The choice, and whether at most one tool may be called at once.
fn choice(value: Value, path: &Path<'_>) -> Result<(ToolChoice, bool), Error> {
    let kind = value.get("type").and_then(Value::as_str);
    // `"auto"`, or the object of a deployment's default.
    if matches!(kind, None | Some("function" | "allowed_tools")) && !is_untyped(&value) {
        return Ok((openai::tool_choice(value, path)?, false));
    }
    let mut choice = Object::new(value, path)?;
    let one_only = choice.boolean("disable_parallel_tool_use")? == Some(true);
    let kind = choice.required_string("type")?;
    let choice = match kind.as_str() {
        "auto" => ToolChoice::Auto,
        "any" => ToolChoice::Required,
        "none" => ToolChoice::None,
        "tool" => ToolChoice::Named(choice.required_string("name")?),
        _ => return Err(wrong(&choice.at("type"), "must be auto, any, tool or none")),
    };
    Ok((choice, one_only))
}

fn is_untyped(value: &Value) -> bool {
    value.is_object() && value.get("type").is_none()
}

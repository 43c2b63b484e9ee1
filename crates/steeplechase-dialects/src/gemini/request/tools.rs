use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;
use steeplechase_core::Error;

use super::RequestOptions;
use super::native::{Calling, Declaration, NativeTool, ToolConfig};
use super::schema;
use crate::chat::names::Names;
use crate::chat::notes::{Notes, invalid};
use crate::chat::stand_in::free_text_schema;
use crate::chat::{ChatRequest, Tool, ToolChoice, ToolKind};
use crate::json::Fields;

/// The tools of a request, and whether they have to be called.
pub(super) struct Toolbox<'a> {
    pub(super) tools: Vec<NativeTool<'a>>,
    pub(super) config: Option<ToolConfig>,
    /// The tools, by the names sent, that take free text.
    pub(super) custom: HashSet<Box<str>>,
}

/// The provider's own tools, by all that they are called.
const OWN: [(&str, &[&str]); 7] = [
    (
        "googleSearch",
        &[
            "google_search",
            "web_search",
            "web_search_preview",
            "google_search_retrieval",
            "googleSearchRetrieval",
        ],
    ),
    ("enterpriseWebSearch", &["enterprise_web_search"]),
    ("codeExecution", &["code_execution", "code_interpreter"]),
    ("urlContext", &["url_context"]),
    ("googleMaps", &["google_maps"]),
    ("fileSearch", &[]),
    ("computerUse", &["computer_use"]),
];

// ===== impl Toolbox =====

impl<'a> Toolbox<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        options: &RequestOptions<'_>,
        names: &mut Names,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let mut toolbox = Self {
            tools: Vec::new(),
            config: None,
            custom: HashSet::new(),
        };
        for tool in &chat.tools {
            names.reserve(tool.name().unwrap_or(""));
        }
        let mut functions = Vec::new();
        let mut own = Vec::new();
        for (index, tool) in chat.tools.iter().enumerate() {
            if let ToolKind::Other(fields) = &tool.kind {
                if let Some(tool) = own_tool(fields) {
                    own.push((format!("tools[{index}]"), tool));
                } else {
                    let field = format!("tools[{index}].type");
                    notes.refuse(&field, "the provider has no such tool")?;
                }
            } else if is_offered(tool, chat.tool_choice.as_ref()) {
                functions.push(toolbox.declaration(index, tool, options, names, notes)?);
            }
        }
        own.extend(search(chat, notes));
        if functions.is_empty() && has_choice(chat) && chat.tools.iter().any(is_callers) {
            return Err(invalid("tool_choice.allowed_tools.tools", "names no tool"));
        }
        if !functions.is_empty() {
            toolbox.config = choice(chat, names)?;
            toolbox.tools.push(NativeTool::Functions {
                function_declarations: functions,
            });
        }
        let goes_together = options.capabilities.search_with_tools || toolbox.tools.is_empty();
        for (field, tool) in own {
            if goes_together {
                toolbox.tools.push(NativeTool::Own(tool));
            } else {
                notes.note(&field);
            }
        }
        Ok(toolbox)
    }

    fn declaration(
        &mut self,
        index: usize,
        tool: &'a Tool,
        options: &RequestOptions<'_>,
        names: &mut Names,
        notes: &mut Notes,
    ) -> Result<Declaration<'a>, Error> {
        let (name, description, parameters) = match &tool.kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                ..
            } => {
                let parameters = parameters.as_ref().filter(|it| takes_something(it));
                (name, description, parameters.map(Cow::Borrowed))
            }
            ToolKind::Custom {
                name,
                description,
                grammar,
            } => {
                if grammar.is_some() {
                    notes.refuse_grammar(index)?;
                }
                self.custom.insert(names.native(name).into());
                (name, description, Some(Cow::Owned(free_text_schema())))
            }
            ToolKind::Other(_) => unreachable!("the provider's own tools are not declared"),
        };
        let mut declaration = Declaration {
            name: names.native(name),
            description: description.as_deref(),
            parameters: None,
            parameters_json_schema: None,
        };
        if options.capabilities.tool_schema {
            declaration.parameters_json_schema = parameters;
        } else {
            let subset = parameters.map(|parameters| schema::subset(&parameters));
            declaration.parameters = subset.filter(takes_something);
        }
        Ok(declaration)
    }
}

/// The provider's own tool that a caller means, with what it says about it.
fn own_tool(fields: &Fields) -> Option<Fields> {
    let kind = fields.get("type").and_then(Value::as_str);
    OWN.iter().find_map(|(name, others)| {
        let is_it = |said: &str| said == *name || others.contains(&said);
        if let Some(kind) = kind {
            // OpenAI's settings of its tools mean nothing here.
            let kind = kind.split_once("_20").map_or(kind, |(kind, _)| kind);
            return is_it(kind).then(|| named(name, Value::Object(Fields::new())));
        }
        let (_, settings) = fields.iter().find(|(said, _)| is_it(said))?;
        Some(named(name, settings.clone()))
    })
}

/// The search that is asked for in OpenAI's words, and the field that does.
fn search(chat: &ChatRequest, notes: &mut Notes) -> Option<(String, Fields)> {
    const FIELD: &str = "web_search_options";
    let search = chat.web_search.as_ref()?;
    if search.location.is_some() || search.context_size.is_some() {
        // It knows neither where the user is nor how much to read.
        notes.note(FIELD);
    }
    let tool = named("googleSearch", Value::Object(Fields::new()));
    Some((FIELD.to_owned(), tool))
}

fn named(name: &str, settings: Value) -> Fields {
    Fields::from_iter([(name.to_owned(), settings)])
}

fn is_callers(tool: &Tool) -> bool {
    tool.name().is_some()
}

fn has_choice(chat: &ChatRequest) -> bool {
    matches!(chat.tool_choice, Some(ToolChoice::Allowed { .. }))
}

/// Whether the model is told of a tool. It is not told of one that it may not call anyway.
fn is_offered(tool: &Tool, choice: Option<&ToolChoice>) -> bool {
    match choice {
        Some(ToolChoice::Allowed { tools, .. }) => tool
            .name()
            .is_some_and(|name| tools.iter().any(|it| it == name)),
        _ => true,
    }
}

/// Whether the model has to call a tool, and which.
fn choice(chat: &ChatRequest, names: &mut Names) -> Result<Option<ToolConfig>, Error> {
    let Some(choice) = &chat.tool_choice else {
        return Ok(None);
    };
    let mut allowed = Vec::new();
    let mode = match choice {
        ToolChoice::None => "NONE",
        ToolChoice::Auto
        | ToolChoice::Allowed {
            required: false, ..
        } => "AUTO",
        ToolChoice::Required => "ANY",
        ToolChoice::Allowed {
            required: true,
            tools,
        } => {
            let known = |name: &&String| chat.tools.iter().any(|it| it.name() == Some(name));
            allowed.extend(tools.iter().filter(known).map(|name| names.native(name)));
            "ANY"
        }
        ToolChoice::Named(name) => {
            if !chat.tools.iter().any(|tool| tool.name() == Some(name)) {
                let message = format_args!("names no tool: {name}");
                return Err(invalid("tool_choice", message));
            }
            allowed.push(names.native(name));
            "ANY"
        }
    };
    Ok(Some(ToolConfig {
        function_calling_config: Calling {
            mode,
            allowed_function_names: allowed,
        },
    }))
}

/// Whether a schema is of more than an object with nothing in it, which the provider refuses.
fn takes_something(schema: &Fields) -> bool {
    let has_fields = |name: &str| {
        let value = schema.get(name);
        value.is_some_and(|value| !value.as_object().is_some_and(Fields::is_empty))
    };
    let is_more = [
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "additionalProperties",
        "items",
    ];
    has_fields("properties")
        || is_more.iter().any(|name| {
            schema
                .get(*name)
                .is_some_and(|value| *value != Value::Bool(false))
        })
}

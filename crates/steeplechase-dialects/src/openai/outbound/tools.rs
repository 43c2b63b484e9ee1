use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Value, json};
use steeplechase_core::Error;

use super::context::Changes;
use super::ids::{MAX_NAME, plain_name};
use super::native::{Function, NativeTool, OwnCustom};
use super::quirks::Quirks;
use super::shape;
use crate::chat::names::{Names, is_plain};
use crate::chat::notes::{Notes, invalid, unsupported};
use crate::chat::stand_in::free_text_schema;
use crate::chat::{ChatRequest, Tool, ToolChoice, ToolKind};
use crate::json::Fields;

/// The tools of a request, whether they have to be called, and by which names.
pub(super) struct Toolbox<'a> {
    pub(super) tools: Vec<NativeTool<'a>>,
    pub(super) choice: Option<Value>,
    /// The tools, by the names sent, that take free text and look like functions.
    custom: HashSet<Box<str>>,
    names: Names,
}

// ===== impl Toolbox =====

impl<'a> Toolbox<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        quirks: &Quirks,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let mut toolbox = Self {
            tools: Vec::new(),
            choice: None,
            custom: HashSet::new(),
            names: Names::new(MAX_NAME, is_plain),
        };
        for tool in &chat.tools {
            toolbox.names.reserve(tool.name().unwrap_or(""));
        }
        let allowed = match &chat.tool_choice {
            Some(ToolChoice::Allowed { tools, .. }) if !quirks.is_openai => Some(tools),
            _ => None,
        };
        for (index, tool) in chat.tools.iter().enumerate() {
            let is_kept = |names: &Vec<String>| {
                tool.name()
                    .is_some_and(|name| names.iter().any(|known| known == name))
            };
            if allowed.is_none_or(is_kept) {
                toolbox.add(index, tool, quirks, notes)?;
            }
        }
        toolbox.choose(chat, quirks)?;
        Ok(toolbox)
    }

    /// The name to send for one of the caller's.
    pub(super) fn native_name(&mut self, caller: &str) -> String {
        match plain_name(caller) {
            None => self.names.native(caller),
            Some(wish) => self.names.native_as(caller, &wish),
        }
    }

    /// What had to be changed, which has to be known when the answer comes.
    pub(super) fn into_changes(self) -> Changes {
        Changes {
            renamed: self.names.into_renamed(),
            custom: self.custom,
        }
    }

    fn add(
        &mut self,
        index: usize,
        tool: &'a Tool,
        quirks: &Quirks,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let mark = tool.cache.as_ref().map(|mark| &mark.0);
        if mark.is_some() && !quirks.cache_marks {
            notes.note("cache_control");
        }
        let cache_control = mark.filter(|_| quirks.cache_marks);
        match &tool.kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                strict,
            } => {
                let is_strict = strict.unwrap_or(false) && quirks.strict;
                let fits = parameters.as_ref().is_none_or(shape::is_strict);
                if is_strict && !fits {
                    notes.note(&format!("tools[{index}].strict"));
                }
                let function = Function {
                    name: self.native_name(name),
                    description: description.as_deref(),
                    parameters: parameters.as_ref().map(shape::object),
                    strict: (is_strict && fits).then_some(true),
                };
                self.tools.push(NativeTool::Function {
                    function,
                    cache_control,
                });
            }
            ToolKind::Custom {
                name,
                description,
                grammar,
            } => {
                let description = description.as_deref();
                let tool = if quirks.is_openai {
                    let format = grammar.as_ref();
                    NativeTool::Custom {
                        custom: OwnCustom {
                            name: self.native_name(name),
                            description,
                            format: format.map(|it| json!({"type": "grammar", "grammar": it})),
                        },
                    }
                } else {
                    if grammar.is_some() {
                        let field = format!("tools[{index}].custom.format");
                        notes.refuse(&field, "the provider holds no tool to a grammar")?;
                    }
                    self.free_text(name, description, cache_control)
                };
                self.tools.push(tool);
            }
            ToolKind::Other(fields) => other(index, fields, notes)?,
        }
        Ok(())
    }

    /// A tool that takes free text, as one that takes an object with a text in it.
    fn free_text(
        &mut self,
        name: &str,
        description: Option<&'a str>,
        cache_control: Option<&'a Fields>,
    ) -> NativeTool<'a> {
        let name = self.native_name(name);
        self.custom.insert(name.as_str().into());
        NativeTool::Function {
            function: Function {
                name,
                description,
                parameters: Some(Cow::Owned(free_text_schema())),
                strict: None,
            },
            cache_control,
        }
    }

    fn choose(&mut self, chat: &ChatRequest, quirks: &Quirks) -> Result<(), Error> {
        let Some(choice) = &chat.tool_choice else {
            return Ok(());
        };
        if self.tools.is_empty() {
            let must = matches!(
                choice,
                ToolChoice::Required
                    | ToolChoice::Named(_)
                    | ToolChoice::Allowed { required: true, .. }
            );
            if must && !chat.tools.is_empty() {
                return Err(unsupported(
                    "tool_choice",
                    "the provider has none of the tools",
                ));
            }
            return Ok(());
        }
        self.choice = Some(match choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::None => json!("none"),
            ToolChoice::Required => json!("required"),
            ToolChoice::Allowed {
                required: must,
                tools,
            } if quirks.is_openai => {
                let tools: Vec<_> = tools
                    .iter()
                    .map(|name| self.by_name(name, chat, true))
                    .collect();
                let mode = if *must { "required" } else { "auto" };
                json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}})
            }
            ToolChoice::Allowed { required: must, .. } => {
                json!(if *must { "required" } else { "auto" })
            }
            ToolChoice::Named(name) => {
                if !chat.tools.iter().any(|tool| tool.name() == Some(name)) {
                    let why = format_args!("names no tool: {name}");
                    return Err(invalid("tool_choice", why));
                }
                self.by_name(name, chat, quirks.is_openai)
            }
        });
        Ok(())
    }

    /// A tool, as a choice names it.
    fn by_name(&mut self, name: &str, chat: &ChatRequest, knows_custom: bool) -> Value {
        let is_custom = chat
            .tools
            .iter()
            .any(|tool| tool.name() == Some(name) && matches!(tool.kind, ToolKind::Custom { .. }));
        let kind = if is_custom && knows_custom {
            "custom"
        } else {
            "function"
        };
        let native = self.native_name(name);
        json!({"type": kind, kind: {"name": native}})
    }
}

/// Somebody's own tool. Those that Anthropic runs are left out, as nobody waits for their calls; one
/// that the caller runs would be missed.
fn other(index: usize, fields: &Fields, notes: &mut Notes) -> Result<(), Error> {
    const RUN_THERE: [&str; 6] = [
        "code_execution",
        "mcp_toolset",
        "tool_search",
        "web_fetch",
        "web_search",
        "advisor",
    ];
    let kind = fields.get("type").and_then(Value::as_str).unwrap_or("");
    if RUN_THERE.iter().any(|start| kind.starts_with(start)) {
        notes.note(&format!("tools[{index}]"));
        return Ok(());
    }
    let field = format!("tools[{index}].type");
    notes.refuse(&field, "the provider has no such tool")
}

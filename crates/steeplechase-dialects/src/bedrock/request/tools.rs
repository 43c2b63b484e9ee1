use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Value, json};
use steeplechase_core::Error;

use super::RequestOptions;
use super::cache::Marks;
use super::messages::Conversation;
use super::native::{Choice, InputSchema, MarkedTool, Tool, ToolConfig, ToolSpec, Tools};
use super::schema::inlined;
use crate::anthropic::request::format::Format;
use crate::anthropic::request::schema;
use crate::anthropic::request::server::betas_of;
use crate::bedrock::{Capabilities, Family, ToolChoices};
use crate::chat::names::Names;
use crate::chat::notes::Notes;
use crate::chat::stand_in::{
    self, JSON_HINT, JSON_TOOL, JSON_TOOL_DESCRIPTION, JsonTool, empty_schema, free_text_schema,
};
use crate::chat::wish::{Wish, allowed};
use crate::chat::{self, ChatRequest, ToolChoice, ToolKind};
use crate::json::Fields;

const NO_TOOLS_HINT: &str = "Do not call any tools in this reply.";

/// The tools of a request, whether they have to be called, and what had to be made up for them.
#[derive(Default)]
pub(super) struct Toolbox<'a> {
    pub(super) tools: Vec<MarkedTool<'a>>,
    choice: Option<Choice>,
    /// Whether none may be called, which the provider cannot be told.
    is_closed: bool,
    /// What the model is told at the end of the system text.
    pub(super) hints: Vec<String>,
    /// The tools, by the names sent, that take free text.
    pub(super) custom: HashSet<Box<str>>,
    pub(super) json_tool: Option<JsonTool>,
    /// Whether the answer may come in one more object.
    pub(super) unfolds: bool,
    /// What the model is told beside what is the same for all models.
    pub(super) additional: Fields,
    pub(super) betas: Vec<String>,
}

// ===== impl Toolbox =====

impl<'a> Toolbox<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        options: &RequestOptions<'_>,
        (format, thinks): (&Format, bool),
        names: &mut Names,
        marks: &Marks,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let mut toolbox = Self::default();
        let capabilities = options.capabilities;
        let kept = allowed(chat)?;
        for tool in &chat.tools {
            names.reserve(tool.name().unwrap_or(""));
        }
        for (index, tool) in chat.tools.iter().enumerate() {
            if kept.as_ref().is_none_or(|kept| kept.contains(&index)) {
                let cache = tool.cache.as_ref();
                let cache = cache.and_then(|mark| marks.of_tool(mark, notes));
                let tool = toolbox.tool((index, tool), capabilities, names, notes)?;
                let tool = tool.map(|tool| MarkedTool { tool, cache });
                toolbox.tools.extend(tool);
            }
        }
        toolbox.search(chat, capabilities, notes)?;
        let mut wish = toolbox.wish(chat, names)?;
        match format {
            Format::Tool { schema, is_wrapped } => {
                let tool = (schema.clone(), *is_wrapped);
                wish = Some(toolbox.add_json_tool(tool, wish, names));
            }
            Format::Hint => toolbox.hints.push(JSON_HINT.to_owned()),
            Format::Free | Format::Native(_) => {}
        }
        toolbox.choose(chat, wish, (capabilities.tool_choice, thinks), notes)?;
        toolbox.one_at_a_time(chat, capabilities, notes);
        Ok(toolbox)
    }

    /// One of the caller's tools. `None` if it is told apart from them.
    fn tool(
        &mut self,
        (index, tool): (usize, &'a chat::Tool),
        capabilities: Capabilities,
        names: &mut Names,
        notes: &mut Notes,
    ) -> Result<Option<Tool<'a>>, Error> {
        match &tool.kind {
            ToolKind::Function {
                name,
                description,
                parameters,
                strict,
            } => {
                let parameters = parameters.as_ref();
                let schema = function_schema(index, parameters, capabilities.family)?;
                let mut spec = spec(names.native(name), description.as_deref(), schema);
                spec.strict = *strict == Some(true) && capabilities.strict;
                Ok(Some(Tool::ToolSpec(spec)))
            }
            ToolKind::Custom {
                name,
                description,
                grammar,
            } => {
                if grammar.is_some() {
                    notes.refuse_grammar(index)?;
                }
                let native = names.native(name);
                self.custom.insert(native.as_str().into());
                let spec = spec(native, description.as_deref(), free_text_schema());
                Ok(Some(Tool::ToolSpec(spec)))
            }
            ToolKind::Other(fields) => {
                let kind = fields.get("type").and_then(Value::as_str).unwrap_or("");
                let betas = betas_of(kind).filter(|_| capabilities.family == Family::Claude);
                let Some(betas) = betas else {
                    let field = format!("tools[{index}].type");
                    return notes
                        .refuse(&field, "the provider has no such tool")
                        .map(|()| None);
                };
                self.betas
                    .extend(betas.iter().map(|beta| (*beta).to_owned()));
                if let Some(name) = fields.get("name").and_then(Value::as_str) {
                    names.reserve(name);
                }
                let theirs = self.additional.entry("tools");
                let theirs = theirs.or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(theirs) = theirs {
                    theirs.push(Value::Object(fields.clone()));
                }
                Ok(None)
            }
        }
    }

    /// Searches the web, if the model has a tool for it.
    fn search(
        &mut self,
        chat: &ChatRequest,
        capabilities: Capabilities,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        if chat.web_search.is_none() {
            return Ok(());
        }
        if !matches!(capabilities.family, Family::Nova | Family::Nova2) {
            return notes.refuse("web_search_options", "the model does not search the web");
        }
        self.tools.push(MarkedTool {
            tool: Tool::SystemTool {
                name: "nova_grounding",
            },
            cache: None,
        });
        Ok(())
    }

    /// What the caller wants called.
    fn wish(&self, chat: &ChatRequest, names: &mut Names) -> Result<Option<Wish>, Error> {
        // Without tools there is nothing to choose.
        if self.tools.is_empty() {
            return Ok(None);
        }
        let Some(choice) = &chat.tool_choice else {
            return Ok(None);
        };
        let is_known = |name: &str| chat.tools.iter().any(|tool| tool.name() == Some(name));
        Wish::new(choice, names, is_known).map(Some)
    }

    fn add_json_tool(
        &mut self,
        (schema, is_wrapped): (Fields, bool),
        wish: Option<Wish>,
        names: &mut Names,
    ) -> Wish {
        let name = names.free(JSON_TOOL);
        let is_alone = self.tools.is_empty();
        let properties = schema.get("properties");
        self.unfolds = properties.is_none_or(|it| it.get("properties").is_none());
        let spec = spec(name.clone(), Some(JSON_TOOL_DESCRIPTION), schema);
        self.tools.push(MarkedTool {
            tool: Tool::ToolSpec(spec),
            cache: None,
        });
        self.json_tool = Some(JsonTool {
            name: name.as_str().into(),
            is_wrapped,
        });
        Wish::with_json_tool(wish, name, is_alone)
    }

    fn choose(
        &mut self,
        chat: &ChatRequest,
        wish: Option<Wish>,
        (can, thinks): (ToolChoices, bool),
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let is_forced = matches!(
            chat.tool_choice,
            Some(ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Allowed { .. })
        );
        let is_only = self.tools.len() == 1;
        self.choice = match wish {
            None => return Ok(()),
            Some(Wish::None) => {
                self.is_closed = true;
                return Ok(());
            }
            Some(Wish::Auto) if can == ToolChoices::None => return Ok(()),
            Some(Wish::Auto) => Some(Choice::Auto {}),
            Some(Wish::Any) if can != ToolChoices::None && !thinks => Some(Choice::Any {}),
            Some(Wish::Named(name)) if can == ToolChoices::Named && !thinks => {
                Some(Choice::Tool { name })
            }
            Some(Wish::Named(_)) if can == ToolChoices::Any && is_only && !thinks => {
                Some(Choice::Any {})
            }
            Some(wish) => {
                if is_forced && can == ToolChoices::None {
                    let why = "the model cannot be made to call a tool";
                    notes.refuse("tool_choice", why)?;
                } else if is_forced {
                    notes.note("tool_choice");
                }
                self.hints.push(wish.hint());
                (can != ToolChoices::None).then_some(Choice::Auto {})
            }
        };
        Ok(())
    }

    /// Says that one tool at a time is enough, if the model can be told.
    fn one_at_a_time(&mut self, chat: &ChatRequest, capabilities: Capabilities, notes: &mut Notes) {
        if chat.parallel_tool_calls != Some(false) || self.tools.is_empty() || self.is_closed {
            return;
        }
        if !capabilities.one_tool_at_a_time {
            notes.note("parallel_tool_calls");
            return;
        }
        // The choice may be in one place only.
        let choice = if self.choice.is_some() {
            json!({"disable_parallel_tool_use": true})
        } else {
            json!({"type": "auto", "disable_parallel_tool_use": true})
        };
        self.additional.insert("tool_choice".into(), choice);
    }

    /// Sees to what has been said about tools so far: the provider refuses it in a call without any.
    pub(super) fn explain_history(&mut self, conversation: &Conversation<'_>, names: &mut Names) {
        let has_history = conversation.has_tools();
        if self.is_closed && has_history {
            self.hints.push(NO_TOOLS_HINT.to_owned());
        } else if self.is_closed {
            self.tools.clear();
        }
        if self.tools.is_empty() && has_history {
            let name = names.free(stand_in::NO_TOOL);
            let spec = spec(name, Some(stand_in::NO_TOOL_DESCRIPTION), empty_schema());
            self.tools.push(MarkedTool {
                tool: Tool::ToolSpec(spec),
                cache: None,
            });
        }
    }

    pub(super) fn config(&mut self) -> Option<ToolConfig<'a>> {
        let tools = std::mem::take(&mut self.tools);
        (!tools.is_empty()).then(|| ToolConfig {
            tools: Tools(tools),
            tool_choice: self.choice.take(),
        })
    }
}

/// The schema of a function, which has to take an object.
fn function_schema(
    index: usize,
    parameters: Option<&Fields>,
    family: Family,
) -> Result<Fields, Error> {
    let schema = schema::of_function(index, parameters)?;
    Ok(if family == Family::Claude {
        schema
    } else {
        inlined(schema)
    })
}

/// A tool, which has to say something about itself.
fn spec(name: String, description: Option<&str>, json: Fields) -> ToolSpec<'_> {
    let description = description.filter(|text| !text.trim().is_empty());
    let description = description.map_or_else(|| Cow::Owned(name.clone()), Cow::Borrowed);
    ToolSpec {
        name,
        description,
        input_schema: InputSchema { json },
        strict: false,
    }
}

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;
use steeplechase_core::Error;

use super::RequestOptions;
use super::format::Format;
use super::messages::Conversation;
use super::native::Choice;
use super::native::NativeTool;
use super::schema;
use super::server;
use super::thinking::Plan;
use crate::chat::ChatRequest;
use crate::chat::Tool;
use crate::chat::ToolChoice;
use crate::chat::ToolKind;
use crate::chat::WebSearch;
use crate::chat::names::Names;
use crate::chat::notes::Notes;
use crate::chat::stand_in::{
    self, JSON_HINT, JSON_TOOL, JSON_TOOL_DESCRIPTION, JsonTool, empty_schema, free_text_schema,
};
use crate::chat::wish::{Wish, allowed};
use crate::json::Fields;

/// The tools of a request, whether they have to be called, and what had to be made up for them.
pub(super) struct Toolbox<'a> {
    pub(super) tools: Vec<NativeTool<'a>>,
    pub(super) choice: Option<Choice<'a>>,
    /// What the model is told at the end of the system text.
    pub(super) hints: Vec<String>,
    /// The tools, by the names sent, that take free text.
    pub(super) custom: HashSet<Box<str>>,
    pub(super) json_tool: Option<JsonTool>,
    pub(super) betas: Vec<&'static str>,
}

// ===== impl Toolbox =====

impl<'a> Toolbox<'a> {
    pub(super) fn new(
        chat: &'a ChatRequest,
        options: &RequestOptions<'_>,
        format: &Format,
        plan: &Plan,
        names: &mut Names,
        notes: &mut Notes,
    ) -> Result<Self, Error> {
        let mut toolbox = Self {
            tools: Vec::new(),
            choice: None,
            hints: Vec::new(),
            custom: HashSet::new(),
            json_tool: None,
            betas: Vec::new(),
        };
        let kept = allowed(chat)?;
        for tool in &chat.tools {
            names.reserve(tool.name().unwrap_or(""));
        }
        for (index, tool) in chat.tools.iter().enumerate() {
            if kept.as_ref().is_none_or(|kept| kept.contains(&index)) {
                toolbox.add(index, tool, options, names, notes)?;
            }
        }
        let search = chat.web_search.as_ref();
        // One that the caller knows as a tool can be chosen like one.
        let is_tool = search.is_some_and(|search| search.tool.is_some());
        let add = |toolbox: &mut Self, names: &mut Names, now: bool| {
            if let Some(search) = search.filter(|_| now) {
                toolbox.web_search(search, names);
            }
        };
        add(&mut toolbox, names, is_tool);
        let mut wish = toolbox.wish(chat, names)?;
        add(&mut toolbox, names, !is_tool);
        match format {
            Format::Tool { schema, is_wrapped } => {
                wish = Some(toolbox.add_json_tool(schema.clone(), *is_wrapped, wish, names));
            }
            Format::Hint => toolbox.hints.push(JSON_HINT.to_owned()),
            Format::Free | Format::Native(_) => {}
        }
        let can_force = options.capabilities.forced_tool && !plan.is_asked;
        toolbox.choose(chat, wish, can_force, notes);
        Ok(toolbox)
    }

    fn add(
        &mut self,
        index: usize,
        tool: &'a Tool,
        options: &RequestOptions<'_>,
        names: &mut Names,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let cache_control = tool.cache.as_ref().map(|mark| &mark.0);
        match &tool.kind {
            ToolKind::Function { name, .. } => {
                let extra = self.extra(tool);
                let native = function(index, &tool.kind, names.native(name), options)?;
                self.tools.push(native.with(extra, cache_control));
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
                let tool = own(native, description.as_deref(), free_text_schema());
                self.tools.push(tool.with(Fields::new(), cache_control));
            }
            ToolKind::Other(fields) => {
                let kind = fields.get("type").and_then(Value::as_str).unwrap_or("");
                let Some(betas) = server::betas_of(kind) else {
                    let field = format!("tools[{index}].type");
                    return notes.refuse(&field, "the provider has no such tool");
                };
                self.betas.extend(betas);
                if let Some(name) = fields.get("name").and_then(Value::as_str) {
                    names.reserve(name);
                }
                self.tools.push(NativeTool::Theirs {
                    fields: Cow::Borrowed(fields),
                    cache_control,
                });
            }
        }
        Ok(())
    }

    fn web_search(&mut self, search: &'a WebSearch, names: &mut Names) {
        let fields = server::web_search(search);
        if let Some(name) = fields.get("name").and_then(Value::as_str) {
            names.reserve(name);
        }
        self.tools.push(NativeTool::Theirs {
            fields,
            cache_control: None,
        });
    }

    /// What callers say about a tool in Anthropic's own words.
    fn extra(&mut self, tool: &Tool) -> Fields {
        const ADVANCED: [&str; 3] = ["input_examples", "defer_loading", "allowed_callers"];
        let mut extra = Fields::new();
        for (name, value) in &tool.extra {
            let is_advanced = ADVANCED.contains(&name.as_str());
            if is_advanced {
                self.betas.push("advanced-tool-use-2025-11-20");
            }
            if is_advanced || name == "eager_input_streaming" {
                extra.insert(name.clone(), value.clone());
            }
        }
        extra
    }

    /// What the caller wants called.
    fn wish(&self, chat: &ChatRequest, names: &mut Names) -> Result<Option<Wish>, Error> {
        // Without tools there is nothing to choose.
        if self.tools.is_empty() {
            return Ok(None);
        }
        let Some(choice) = &chat.tool_choice else {
            let one_only = chat.parallel_tool_calls == Some(false);
            return Ok(one_only.then_some(Wish::Auto));
        };
        let search = chat.web_search.as_ref();
        let searches = search.and_then(|search| search.tool.as_ref());
        let wish = Wish::new(choice, names, |name| {
            let is_named =
                |fields: &Fields| fields.get("name").and_then(Value::as_str) == Some(name);
            let is_known = |tool: &Tool| match &tool.kind {
                ToolKind::Other(fields) => is_named(fields),
                _ => tool.name() == Some(name),
            };
            chat.tools.iter().any(is_known) || searches.is_some_and(is_named)
        })?;
        Ok(Some(wish))
    }

    fn add_json_tool(
        &mut self,
        schema: Fields,
        is_wrapped: bool,
        wish: Option<Wish>,
        names: &mut Names,
    ) -> Wish {
        let name = names.free(JSON_TOOL);
        let is_alone = self.tools.is_empty();
        let tool = own(name.clone(), Some(JSON_TOOL_DESCRIPTION), schema);
        self.tools.push(tool);
        self.json_tool = Some(JsonTool {
            name: name.as_str().into(),
            is_wrapped,
        });
        Wish::with_json_tool(wish, name, is_alone)
    }

    fn choose(
        &mut self,
        chat: &'a ChatRequest,
        wish: Option<Wish>,
        can_force: bool,
        notes: &mut Notes,
    ) {
        let Some(wish) = wish else { return };
        let (kind, name) = match wish {
            Wish::None => ("none", None),
            Wish::Auto => ("auto", None),
            Wish::Any if can_force => ("any", None),
            Wish::Named(name) if can_force => ("tool", Some(name)),
            Wish::Any | Wish::Named(_) => {
                self.hints.push(wish.hint());
                if !matches!(
                    chat.tool_choice,
                    None | Some(ToolChoice::Auto | ToolChoice::None)
                ) {
                    notes.note("tool_choice");
                }
                ("auto", None)
            }
        };
        self.choice = Some(Choice {
            kind,
            name: name.map(Cow::Owned),
            disable_parallel_tool_use: kind != "none" && chat.parallel_tool_calls == Some(false),
        });
    }

    /// Adds a tool that is never called to a call that has none, if there are tools in its history:
    /// some versions of the API refuse it otherwise.
    pub(super) fn explain_history(&mut self, conversation: &Conversation<'_>, names: &mut Names) {
        if !self.tools.is_empty() || !conversation.has_tools() {
            return;
        }
        let name = names.free(stand_in::NO_TOOL);
        let tool = own(name, Some(stand_in::NO_TOOL_DESCRIPTION), empty_schema());
        self.tools.push(tool);
        self.choice = Some(Choice {
            kind: "none",
            name: None,
            disable_parallel_tool_use: false,
        });
    }
}

/// A function, which has to take an object.
fn function<'a>(
    index: usize,
    kind: &'a ToolKind,
    native: String,
    options: &RequestOptions<'_>,
) -> Result<NativeTool<'a>, Error> {
    let ToolKind::Function {
        description,
        parameters,
        strict,
        ..
    } = kind
    else {
        return Ok(own(native, None, empty_schema()));
    };
    let input_schema = schema::of_function(index, parameters.as_ref())?;
    let tool = own(native, description.as_deref(), input_schema);
    let knows_strict = options.capabilities.json_schema && !options.without_strict;
    Ok(tool.strict(*strict == Some(true) && knows_strict))
}

fn own(name: String, description: Option<&str>, input_schema: Fields) -> NativeTool<'_> {
    NativeTool::Own {
        name,
        description,
        input_schema,
        strict: false,
        extra: Fields::new(),
        cache_control: None,
    }
}

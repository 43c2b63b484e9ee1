//! What a caller wants called, on its way to a provider that is told in other words.

use steeplechase_core::Error;

use super::names::Names;
use super::notes::invalid;
use super::{ChatRequest, ToolChoice};

/// What is wanted, with the names of tools as they are sent.
pub(crate) enum Wish {
    Any,
    Auto,
    Named(String),
    None,
}

// ===== impl Wish =====

impl Wish {
    /// What a choice comes to, where `is_known` says which tools there are.
    ///
    /// # Errors
    ///
    /// A tool that is none of them.
    pub(crate) fn new(
        choice: &ToolChoice,
        names: &mut Names,
        is_known: impl FnOnce(&str) -> bool,
    ) -> Result<Self, Error> {
        Ok(match choice {
            ToolChoice::None => Self::None,
            ToolChoice::Auto
            | ToolChoice::Allowed {
                required: false, ..
            } => Self::Auto,
            ToolChoice::Required | ToolChoice::Allowed { required: true, .. } => Self::Any,
            ToolChoice::Named(name) if is_known(name) => Self::Named(names.native(name)),
            ToolChoice::Named(name) => {
                let why = format_args!("names no tool: {name}");
                return Err(invalid("tool_choice", why));
            }
        })
    }

    /// What a model is told that cannot be made to do it.
    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Named(name) => format!("You must call the tool {name} in this reply."),
            _ => "You must call one of the available tools in this reply.".to_owned(),
        }
    }

    /// The same with one more tool, by which the answer is given. `is_alone` if there are no others.
    pub(crate) fn with_json_tool(wish: Option<Self>, name: String, is_alone: bool) -> Self {
        match wish {
            Some(Self::Named(other)) => Self::Named(other),
            Some(Self::None) => Self::Named(name),
            _ if is_alone => Self::Named(name),
            // The answer, or what it takes to give it.
            _ => Self::Any,
        }
    }
}

/// The places of the tools that may be called, if not all of them may.
///
/// # Errors
///
/// That there are tools, and none of them may.
pub(crate) fn allowed(chat: &ChatRequest) -> Result<Option<Vec<usize>>, Error> {
    let Some(ToolChoice::Allowed { tools, .. }) = &chat.tool_choice else {
        return Ok(None);
    };
    let is_allowed = |name: &str| tools.iter().any(|allowed| allowed == name);
    let all = chat.tools.iter().enumerate();
    let kept = all.filter(|(_, tool)| tool.name().is_some_and(is_allowed));
    let kept: Vec<_> = kept.map(|(index, _)| index).collect();
    if kept.is_empty() && !chat.tools.is_empty() {
        return Err(invalid("tool_choice.allowed_tools.tools", "names no tool"));
    }
    Ok(Some(kept))
}

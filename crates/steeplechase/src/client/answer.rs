use std::sync::Arc;

use bytes::Bytes;
use http::Extensions;
use http::response::Parts;
use serde::{Deserialize, Serialize};
use steeplechase_core::{Class, Cost, Deployment, Error, Usage};
use steeplechase_layers::route::ServedBy;

use super::Message;

/// The whole answer to a call.
#[derive(Clone, Debug)]
pub struct ChatAnswer {
    message: Message,
    finish_reason: Option<String>,
    model: String,
    usage: Option<Usage>,
    cost: Option<Cost>,
    served_by: Option<Arc<Deployment>>,
    raw: Bytes,
}

/// A tool that a model calls.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ToolCall {
    /// The name of the call, to which its result refers.
    pub id: String,
    /// Always `function`.
    #[serde(default = "function")]
    pub r#type: String,
    /// What is called, and with what.
    pub function: Function,
}

/// What a model calls, and with what.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Function {
    /// The name of the function.
    pub name: String,
    /// Its arguments: JSON, as the model wrote it. Check it before you use it.
    pub arguments: String,
}

/// OpenAI's answer, as far as it is read.
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    model: String,
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: WireMessage,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct WireMessage {
    #[serde(default = "assistant")]
    role: String,
    content: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
}

// ===== impl ChatAnswer =====

impl ChatAnswer {
    pub(super) fn read(parts: &Parts, raw: Bytes, usage: Option<Usage>) -> Result<Self, Error> {
        let body: Body = serde_json::from_slice(&raw).map_err(|error| unreadable(&error))?;
        let mut choices = body.choices.into_iter();
        let choice = choices.next().ok_or_else(|| {
            Error::new(Class::Server, "the provider's answer has no choice in it")
        })?;
        Ok(Self {
            message: Message {
                role: choice.message.role,
                content: choice.message.content,
                tool_calls: choice.message.tool_calls.unwrap_or_default(),
                tool_call_id: None,
            },
            finish_reason: choice.finish_reason,
            model: body.model,
            usage,
            cost: usage.and_then(|usage| cost(&parts.extensions, &usage)),
            served_by: served_by(parts),
            raw,
        })
    }

    /// What the assistant says. Empty if it only calls tools.
    pub fn text(&self) -> &str {
        self.message.content.as_deref().unwrap_or_default()
    }

    /// The tools that the assistant calls.
    pub fn tool_calls(&self) -> &[ToolCall] {
        &self.message.tool_calls
    }

    /// The message, to be added to the conversation.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Why the answer ends: `stop`, `length`, `tool_calls`, `content_filter`.
    pub fn finish_reason(&self) -> Option<&str> {
        self.finish_reason.as_deref()
    }

    /// The provider's name for the model that has answered.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// What the answer has taken, in tokens.
    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// What the answer has cost, if its price is known.
    pub fn cost(&self) -> Option<Cost> {
        self.cost
    }

    /// The deployment that has answered.
    pub fn served_by(&self) -> Option<&Deployment> {
        self.served_by.as_deref()
    }

    /// The answer as it came, in OpenAI's dialect.
    pub fn raw(&self) -> &Bytes {
        &self.raw
    }
}

pub(super) fn served_by(parts: &Parts) -> Option<Arc<Deployment>> {
    let ServedBy(deployment) = parts.extensions.get()?;
    Some(Arc::clone(deployment))
}

fn cost(extensions: &Extensions, usage: &Usage) -> Option<Cost> {
    ServedBy::pricing(extensions)?.cost(usage)
}

pub(super) fn unreadable(error: &serde_json::Error) -> Error {
    Error::new(Class::Server, "the provider's answer cannot be read").with_detail(error.to_string())
}

fn assistant() -> String {
    "assistant".to_owned()
}

fn function() -> String {
    "function".to_owned()
}

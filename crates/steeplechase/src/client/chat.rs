use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use steeplechase_core::{Class, Error, Operation};

use super::{ChatAnswer, ChatStream, Client, ToolCall, collect};

/// A call for the next message of a conversation, being put together.
#[derive(Clone, Debug)]
#[must_use = "a call does nothing until it is sent"]
pub struct Chat<'c> {
    client: &'c Client,
    body: ChatBody,
}

#[derive(Clone, Debug, Serialize)]
struct ChatBody {
    model: String,
    messages: Vec<Value>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(flatten)]
    params: Map<String, Value>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// A message of a conversation.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Message {
    /// Who says it: `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What is said. `None` if an assistant only calls tools.
    pub content: Option<String>,
    /// The tools that an assistant calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
}

// ===== impl Chat =====

impl<'c> Chat<'c> {
    pub(super) fn new(client: &'c Client, model: String) -> Self {
        Self {
            client,
            body: ChatBody {
                model,
                messages: Vec::new(),
                stream: false,
                stream_options: None,
                params: Map::new(),
            },
        }
    }

    /// Adds what the system says.
    pub fn system(self, text: impl Into<String>) -> Self {
        self.message(&Message::new("system", text))
    }

    /// Adds what the user says.
    pub fn user(self, text: impl Into<String>) -> Self {
        self.message(&Message::new("user", text))
    }

    /// Adds what the assistant has said.
    pub fn assistant(self, text: impl Into<String>) -> Self {
        self.message(&Message::new("assistant", text))
    }

    /// Adds a message.
    pub fn message(self, message: &Message) -> Self {
        self.raw_message(serde_json::json!(message))
    }

    /// Adds a message as OpenAI has it, such as one with images.
    pub fn raw_message(mut self, message: Value) -> Self {
        self.body.messages.push(message);
        self
    }

    /// Sets the most tokens that the answer may have.
    pub fn max_tokens(self, tokens: u32) -> Self {
        self.param("max_tokens", tokens)
    }

    /// Sets how freely words are chosen, from 0 to 2.
    pub fn temperature(self, temperature: f32) -> Self {
        self.param("temperature", temperature)
    }

    /// Offers a tool: a function with a name, what it is for, and the JSON schema of its arguments.
    pub fn tool(
        mut self,
        name: impl Into<String>,
        description: impl Into<String>,
        parameters: impl Into<Value>,
    ) -> Self {
        let tool = serde_json::json!({"type": "function", "function": {
            "name": name.into(), "description": description.into(),
            "parameters": parameters.into(),
        }});
        let tools = self
            .body
            .params
            .entry("tools")
            .or_insert_with(|| Value::Array(Vec::new()));
        match tools {
            Value::Array(tools) => tools.push(tool),
            other => *other = Value::Array(vec![tool]),
        }
        self
    }

    /// Sets any parameter of OpenAI's chat completions by its name.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.body.params.insert(name.into(), value.into());
        self
    }

    /// Sends the call and waits for the whole answer.
    ///
    /// # Errors
    ///
    /// The call failed, after all attempts.
    pub async fn send(mut self) -> Result<ChatAnswer, Error> {
        self.body.stream = false;
        let raw = self.encode()?;
        let response = self.client.call(Operation::Chat, raw).await?;
        let (parts, body) = response.into_parts();
        let (raw, usage) = collect(body).await?;
        ChatAnswer::read(&parts, raw, usage)
    }

    /// Sends the call and gives the answer as it comes. The stream is there when its first content is.
    ///
    /// # Errors
    ///
    /// The call failed before its first content, after all attempts. A failure after that is an item of
    /// the stream.
    pub async fn stream(mut self) -> Result<ChatStream, Error> {
        self.body.stream = true;
        self.body.stream_options = Some(StreamOptions {
            include_usage: true,
        });
        let raw = self.encode()?;
        let response = self.client.call(Operation::Chat, raw).await?;
        Ok(ChatStream::new(response))
    }

    fn encode(&self) -> Result<Bytes, Error> {
        let raw = serde_json::to_vec(&self.body).map_err(|error| {
            Error::new(
                Class::InvalidRequest,
                "a parameter cannot be written as JSON",
            )
            .with_source(error)
        })?;
        Ok(raw.into())
    }
}

// ===== impl Message =====

impl Message {
    /// A message of a role.
    pub fn new(role: impl Into<String>, content: impl Into<String>) -> Self {
        Self {
            role: role.into(),
            content: Some(content.into()),
            tool_calls: Vec::new(),
            tool_call_id: None,
        }
    }

    /// What a tool has to say to a call.
    pub fn tool_result(call: &ToolCall, result: impl Into<String>) -> Self {
        Self {
            tool_call_id: Some(call.id.clone()),
            ..Self::new("tool", result)
        }
    }
}

use serde_json::Value;
use steeplechase_core::{Dialect, Error};

use super::{noted, parts};
use crate::chat::notes::unsupported;
use crate::chat::stand_in::NO_RESULT;
use crate::chat::{Message, Part, Role, ToolCall, ToolInput};
use crate::fields::{Object, Path, list, wrong};
use crate::responses::Terms;
use crate::responses::seal::Sealed;

/// Walks over the items of a conversation and makes messages of them.
///
/// ```text
/// message ─────────────────────────────► user
/// reasoning, message, call, call ──────► assistant: thoughts, text, two calls
/// output, output ──────────────────────► tool, tool
/// ```
///
/// An assistant's message is open until somebody else speaks.
pub(super) struct Walk<'t> {
    turns: Vec<Turn>,
    open: Option<Message>,
    /// Seals on calls, by the names of the calls.
    seals: Vec<(String, String, Dialect)>,
    /// Tools that stand in the conversation.
    late: Vec<Value>,
    terms: &'t mut Terms,
}

/// A message, and the results of the tools that it calls.
struct Turn {
    message: Message,
    results: Vec<Message>,
}

// ===== impl Walk =====

impl<'t> Walk<'t> {
    pub(super) const fn new(terms: &'t mut Terms) -> Self {
        Self {
            turns: Vec::new(),
            open: None,
            seals: Vec::new(),
            late: Vec::new(),
            terms,
        }
    }

    /// Reads the input of a call: a text of the user's, or items.
    pub(super) fn read(&mut self, input: Value, path: &Path<'_>) -> Result<(), Error> {
        if let Value::String(text) = input {
            if text.is_empty() {
                return Err(wrong(path, "must not be empty"));
            }
            self.say(Message::text(Role::User, text));
            return Ok(());
        }
        let items = list(input, path)?;
        if items.is_empty() {
            return Err(wrong(path, "must have at least one item"));
        }
        for (index, item) in items.into_iter().enumerate() {
            self.item(item, &Path::Index(path, index))?;
        }
        Ok(())
    }

    /// The messages, and the tools that stood among them.
    pub(super) fn finish(mut self) -> (Vec<Message>, Vec<Value>) {
        self.close();
        let mut messages = Vec::with_capacity(self.turns.len());
        for mut turn in self.turns {
            for call in &mut turn.message.tool_calls {
                let mut seals = self.seals.iter();
                let Some((_, seal, by)) = seals.find(|(id, ..)| *id == call.id) else {
                    continue;
                };
                if turn.message.sealed_by.is_none_or(|known| known == *by) {
                    turn.message.sealed_by = Some(*by);
                    call.signature = Some(seal.clone());
                }
            }
            let answered = |call: &&ToolCall| !turn.results.iter().any(|it| answers(it, &call.id));
            let missing: Vec<_> = turn.message.tool_calls.iter().filter(answered).collect();
            let missing: Vec<_> = missing
                .into_iter()
                .map(|call| result(call.id.clone(), vec![Part::text(NO_RESULT)]))
                .collect();
            messages.push(turn.message);
            messages.extend(turn.results);
            messages.extend(missing);
        }
        (messages, self.late)
    }

    fn item(&mut self, item: Value, path: &Path<'_>) -> Result<(), Error> {
        let mut fields = Object::new(item, path)?;
        let kind = match fields.string("type")? {
            Some(kind) => kind,
            None if fields.has("role") => "message".to_owned(),
            None if fields.has("id") => "item_reference".to_owned(),
            None => return Err(wrong(&fields.at("type"), "is required")),
        };
        match kind.as_str() {
            "message" => self.message(&mut fields)?,
            "reasoning" => self.reasoning(&mut fields)?,
            "function_call" => {
                let input = ToolInput::Function(arguments(&mut fields)?);
                self.call(&mut fields, input)?;
            }
            "custom_tool_call" => {
                let input = fields.string("input")?.unwrap_or_default();
                self.call(&mut fields, ToolInput::Custom(input))?;
            }
            "apply_patch_call" => self.own_call(&mut fields, "apply_patch", "operation")?,
            "local_shell_call" => self.own_call(&mut fields, "local_shell", "action")?,
            "shell_call" => self.own_call(&mut fields, "shell", "action")?,
            "function_call_output"
            | "custom_tool_call_output"
            | "apply_patch_call_output"
            | "local_shell_call_output"
            | "shell_call_output" => self.output(&mut fields)?,
            "additional_tools" => {
                let tools = fields.list("tools")?;
                self.late.extend(tools.unwrap_or_default());
            }
            "item_reference" => {
                let why = "this model's items are not kept; send the item itself";
                return Err(unsupported(path, why));
            }
            // What a tool of the provider's own has done, and what is not known yet.
            _ => self.terms.note(noted(path)),
        }
        Ok(())
    }

    fn message(&mut self, fields: &mut Object<'_>) -> Result<(), Error> {
        let role = match fields.required_string("role")?.as_str() {
            "assistant" => Role::Assistant,
            "developer" => Role::Developer,
            "system" => Role::System,
            "user" => Role::User,
            _ => {
                let wanted = "must be user, assistant, system or developer";
                return Err(wrong(&fields.at("role"), wanted));
            }
        };
        let content = fields.required("content")?;
        let content = parts::content(content, &fields.at("content"))?;
        if role == Role::Assistant {
            self.assistant().content.extend(content);
            return Ok(());
        }
        self.say(Message {
            role,
            content,
            ..Message::default()
        });
        Ok(())
    }

    /// What an assistant thought before it said what comes next.
    fn reasoning(&mut self, fields: &mut Object<'_>) -> Result<(), Error> {
        let mut texts = Vec::new();
        for name in ["summary", "content"] {
            let parts = fields.list(name)?.unwrap_or_default();
            let mut parts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            if texts.is_empty() {
                texts.extend(parts.by_ref().map(str::to_owned));
            }
        }
        let carried = fields.string("encrypted_content")?;
        let sealed = carried.as_deref().and_then(Sealed::read);
        if carried.is_some() && sealed.is_none() {
            let place = noted(&fields.at("encrypted_content"));
            self.terms.note(place);
        }
        let open = self.assistant();
        let text = texts.join("\n\n");
        if !text.is_empty() {
            let before = open.reasoning.take().map(|before| before + "\n\n");
            open.reasoning = Some(before.unwrap_or_default() + &text);
        }
        let Some((Sealed { blocks, calls }, by)) = sealed else {
            return Ok(());
        };
        if !blocks.is_empty() && open.sealed_by.is_none_or(|known| known == by) {
            open.sealed_by = Some(by);
            open.thinking.extend(blocks);
        }
        let calls = calls.into_iter().map(|(id, seal)| (id, seal, by));
        self.seals.extend(calls);
        Ok(())
    }

    fn call(&mut self, fields: &mut Object<'_>, input: ToolInput) -> Result<(), Error> {
        let name = fields.required_string("name")?;
        let name = match fields.string("namespace")? {
            None => name,
            Some(namespace) => match self.terms.flat_of(&namespace, &name) {
                Some(flat) => flat.to_owned(),
                None => format!("{namespace}__{name}"),
            },
        };
        let call = ToolCall {
            id: fields.required_string("call_id")?,
            name,
            input,
            signature: None,
        };
        self.assistant().tool_calls.push(call);
        Ok(())
    }

    /// A call of a tool whose schema callers and models know by heart.
    fn own_call(&mut self, fields: &mut Object<'_>, name: &str, input: &str) -> Result<(), Error> {
        let input = fields.take(input).unwrap_or(Value::Null);
        let call = ToolCall {
            id: fields.required_string("call_id")?,
            name: name.to_owned(),
            input: ToolInput::Function(input.to_string()),
            signature: None,
        };
        self.assistant().tool_calls.push(call);
        Ok(())
    }

    fn output(&mut self, fields: &mut Object<'_>) -> Result<(), Error> {
        self.close();
        // The one of a local shell has it under another name.
        let id = match fields.string("call_id")? {
            Some(id) => id,
            None => fields.required_string("id")?,
        };
        let output = fields.take("output").unwrap_or_else(|| "".into());
        let content = parts::output(output, &fields.at("output"))?;
        let mut turns = self.turns.iter_mut().rev();
        let calls = |turn: &Turn| turn.message.tool_calls.iter().any(|call| call.id == id);
        let Some(turn) = turns.find(|turn| calls(turn)) else {
            let wanted = format!("names no call: there is none with the name `{id}` before it");
            return Err(wrong(&fields.at("call_id"), wanted));
        };
        turn.results.retain(|known| !answers(known, &id));
        turn.results.push(result(id, content));
        Ok(())
    }

    fn assistant(&mut self) -> &mut Message {
        self.open.get_or_insert_with(|| Message {
            role: Role::Assistant,
            ..Message::default()
        })
    }

    fn say(&mut self, message: Message) {
        self.close();
        self.push(message);
    }

    fn push(&mut self, message: Message) {
        self.turns.push(Turn {
            message,
            results: Vec::new(),
        });
    }

    /// Ends the assistant's message. Thoughts that have led to nothing are left out.
    fn close(&mut self) {
        if let Some(message) = self.open.take()
            && !(message.content.is_empty() && message.tool_calls.is_empty())
        {
            self.push(message);
        }
    }
}

fn result(id: String, content: Vec<Part>) -> Message {
    Message {
        role: Role::Tool,
        tool_call_id: Some(id),
        content,
        ..Message::default()
    }
}

fn answers(result: &Message, id: &str) -> bool {
    result.tool_call_id.as_deref() == Some(id)
}

/// The text of the arguments. One that is JSON already is encoded.
fn arguments(fields: &mut Object<'_>) -> Result<String, Error> {
    match fields.take("arguments") {
        None => Ok(String::new()),
        Some(value @ Value::Object(_)) => Ok(value.to_string()),
        Some(value) => crate::fields::string(value, &fields.at("arguments")),
    }
}

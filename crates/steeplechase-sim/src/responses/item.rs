//! What a response consists of.

use serde_json::{Value, json};

use super::check::Checked;
use crate::reply::{Call, Finish, Reply, hex};

/// One item of the output.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'a> {
    Reasoning,
    Message,
    Function(&'a Call),
    /// A call of a tool that takes a text.
    Custom(&'a Call),
}

/// The items of a reply, in their order.
pub(super) fn items<'a>(checked: &Checked, reply: &'a Reply) -> Vec<Item<'a>> {
    let mut items = Vec::new();
    if !reply.thinking.is_empty() {
        items.push(Item::Reasoning);
    }
    if reply.calls.is_empty() && !reply.text.is_empty() {
        items.push(Item::Message);
    }
    let tools = checked.body.get("tools").and_then(Value::as_array);
    let tools = tools.map_or(&[][..], Vec::as_slice);
    items.extend(reply.calls.iter().map(|call| {
        let custom = |tool: &Value| tool["name"] == call.name && tool["type"] == "custom";
        if tools.iter().any(custom) {
            Item::Custom(call)
        } else {
            Item::Function(call)
        }
    }));
    items
}

impl Item<'_> {
    pub(super) fn id(self, reply: &Reply) -> String {
        match self {
            Self::Reasoning => format!("rs_{}", hex(reply.id)),
            Self::Message => format!("msg_{}", hex(reply.id)),
            Self::Function(call) => format!("fc_{}", hex(call.id)),
            Self::Custom(call) => format!("ctc_{}", hex(call.id)),
        }
    }

    /// The item before anything is in it.
    pub(super) fn empty(self, reply: &Reply) -> Value {
        let id = self.id(reply);
        match self {
            Self::Reasoning => json!({"id": id, "type": "reasoning", "summary": []}),
            Self::Message => json!({
                "id": id,
                "type": "message",
                "status": "in_progress",
                "content": [],
                "role": "assistant",
            }),
            Self::Function(call) => json!({
                "id": id,
                "type": "function_call",
                "status": "in_progress",
                "arguments": "",
                "call_id": call_id(call),
                "name": call.name,
            }),
            Self::Custom(call) => json!({
                "id": id,
                "type": "custom_tool_call",
                "status": "in_progress",
                "call_id": call_id(call),
                "input": "",
                "name": call.name,
            }),
        }
    }

    /// The item when it is complete.
    pub(super) fn full(self, checked: &Checked, reply: &Reply) -> Value {
        let mut item = self.empty(reply);
        match self {
            Self::Reasoning => {
                if checked.summary {
                    item["summary"] = json!([summary_part(&reply.thinking.concat())]);
                }
                if checked.encrypted {
                    item["encrypted_content"] = format!("gAAAAAB{}", hex(reply.id)).into();
                }
                return item;
            }
            Self::Message => item["content"] = json!([text_part(&reply.text())]),
            Self::Function(call) => item["arguments"] = call.arguments.to_string().into(),
            Self::Custom(call) => item["input"] = input(call).into(),
        }
        let cut = matches!(self, Self::Message)
            && matches!(reply.finish, Finish::Length | Finish::Filtered);
        item["status"] = if cut { "incomplete" } else { "completed" }.into();
        item
    }
}

pub(super) fn text_part(text: &str) -> Value {
    json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text})
}

pub(super) fn summary_part(text: &str) -> Value {
    json!({"type": "summary_text", "text": text})
}

/// What a tool gets that takes a text.
pub(super) fn input(call: &Call) -> String {
    let text = call.arguments.as_str().map(str::to_owned);
    text.unwrap_or_else(|| call.arguments.to_string())
}

fn call_id(call: &Call) -> String {
    format!("call_{}", hex(call.id))
}

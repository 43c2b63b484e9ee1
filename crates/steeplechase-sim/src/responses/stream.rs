//! A response as a stream.
//!
//! ```text
//! response.created · response.in_progress
//!     · (output_item.added · (part added · delta… · part done) · output_item.done)…
//!     · response.completed
//! ```

use serde_json::{Value, json};

use super::check::Checked;
use super::item::{Item, input, items, summary_part, text_part};
use super::whole::{begun, finished};
use crate::plan::{FrameWriter, Frames};
use crate::reply::{Call, Finish, Reply};
use crate::sse;

/// Streams a response.
pub(super) fn response(checked: &Checked, reply: &Reply) -> Frames {
    let mut writer = Writer::default();
    for kind in ["response.created", "response.in_progress"] {
        let event = json!({"type": kind, "response": begun(checked, reply)});
        writer.write(At::Head, event);
    }
    for (index, item) in items(checked, reply).into_iter().enumerate() {
        writer.item = json!({"item_id": item.id(reply), "output_index": index});
        let added = json!({
            "type": "response.output_item.added",
            "output_index": index,
            "item": item.empty(reply),
        });
        match item {
            Item::Function(_) | Item::Custom(_) => writer.write(At::Token, added),
            Item::Reasoning | Item::Message => writer.write(At::NextToken, added),
        }
        match item {
            Item::Reasoning if checked.summary => writer.summary(reply),
            Item::Reasoning => {}
            Item::Message => writer.message(reply),
            Item::Function(call) => writer.function(call),
            Item::Custom(call) => writer.custom(call),
        }
        let done = json!({
            "type": "response.output_item.done",
            "output_index": index,
            "item": item.full(checked, reply),
        });
        writer.write(At::NextToken, done);
    }
    let kind = match reply.finish {
        Finish::Length | Finish::Filtered => "response.incomplete",
        Finish::Stop | Finish::Tools | Finish::Blocked => "response.completed",
    };
    let last = json!({"type": kind, "response": finished(checked, reply)});
    writer.write(At::Tail, last);
    writer.frames.finish()
}

/// Writes events, each with its number.
#[derive(Default)]
struct Writer {
    frames: FrameWriter,
    number: usize,
    /// What the events of the present item say of it.
    item: Value,
}

/// When an event comes.
#[derive(Clone, Copy)]
enum At {
    Head,
    NextToken,
    Token,
    Tail,
}

impl Writer {
    fn write(&mut self, at: At, mut event: Value) {
        event["sequence_number"] = self.number.into();
        self.number += 1;
        let name = event["type"].as_str().unwrap_or_default();
        let write = |buffer: &mut Vec<u8>| sse::event(buffer, name, &event);
        match at {
            At::Head => self.frames.preamble(write),
            At::NextToken => self.frames.with_next_token(write),
            At::Token => self.frames.token(write),
            At::Tail => self.frames.tail(write),
        }
    }

    /// An event of the present item.
    fn of_item(&self, kind: &str, fields: &[(&str, Value)]) -> Value {
        let mut event = json!({"type": format!("response.{kind}")});
        for (name, value) in self.item.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        for (name, value) in fields {
            event[*name] = value.clone();
        }
        event
    }

    fn summary(&mut self, reply: &Reply) {
        let whole = reply.thinking.concat();
        let index = ("summary_index", json!(0));
        let part = |text| [index.clone(), ("part", summary_part(text))];
        let added = self.of_item("reasoning_summary_part.added", &part(""));
        self.write(At::NextToken, added);
        for thought in &reply.thinking {
            let fields = [index.clone(), ("delta", thought.as_str().into())];
            let delta = self.of_item("reasoning_summary_text.delta", &fields);
            self.write(At::Token, delta);
        }
        let text = [index.clone(), ("text", whole.as_str().into())];
        let done = self.of_item("reasoning_summary_text.done", &text);
        let part_done = self.of_item("reasoning_summary_part.done", &part(&whole));
        self.write(At::NextToken, done);
        self.write(At::NextToken, part_done);
    }

    fn message(&mut self, reply: &Reply) {
        let whole = reply.text();
        let index = ("content_index", json!(0));
        let logprobs = ("logprobs", json!([]));
        let part = |text| [index.clone(), ("part", text_part(text))];
        let added = self.of_item("content_part.added", &part(""));
        self.write(At::NextToken, added);
        for piece in &reply.text {
            let delta = ("delta", piece.as_str().into());
            let fields = [index.clone(), delta, logprobs.clone()];
            let delta = self.of_item("output_text.delta", &fields);
            self.write(At::Token, delta);
        }
        let text = ("text", whole.as_str().into());
        let done = self.of_item("output_text.done", &[index.clone(), text, logprobs]);
        let part_done = self.of_item("content_part.done", &part(&whole));
        self.write(At::NextToken, done);
        self.write(At::NextToken, part_done);
    }

    fn function(&mut self, call: &Call) {
        for fragment in call.fragments() {
            let fields = [("delta", fragment.into())];
            let delta = self.of_item("function_call_arguments.delta", &fields);
            self.write(At::Token, delta);
        }
        let arguments = call.arguments.to_string().into();
        let fields = [
            ("arguments", arguments),
            ("name", call.name.as_str().into()),
        ];
        let done = self.of_item("function_call_arguments.done", &fields);
        self.write(At::NextToken, done);
    }

    fn custom(&mut self, call: &Call) {
        let input = Value::from(input(call));
        let delta = self.of_item("custom_tool_call_input.delta", &[("delta", input.clone())]);
        self.write(At::Token, delta);
        let done = self.of_item("custom_tool_call_input.done", &[("input", input)]);
        self.write(At::NextToken, done);
    }
}

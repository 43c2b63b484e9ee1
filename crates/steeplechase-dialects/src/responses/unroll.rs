use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use steeplechase_core::{Class, Error};

use super::items::{Frames, field};
use crate::json;

/// Makes of a whole response the stream that it would have been: each item, part by part, in one piece;
/// then the response as it came.
///
/// # Errors
///
/// [`Class::Server`] if it is no response, or one of which the answer is still to come.
pub(crate) fn unroll(answer: &[u8]) -> Result<Bytes, Error> {
    let response: Value = json::from_slice(answer).map_err(|_| no_answer())?;
    let name = match response.get("status").and_then(Value::as_str) {
        None | Some("completed") => "completed",
        Some("incomplete") => "incomplete",
        Some(_) => return Err(no_answer()),
    };
    let items = response.get("output").and_then(Value::as_array);
    let items = items.ok_or_else(no_answer)?;
    let mut begun = response.clone();
    begun["status"] = "in_progress".into();
    begun["output"] = json!([]);
    begun["usage"] = Value::Null;
    let mut stream = Stream {
        frames: Frames::default(),
        out: BytesMut::with_capacity(answer.len() * 4),
    };
    stream.tell("created", &[("response", &begun)]);
    stream.tell("in_progress", &[("response", &begun)]);
    for (index, item) in items.iter().enumerate() {
        stream.item(index, item);
    }
    stream.tell(name, &[("response", &response)]);
    Ok(stream.out.freeze())
}

fn no_answer() -> Error {
    let message = "the provider's answer is not what was asked for";
    Error::new(Class::Server, message)
        .with_detail("instead of a stream of events there came JSON that is no complete response")
}

struct Stream {
    frames: Frames,
    out: BytesMut,
}

/// A field of an event.
type Field<'a> = (&'a str, &'a Value);

// ===== impl Stream =====

impl Stream {
    fn tell(&mut self, name: &str, fields: &[Field<'_>]) {
        self.frames.write(name, &mut self.out, |out| {
            for (name, value) in fields {
                field(out, name, value);
            }
        });
    }

    fn item(&mut self, index: usize, item: &Value) {
        let index = ("output_index", &index.into());
        let id = item.get("id").cloned().unwrap_or_else(|| "".into());
        let at = [("item_id", &id), index];
        self.tell("output_item.added", &[index, ("item", &begun(item))]);
        let parts = item.get("content").and_then(Value::as_array);
        for (number, part) in parts.into_iter().flatten().enumerate() {
            self.part(&at, number, part);
        }
        let input = match kind(item) {
            "function_call" => Some(("function_call_arguments", "arguments")),
            "custom_tool_call" => Some(("custom_tool_call_input", "input")),
            _ => None,
        };
        if let Some((name, key)) = input {
            let given = item.get(key).cloned().unwrap_or_else(|| "".into());
            let [id, index] = at;
            self.tell(&format!("{name}.delta"), &[id, index, ("delta", &given)]);
            self.tell(&format!("{name}.done"), &[id, index, (key, &given)]);
        }
        self.tell("output_item.done", &[index, ("item", item)]);
    }

    fn part(&mut self, &[id, index]: &[Field<'_>; 2], number: usize, part: &Value) {
        let (name, key) = match kind(part) {
            "output_text" => ("output_text", "text"),
            "refusal" => ("refusal", "refusal"),
            _ => return,
        };
        let number = ("content_index", &number.into());
        let said = part.get(key).cloned().unwrap_or_else(|| "".into());
        let mut empty = part.clone();
        empty[key] = "".into();
        let logprobs = part.get("logprobs").filter(|it| it.is_array()).cloned();
        let logprobs = ("logprobs", &logprobs.unwrap_or_else(|| json!([])));
        self.tell("content_part.added", &[id, index, number, ("part", &empty)]);
        for (name, key) in [
            (format!("{name}.delta"), "delta"),
            (format!("{name}.done"), key),
        ] {
            let fields = [id, index, number, (key, &said), logprobs];
            let is_text = kind(part) == "output_text";
            self.tell(&name, if is_text { &fields } else { &fields[..4] });
        }
        self.tell("content_part.done", &[id, index, number, ("part", part)]);
    }
}

fn kind(value: &Value) -> &str {
    value.get("type").and_then(Value::as_str).unwrap_or("")
}

/// An item of which everything is still to come.
fn begun(item: &Value) -> Value {
    let mut begun = item.clone();
    let empty = [
        ("content", json!([])),
        ("arguments", "".into()),
        ("input", "".into()),
        ("status", "in_progress".into()),
    ];
    for (name, empty) in empty {
        if let Some(value) = begun.get_mut(name) {
            *value = empty;
        }
    }
    begun
}

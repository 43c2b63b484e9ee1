use std::borrow::Cow;

use serde_json::Value;
use steeplechase_core::Error;

use super::native::{CalledFunction, Content, Image, NativeCall, NativePart, Turn};
use crate::chat::data_url::DataUrl;
use crate::chat::notes::{At, Notes, invalid, unsupported};
use crate::chat::stand_in::{Input, NO_RESULT, PLACEHOLDER};
use crate::chat::{ChatRequest, Message, Part, PartKind, Role, ToolCall, ToolInput};

struct Builder<'a, 'n> {
    turns: Vec<Turn<'a>>,
    /// The calls of the last turn of the assistant's that have no result yet.
    pending: Vec<&'a str>,
    /// What the application says before the results are there. Its place is after them.
    held: Vec<Turn<'a>>,
    notes: &'n mut Notes,
}

/// The conversation as the provider has it.
pub(super) fn turns<'a>(chat: &'a ChatRequest, notes: &mut Notes) -> Result<Vec<Turn<'a>>, Error> {
    let mut builder = Builder {
        turns: Vec::with_capacity(chat.messages.len()),
        pending: Vec::new(),
        held: Vec::new(),
        notes,
    };
    for (index, said) in chat.messages.iter().enumerate() {
        match said.role {
            Role::System | Role::Developer => builder.system(said, index)?,
            Role::User => builder.user(said, index)?,
            Role::Assistant => builder.assistant(said, index)?,
            Role::Tool => builder.result(said, index)?,
        }
    }
    let is_waiting = !builder.pending.is_empty();
    builder.answer_missing();
    let last = chat.messages.last().map(|said| said.role);
    if last == Some(Role::Assistant) && !is_waiting {
        return Err(unsupported(
            "messages",
            "the provider does not continue a last message of the assistant's; end with one of the \
             user's",
        ));
    }
    Ok(builder.turns)
}

// ===== impl Builder =====

impl<'a> Builder<'a, '_> {
    fn system(&mut self, said: &'a Message, message: usize) -> Result<(), Error> {
        for (part, piece) in said.content.iter().enumerate() {
            if piece.words().is_none() {
                let at = At { message, part };
                return Err(unsupported(at, "a system message is text only"));
            }
        }
        let turn = Turn {
            role: "system",
            content: content(said, message)?,
            ..Turn::default()
        };
        if turn.content.is_none() {
            return Ok(());
        }
        if self.pending.is_empty() {
            self.turns.push(turn);
        } else {
            self.held.push(turn);
        }
        Ok(())
    }

    fn user(&mut self, said: &'a Message, message: usize) -> Result<(), Error> {
        self.answer_missing();
        self.turns.push(Turn {
            role: "user",
            content: Some(content(said, message)?.unwrap_or(Content::Text(PLACEHOLDER))),
            ..Turn::default()
        });
        Ok(())
    }

    fn assistant(&mut self, said: &'a Message, message: usize) -> Result<(), Error> {
        self.answer_missing();
        let mut text = Cow::Borrowed("");
        for (part, piece) in said.content.iter().enumerate() {
            let Some(words) = piece.words() else {
                let at = At { message, part };
                return Err(unsupported(at, "the assistant says text only"));
            };
            text += words;
        }
        if said.tool_calls.is_empty() {
            let refusal = said.refusal.as_deref().filter(|text| !text.is_empty());
            let nothing = || Content::Text(refusal.unwrap_or(PLACEHOLDER));
            self.turns.push(Turn {
                role: "assistant",
                content: Some(content(said, message)?.unwrap_or_else(nothing)),
                ..Turn::default()
            });
            return Ok(());
        }
        // What it has said on the way to the calls, or else thought: its answers have one field for it.
        let plan = if text.is_empty() {
            said.thoughts().unwrap_or_default()
        } else {
            text
        };
        self.pending
            .extend(said.tool_calls.iter().map(|call| call.id.as_str()));
        self.turns.push(Turn {
            role: "assistant",
            tool_plan: (!plan.is_empty()).then_some(plan),
            tool_calls: said.tool_calls.iter().map(native_call).collect(),
            ..Turn::default()
        });
        Ok(())
    }

    fn result(&mut self, said: &'a Message, message: usize) -> Result<(), Error> {
        let id = said.tool_call_id.as_deref().unwrap_or_default();
        let Some(place) = self.pending.iter().position(|pending| *pending == id) else {
            // The provider refuses a result that nobody has asked for.
            self.notes.note(&format!("messages[{message}]"));
            return Ok(());
        };
        self.pending.remove(place);
        for (part, piece) in said.content.iter().enumerate() {
            if let PartKind::Image { .. } = piece.kind {
                let at = At { message, part };
                return Err(unsupported(at, "the result of a tool has no images"));
            }
        }
        let content = content(said, message)?.unwrap_or(Content::Text(""));
        self.push_result(id, content);
        if self.pending.is_empty() {
            self.turns.append(&mut self.held);
        }
        Ok(())
    }

    fn push_result(&mut self, id: &'a str, content: Content<'a>) {
        self.turns.push(Turn {
            role: "tool",
            tool_call_id: Some(id),
            content: Some(content),
            ..Turn::default()
        });
    }

    /// Makes up the results that are missing: the provider refuses a call without one.
    fn answer_missing(&mut self) {
        for id in std::mem::take(&mut self.pending) {
            self.push_result(id, Content::Text(NO_RESULT));
        }
        self.turns.append(&mut self.held);
    }
}

/// What a message says: one text, or parts. `None` if there is nothing in it.
fn content(said: &Message, message: usize) -> Result<Option<Content<'_>>, Error> {
    let mut parts = Vec::with_capacity(said.content.len());
    for (index, piece) in said.content.iter().enumerate() {
        let at = At {
            message,
            part: index,
        };
        parts.extend(part(piece, at)?);
    }
    Ok(match &parts[..] {
        [] => None,
        [NativePart::Text { text }] => Some(Content::Text(text)),
        _ => Some(Content::Parts(parts)),
    })
}

fn part(part: &Part, at: At) -> Result<Option<NativePart<'_>>, Error> {
    Ok(Some(match &part.kind {
        PartKind::Text(text) | PartKind::Refusal(text) if text.is_empty() => return Ok(None),
        PartKind::Text(text) | PartKind::Refusal(text) => NativePart::Text { text },
        PartKind::Image { url, detail } => {
            let is_https = url
                .get(..8)
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"));
            if !is_https && DataUrl::parse(url).is_none() {
                let why = "must have an https URL, or a data URL in base64";
                return Err(invalid(at, why));
            }
            let detail = detail.as_deref();
            let detail = detail.filter(|detail| matches!(*detail, "auto" | "high" | "low"));
            NativePart::ImageUrl {
                image_url: Image { url, detail },
            }
        }
        PartKind::Other(fields) => match fields.get("document").filter(|_| is_document(fields)) {
            Some(document) => NativePart::Document { document },
            None => return Err(unsupported(at, "the provider takes text and images")),
        },
        PartKind::Audio { .. } => return Err(unsupported(at, "the model does not take audio")),
        PartKind::File(_) => {
            return Err(unsupported(
                at,
                "the provider takes no files; send their text, or `documents`",
            ));
        }
    }))
}

fn is_document(fields: &serde_json::Map<String, Value>) -> bool {
    fields.get("type").and_then(Value::as_str) == Some("document")
}

fn native_call(call: &ToolCall) -> NativeCall<'_> {
    NativeCall {
        id: &call.id,
        r#type: "function",
        function: CalledFunction {
            name: &call.name,
            arguments: arguments(&call.input),
        },
    }
}

/// What a tool was given, as the text of an object, whatever the model wrote.
fn arguments(input: &ToolInput) -> Cow<'_, str> {
    match Input::of(input) {
        Input::Empty {} => Cow::Borrowed("{}"),
        Input::Object(object) => Cow::Borrowed(object.get()),
        // Texts and JSON can be written.
        input => Cow::Owned(serde_json::to_string(&input).unwrap_or_else(|_| "{}".to_owned())),
    }
}

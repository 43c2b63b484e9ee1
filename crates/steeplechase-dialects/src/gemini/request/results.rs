//! The results of tools: which call each of them is of, and what they say.

use std::borrow::Cow;

use serde_json::value::RawValue;
use steeplechase_core::Error;

use super::native::Reply;
use crate::chat::notes::{Notes, invalid};
use crate::chat::stand_in::NO_RESULT;
use crate::chat::{ChatRequest, Message, Part, Role};

/// The messages with the results of a conversation, by the calls that they are of.
pub(super) struct Results {
    /// A message of the assistant's, and for each of its calls the message with the result.
    by_caller: Vec<(usize, Vec<Option<usize>>)>,
}

// ===== impl Results =====

impl Results {
    /// Looks up the call of each result, among all that came before it.
    ///
    /// # Errors
    ///
    /// A result that nobody has asked for.
    pub(super) fn new(chat: &ChatRequest, notes: &mut Notes) -> Result<Self, Error> {
        let mut results = Self {
            by_caller: Vec::new(),
        };
        for (index, said) in chat.messages.iter().enumerate() {
            match said.role {
                Role::Assistant if !said.tool_calls.is_empty() => {
                    let calls = vec![None; said.tool_calls.len()];
                    results.by_caller.push((index, calls));
                }
                Role::Tool => results.place(chat, index, said, notes)?,
                _ => {}
            }
        }
        Ok(results)
    }

    fn place(
        &mut self,
        chat: &ChatRequest,
        index: usize,
        said: &Message,
        notes: &mut Notes,
    ) -> Result<(), Error> {
        let id = said.tool_call_id.as_deref().unwrap_or_default();
        let mut is_known = false;
        // Names of calls may be used again: the last one that waits is meant.
        for (caller, results) in self.by_caller.iter_mut().rev() {
            let calls = chat.messages[*caller].tool_calls.iter();
            for (_, result) in calls.zip(results).filter(|(call, _)| call.id == id) {
                is_known = true;
                if result.is_none() {
                    *result = Some(index);
                    return Ok(());
                }
            }
        }
        if is_known {
            // It was answered before.
            notes.note(&format!("messages[{index}]"));
            return Ok(());
        }
        Err(invalid(
            format_args!("messages[{index}].tool_call_id"),
            "must name a call of an assistant's message before it",
        ))
    }

    /// The message with the result of a call.
    pub(super) fn of(&self, caller: usize, call: usize) -> Option<usize> {
        let place = self.by_caller.binary_search_by_key(&caller, |it| it.0);
        *self.by_caller[place.ok()?].1.get(call)?
    }
}

/// What a result says, as an object.
pub(super) fn reply(said: Option<&Message>) -> Reply<'_> {
    let Some(said) = said else {
        return Reply::Output {
            output: NO_RESULT.into(),
        };
    };
    let mut texts = said.content.iter().filter_map(Part::words);
    let text = match (texts.next(), texts.next()) {
        (None, _) => Cow::Borrowed(""),
        (Some(text), None) => Cow::Borrowed(text),
        (Some(one), Some(two)) => {
            let rest = texts.collect::<String>();
            Cow::Owned([one, two, &rest].concat())
        }
    };
    if said.is_error {
        return Reply::Error { error: text };
    }
    match object(&text) {
        Some(object) => Reply::Object(object),
        None => Reply::Output { output: text },
    }
}

/// A text that is an object, and means to the provider what it says: it looks for media by `$ref`.
fn object(text: &str) -> Option<Box<RawValue>> {
    if !text.trim_start().starts_with('{') || text.contains("\"$ref\"") {
        return None;
    }
    serde_json::from_str(text.trim()).ok()
}

//! The messages of a call, for a provider that takes only some of what the dialect has.

use std::borrow::Cow;
use std::ops::Range;

use steeplechase_core::deployment::{CallIds, MessageRules, Texts};

use super::outbound::nine_id;
use crate::json::{self, is_filled};

/// What of a message may have to change, as it is written.
#[derive(Default)]
struct Message<'a> {
    role: &'a str,
    content: Option<&'a str>,
    tool_calls: Option<&'a str>,
    tool_call_id: Option<&'a str>,
    reasoning_content: Option<&'a str>,
}

/// A text with other texts in the place of some of its parts.
struct Edits<'a> {
    text: &'a str,
    edits: Vec<(Range<usize>, String)>,
}

/// What stands for thoughts that nobody knows. It may not be empty.
const NO_THOUGHTS: &str = "\" \"";

/// The messages as they are to be sent, all else in them as it was. `None` if nothing changes. `thinks` says
/// whether the model may think.
pub(super) fn rewritten(messages: &str, rules: MessageRules, thinks: bool) -> Option<String> {
    let mut edits = Edits {
        text: messages,
        edits: Vec::new(),
    };
    let looked = json::each_item(messages, |message| {
        // What is no message is for the provider to refuse.
        if let Some(known) = Message::of(message) {
            known.apply(message, rules, thinks, &mut edits);
        }
        Ok::<_, ()>(())
    });
    looked.ok()?;
    edits.finish()
}

// ===== impl Message =====

impl<'a> Message<'a> {
    fn of(message: &'a str) -> Option<Self> {
        let mut known = Self::default();
        json::each_field(message, |name, value| match name {
            "role" => known.role = value.trim_matches('"'),
            "content" => known.content = Some(value),
            "tool_calls" => known.tool_calls = Some(value).filter(|calls| is_filled(calls)),
            "tool_call_id" => known.tool_call_id = Some(value),
            "reasoning_content" => known.reasoning_content = Some(value),
            _ => {}
        })
        .ok()?;
        Some(known)
    }

    fn apply(&self, message: &'a str, rules: MessageRules, thinks: bool, edits: &mut Edits<'a>) {
        let is_text = match rules.texts {
            Texts::All => true,
            Texts::Results => self.role == "tool",
            _ => false,
        };
        if let Some(content) = self.content.filter(|_| is_text)
            && let Some(text) = joined(content)
        {
            edits.replace(content, text);
        }
        if rules.call_ids == CallIds::Nine {
            self.rename_calls(edits);
        }
        if rules.thoughts && thinks && self.tool_calls.is_some() && self.role == "assistant" {
            match self.reasoning_content {
                Some(thoughts) if is_filled(thoughts) => {}
                Some(nothing) => edits.replace(nothing, NO_THOUGHTS.to_owned()),
                None => edits.append(message, &format!(",\"reasoning_content\":{NO_THOUGHTS}")),
            }
        }
    }

    fn rename_calls(&self, edits: &mut Edits<'a>) {
        if let Some(id) = self.tool_call_id {
            edits.rename(id);
        }
        let _ = json::each_item(self.tool_calls.unwrap_or("[]"), |call| {
            let _ = json::each_field(call, |name, value| {
                if name == "id" {
                    edits.rename(value);
                }
            });
            Ok::<_, ()>(())
        });
    }
}

/// A list of texts as one text, in JSON. `None` if it is no list, or if there are other things in it.
fn joined(content: &str) -> Option<String> {
    let mut text = "\"".to_owned();
    json::each_item(content, |part| {
        let (mut is_text, mut words) = (false, None);
        json::each_field(part, |name, value| match name {
            "type" => is_text = value == "\"text\"",
            "text" => words = value.strip_prefix('"').and_then(|it| it.strip_suffix('"')),
            _ => {}
        })
        .map_err(drop)?;
        text.push_str(words.filter(|_| is_text).ok_or(())?);
        Ok::<_, ()>(())
    })
    .ok()?;
    text.push('"');
    Some(text)
}

// ===== impl Edits =====

impl<'a> Edits<'a> {
    /// Puts something in the place of a part.
    fn replace(&mut self, part: &'a str, with: String) {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        self.edits.push((start..start + part.len(), with));
    }

    /// Adds a field to an object that has some.
    fn append(&mut self, object: &'a str, field: &str) {
        let inside = object.trim_end().strip_suffix('}').unwrap_or(object);
        let end = inside.as_ptr() as usize - self.text.as_ptr() as usize + inside.len();
        self.edits.push((end..end, field.to_owned()));
    }

    /// Gives a call the name that the provider takes.
    fn rename(&mut self, id: &'a str) {
        let Ok(name) = serde_json::from_str::<Cow<'_, str>>(id) else {
            return;
        };
        let nine = nine_id(&name);
        if nine != name {
            self.replace(id, format!("\"{nine}\""));
        }
    }

    fn finish(mut self) -> Option<String> {
        if self.edits.is_empty() {
            return None;
        }
        self.edits.sort_by_key(|(range, _)| range.start);
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, with) in self.edits {
            // A field that is there twice is no reason to panic.
            out.push_str(self.text.get(at..range.start)?);
            out.push_str(&with);
            at = range.end;
        }
        out.push_str(self.text.get(at..)?);
        Some(out)
    }
}

use std::borrow::Cow;

use serde_json::json;
use steeplechase_core::Error;

use super::ids::{nine_id, short_id};
use super::native::{Called, CalledCustom, CalledFunction, Content, NativeCall, NativePart, Said};
use super::parts;
use super::quirks::Quirks;
use super::said;
use super::tools::Toolbox;
use crate::chat::notes::{At, Notes, unsupported};
use crate::chat::stand_in::NO_RESULT;
use crate::chat::{ChatRequest, Message, Role, ToolCall, ToolInput};

/// Puts the messages of a conversation into the order that providers insist on: the results of tools right
/// after their calls, one for each.
pub(super) struct Conversation<'a, 'b> {
    pub(super) said: Vec<Said<'a>>,
    quirks: &'b Quirks,
    /// The calls of the last message of the assistant's.
    pending: Vec<Pending<'a>>,
    /// What comes after the results that are still to come.
    later: Vec<Said<'a>>,
    /// Pictures of results, which cannot be in them.
    pictures: Vec<NativePart<'a>>,
    /// Whether the model is to think.
    thinks: bool,
    toolbox: &'b mut Toolbox<'a>,
    notes: &'b mut Notes,
}

/// A call that waits for its result.
struct Pending<'a> {
    caller: &'a str,
    native: String,
    is_answered: bool,
}

// ===== impl Conversation =====

impl<'a, 'b> Conversation<'a, 'b> {
    pub(super) fn write(
        chat: &'a ChatRequest,
        quirks: &'b Quirks,
        thinks: bool,
        toolbox: &'b mut Toolbox<'a>,
        notes: &'b mut Notes,
    ) -> Result<Vec<Said<'a>>, Error> {
        let mut conversation = Self {
            said: Vec::with_capacity(chat.messages.len()),
            quirks,
            pending: Vec::new(),
            later: Vec::new(),
            pictures: Vec::new(),
            thinks,
            toolbox,
            notes,
        };
        for (index, message) in chat.messages.iter().enumerate() {
            match message.role {
                Role::Assistant => conversation.assistant(message, index)?,
                Role::Developer | Role::System => conversation.system(message, index)?,
                Role::Tool => conversation.result(message, index)?,
                Role::User => conversation.user(message, index)?,
            }
        }
        conversation.settle();
        Ok(conversation.said)
    }

    fn parts(&mut self, message: &'a Message, index: usize) -> Result<Vec<NativePart<'a>>, Error> {
        let mut parts = parts::parts(&message.content, index, self.quirks, self.notes)?;
        if let Some(mark) = &message.cache {
            let last = parts.iter_mut().rev().find_map(NativePart::mark);
            match last.filter(|_| self.quirks.cache_marks) {
                Some(slot) => *slot = Some(&mark.0),
                None => self.notes.note("cache_control"),
            }
        }
        Ok(parts)
    }

    fn content(&self, parts: Vec<NativePart<'a>>, between: &str) -> Content<'a> {
        let is_text = |part: &NativePart<'_>| matches!(part, NativePart::Text { .. });
        if self.quirks.text_only && parts.iter().all(is_text) {
            return Content::Text(parts::joined(parts, between).into());
        }
        Content::of(parts)
    }

    fn system(&mut self, message: &'a Message, index: usize) -> Result<(), Error> {
        let parts = self.parts(message, index)?;
        if let Some(part) = parts
            .iter()
            .position(|part| !matches!(part, NativePart::Text { .. }))
        {
            let at = At {
                message: index,
                part,
            };
            return Err(unsupported(at, "a system message is text only"));
        }
        if parts.is_empty() {
            return Ok(());
        }
        let is_developer = message.role == Role::Developer && self.quirks.is_openai;
        let role = if is_developer { "developer" } else { "system" };
        let mut said = Said::new(role, self.content(parts, ""));
        said.name = self.name(message);
        self.turn(said);
        Ok(())
    }

    fn user(&mut self, message: &'a Message, index: usize) -> Result<(), Error> {
        let parts = self.parts(message, index)?;
        let mut said = Said::new("user", self.content(parts, ""));
        said.name = self.name(message);
        self.turn(said);
        Ok(())
    }

    fn name(&self, message: &'a Message) -> Option<&'a str> {
        message.name.as_deref().filter(|_| self.quirks.is_openai)
    }

    /// Says something now, or after the results that are still to come.
    fn turn(&mut self, said: Said<'a>) {
        if self.pending.iter().any(|call| !call.is_answered) || !self.later.is_empty() {
            self.later.push(said);
        } else {
            self.push(said);
        }
    }

    fn push(&mut self, mut said: Said<'a>) {
        if said.role == "user" && !self.pictures.is_empty() {
            let mut parts = std::mem::take(&mut self.pictures);
            parts.extend(said.content.into_parts());
            said.content = Content::Parts(parts);
        }
        let alternates = self.quirks.alternates && said.role != "system";
        match self.said.last_mut() {
            Some(last) if alternates && last.role == said.role => {
                last.content.append(said.content, "\n\n");
            }
            _ => self.said.push(said),
        }
    }

    /// The result of a call, or what is left of one that nobody has made.
    fn result(&mut self, message: &'a Message, index: usize) -> Result<(), Error> {
        let id = message.tool_call_id.as_deref().unwrap_or_default();
        let mut pending = self.pending.iter_mut();
        let call = pending.find(|call| call.caller == id && !call.is_answered);
        let Some(call) = call else {
            self.notes.note(&format!("messages[{index}].tool_call_id"));
            return self.user(message, index);
        };
        call.is_answered = true;
        let tool_call_id = Some(call.native.clone());
        let mut texts = Vec::new();
        let mut pictures = 0;
        for part in self.parts(message, index)? {
            if matches!(part, NativePart::Text { .. }) {
                texts.push(part);
                continue;
            }
            pictures += 1;
            self.pictures.push(part);
            let text = format!("[image {pictures} of this result follows]");
            texts.push(NativePart::text(text));
        }
        if message.is_error {
            said::mark_error(&mut texts);
        }
        let content = if self.quirks.is_openai || self.quirks.cache_marks {
            Content::of(texts)
        } else {
            Content::Text(parts::joined(texts, "\n").into())
        };
        self.said.push(Said {
            tool_call_id,
            ..Said::new("tool", content)
        });
        Ok(())
    }

    /// Makes up the results that are missing, and says what had to wait for the others.
    fn settle(&mut self) {
        for call in std::mem::take(&mut self.pending) {
            if !call.is_answered {
                self.said.push(Said {
                    tool_call_id: Some(call.native),
                    ..Said::new("tool", Content::Text(NO_RESULT.into()))
                });
            }
        }
        for said in std::mem::take(&mut self.later) {
            self.push(said);
        }
        let pictures = std::mem::take(&mut self.pictures);
        if !pictures.is_empty() {
            self.push(Said::new("user", Content::Parts(pictures)));
        }
    }

    fn assistant(&mut self, message: &'a Message, index: usize) -> Result<(), Error> {
        // One turn in two messages: its calls have no results in between.
        let goes_on = !self.pending.is_empty()
            && self.later.is_empty()
            && self
                .said
                .last()
                .is_some_and(|last| last.role == "assistant");
        if !goes_on {
            self.settle();
        }
        let mut said = Said::new("assistant", self.words(message, index)?);
        said::think(&mut said, message, self.quirks, self.thinks);
        if message.prefix && !self.prefix(&mut said, index)? {
            return Ok(());
        }
        for call in &message.tool_calls {
            let call = self.call(call);
            said.tool_calls.push(call);
        }
        said::refuse(&mut said, message, self.quirks);
        if matches!(&said.content, Content::Text(text) if text.is_empty())
            && !said.tool_calls.is_empty()
            && message.content.is_empty()
        {
            said.content = Content::Nothing;
        }
        match self.said.last_mut().filter(|_| goes_on) {
            Some(last) => said::join(last, said),
            None => self.push(said),
        }
        Ok(())
    }

    fn words(&mut self, message: &'a Message, index: usize) -> Result<Content<'a>, Error> {
        let parts = self.parts(message, index)?;
        let is_text = |part: &NativePart<'_>| matches!(part, NativePart::Text { .. });
        if let Some(part) = parts.iter().position(|part| !is_text(part)) {
            let at = At {
                message: index,
                part,
            };
            return Err(unsupported(at, "the assistant says text only"));
        }
        if self.quirks.cache_marks {
            return Ok(Content::of(parts));
        }
        Ok(Content::Text(parts::joined(parts, "").into()))
    }

    /// Sees to a last message that is to be continued. `false` if it is left out.
    fn prefix(&mut self, said: &mut Said<'a>, index: usize) -> Result<bool, Error> {
        if self.quirks.prefix {
            said.prefix = true;
            return Ok(true);
        }
        let field = format!("messages[{index}]");
        // It was only to have JSON come next.
        let is_brace = matches!(&said.content, Content::Text(text) if text.trim() == "{");
        if is_brace {
            self.notes.note(&field);
            return Ok(false);
        }
        let why = "the provider does not continue a last message of the assistant's; end with one of \
                   the user's";
        self.notes.refuse(&field, why)?;
        Ok(true)
    }

    fn call(&mut self, call: &'a ToolCall) -> NativeCall<'a> {
        let id = if self.quirks.short_ids {
            nine_id(&call.id)
        } else {
            short_id(&call.id)
        };
        let mut id = id.into_owned();
        // Two calls of one message need two names.
        let is_taken = |id: &str| self.pending.iter().any(|call| call.native == id);
        let mut count = 1;
        while is_taken(&id) {
            count += 1;
            id = short_id(&format!("{}_{count}", call.id)).into_owned();
        }
        self.pending.push(Pending {
            caller: &call.id,
            native: id.clone(),
            is_answered: false,
        });
        let name = self.toolbox.native_name(&call.name);
        let called = match &call.input {
            ToolInput::Custom(input) if self.quirks.is_openai => Called::Custom {
                custom: CalledCustom { name, input },
            },
            ToolInput::Custom(input) => Called::Function {
                function: CalledFunction {
                    name,
                    arguments: json!({ "input": input }).to_string().into(),
                },
            },
            ToolInput::Function(arguments) => Called::Function {
                function: CalledFunction {
                    name,
                    arguments: match arguments.trim() {
                        "" => "{}".into(),
                        _ => Cow::Borrowed(arguments),
                    },
                },
            },
        };
        let seal = call.signature.as_deref().filter(|_| self.quirks.seals);
        NativeCall {
            id,
            called,
            extra_content: seal.map(|seal| json!({"google": {"thought_signature": seal}})),
        }
    }
}

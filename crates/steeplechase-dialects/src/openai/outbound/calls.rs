use std::borrow::Cow;

use serde_json::value::RawValue;
use steeplechase_core::{Class, Error};

use super::chunk::{self, Call, Function};
use super::context::AnswerContext;
use crate::chat::{Event, Sink, ids, stand_in};
use crate::json;

/// The calls of one answer, put together from their parts, whatever the provider leaves out.
#[derive(Default)]
pub(super) struct Calls {
    calls: Vec<Known>,
    /// How many bytes are held.
    held: usize,
}

/// A call, as far as it has come.
struct Known {
    /// The provider's number for it, if it has one.
    index: Option<u64>,
    /// The provider's name for it, and the one that the caller gets: another if it is missing, or taken.
    native: Box<str>,
    id: Box<str>,
    name: Box<str>,
    is_custom: bool,
    /// Whether the text of the tool is in an object, and has to be taken out of it.
    is_wrapped: bool,
    signature: Option<Box<str>>,
    stage: Stage,
    /// What it is given, until it can be passed on.
    held: String,
}

/// How far a call has come.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Stage {
    /// Nobody has said yet what it calls.
    Nameless,
    Started,
    Over,
}

/// A part of a call.
struct Part<'a> {
    index: Option<u64>,
    id: &'a str,
    name: &'a str,
    args: Cow<'a, str>,
    is_custom: bool,
    signature: Option<&'a str>,
}

/// The most calls of one answer, and the most bytes that are held of them.
const MAX_CALLS: usize = 128;
const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;

/// The number of a call that was made in the old way.
const OLD: u64 = u64::MAX;

// ===== impl Calls =====

impl Calls {
    /// Whether a tool is called.
    pub(super) fn any(&self) -> bool {
        self.calls.iter().any(|call| call.stage != Stage::Nameless)
    }

    /// A call, or a part of one.
    pub(super) fn read(
        &mut self,
        choice: usize,
        call: &Call<'_>,
        is_whole: bool,
        context: &AnswerContext,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let google = call
            .extra_content
            .as_ref()
            .and_then(|it| it.google.as_ref());
        let seal = google.or(call.provider_specific_fields.as_ref());
        let (name, args, is_custom) = match (&call.function, &call.custom) {
            (Some(function), _) => (function.name.get(), arguments(function.arguments), false),
            (None, Some(custom)) => (custom.name.get(), custom.input.get().into(), true),
            (None, None) => ("", "".into(), false),
        };
        let part = Part {
            index: chunk::number(call.index),
            id: call.id.get(),
            name,
            args,
            is_custom,
            signature: seal.and_then(|seal| seal.thought_signature.said()),
        };
        let place = self.place(&part).filter(|_| !is_whole);
        self.add(choice, place, &part, context, sink)
    }

    /// A call in the old way, of which there is one.
    pub(super) fn read_old(
        &mut self,
        choice: usize,
        call: &Function<'_>,
        context: &AnswerContext,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let part = Part {
            index: Some(OLD),
            id: "",
            name: call.name.get(),
            args: arguments(call.arguments),
            is_custom: false,
            signature: None,
        };
        self.add(choice, self.place(&part), &part, context, sink)
    }

    fn add(
        &mut self,
        choice: usize,
        place: Option<usize>,
        part: &Part<'_>,
        context: &AnswerContext,
        sink: &mut Sink<'_>,
    ) -> Result<(), Error> {
        let place = match place {
            Some(place) => place,
            // Nothing, of nothing.
            None if part.name.is_empty() && part.id.is_empty() && part.args.is_empty() => {
                return Ok(());
            }
            None => self.begin(part)?,
        };
        let known = &self.calls[place];
        let has_name = !known.name.is_empty() || !part.name.is_empty();
        let starts = known.stage == Stage::Nameless && has_name;
        let id = starts.then(|| self.free_id(place, part.id));
        let call = &mut self.calls[place];
        if let Some(seal) = part.signature {
            call.signature = Some(seal.into());
        }
        if call.name.is_empty() && !part.name.is_empty() {
            call.name = part.name.into();
            call.is_custom = part.is_custom;
        }
        if let Some(id) = id {
            call.id = id;
            call.start(choice, place, context, sink);
        }
        if part.args.is_empty() {
            return Ok(());
        }
        if call.stage != Stage::Nameless && !call.is_wrapped {
            call.args(choice, place, &part.args, sink);
            return Ok(());
        }
        self.held += part.args.len();
        if self.held > MAX_HELD_BYTES {
            return Err(too_much());
        }
        call.held.push_str(&part.args);
        Ok(())
    }

    /// Which call a part is of. `None` if it is of a new one.
    ///
    /// Some count all calls with the same number, or do not count at all; some give a call another name in
    /// each part of it. What begins a call has a name for the tool, and a name for itself that is new.
    fn place(&self, part: &Part<'_>) -> Option<usize> {
        let last = self.calls.len().checked_sub(1);
        if part.index.is_some() {
            let place = self
                .calls
                .iter()
                .rposition(|call| call.index == part.index)?;
            let call = &self.calls[place];
            let is_new = !part.name.is_empty()
                && !part.id.is_empty()
                && !call.native.is_empty()
                && *call.native != *part.id;
            return (!is_new).then_some(place);
        }
        if !part.id.is_empty() {
            return self.calls.iter().rposition(|call| *call.native == *part.id);
        }
        let last = last?;
        let is_same = part.name.is_empty()
            || self.calls[last].name.is_empty()
            || *self.calls[last].name == *part.name;
        is_same.then_some(last)
    }

    fn begin(&mut self, part: &Part<'_>) -> Result<usize, Error> {
        if self.calls.len() >= MAX_CALLS {
            return Err(too_much());
        }
        self.calls.push(Known {
            index: part.index,
            native: part.id.into(),
            id: Box::default(),
            name: Box::default(),
            is_custom: false,
            is_wrapped: false,
            signature: None,
            stage: Stage::Nameless,
            held: String::new(),
        });
        Ok(self.calls.len() - 1)
    }

    /// The name of a call that the caller gets: the provider's, if no other call has it.
    fn free_id(&self, place: usize, id: &str) -> Box<str> {
        let native = match id {
            "" => &*self.calls[place].native,
            id => id,
        };
        let is_taken = self.calls[..place].iter().any(|call| *call.id == *native);
        if native.is_empty() || is_taken {
            return ids::mint("call_").into();
        }
        native.into()
    }

    /// All calls are complete.
    pub(super) fn end(&mut self, choice: usize, sink: &mut Sink<'_>) {
        for (place, call) in self.calls.iter_mut().enumerate() {
            if call.stage != Stage::Started {
                continue;
            }
            call.stage = Stage::Over;
            if call.is_wrapped {
                let input = std::mem::take(&mut call.held);
                call.args(choice, place, &stand_in::free_text(&input), sink);
            }
            sink.send(Event::ToolEnd {
                choice,
                tool: place as u64,
            });
        }
    }
}

// ===== impl Known =====

impl Known {
    fn start(&mut self, choice: usize, place: usize, context: &AnswerContext, sink: &mut Sink<'_>) {
        self.stage = Stage::Started;
        self.is_wrapped = context.is_custom(&self.name);
        sink.send(Event::ToolStart {
            choice,
            tool: place as u64,
            id: &self.id,
            name: context.caller_name(&self.name),
            is_custom: self.is_custom || self.is_wrapped,
            signature: self.signature.as_deref(),
        });
        if !self.is_wrapped && !self.held.is_empty() {
            let held = std::mem::take(&mut self.held);
            self.args(choice, place, &held, sink);
        }
    }

    #[allow(
        clippy::unused_self,
        reason = "it is the call's own, and is passed on as it is"
    )]
    fn args(&self, choice: usize, place: usize, fragment: &str, sink: &mut Sink<'_>) {
        sink.send(Event::ToolArgs {
            choice,
            tool: place as u64,
            fragment,
        });
    }
}

/// What a function is given, as text: it may come as the JSON itself.
fn arguments(raw: Option<&RawValue>) -> Cow<'_, str> {
    let Some(raw) = raw.map(RawValue::get) else {
        return Cow::Borrowed("");
    };
    if raw.starts_with('{') {
        return Cow::Owned(json::compact(raw));
    }
    chunk::text(raw).unwrap_or_default()
}

fn too_much() -> Error {
    let message = "the provider's answer has more parts than can be held";
    Error::new(Class::Server, message)
}

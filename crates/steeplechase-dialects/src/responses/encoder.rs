use std::fmt;
use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use steeplechase_core::{Dialect, Usage};

use super::Terms;
use super::head::{COMPLETED, Head, Snapshot};
use super::items::{Call, Frames, Message, Of, Page, Place, Reasoning, Speech, Start};
use super::ours::REASONING;
use crate::chat::{Answer, ChatRequest, Encode, Event, FinishReason, Sink, ThinkingPatch, ids};

/// Writes the events of an answer in this dialect, and keeps what the response as a whole tells again.
///
/// The grammar is kept whatever comes: the response is created once, before its items; an item is
/// added once, and done once; events are counted without a gap. Calls may be open beside anything else;
/// a message, or a thought, is done when something else begins. Events that have no place, such as text
/// after the end, are dropped. An end is never made up: without [`Event::Finish`] there is no
/// `response.completed`.
pub(crate) struct Encoder {
    terms: Arc<Terms>,
    /// The model that was asked for.
    model: String,
    /// Whose the answer is.
    provider: Dialect,
    frames: Frames,
    head: Option<Head>,
    /// The JSON of the items in their order; nothing for one that is not done.
    items: Vec<BytesMut>,
    talk: Option<Talk>,
    open_calls: Vec<(Place, Call)>,
    /// The decoder's numbers of the calls that there were.
    calls: Vec<u64>,
    /// How many characters of text there are.
    chars: usize,
    has_refused: bool,
    usage: Usage,
    service_tier: Option<String>,
    created: Option<u64>,
    finish: Option<FinishReason>,
    is_over: bool,
}

/// What the model is saying, or thinking.
enum Talk {
    Message(Place, Message),
    Reasoning(Place, Reasoning),
}

/// More items than anybody can make use of.
const MAX_ITEMS: usize = 4096;

// ===== impl Encoder =====

impl Encoder {
    /// An encoder for the answer to a call, by a provider of a dialect.
    pub(crate) fn new(chat: &ChatRequest, provider: Dialect) -> Self {
        Self {
            terms: chat.responses.clone().unwrap_or_default(),
            model: chat.model.clone(),
            provider,
            frames: Frames::default(),
            head: None,
            items: Vec::new(),
            talk: None,
            open_calls: Vec::new(),
            calls: Vec::new(),
            chars: 0,
            has_refused: false,
            usage: Usage::default(),
            service_tier: None,
            created: None,
            finish: None,
            is_over: false,
        }
    }

    /// Appends a whole answer as a response.
    pub(crate) fn whole(mut self, answer: &Answer, out: &mut BytesMut) {
        self.frames = Frames::quiet();
        self.created = Some(answer.created).filter(|created| *created > 0);
        self.service_tier.clone_from(&answer.service_tier);
        answer.replay(&mut Sink::new(&mut self, out));
        self.response(self.status(), out);
    }

    fn event(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Start { id, model } => self.start(id, model, out),
            Event::Usage(usage) => self.usage = usage,
            Event::End => self.end(out),
            // Nothing comes after the end.
            _ if self.finish.is_some() => {}
            Event::Finish {
                choice: 0, reason, ..
            } => self.finish(reason, out),
            Event::Logprobs {
                choice: 0,
                logprobs,
            } => {
                self.message(out, |item, page| item.weigh(logprobs, page));
            }
            Event::ToolEnd { choice: 0, tool } => self.end_call(tool, COMPLETED, out),
            event => return self.content(event, out),
        }
        false
    }

    /// Writes a part of the answer. A response has one.
    fn content(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Text { choice: 0, text } => self.say(Speech::Text, text, out),
            Event::Refusal { choice: 0, text } => self.say(Speech::Refusal, text, out),
            Event::Reasoning { choice: 0, text } => {
                !text.is_empty()
                    && self.reasoning(out, |item, page| item.think(Of::Nothing, text, page))
            }
            Event::Thinking {
                choice: 0,
                block,
                patch,
            } => self.think(block, patch, out),
            Event::Annotation {
                choice: 0,
                annotation,
            } => self.message(out, |item, page| item.cite(annotation, page)),
            Event::ToolStart {
                choice: 0,
                tool,
                id,
                name,
                is_custom,
                signature,
            } => {
                let terms = Arc::clone(&self.terms);
                let (namespace, name) = terms.place_of(name);
                let start = Start {
                    number: tool,
                    call_id: id,
                    name,
                    namespace,
                    is_custom,
                };
                self.call(start, signature, out)
            }
            Event::ToolArgs {
                choice: 0,
                tool,
                fragment,
            } => !fragment.is_empty() && self.give(tool, fragment, out),
            _ => false,
        }
    }

    fn start(&mut self, id: &str, model: &str, out: &mut BytesMut) {
        // The name of a response does not change.
        if self.head.is_some() {
            return;
        }
        let model = if model.is_empty() { &self.model } else { model };
        let created = self.created.unwrap_or_else(ids::now);
        self.head = Some(Head::new(id, model, created));
        for name in ["created", "in_progress"] {
            self.tell(name, "in_progress", out);
        }
    }

    fn say(&mut self, speech: Speech, words: &str, out: &mut BytesMut) -> bool {
        if words.is_empty() {
            return false;
        }
        if !matches!(self.talk, Some(Talk::Message(..))) {
            let Some(place) = self.add("msg_", out) else {
                return false;
            };
            let message = Message::open(&mut Page::new(&mut self.frames, &place, out));
            self.talk = Some(Talk::Message(place, message));
        }
        let before = self.chars;
        match speech {
            Speech::Refusal => self.has_refused = true,
            Speech::Text => self.chars += words.chars().count(),
        }
        self.message(out, |item, page| item.say(speech, words, before, page))
    }

    fn think(&mut self, block: u64, patch: ThinkingPatch<'_>, out: &mut BytesMut) -> bool {
        let is_said = match patch {
            ThinkingPatch::Text(text) => !text.is_empty(),
            // Nothing to read, and worth an item only to a caller who carries it.
            ThinkingPatch::Redacted(_) | ThinkingPatch::Signature(_) => self.terms.sealed,
        };
        is_said && self.reasoning(out, |item, page| item.patch(block, patch, page))
    }

    fn call(&mut self, start: Start<'_>, seal: Option<&str>, out: &mut BytesMut) -> bool {
        if self.calls.contains(&start.number) {
            return false;
        }
        if let Some(seal) = seal.filter(|_| self.terms.sealed) {
            self.reasoning(out, |item, _| item.seal_call(start.call_id, seal));
        }
        let kind = if start.is_custom { "ctc_" } else { "fc_" };
        let Some(place) = self.add(kind, out) else {
            return false;
        };
        let call = Call::open(start, &mut Page::new(&mut self.frames, &place, out));
        self.calls.push(start.number);
        self.open_calls.push((place, call));
        true
    }

    fn give(&mut self, number: u64, fragment: &str, out: &mut BytesMut) -> bool {
        let mut open = self.open_calls.iter_mut().rev();
        let Some((place, call)) = open.find(|(_, call)| call.number() == number) else {
            return false;
        };
        call.give(fragment, &mut Page::new(&mut self.frames, place, out));
        true
    }

    fn end_call(&mut self, number: u64, status: &'static str, out: &mut BytesMut) {
        let mut open = self.open_calls.iter();
        if let Some(at) = open.rposition(|(_, call)| call.number() == number) {
            let (place, call) = self.open_calls.remove(at);
            let mut page = Page::new(&mut self.frames, &place, out);
            self.items[place.index] = call.close(status, &mut page);
        }
    }

    /// Does something with the message that is open. `false` if there is none.
    fn message(
        &mut self,
        out: &mut BytesMut,
        edit: impl FnOnce(&mut Message, &mut Page<'_>),
    ) -> bool {
        let Some(Talk::Message(place, message)) = &mut self.talk else {
            return false;
        };
        edit(message, &mut Page::new(&mut self.frames, place, out));
        true
    }

    /// Does something with the thoughts that are open. `false` if there is no room for any.
    fn reasoning(
        &mut self,
        out: &mut BytesMut,
        edit: impl FnOnce(&mut Reasoning, &mut Page<'_>),
    ) -> bool {
        if !matches!(self.talk, Some(Talk::Reasoning(..))) {
            let Some(place) = self.add(REASONING, out) else {
                return false;
            };
            let reasoning = Reasoning::open(&mut Page::new(&mut self.frames, &place, out));
            self.talk = Some(Talk::Reasoning(place, reasoning));
        }
        let Some(Talk::Reasoning(place, reasoning)) = &mut self.talk else {
            return false;
        };
        edit(reasoning, &mut Page::new(&mut self.frames, place, out));
        true
    }

    /// Makes room for an item, before which all talk ends. `None` if there are too many.
    fn add(&mut self, kind: &str, out: &mut BytesMut) -> Option<Place> {
        self.start("", "", out);
        self.end_talk(COMPLETED, out);
        let index = self.items.len();
        if index >= MAX_ITEMS {
            return None;
        }
        self.items.push(BytesMut::new());
        let head = self.head.as_ref()?;
        let id = head.item(kind, index);
        Some(Place { id, index })
    }

    fn end_talk(&mut self, status: &'static str, out: &mut BytesMut) {
        let Some(talk) = self.talk.take() else { return };
        let frames = &mut self.frames;
        match talk {
            Talk::Message(place, message) => {
                let json = message.close(status, &mut Page::new(frames, &place, out));
                self.items[place.index] = json;
            }
            Talk::Reasoning(place, reasoning) => {
                let by = self.terms.sealed.then_some(self.provider);
                let json = reasoning.close(by, &mut Page::new(frames, &place, out));
                self.items[place.index] = json;
            }
        }
    }

    fn finish(&mut self, reason: FinishReason, out: &mut BytesMut) {
        self.start("", "", out);
        self.finish = Some(reason);
        let status = self.status();
        // Talk is younger than any call: it would have ended when the call began.
        while let Some((_, call)) = self.open_calls.first() {
            let number = call.number();
            self.end_call(number, status, out);
        }
        self.end_talk(status, out);
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.is_over = true;
        if self.finish.is_some() {
            let status = self.status();
            self.tell(status, status, out);
        }
    }

    /// What has become of the response. A refusal is an answer.
    fn status(&self) -> &'static str {
        match self.reason() {
            Some(_) => "incomplete",
            None => COMPLETED,
        }
    }

    /// Why the response is not complete.
    fn reason(&self) -> Option<&'static str> {
        match self.finish? {
            FinishReason::ContentFilter if !self.has_refused => Some("content_filter"),
            FinishReason::Length => Some("max_output_tokens"),
            _ => None,
        }
    }

    /// Appends an event about the response as a whole.
    fn tell(&mut self, name: &str, status: &str, out: &mut BytesMut) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.write(name, out, |out| {
            out.put_slice(b",\"response\":");
            self.response(status, out);
        });
        self.frames = frames;
    }

    /// Appends the response as it is.
    fn response(&self, status: &str, out: &mut BytesMut) {
        let Some(head) = &self.head else { return };
        let tier = self.service_tier.as_deref();
        let snapshot = Snapshot {
            status,
            reason: self.reason(),
            items: &self.items,
            usage: self.finish.map(|_| &self.usage),
            service_tier: tier.or(self.terms.service_tier.as_deref()),
            repeated: &self.terms.repeated,
        };
        head.write(&snapshot, out);
    }
}

impl Encode for Encoder {
    fn write(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        !self.is_over && self.event(event, out)
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("items", &self.items.len())
            .field("usage", &self.usage)
            .field("finish", &self.finish)
            .finish_non_exhaustive()
    }
}

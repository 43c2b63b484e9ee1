//! What the events of a stream become: the same events, or others.

use bytes::{Bytes, BytesMut};
use serde::de::IgnoredAny;
use steeplechase_core::{Chunk, Class, Error, Tally, Usage};

use super::framing::Cutter;
use super::judge::Judge;
use super::plan::{Plan, Reading};
use crate::chat::{Effects, Translator, truncated};
use crate::eventstream::{self, Message};
use crate::openai::{self, Verdict};
use crate::sse::{self, EventCutter};
use crate::tokens::Gap;

/// Reads the events of a stream.
pub(super) enum Reader {
    Relay(Relay),
    // Boxed: it is large, and there are more streams of the other kind.
    Translation(Box<Translation>),
}

/// What has become of a piece: at most a chunk, and after it at most an error.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) chunk: Option<Chunk>,
    pub(super) error: Option<Error>,
}

/// A stream that is in the caller's dialect.
pub(super) struct Relay {
    judge: Judge,
    gap: Gap,
    classify_event: fn(&[u8]) -> Error,
}

/// A stream that becomes one in another dialect.
pub(super) struct Translation {
    translator: Translator,
    classify_event: fn(&[u8]) -> Error,
    classify_exception: fn(&str, &[u8]) -> Error,
    /// Memory is shared by the chunks, and used again when they are gone.
    out: BytesMut,
    /// What it has cost, if no chunk has said so yet: some dialects say it with the end only.
    usage: Option<Usage>,
    has_content: bool,
    is_done: bool,
}

/// What the events of a piece have come to so far.
#[derive(Default)]
struct Pass {
    all: Verdict,
    error: Option<Error>,
    /// Whether something was there that says nothing but that the provider is.
    is_alive: bool,
}

// ===== impl Reader =====

impl Reader {
    pub(super) fn new(plan: Plan) -> Self {
        let classify_event = plan.classify_event;
        match plan.answer {
            Reading::Chat(reader, caller) => Self::Translation(Box::new(Translation {
                translator: Translator::new(reader.decoder(), caller.encoder()).gap(plan.gap),
                classify_event,
                classify_exception: plan.classify_exception,
                out: BytesMut::new(),
                usage: None,
                has_content: false,
                is_done: false,
            })),
            Reading::Relay(judge) => Self::Relay(Relay {
                judge,
                gap: plan.gap,
                classify_event,
            }),
            Reading::Headed(..) | Reading::Raw | Reading::Whole(_) => {
                unreachable!("an answer that is not read event by event is no stream")
            }
        }
    }

    /// Whether a part of the answer was there.
    pub(super) fn has_content(&self) -> bool {
        match self {
            Self::Relay(relay) => relay.judge.has_content(),
            Self::Translation(translation) => translation.has_content,
        }
    }

    /// Whether the answer has been handed on, up to and with its last event.
    pub(super) fn is_done(&self) -> bool {
        match self {
            Self::Relay(relay) => relay.judge.is_done(),
            Self::Translation(translation) => translation.is_done,
        }
    }

    /// Takes the piece that the cutter has.
    pub(super) fn piece(&mut self, cutter: &mut Cutter) -> Step {
        let before = self.said();
        let mut step = match (&mut *self, cutter) {
            (Self::Relay(relay), Cutter::ServerSent(cutter)) => relay.piece(cutter),
            (Self::Relay(_), Cutter::Messages(_)) => unreachable!("see `Plan::takes`"),
            (Self::Translation(translation), cutter) => translation.piece(cutter),
        };
        step.chunk = step.chunk.map(|chunk| {
            let chunk = chunk.and_said(self.said() - before);
            match self {
                Self::Relay(relay) => relay.fill(chunk),
                // Its end has been told of it already.
                Self::Translation(_) => chunk,
            }
        });
        step
    }

    /// About how many tokens the words of the model have that were there so far.
    fn said(&self) -> Tally {
        match self {
            Self::Relay(relay) => relay.judge.said(),
            Self::Translation(translation) => translation.translator.said(),
        }
    }

    /// Says what it means that the stream ends here.
    pub(super) fn at_end(&mut self, cutter: &mut Cutter) -> Result<Option<Chunk>, Error> {
        match (self, cutter) {
            (Self::Relay(relay), Cutter::ServerSent(cutter)) => relay.at_end(cutter),
            (Self::Relay(_), Cutter::Messages(_)) => unreachable!("see `Plan::takes`"),
            (Self::Translation(translation), cutter) => translation.at_end(cutter),
        }
    }

    /// The error that is in the place of an event, as it is: a body that is no stream.
    pub(super) fn bare_error(&self, raw: &[u8]) -> Option<Error> {
        let classify_event = match self {
            Self::Relay(relay) => relay.classify_event,
            Self::Translation(translation) => translation.classify_event,
        };
        let is_json =
            raw.trim_ascii().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(raw).is_ok();
        is_json.then(|| classify_event(raw))
    }
}

// ===== impl Relay =====

impl Relay {
    /// Hands on a piece byte for byte, up to an error or the end.
    fn piece(&mut self, cutter: &mut EventCutter) -> Step {
        let judge = &mut self.judge;
        let mut is_opaque = true;
        let mut all = Verdict::default();
        let mut stop = None;
        for event in cutter.events() {
            let Some(data) = event.data() else {
                if let Some(error) = openai::bare_error(event.raw()) {
                    stop = Some((event.start(), Some((self.classify_event)(error))));
                    break;
                }
                continue;
            };
            match judge.judge(event.name(), &data) {
                Ok(verdict) => {
                    is_opaque = false;
                    all = merge(all, verdict);
                }
                Err(error) => {
                    stop = Some((event.start(), Some(error)));
                    break;
                }
            }
            if judge.is_done() {
                stop = Some((event.end(), None));
                break;
            }
        }
        let (bytes, error) = match stop {
            None => (cutter.take_whole(), None),
            Some((0, error)) => (None, error),
            Some((at, error)) => (Some(cutter.take(at)), error),
        };
        let chunk = bytes.map(|bytes| {
            if is_opaque {
                Chunk::opaque(bytes)
            } else {
                flagged(bytes, all)
            }
        });
        Step { chunk, error }
    }

    /// Adds to the last chunk the usage that the provider has not told.
    fn fill(&mut self, chunk: Chunk) -> Chunk {
        if let Some(usage) = chunk.usage() {
            self.gap.close(usage);
        }
        if !self.judge.is_done() {
            return chunk;
        }
        self.gap.has_said(self.judge.said());
        match self.gap.usage() {
            Some(usage) => chunk.and_usage(usage),
            None => chunk,
        }
    }

    fn at_end(&mut self, cutter: &mut EventCutter) -> Result<Option<Chunk>, Error> {
        let judge = &mut self.judge;
        if let Err(incomplete) = cutter.finish() {
            let event = incomplete.event();
            let data = event.data();
            let data = data.as_deref().unwrap_or(incomplete.raw());
            // Some leave out the last blank line.
            if let Some(last) = judge.last_event(data) {
                let _ = judge.judge(None, data)?;
                let last = Chunk::end(Bytes::from_static(last));
                return Ok(Some(self.fill(last)));
            }
            return Err(openai::bare_error(data).map_or_else(truncated, self.classify_event));
        }
        if judge.is_complete() {
            Ok(None)
        } else {
            Err(truncated())
        }
    }
}

fn merge(all: Verdict, more: Verdict) -> Verdict {
    Verdict {
        content: all.content || more.content,
        end: all.end || more.end,
        usage: most(all.usage, more.usage),
    }
}

fn most(one: Option<Usage>, other: Option<Usage>) -> Option<Usage> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    }
}

impl From<Effects> for Verdict {
    fn from(effects: Effects) -> Self {
        Self {
            content: effects.content,
            end: effects.end,
            usage: effects.usage,
        }
    }
}

/// A chunk of `bytes` that says what they carry.
pub(super) fn flagged(bytes: Bytes, verdict: Verdict) -> Chunk {
    let mut chunk = Chunk::preamble(bytes);
    if verdict.content {
        chunk = chunk.and_content();
    }
    if verdict.end {
        chunk = chunk.and_end();
    }
    match verdict.usage {
        Some(usage) => chunk.and_usage(usage),
        None => chunk,
    }
}

// ===== impl Translation =====

impl Translation {
    fn piece(&mut self, cutter: &mut Cutter) -> Step {
        let mut pass = Pass::default();
        match cutter {
            Cutter::Messages(cutter) => {
                for message in cutter.messages() {
                    self.message(message, &mut pass);
                    if pass.is_over() {
                        break;
                    }
                }
                drop(cutter.take_whole());
            }
            Cutter::ServerSent(cutter) => {
                for event in cutter.events() {
                    self.event(&event, &mut pass);
                    if pass.is_over() {
                        break;
                    }
                }
                drop(cutter.take_whole());
            }
        }
        let Pass {
            all,
            error,
            is_alive,
        } = pass;
        self.has_content |= all.content;
        self.is_done |= all.end;
        let chunk = match self.written(all) {
            // Who waits for the next byte is shown that the provider is there.
            None if is_alive && error.is_none() => {
                let alive = self.translator.keepalive();
                Some(Chunk::opaque(Bytes::from_static(alive)))
            }
            chunk => chunk,
        };
        Step { chunk, error }
    }

    fn event(&mut self, event: &sse::Event<'_>, pass: &mut Pass) {
        let Some(data) = event.data() else {
            if let Some(raw) = openai::bare_error(event.raw()) {
                pass.error = Some((self.classify_event)(raw));
            }
            pass.is_alive |= event.is_comment();
            return;
        };
        let name = event.name().and_then(|name| std::str::from_utf8(name).ok());
        pass.is_alive |= name == Some("ping");
        self.say(name, &data, pass);
    }

    fn message(&mut self, message: Message<'_>, pass: &mut Pass) {
        match message.kind() {
            eventstream::Kind::Event(name) => self.say(Some(name), message.payload(), pass),
            eventstream::Kind::Exception(name) => {
                pass.error = Some((self.classify_exception)(name, message.payload()));
            }
            eventstream::Kind::Error { code, message } => {
                let detail = format!("there was the error `{code}` in the stream: {message}");
                let error = Error::new(Class::Server, "the provider broke off its answer");
                pass.error = Some(error.with_detail(detail));
            }
        }
    }

    fn say(&mut self, name: Option<&str>, data: &[u8], pass: &mut Pass) {
        match self.translator.on_event(name, data, &mut self.out) {
            Ok(effects) => pass.all = merge(pass.all, effects.into()),
            Err(failure) => pass.error = Some(failure),
        }
    }

    fn at_end(&mut self, cutter: &mut Cutter) -> Result<Option<Chunk>, Error> {
        match cutter {
            Cutter::Messages(cutter) => {
                if let Err(fault) = cutter.finish() {
                    return Err(truncated().with_source(fault));
                }
            }
            Cutter::ServerSent(cutter) => {
                if let Err(incomplete) = cutter.finish() {
                    let event = incomplete.event();
                    let data = event.data();
                    let data = data.as_deref().unwrap_or(incomplete.raw());
                    if let Some(raw) = openai::bare_error(data) {
                        return Err((self.classify_event)(raw));
                    }
                }
            }
        }
        let effects = self.translator.on_eof(&mut self.out)?;
        Ok(self.written(effects.into()))
    }

    /// The chunk of what was written, if anything was.
    fn written(&mut self, verdict: Verdict) -> Option<Chunk> {
        let bytes = self.out.split();
        let usage = most(self.usage.take(), verdict.usage);
        if bytes.is_empty() {
            self.usage = usage;
            return None;
        }
        Some(flagged(bytes.freeze(), Verdict { usage, ..verdict }))
    }
}

// ===== impl Pass =====

impl Pass {
    fn is_over(&self) -> bool {
        self.error.is_some() || self.all.end
    }
}

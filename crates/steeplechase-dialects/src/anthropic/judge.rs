use bytes::Bytes;
use serde_json::value::RawValue;
use steeplechase_core::{Chunk, Class, Error, Tally, Usage};

use super::caller::MESSAGE_STOP;
use super::error::classify_event;
use super::usage::{Counts, Totals};
use crate::chat::truncated;
use crate::json::{self, is_filled};
use crate::openai::Verdict;
use crate::tokens::Weights;

/// Says of each event of a stream what it carries.
///
/// An event is looked at in place: what it says is not unescaped, not copied and not kept, but for the
/// figures of the usage. So a stream costs no allocation an event.
///
/// # Cancellation
///
/// It does nothing between calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct Judge {
    totals: Totals,
    progress: Progress,
    has_content: bool,
    weights: &'static Weights,
    said: Tally,
}

/// How far the stream has come.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
enum Progress {
    #[default]
    New,
    /// Something was there.
    Started,
    /// The reason for the end was there.
    Said,
    /// `message_stop` was there.
    Done,
}

/// The fields of an event that are looked at, as they are written.
#[derive(Clone, Copy, Default)]
struct Event<'a> {
    kind: Option<&'a str>,
    block: Option<&'a str>,
    delta: Option<&'a str>,
    error: Option<&'a str>,
    message: Option<&'a str>,
    usage: Option<&'a str>,
}

// ===== impl Judge =====

impl Judge {
    /// Weighs the words of the model by these weights.
    pub(crate) const fn set_weights(&mut self, weights: &'static Weights) {
        self.weights = weights;
    }

    /// About how many tokens the words of the model have that were there so far.
    pub const fn said(&self) -> Tally {
        self.said
    }

    /// Whether a part of the answer was there.
    pub const fn has_content(&self) -> bool {
        self.has_content
    }

    /// Whether the answer is complete: the reason for its end was there, or `message_stop`.
    pub const fn is_complete(&self) -> bool {
        matches!(self.progress, Progress::Said | Progress::Done)
    }

    /// Whether `message_stop` was there, after which there is nothing.
    pub const fn is_done(&self) -> bool {
        matches!(self.progress, Progress::Done)
    }

    /// Says what an event carries that has `data`. `name` counts only if the data does not say its type.
    ///
    /// # Errors
    ///
    /// * The provider's error, classified, if the event is one. `"error": null` is healthy.
    /// * [`Class::Truncated`] if the end comes before the start.
    /// * [`Class::Server`] if an event before the first content is no JSON. Later ones are handed on: it is
    ///   for the caller to make something of them.
    pub fn judge(&mut self, name: Option<&[u8]>, data: &[u8]) -> Result<Verdict, Error> {
        let text = match std::str::from_utf8(data) {
            Ok(text) if text.trim_ascii().is_empty() => return Ok(Verdict::default()),
            Ok(text) => text,
            // Half a character is no reason to refuse an answer.
            Err(_) => return self.judge(name, String::from_utf8_lossy(data).as_bytes()),
        };
        match Event::look(text) {
            Ok(event) => self.weigh(&event, name, data),
            Err(_) if self.has_content => Ok(Verdict {
                content: true,
                ..Verdict::default()
            }),
            Err(error) => {
                let message = "the provider sent an event that is not JSON";
                Err(Error::new(Class::Server, message).with_detail(error.to_string()))
            }
        }
    }

    fn weigh(
        &mut self,
        event: &Event<'_>,
        name: Option<&[u8]>,
        data: &[u8],
    ) -> Result<Verdict, Error> {
        let name = name.and_then(|name| std::str::from_utf8(name).ok());
        let kind = event.kind.or(name).unwrap_or("");
        let mut verdict = Verdict::default();
        match kind {
            "content_block_delta" => {
                let delta = event.delta.map(|delta| look_at_delta(delta, self.weights));
                let (content, words) = delta.unwrap_or_default();
                verdict.content = content;
                self.said += words;
            }
            "content_block_start" => {
                verdict.content = event.block.is_some_and(is_block_content);
                let words = event.block.map(|block| block_words(block, self.weights));
                self.said += words.unwrap_or_default();
            }
            "content_block_stop" => {}
            "message_start" => {
                let usage = event.message.and_then(|message| field(message, "usage"));
                verdict.usage = self.count(usage);
            }
            "message_delta" => {
                verdict.usage = self.count(event.usage);
                let reason = event.delta.and_then(|delta| field(delta, "stop_reason"));
                if let Some(reason) = reason.filter(|reason| *reason != "null") {
                    self.progress = self.progress.max(Progress::Said);
                    verdict.end = true;
                    verdict.content = !self.has_content && is_answer(reason);
                }
            }
            "message_stop" if self.progress == Progress::New => return Err(truncated()),
            "message_stop" => {
                self.progress = Progress::Done;
                verdict.end = true;
            }
            "error" => return Err(classify_event(data)),
            _ if event.error.is_some_and(is_filled) => return Err(classify_event(data)),
            // `ping`, and what is not known yet.
            _ => return Ok(verdict),
        }
        self.progress = self.progress.max(Progress::Started);
        self.has_content |= verdict.content;
        Ok(verdict)
    }

    /// Takes over what a report of the usage has.
    fn count(&mut self, usage: Option<&str>) -> Option<Usage> {
        let counts = serde_json::from_str::<Counts<'_>>(usage?).ok()?;
        self.totals.overlay(&counts);
        Some(self.totals.usage())
    }

    /// What the last event should have been, of which only its blank line is missing.
    pub(crate) fn last_event(&self, data: &[u8]) -> Option<&'static [u8]> {
        let text = std::str::from_utf8(data).ok()?;
        let is_stop = Event::look(text).ok()?.kind == Some("message_stop");
        (is_stop && self.is_complete()).then_some(MESSAGE_STOP)
    }
}

/// Reads a whole answer, and says what it carries. The bytes stay as they are.
///
/// # Errors
///
/// * The provider's own error, classified, if it sent one with a status of success.
/// * [`Class::Truncated`] if the bytes end before the JSON does.
/// * [`Class::Server`] if they are no JSON, or JSON without an answer.
pub fn read_whole(body: &Bytes) -> Result<Chunk, Error> {
    weigh_whole(body, <&Weights>::default())
}

/// The same, where the words of the model are weighed by `weights` if the answer reports no usage.
pub(crate) fn weigh_whole(body: &Bytes, weights: &'static Weights) -> Result<Chunk, Error> {
    let text = String::from_utf8_lossy(body);
    let (mut kind, mut content, mut reason, mut usage) = (None, None, None, None);
    json::each_field(&text, |name, value| match name {
        "type" => kind = Some(value),
        "content" => content = Some(value),
        "stop_reason" => reason = Some(value),
        "usage" => usage = Some(value),
        _ => {}
    })
    .map_err(|error| {
        if error.is_eof() {
            return truncated().with_source(error);
        }
        let message = "the provider's answer is not JSON";
        Error::new(Class::Server, message).with_detail(error.to_string())
    })?;
    if kind == Some("\"error\"") {
        return Err(classify_event(body));
    }
    let Some(blocks) = content.filter(|content| content.starts_with('[')) else {
        return Err(Error::new(
            Class::Server,
            "the provider's answer is no message",
        ));
    };
    let blocks: Vec<&RawValue> = serde_json::from_str(blocks).unwrap_or_default();
    let has_content =
        blocks.iter().any(|block| is_block_content(block.get())) || reason.is_some_and(is_answer);
    let counts = usage.and_then(|usage| serde_json::from_str::<Counts<'_>>(usage).ok());
    let usage = counts.map(|counts| {
        let mut totals = Totals::default();
        totals.overlay(&counts);
        totals.usage()
    });
    let said = match usage {
        Some(usage) if !usage.is_blank() => Tally::ZERO,
        _ => {
            let words = |block: &&RawValue| block_words(block.get(), weights);
            blocks.iter().map(words).sum()
        }
    };
    let body = body.clone();
    let chunk = if has_content {
        Chunk::whole(body)
    } else {
        Chunk::end(body)
    };
    let chunk = chunk.and_said(said);
    Ok(match usage {
        Some(usage) => chunk.and_usage(usage),
        None => chunk,
    })
}

// ===== impl Event =====

impl<'a> Event<'a> {
    fn look(text: &'a str) -> Result<Self, serde_json::Error> {
        let mut event = Self::default();
        json::each_field(text, |name, value| match name {
            "type" => event.kind = Some(value.trim_matches('"')),
            "content_block" => event.block = Some(value),
            "delta" => event.delta = Some(value),
            "error" => event.error = Some(value),
            "message" => event.message = Some(value),
            "usage" => event.usage = Some(value),
            _ => {}
        })?;
        Ok(event)
    }
}

/// The value of a field of an object, as it is written.
fn field<'a>(object: &'a str, wanted: &str) -> Option<&'a str> {
    let mut found = None;
    json::each_field(object, |name, value| {
        if name == wanted {
            found = Some(value);
        }
    })
    .ok()?;
    found
}

/// Whether a delta is a part of the answer, and how many tokens its words have.
fn look_at_delta(delta: &str, weights: &Weights) -> (bool, Tally) {
    let (mut is_content, mut words) = (false, Tally::ZERO);
    let looked = json::each_field(delta, |name, value| match name {
        "citation" | "signature" => is_content |= is_filled(value),
        "content" | "partial_json" | "text" | "thinking" => {
            is_content |= is_filled(value);
            words += weights.tally_value(value);
        }
        _ => {}
    });
    looked.map_or_else(|_| <_>::default(), |()| (is_content, words))
}

/// How many tokens the words of a block have, whole or at its start. What a tool of the provider's has found is
/// not the model's.
fn block_words(block: &str, weights: &Weights) -> Tally {
    let (mut is_call, mut called, mut words) = (false, Tally::ZERO, Tally::ZERO);
    let looked = json::each_field(block, |name, value| match name {
        "type" => is_call = value.trim_matches('"').ends_with("tool_use"),
        "input" | "name" => called += weights.tally_value(value),
        "text" | "thinking" => words += weights.tally_value(value),
        _ => {}
    });
    match looked {
        Ok(()) if is_call => words + called,
        Ok(()) => words,
        Err(_) => Tally::ZERO,
    }
}

/// Whether a block has something in it, whole or at its start.
fn is_block_content(block: &str) -> bool {
    let (mut kind, mut is_said) = ("", false);
    let looked = json::each_field(block, |name, value| match name {
        "type" => kind = value.trim_matches('"'),
        "signature" | "text" | "thinking" => is_said |= is_filled(value),
        _ => {}
    });
    let is_whole =
        kind == "redacted_thinking" || kind.ends_with("tool_use") || kind.ends_with("_tool_result");
    looked.is_ok() && (is_said || is_whole)
}

/// Whether a reason for the end is an answer in itself: that there was no room, or a refusal.
fn is_answer(reason: &str) -> bool {
    !matches!(
        reason,
        "null" | r#""end_turn""# | r#""stop_sequence""# | r#""tool_use""#
    )
}

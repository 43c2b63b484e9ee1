use std::sync::LazyLock;

use memchr::memmem::Finder;
use steeplechase_core::{Class, Error, Tally, Usage};

use super::error;
use super::look::{Seen, look};
use super::template::Template;
use crate::json::{text_of, value_after};
use crate::tokens::Weights;

/// Says of each event of a stream what it carries.
///
/// Until the first content every event is parsed, for all depends on what it is. From then on nearly
/// all events are a few words each, and are known by the bytes around the words, which are those of an
/// event that was parsed. Where these change all the time, a search tells what an event is not. Both
/// are certain, and what they cannot tell is parsed.
///
/// # Cancellation
///
/// It does nothing between calls.
#[derive(Clone, Debug)]
pub struct Judge {
    choices: u32,
    finished: u32,
    has_content: bool,
    is_done: bool,
    weights: &'static Weights,
    said: Tally,
    pub(super) template: Template,
}

/// What an event carries. An event that carries nothing comes before the answer, such as a role.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Verdict {
    /// A part of the answer.
    pub content: bool,
    /// The end of the answer: the last reason for an end, or `[DONE]`.
    pub end: bool,
    /// What the answer has cost so far.
    pub usage: Option<Usage>,
}

/// A part of the answer and nothing else.
const CONTENT: Verdict = Verdict {
    content: true,
    end: false,
    usage: None,
};

// ===== impl Judge =====

impl Judge {
    /// A judge of a stream with so many choices. Zero is taken for one.
    pub fn new(choices: u32) -> Self {
        Self {
            choices: if choices == 0 { 1 } else { choices },
            finished: 0,
            has_content: false,
            is_done: false,
            weights: <&Weights>::default(),
            said: Tally::ZERO,
            template: Template::default(),
        }
    }

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

    /// Whether the answer is complete: all its choices have ended, or `[DONE]` was there.
    pub const fn is_complete(&self) -> bool {
        self.is_done || self.finished >= self.choices
    }

    /// Whether `[DONE]` was there, after which there is nothing.
    pub const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Says what an event carries that has `data`.
    ///
    /// # Errors
    ///
    /// * The provider's error, classified, if the event is one. `"error": null` is healthy.
    /// * [`Class::Server`] if an event before the first content is no JSON. Later ones are handed on:
    ///   it is for the caller to make something of them.
    pub fn judge(&mut self, data: &[u8]) -> Result<Verdict, Error> {
        if let Some(said) = self.template.words(data, self.weights) {
            self.said += said;
            return Ok(CONTENT);
        }
        if data.trim_ascii() == b"[DONE]" {
            self.is_done = true;
            return Ok(Verdict {
                end: true,
                ..Verdict::default()
            });
        }
        // Worth a parse for a time, as what is parsed can be learned.
        if self.has_content
            && !self.template.is_curious()
            && let Some(words) = words(data)
        {
            self.said += self.weights.tally_json(words);
            return Ok(CONTENT);
        }
        self.parse(data)
    }

    fn parse(&mut self, data: &[u8]) -> Result<Verdict, Error> {
        if data.trim_ascii().is_empty() {
            return Ok(Verdict::default());
        }
        match look(data, Some(self.weights)) {
            Ok(seen) => self.weigh(&seen, data),
            Err(_) if self.has_content => Ok(CONTENT),
            // Half a character is no reason to refuse an answer.
            Err(_) if std::str::from_utf8(data).is_err() => {
                self.parse(String::from_utf8_lossy(data).as_bytes())
            }
            Err(error) => {
                let message = "the provider sent an event that is not JSON";
                Err(Error::new(Class::Server, message).with_detail(error.to_string()))
            }
        }
    }

    fn weigh(&mut self, seen: &Seen<'_>, data: &[u8]) -> Result<Verdict, Error> {
        if seen.has_error {
            return Err(error::classify_event(data));
        }
        if let Some(class) = self.failure(seen) {
            let reason = seen.reason.unwrap_or_default();
            return Err(Error::new(class, "the provider broke the answer off")
                .with_detail(format!("finish_reason: {reason}")));
        }
        let is_answer = !self.has_content && seen.is_reason_an_answer();
        let content = seen.has_content || is_answer;
        self.has_content |= content;
        self.said += seen.words.said();
        self.finished = self.finished.saturating_add(seen.finished);
        let verdict = Verdict {
            content,
            end: seen.finished > 0 && self.is_complete(),
            usage: seen.usage,
        };
        if verdict == CONTENT && seen.finished == 0 && self.template.is_curious() {
            self.template.learn(data);
        }
        Ok(verdict)
    }

    /// Reasons for an end that are failures.
    fn failure(&self, seen: &Seen<'_>) -> Option<Class> {
        match seen.reason? {
            r#""abort""# | r#""error""# | r#""network_error""# => Some(Class::Server),
            r#""insufficient_system_resource""# if !self.has_content && !seen.has_content => {
                Some(Class::Overloaded)
            }
            _ => None,
        }
    }
}

impl Default for Judge {
    /// A judge of a stream with one choice.
    fn default() -> Self {
        Self::new(1)
    }
}

struct Finders {
    error: Finder<'static>,
    usage: Finder<'static>,
    finish_reason: Finder<'static>,
    /// An escaped letter, with which the name of a field could hide.
    escape: Finder<'static>,
    /// The end of `"content":` and `"reasoning_content":`.
    content: Finder<'static>,
    reasoning: Finder<'static>,
    arguments: Finder<'static>,
}

static FINDERS: LazyLock<Finders> = LazyLock::new(|| Finders {
    error: Finder::new(r#""error""#),
    usage: Finder::new(r#""usage""#),
    finish_reason: Finder::new(r#""finish_reason""#),
    escape: Finder::new(r"\u00"),
    content: Finder::new(r#"content""#),
    reasoning: Finder::new(r#""reasoning""#),
    arguments: Finder::new(r#""arguments""#),
});

/// The words of an event that certainly carries words and nothing else, as they are written in JSON.
///
/// In JSON a quote inside of a text is escaped, so the name of a field between two bare quotes is the
/// name of a field, or a text of just that: never a part of what the model says. A text of just that
/// is not followed by a colon, and the event is parsed.
fn words(data: &[u8]) -> Option<&[u8]> {
    let finders = &*FINDERS;
    let is_words = finders.error.find(data).is_none()
        && finders.escape.find(data).is_none()
        && is_null(&finders.finish_reason, data)
        && is_null(&finders.usage, data);
    let names = [&finders.content, &finders.arguments, &finders.reasoning];
    let mut texts = names.iter().filter_map(|name| text_of(name, data));
    texts.next().filter(|_| is_words)
}

/// Whether a field is `null` wherever it is there.
fn is_null(name: &Finder<'_>, data: &[u8]) -> bool {
    let mut rest = data;
    while let Some(at) = name.find(rest) {
        rest = &rest[at + name.needle().len()..];
        if !value_after(rest).is_some_and(|value| value.starts_with(b"null")) {
            return false;
        }
    }
    true
}

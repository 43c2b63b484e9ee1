use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;
use steeplechase_core::{Chunk, Class, Error, Tally};

use super::look::{look, words};
use crate::json;
use crate::openai::{self, Verdict};
use crate::tokens::Weights;

/// Says of each event of a stream in this dialect what it carries.
///
/// An event says its kind in its name, so most are known without a parse of what is in them. Only an event
/// that may be the first part of the answer is parsed, and one that ends it. Of the others the words are searched
/// for, and weighed where they are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judge {
    has_content: bool,
    is_done: bool,
    weights: &'static Weights,
    said: Tally,
}

/// What an event is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// A part of the answer, unless it is empty.
    Delta,
    /// The same, and no text.
    Sound,
    /// The response, with all of its answer.
    End,
    Error,
    /// The response, and why it failed.
    Failed,
    /// A part of the answer, whatever is in it.
    Part,
    /// What comes before a part of the answer.
    Quiet,
}

/// Where an event has its words.
static DELTA: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(r#""delta""#));

// ===== impl Judge =====

impl Judge {
    /// Weighs the words of the model by these weights.
    pub(crate) const fn set_weights(&mut self, weights: &'static Weights) {
        self.weights = weights;
    }

    /// About how many tokens the words of the model have that were there so far.
    pub(crate) const fn said(&self) -> Tally {
        self.said
    }

    /// Whether a part of the answer was there.
    pub(crate) const fn has_content(&self) -> bool {
        self.has_content
    }

    /// Whether the answer is complete, and nothing comes after it.
    pub(crate) const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Says what an event carries. Its name counts, or the type in its data if it has none.
    ///
    /// # Errors
    ///
    /// * The provider's error, classified, if the event is one, or if the response has failed.
    /// * [`Class::Server`] if an event before the first content is no JSON.
    pub(crate) fn judge(&mut self, name: Option<&[u8]>, data: &[u8]) -> Result<Verdict, Error> {
        let kind = match name {
            Some(name) => Kind::of(name),
            None => self.kind_of(data)?,
        };
        match kind {
            Kind::Quiet => return Ok(Verdict::default()),
            Kind::End => return Ok(self.end(data)),
            Kind::Error => return Err(openai::classify_event(data)),
            Kind::Failed => return Err(failed(data)),
            Kind::Delta | Kind::Sound if !self.has_content => {
                let seen = look(data).map_err(|error| no_json(&error))?;
                self.has_content = seen.has_delta;
            }
            Kind::Delta | Kind::Part | Kind::Sound => self.has_content = true,
        }
        if kind == Kind::Delta
            && let Some(words) = json::text_of(&DELTA, data)
        {
            self.said += self.weights.tally_json(words);
        }
        Ok(Verdict {
            content: self.has_content,
            ..Verdict::default()
        })
    }

    fn end(&mut self, data: &[u8]) -> Verdict {
        self.is_done = true;
        let seen = look(data).unwrap_or_default();
        // That there was no room for an answer is one.
        let is_answer = !seen.output.is_empty() || seen.status == r#""incomplete""#;
        let content = !self.has_content && is_answer;
        self.has_content |= content;
        Verdict {
            content,
            end: true,
            usage: seen.usage,
        }
    }

    /// The kind of an event that has no name.
    fn kind_of(&self, data: &[u8]) -> Result<Kind, Error> {
        let start = data.strip_prefix(br#"{"type":""#);
        let end = start.and_then(|start| memchr::memchr(b'"', start));
        if let (Some(start), Some(end)) = (start, end) {
            return Ok(Kind::of(&start[..end]));
        }
        // Some end with the mark of another dialect.
        if data.trim_ascii().is_empty() || data.trim_ascii() == b"[DONE]" {
            return Ok(Kind::Quiet);
        }
        match look(data) {
            Ok(seen) if seen.kind.is_empty() && seen.has_error => Ok(Kind::Error),
            Ok(seen) => Ok(Kind::of(seen.kind.trim_matches('"').as_bytes())),
            Err(_) if self.has_content => Ok(Kind::Part),
            Err(error) => Err(no_json(&error)),
        }
    }
}

fn no_json(error: &serde_json::Error) -> Error {
    let message = "the provider sent an event that is not JSON";
    Error::new(Class::Server, message).with_detail(error.to_string())
}

/// The error of a response that has failed.
fn failed(data: &[u8]) -> Error {
    #[derive(Deserialize)]
    struct Failed<'a> {
        #[serde(borrow)]
        response: &'a RawValue,
    }

    let response = serde_json::from_slice::<Failed<'_>>(data);
    let said = response.map_or(data, |failed| failed.response.get().as_bytes());
    openai::classify_event(said)
}

// ===== impl Kind =====

impl Kind {
    fn of(name: &[u8]) -> Self {
        match name {
            b"error" => Self::Error,
            b"response.completed" | b"response.incomplete" => Self::End,
            b"response.failed" => Self::Failed,
            b"response.audio.delta" => Self::Sound,
            _ if name.ends_with(b".delta") => Self::Delta,
            _ if name.ends_with(b".done") || name.ends_with(b".partial_image") => Self::Part,
            _ => Self::Quiet,
        }
    }
}

/// Reads a whole answer, and says what it carries. The bytes stay as they are.
///
/// A response that is still being made, as a caller may ask for it, is a whole answer too. If it reports no usage,
/// the words of the model are weighed by `weights`.
///
/// # Errors
///
/// * The provider's own error, classified, if the response has failed, or if it is none.
/// * [`Class::Truncated`] if the bytes end before the JSON does.
/// * [`Class::Server`] if they are no JSON.
pub(crate) fn weigh_answer(body: Bytes, weights: &Weights) -> Result<Chunk, Error> {
    let seen = match look(&body) {
        Ok(seen) => seen,
        Err(error) if error.is_eof() => {
            return Err(crate::chat::truncated().with_detail(error.to_string()));
        }
        Err(error) => {
            let message = "the provider's answer is not JSON";
            return Err(Error::new(Class::Server, message).with_detail(error.to_string()));
        }
    };
    if seen.has_error || !seen.is_response || seen.status == r#""failed""# {
        return Err(openai::classify(StatusCode::OK, &HeaderMap::new(), &body));
    }
    let is_complete = matches!(seen.status, "" | r#""completed""#);
    let (has_content, usage) = (!seen.output.is_empty() || !is_complete, seen.usage);
    let said = match usage {
        Some(usage) if !usage.is_blank() => Tally::ZERO,
        _ => words(seen.output, weights),
    };
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

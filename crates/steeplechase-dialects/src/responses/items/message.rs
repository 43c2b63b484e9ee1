use bytes::BytesMut;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::frames::{Page, field};
use super::wire::{WireAnnotation, WireItem, WirePart};
use crate::chat::Annotation;

/// What the model says: parts, of which the last is open.
#[derive(Debug)]
pub(in crate::responses) struct Message {
    parts: Vec<Part>,
}

struct Part {
    speech: Speech,
    text: String,
    /// How many characters of the answer come before it.
    before: usize,
    annotations: Vec<Annotation>,
    logprobs: Vec<Box<RawValue>>,
}

/// What a part is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::responses) enum Speech {
    Refusal,
    Text,
}

/// The probabilities of tokens, as a chat has them.
#[derive(Deserialize)]
struct Logprobs<'a> {
    #[serde(borrow)]
    content: Option<Vec<&'a RawValue>>,
}

const ROLE: &str = "assistant";

// ===== impl Message =====

impl Message {
    pub(in crate::responses) fn open(page: &mut Page<'_>) -> Self {
        page.added(&WireItem::Message {
            id: &page.place.id,
            status: "in_progress",
            role: ROLE,
            content: Vec::new(),
        });
        Self { parts: Vec::new() }
    }

    /// Adds words. `before` is how many characters of the answer there have been.
    pub(in crate::responses) fn say(
        &mut self,
        speech: Speech,
        words: &str,
        before: usize,
        page: &mut Page<'_>,
    ) {
        let is_open = self.parts.last().is_some_and(|part| part.speech == speech);
        if !is_open {
            self.end_part(page);
            let part = Part::new(speech, before);
            page.about("content_part.added", |out| {
                field(out, "content_index", &self.parts.len());
                field(out, "part", &part.wire());
            });
            self.parts.push(part);
        }
        let index = self.parts.len() - 1;
        self.parts[index].text.push_str(words);
        let name = match speech {
            Speech::Refusal => "refusal.delta",
            Speech::Text => "output_text.delta",
        };
        page.about(name, |out| {
            field(out, "content_index", &index);
            field(out, "delta", words);
            if speech == Speech::Text {
                field(out, "logprobs", &[(); 0]);
            }
        });
    }

    /// Says how probable the last words were. They have been told already, so nothing is added to them.
    pub(in crate::responses) fn weigh(&mut self, logprobs: &RawValue, page: &mut Page<'_>) {
        let index = self.parts.len().saturating_sub(1);
        let Some(part) = self.parts.last_mut() else {
            return;
        };
        let read = serde_json::from_str::<Logprobs<'_>>(logprobs.get()).ok();
        let tokens = read.and_then(|read| read.content).unwrap_or_default();
        if part.speech != Speech::Text || tokens.is_empty() {
            return;
        }
        page.about("output_text.delta", |out| {
            field(out, "content_index", &index);
            field(out, "delta", "");
            field(out, "logprobs", &tokens);
        });
        part.logprobs
            .extend(tokens.into_iter().map(ToOwned::to_owned));
    }

    /// Says where the open text is from.
    pub(in crate::responses) fn cite(&mut self, annotation: &Annotation, page: &mut Page<'_>) {
        let index = self.parts.len().saturating_sub(1);
        let open = self.parts.last_mut();
        let Some(part) = open.filter(|part| part.speech == Speech::Text) else {
            return;
        };
        // The places of a citation are counted from the start of its part.
        let annotation = Annotation {
            start: annotation.start.saturating_sub(part.before),
            end: annotation.end.saturating_sub(part.before),
            ..annotation.clone()
        };
        page.about("output_text.annotation.added", |out| {
            field(out, "content_index", &index);
            field(out, "annotation_index", &part.annotations.len());
            field(out, "annotation", &WireAnnotation::from(&annotation));
        });
        part.annotations.push(annotation);
    }

    /// Completes the message. Gives back its JSON.
    pub(in crate::responses) fn close(self, status: &'static str, page: &mut Page<'_>) -> BytesMut {
        self.end_part(page);
        page.done(&WireItem::Message {
            id: &page.place.id,
            status,
            role: ROLE,
            content: self.parts.iter().map(Part::wire).collect(),
        })
    }

    fn end_part(&self, page: &mut Page<'_>) {
        let index = self.parts.len().saturating_sub(1);
        let Some(part) = self.parts.last() else {
            return;
        };
        match part.speech {
            Speech::Refusal => page.about("refusal.done", |out| {
                field(out, "content_index", &index);
                field(out, "refusal", &part.text);
            }),
            Speech::Text => page.about("output_text.done", |out| {
                field(out, "content_index", &index);
                field(out, "text", &part.text);
                field(out, "logprobs", &part.logprobs);
            }),
        }
        page.about("content_part.done", |out| {
            field(out, "content_index", &index);
            field(out, "part", &part.wire());
        });
    }
}

// ===== impl Part =====

impl Part {
    const fn new(speech: Speech, before: usize) -> Self {
        Self {
            speech,
            text: String::new(),
            before,
            annotations: Vec::new(),
            logprobs: Vec::new(),
        }
    }

    fn wire(&self) -> WirePart<'_> {
        match self.speech {
            Speech::Refusal => WirePart::Refusal {
                refusal: &self.text,
            },
            Speech::Text => WirePart::OutputText {
                text: &self.text,
                annotations: self.annotations.iter().map(WireAnnotation::from).collect(),
                logprobs: &self.logprobs,
            },
        }
    }
}

impl std::fmt::Debug for Part {
    // It is somebody's text.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Part").field(&self.speech).finish()
    }
}

//! Where an answer has what it says from.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::chat::Annotation;
use crate::json::{Text, text};

/// A source of a part of the answer, whose place is in bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Source {
    part: usize,
    start: usize,
    end: usize,
    url: String,
    title: Option<String>,
}

/// What was said, and where in it the provider's parts begin.
#[derive(Debug, Default)]
pub(super) struct Said {
    text: String,
    parts: Vec<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Grounding<'a> {
    #[serde(borrow)]
    grounding_chunks: Option<Vec<Chunk<'a>>>,
    #[serde(borrow)]
    grounding_supports: Option<Vec<Support<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chunk<'a> {
    #[serde(borrow, alias = "retrievedContext", alias = "maps")]
    web: Option<Place<'a>>,
}

#[derive(Deserialize)]
struct Place<'a> {
    #[serde(borrow)]
    uri: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Support<'a> {
    segment: Option<Segment>,
    #[serde(borrow)]
    grounding_chunk_indices: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Segment {
    #[serde(rename = "partIndex")]
    part: Option<usize>,
    #[serde(rename = "startIndex")]
    start: Option<usize>,
    #[serde(rename = "endIndex")]
    end: Option<usize>,
}

#[derive(Deserialize)]
struct Citations<'a> {
    #[serde(borrow, alias = "citationSources")]
    citations: Option<Vec<Citation<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Citation<'a> {
    start_index: Option<usize>,
    end_index: Option<usize>,
    #[serde(borrow)]
    uri: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
}

/// The most of an answer that is kept for its sources.
const MAX_SAID: usize = 8 * 1024 * 1024;

/// The most sources that an answer has.
const MAX_SOURCES: usize = 4096;

/// Adds the sources that a `groundingMetadata` has. One that cannot be read has none: it is no part of
/// the answer.
pub(super) fn grounding(raw: &RawValue, sources: &mut Vec<Source>) {
    let Ok(grounding) = serde_json::from_str::<Grounding<'_>>(raw.get()) else {
        return;
    };
    let chunks = grounding.grounding_chunks.unwrap_or_default();
    for support in grounding.grounding_supports.iter().flatten() {
        let Some(segment) = &support.segment else {
            continue;
        };
        let indices = support.grounding_chunk_indices.map(RawValue::get);
        let indices = indices.and_then(|it| serde_json::from_str::<Vec<usize>>(it).ok());
        for index in indices.into_iter().flatten() {
            let place = chunks.get(index).and_then(|chunk| chunk.web.as_ref());
            if let Some(place) = place {
                add(
                    sources,
                    Source::new(segment, place.uri.as_ref(), place.title.as_ref()),
                );
            }
        }
    }
}

/// Adds the sources that a `citationMetadata` has.
pub(super) fn citations(raw: &RawValue, sources: &mut Vec<Source>) {
    let Ok(found) = serde_json::from_str::<Citations<'_>>(raw.get()) else {
        return;
    };
    for citation in found.citations.iter().flatten() {
        let segment = Segment {
            part: None,
            start: citation.start_index,
            end: citation.end_index,
        };
        let source = Source::new(&segment, citation.uri.as_ref(), citation.title.as_ref());
        add(sources, source);
    }
}

fn add(sources: &mut Vec<Source>, source: Source) {
    // Streams say again what they have said before.
    let is_new = !source.url.is_empty() && !sources.contains(&source);
    if is_new && sources.len() < MAX_SOURCES {
        sources.push(source);
    }
}

// ===== impl Source =====

impl Source {
    fn new(segment: &Segment, url: Option<&Text<'_>>, title: Option<&Text<'_>>) -> Self {
        Self {
            part: segment.part.unwrap_or(0),
            start: segment.start.unwrap_or(0),
            end: segment.end.unwrap_or(0),
            url: text(url).to_owned(),
            title: title.map(|title| title.to_string()),
        }
    }
}

// ===== impl Said =====

impl Said {
    /// Notes that a part of the provider's begins here.
    pub(super) fn part(&mut self) {
        self.parts.push(self.text.len());
    }

    /// Adds what is said.
    pub(super) fn push(&mut self, text: &str) {
        if self.text.len() + text.len() <= MAX_SAID {
            self.text.push_str(text);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What was said.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// A source with its place in characters.
    pub(super) fn annotation(&self, source: Source) -> Annotation {
        let base = self.parts.get(source.part).copied().unwrap_or(0);
        let chars = |offset: usize| {
            let mut end = base.saturating_add(offset).min(self.text.len());
            while !self.text.is_char_boundary(end) {
                end -= 1;
            }
            self.text[..end].chars().count()
        };
        Annotation {
            start: chars(source.start),
            end: chars(source.end),
            url: source.url,
            title: source.title,
        }
    }
}

use serde::Deserialize;
use serde_json::value::RawValue;

use super::usage::Count;
use crate::chat::Annotation;
use crate::json::Text;

/// Where a part of an answer is from.
#[derive(Deserialize)]
pub(super) struct Citation<'a> {
    start: Option<Count>,
    end: Option<Count>,
    #[serde(borrow)]
    sources: Option<Vec<&'a RawValue>>,
    /// The block of the answer that it is about.
    pub(super) content_index: Option<u64>,
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow)]
    document: Option<Document<'a>>,
}

/// What is looked at in a document, which may have any fields.
#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
}

impl Citation<'_> {
    /// Whether it is about the text, and not about thoughts or a plan.
    pub(super) fn is_of_text(&self) -> bool {
        let kind = self.kind.as_deref();
        kind.is_none_or(|kind| kind == "TEXT_CONTENT")
    }

    /// An annotation for each source that has an address. The block begins at `start` of all the text.
    pub(super) fn annotations(&self, start: usize) -> impl Iterator<Item = Annotation> + '_ {
        let place = |count: Option<Count>| {
            let count = count.unwrap_or_default().0;
            start.saturating_add(usize::try_from(count).unwrap_or(usize::MAX))
        };
        let (start, end) = (place(self.start), place(self.end));
        let sources = self.sources.iter().flatten();
        // What is not as expected has no address.
        let sources = sources.filter_map(|raw| serde_json::from_str::<Source<'_>>(raw.get()).ok());
        sources.filter_map(move |source| {
            let document = source.document?;
            let url = document.url.filter(|url| !url.is_empty())?;
            Some(Annotation {
                start,
                end,
                url: url.to_string(),
                title: document.title.map(|title| title.to_string()),
            })
        })
    }
}

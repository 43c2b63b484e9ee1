use std::fmt;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use steeplechase_core::Tally;

use crate::json::text_len;
use crate::tokens::Weights;

/// An event with holes in it, by which the next one is known again.
///
/// ```text
/// {"id":"a","choices":[{"index":0,"delta":{"content":"Bergen"},"finish_reason":null}]}
/// ────────────────────────────────────────────────────○ is in ○───────────────────────
///                                                  the words of the model
/// ```
///
/// The events of a stream differ in little but the words of the model. One was parsed; another that
/// has the same bytes around its words, and whose words are a text and not empty, carries the same.
#[derive(Clone, Default)]
pub(super) struct Template {
    /// The bytes around the holes.
    text: Vec<u8>,
    /// Where in them the holes are.
    holes: [usize; MAX_HOLES],
    /// Which of them are padding.
    padding: [bool; MAX_HOLES],
    count: usize,
    lessons: u8,
}

/// Words, thoughts, and the padding with which some hide how long the words are.
const MAX_HOLES: usize = 3;

/// How often it is learned anew, as a stream goes from thoughts to words, or to a call of a tool.
const MAX_LESSONS: u8 = 8;

/// The ends of the names of the fields that are holes, of which the last is padding.
///
/// In JSON a letter right before a quote means that a text ends there, and a colon after it that the
/// text is the name of a field.
static NAMES: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| {
    [
        Finder::new("content\":"),
        Finder::new("arguments\":"),
        Finder::new("reasoning\":"),
        Finder::new("obfuscation\":"),
    ]
});

// ===== impl Template =====

impl Template {
    /// About how many tokens the words of an event have that carries what the learned one did. `None` if
    /// it does not.
    pub(super) fn words(&self, data: &[u8], weights: &Weights) -> Option<Tally> {
        let mut said = Tally::ZERO;
        let mut rest = data;
        let mut start = 0;
        let holes = self.holes.iter().zip(self.padding);
        for (end, is_padding) in holes.take(self.count) {
            let after = rest.strip_prefix(&self.text[start..*end])?;
            let len = text_len(after).filter(|len| *len > 0)?;
            if !is_padding {
                said += weights.tally_json(&after[..len]);
            }
            rest = &after[len..];
            start = *end;
        }
        (self.count > 0 && rest == &self.text[start..]).then_some(said)
    }

    /// Whether there is a point in learning once more.
    pub(super) const fn is_curious(&self) -> bool {
        self.lessons < MAX_LESSONS
    }

    /// Learns an event that is JSON and carries content and nothing else.
    pub(super) fn learn(&mut self, data: &[u8]) {
        self.lessons = self.lessons.saturating_add(1);
        self.text.clear();
        self.count = 0;
        let mut rest = data;
        while self.count < MAX_HOLES
            && let Some((start, len, is_padding)) = next_hole(rest)
        {
            self.text.extend_from_slice(&rest[..start]);
            self.holes[self.count] = self.text.len();
            self.padding[self.count] = is_padding;
            self.count += 1;
            rest = &rest[start + len..];
        }
        self.text.extend_from_slice(rest);
    }
}

impl fmt::Debug for Template {
    // It is made of somebody's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("bytes", &self.text.len())
            .field("holes", &self.count)
            .finish_non_exhaustive()
    }
}

/// The first text that is a hole: where it starts, after its quote, how long it is, and whether it is
/// padding.
fn next_hole(data: &[u8]) -> Option<(usize, usize, bool)> {
    let names = NAMES.iter().enumerate();
    let starts = names.flat_map(|(which, name)| {
        let is_padding = which == NAMES.len() - 1;
        name.find_iter(data).filter_map(move |at| {
            let value = at + name.needle().len();
            let spaces = data[value..].iter().take_while(|b| **b == b' ').count();
            let quote = value + spaces;
            // A text with nothing in it stays what it is.
            let is_text = data.get(quote) == Some(&b'"') && data.get(quote + 1) != Some(&b'"');
            is_text.then_some((quote + 1, is_padding))
        })
    });
    let (start, is_padding) = starts.min()?;
    Some((start, text_len(&data[start..])?, is_padding))
}

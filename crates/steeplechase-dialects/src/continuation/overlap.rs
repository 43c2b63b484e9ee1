/// Finds out whether the rest of a text begins with the end of its first part.
#[derive(Clone, Debug, Default)]
pub(super) struct Overlap {
    /// The end of the first part.
    tail: String,
    /// The start of the rest, while it may still become a longer repetition. `None` when that is settled.
    held: Option<String>,
}

/// The most characters that are looked for.
const MOST: usize = 256;

/// The fewest characters of a repetition of words. Fewer are more often what comes next.
const FEWEST: usize = 3;

impl Overlap {
    /// What follows `text` may repeat its end.
    pub(super) fn after(text: &str) -> Self {
        let start = text.char_indices().rev().nth(MOST - 1);
        Self {
            tail: text[start.map_or(0, |(at, _)| at)..].to_owned(),
            held: Some(String::new()),
        }
    }

    /// Takes a piece of the rest, and returns what of the rest is known to be new.
    pub(super) fn take(&mut self, piece: &str) -> String {
        let Some(mut held) = self.held.take() else {
            return piece.to_owned();
        };
        held.push_str(piece);
        let may_grow = self
            .ends()
            .any(|end| end.len() > held.len() && end.starts_with(&*held));
        self.held = Some(held);
        if may_grow {
            return String::new();
        }
        self.settle()
    }

    /// What was held back of the rest, when there is no more of it.
    pub(super) fn settle(&mut self) -> String {
        let Some(held) = self.held.take() else {
            return String::new();
        };
        let repeated = self
            .ends()
            .find(|end| held.starts_with(end) && is_repetition(end));
        held[repeated.map_or(0, str::len)..].to_owned()
    }

    /// The ends of the first part, the longest first.
    fn ends(&self) -> impl Iterator<Item = &str> {
        self.tail.char_indices().map(|(at, _)| &self.tail[at..])
    }
}

fn is_repetition(end: &str) -> bool {
    let words = end.trim();
    words.is_empty() || words.chars().nth(FEWEST - 1).is_some()
}

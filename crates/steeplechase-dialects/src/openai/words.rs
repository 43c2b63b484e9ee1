use std::sync::LazyLock;

use memchr::memmem::Finder;
use steeplechase_core::Tally;

use crate::json::{text_len, value_after};
use crate::tokens::Weights;

/// How much a model says in an answer, or in an event of one.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// `None` if nobody wants to know.
    weights: Option<&'static Weights>,
    said: Tally,
    /// Some say one thought in several fields: the longest of them counts.
    thought: Tally,
}

/// What is said of a tool that is called. Its number and its name for itself are not the model's.
static CALLED: LazyLock<[Finder<'static>; 3]> = LazyLock::new(|| {
    [
        Finder::new("\"arguments\""),
        Finder::new("\"input\""),
        Finder::new("\"name\""),
    ]
});

// ===== impl Words =====

impl Words {
    pub(super) fn new(weights: Option<&'static Weights>) -> Self {
        Self {
            weights,
            ..Self::default()
        }
    }

    /// All of it.
    pub(super) fn said(&self) -> Tally {
        self.said + self.thought
    }

    /// The model says `value`, which is JSON, in a field of that name.
    pub(super) fn say(&mut self, name: &str, value: &str) {
        let Some(weights) = self.weights else { return };
        self.said += match name {
            "function_call" | "tool_calls" => called(value.as_bytes(), weights),
            _ => weights.tally_value(value),
        };
    }

    /// The model thinks `value`, which is JSON.
    pub(super) fn think(&mut self, value: &str) {
        let Some(weights) = self.weights else { return };
        self.thought = self.thought.max(weights.tally_value(value));
    }
}

/// Whether a field of a message holds what the model has thought. Each provider has a name of its own
/// for it: `reasoning`, `reasoning_content`, `reasoning_text`, `thinking_blocks`, `thought`.
pub(super) fn is_thought(name: &str) -> bool {
    ["reasoning", "thinking", "thought"]
        .iter()
        .any(|word| name.starts_with(word))
}

fn called(calls: &[u8], weights: &Weights) -> Tally {
    let texts = CALLED.iter().flat_map(|name| {
        let places = name.find_iter(calls);
        places.filter_map(|at| {
            let value = value_after(&calls[at + name.needle().len()..])?;
            let text = value.strip_prefix(b"\"")?;
            Some(&text[..text_len(text)?])
        })
    });
    texts.map(|text| weights.tally_json(text)).sum()
}

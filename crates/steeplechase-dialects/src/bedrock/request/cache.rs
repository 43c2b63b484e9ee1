use serde_json::Value;

use super::messages::Conversation;
use super::native::{CachePoint, MarkedTool};
use crate::bedrock::Caches;
use crate::chat::CacheMark;
use crate::chat::notes::Notes;

/// The provider refuses a fifth.
const MAX_MARKS: usize = 4;

/// Makes the cache marks of callers the provider's, as far as the model knows them.
pub(super) struct Marks {
    caches: Caches,
}

// ===== impl Marks =====

impl Marks {
    pub(super) const fn new(caches: Caches) -> Self {
        Self { caches }
    }

    /// The mark after a block.
    pub(super) fn point(&self, mark: &CacheMark, notes: &mut Notes) -> Option<CachePoint> {
        if self.caches == Caches::Nothing {
            notes.note("cache_control");
            return None;
        }
        let ttl = match mark.0.get("ttl").and_then(Value::as_str) {
            Some("1h") => Some("1h"),
            Some("5m") => Some("5m"),
            _ => None,
        };
        let ttl = ttl.filter(|_| self.caches == Caches::Long);
        if ttl.is_none() && mark.0.get("ttl").and_then(Value::as_str) == Some("1h") {
            notes.note("cache_control");
        }
        Some(CachePoint::new(ttl))
    }

    /// The mark after a tool.
    pub(super) fn of_tool(&self, mark: &CacheMark, notes: &mut Notes) -> Option<CachePoint> {
        if self.caches == Caches::WithoutTools {
            notes.note("cache_control");
            return None;
        }
        self.point(mark, notes)
    }
}

/// Keeps the last cache marks: each covers all that is before it.
pub(super) fn limit(
    tools: &mut [MarkedTool<'_>],
    conversation: &mut Conversation<'_>,
    notes: &mut Notes,
) {
    let of_tools = tools.iter_mut().map(|tool| &mut tool.cache);
    let of_system = conversation.system.iter_mut().map(|it| &mut it.cache);
    let turns = conversation.turns.iter_mut();
    let contents = turns.flat_map(|turn| &mut turn.content.0);
    let of_turns = contents.map(|content| &mut content.cache);
    let marks = of_tools.chain(of_system).chain(of_turns);
    let marks: Vec<_> = marks.filter(|mark| mark.is_some()).collect();
    let too_many = marks.len().saturating_sub(MAX_MARKS);
    for mark in marks.into_iter().take(too_many) {
        *mark = None;
        notes.note("cache_control");
    }
}

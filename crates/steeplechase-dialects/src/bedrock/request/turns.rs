//! What is in which turn, and in which order: the provider is strict about both.

use super::native::{Block, Content, Contents, Speaker, Turn};
use crate::chat::stand_in::PLACEHOLDER;

/// The turns as they can be sent: none is empty, each is in order, and if the model does not take words
/// and tools in one, in two.
pub(super) fn arranged(turns: Vec<Turn<'_>>, mixes: bool) -> Vec<Turn<'_>> {
    let mut arranged = Vec::with_capacity(turns.len());
    for mut turn in turns {
        let contents = &mut turn.content.0;
        if contents.is_empty() {
            contents.push(Block::text(PLACEHOLDER).into());
        }
        if turn.role == Speaker::Assistant {
            // Of two messages that have become one turn, the calls of the first may be in the way.
            contents.sort_by_key(|content| content.block.rank());
        }
        if mixes {
            arranged.push(turn);
        } else {
            split(turn, &mut arranged);
        }
    }
    for turn in &mut arranged {
        explain_documents(turn);
    }
    arranged
}

/// Makes two turns of words and tools, with a word of the other side between them.
fn split<'a>(turn: Turn<'a>, arranged: &mut Vec<Turn<'a>>) {
    let Turn {
        role,
        content,
        results,
    } = turn;
    let is_tools = |content: &Content<'_>| content.block.is_of_tools();
    let (tools, words): (Vec<_>, Vec<_>) = content.0.into_iter().partition(is_tools);
    let (first, second, other) = match role {
        // Results follow the calls, and calls come before the results.
        Speaker::User => (tools, words, Speaker::Assistant),
        Speaker::Assistant => (words, tools, Speaker::User),
    };
    let needs_both = !first.is_empty() && !second.is_empty();
    let mut push = |contents: Vec<Content<'a>>| {
        if !contents.is_empty() {
            arranged.push(Turn {
                role,
                content: Contents(contents),
                results,
            });
        }
    };
    push(first);
    if needs_both {
        arranged.push(Turn::of(other, Block::text(PLACEHOLDER)));
        arranged.push(Turn {
            role,
            content: Contents(second),
            results: 0,
        });
    } else {
        push(second);
    }
}

/// Adds a word to a turn of documents: the provider refuses one without.
fn explain_documents(turn: &mut Turn<'_>) {
    let contents = &mut turn.content.0;
    let is = |wanted: fn(&Block<'_>) -> bool| contents.iter().any(|it| wanted(&it.block));
    let has_document = is(|block| matches!(block, Block::Document(_)));
    let has_words = is(|block| matches!(block, Block::Text(_) | Block::GuardContent(_)));
    if has_document && !has_words {
        contents.push(Block::text(PLACEHOLDER).into());
    }
}

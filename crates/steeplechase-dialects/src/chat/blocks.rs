//! What decoders of answers in blocks have in common.

use steeplechase_core::{Class, Error};

use super::Event;

/// The most that is held of what has to be taken apart.
const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;

/// The most blocks that are open at once, and that an answer has.
pub(crate) const MAX_OPEN: usize = 64;
pub(crate) const MAX_BLOCKS: u64 = 16_384;

/// Words of the first answer.
pub(crate) fn text_event(text: &str) -> Event<'_> {
    Event::Text { choice: 0, text }
}

/// More of what a tool of the first answer is given.
pub(crate) fn args_event(tool: u64, fragment: &str) -> Event<'_> {
    Event::ToolArgs {
        choice: 0,
        tool,
        fragment,
    }
}

/// Holds what has to be taken apart, until it is too much.
pub(crate) fn hold(held: &mut String, more: &str) -> Result<(), Error> {
    if held.len() + more.len() > MAX_HELD_BYTES {
        return Err(too_much());
    }
    held.push_str(more);
    Ok(())
}

/// That an answer has more parts than can be held.
pub(crate) fn too_much() -> Error {
    Error::new(
        Class::Server,
        "the provider's answer has more parts than can be held",
    )
}

/// JSON without the fence of Markdown that models like to put around it.
pub(crate) fn without_fence(content: String) -> String {
    let inner = content.trim().strip_prefix("```").and_then(|rest| {
        let (_, body) = rest.split_once('\n')?;
        body.trim_end().strip_suffix("```")
    });
    match inner {
        Some(inner) => inner.trim().to_owned(),
        None => content,
    }
}

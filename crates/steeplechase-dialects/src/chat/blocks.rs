//! What decoders of answers in blocks have in common.

use steeplechase_core::{Class, Error};

use super::{Annotation, Event, Sink};

/// The most that is held of what has to be taken apart.
const MAX_HELD_BYTES: usize = 8 * 1024 * 1024;

/// The most blocks that are open at once, and that an answer has.
pub(crate) const MAX_OPEN: usize = 64;
const MAX_BLOCKS: u64 = 16_384;

/// What is known of the blocks of an answer that are open, by the provider's numbers. There is seldom more
/// than one, and of a number there is one at the most.
pub(crate) struct OpenBlocks<T> {
    open: Vec<(u64, T)>,
    started: u64,
}

/// The words of an answer. They are held as long as an answer in JSON may come in their place.
pub(crate) struct Words {
    /// How many characters of text there are.
    chars: usize,
    holds: bool,
    held: String,
}

// ===== impl OpenBlocks =====

impl<T> OpenBlocks<T> {
    pub(crate) fn new() -> Self {
        Self {
            open: Vec::new(),
            started: 0,
        }
    }

    /// Our own number for one more block.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub(crate) fn number(&mut self) -> Result<u64, Error> {
        self.started += 1;
        if self.open.len() >= MAX_OPEN || self.started > MAX_BLOCKS {
            return Err(too_much());
        }
        Ok(self.started)
    }

    /// Opens a block whose number no other open one has.
    pub(crate) fn push(&mut self, index: u64, block: T) {
        self.open.push((index, block));
    }

    pub(crate) fn get(&self, index: u64) -> Option<&T> {
        self.place(index).map(|place| &self.open[place].1)
    }

    pub(crate) fn get_mut(&mut self, index: u64) -> Option<&mut T> {
        self.place(index).map(|place| &mut self.open[place].1)
    }

    /// The one that was opened last.
    pub(crate) fn last(&self) -> Option<&T> {
        self.open.last().map(|(_, block)| block)
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    /// Closes a block, if it is open.
    pub(crate) fn remove(&mut self, index: u64) -> Option<T> {
        self.place(index).map(|place| self.open.remove(place).1)
    }

    /// Closes the one that was opened first.
    pub(crate) fn remove_first(&mut self) -> Option<T> {
        (!self.open.is_empty()).then(|| self.open.remove(0).1)
    }

    fn place(&self, index: u64) -> Option<usize> {
        self.open.iter().rposition(|(known, _)| *known == index)
    }
}

// ===== impl Words =====

impl Words {
    /// `holds` says whether an answer in JSON may come: text would spoil it.
    pub(crate) fn new(holds: bool) -> Self {
        Self {
            chars: 0,
            holds,
            held: String::new(),
        }
    }

    /// Where the next ones begin, in characters.
    pub(crate) fn chars(&self) -> usize {
        self.chars
    }

    /// Passes words on, or holds them.
    pub(crate) fn add(&mut self, words: &str, sink: &mut Sink<'_>) -> Result<(), Error> {
        self.chars += words.chars().count();
        if self.holds {
            return hold(&mut self.held, words);
        }
        sink.send(text_event(words));
        Ok(())
    }

    /// Says where the words since `start` are from, now that it is known where they end.
    pub(crate) fn cite(&self, start: usize, citations: Vec<Annotation>, sink: &mut Sink<'_>) {
        if self.holds {
            return;
        }
        for citation in citations {
            let annotation = &Annotation {
                start,
                end: self.chars,
                ..citation
            };
            sink.send(Event::Annotation {
                choice: 0,
                annotation,
            });
        }
    }

    /// Lets go of what was held, as there is another answer or as there is none.
    pub(crate) fn finish(&mut self, has_answered: bool, sink: &mut Sink<'_>) {
        let held = std::mem::take(&mut self.held);
        if !has_answered {
            sink.send(text_event(&held));
        }
    }
}

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

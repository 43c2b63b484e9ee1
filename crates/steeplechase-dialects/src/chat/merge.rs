//! Thoughts as a part of what is said, for programs that know no other place for them.
//!
//! ```text
//!  Reasoning "a", Reasoning "b", Text "c", End  ──►  <think> a b </think> c
//! ```

use bytes::BytesMut;

use super::{Answer, Encode, Event, ThinkingBlock, ThinkingPatch};

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// Writes the events of an answer with the thoughts of the model in what it says. The seals on them are left out.
#[derive(Debug)]
pub(crate) struct Merging {
    inner: Box<dyn Encode>,
    /// The choices whose thoughts have begun and not ended.
    thinking: Vec<usize>,
}

// ===== impl Merging =====

impl Merging {
    pub(crate) fn new(inner: Box<dyn Encode>) -> Self {
        Self {
            inner,
            thinking: Vec::new(),
        }
    }

    fn think(&mut self, choice: usize, text: &str, out: &mut BytesMut) -> bool {
        if text.is_empty() {
            return false;
        }
        if !self.thinking.contains(&choice) {
            self.thinking.push(choice);
            self.say(choice, OPEN, out);
        }
        self.say(choice, text, out)
    }

    /// Ends the thoughts of a choice, if they have begun.
    fn close(&mut self, choice: usize, out: &mut BytesMut) {
        if let Some(at) = self.thinking.iter().position(|open| *open == choice) {
            self.thinking.swap_remove(at);
            self.say(choice, CLOSE, out);
        }
    }

    fn say(&mut self, choice: usize, text: &str, out: &mut BytesMut) -> bool {
        self.inner.write(Event::Text { choice, text }, out)
    }
}

impl Encode for Merging {
    fn write(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Reasoning { choice, text } => return self.think(choice, text, out),
            Event::Thinking { choice, patch, .. } => {
                return match patch {
                    ThinkingPatch::Text(text) => self.think(choice, text, out),
                    _ => false,
                };
            }
            // What is not said does not end a thought.
            Event::Text { text: "", .. }
            | Event::Start { .. }
            | Event::Usage(_)
            | Event::End
            | Event::Logprobs { .. } => {}
            Event::Annotation { choice, .. }
            | Event::Audio { choice, .. }
            | Event::Finish { choice, .. }
            | Event::Image { choice, .. }
            | Event::Refusal { choice, .. }
            | Event::Signature { choice, .. }
            | Event::Text { choice, .. }
            | Event::ToolArgs { choice, .. }
            | Event::ToolEnd { choice, .. }
            | Event::ToolStart { choice, .. } => self.close(choice, out),
        }
        self.inner.write(event, out)
    }

    fn keepalive(&self) -> &'static [u8] {
        self.inner.keepalive()
    }
}

/// Puts the thoughts of a whole answer into what it says.
pub(crate) fn merge(answer: &mut Answer) {
    for choice in &mut answer.choices {
        let sealed = std::mem::take(&mut choice.thinking);
        let readable = sealed.iter().filter_map(|block| match block {
            ThinkingBlock::Thinking { text, .. } => Some(&**text),
            ThinkingBlock::Redacted { .. } => None,
        });
        let thoughts = choice.reasoning.take();
        let thoughts = thoughts.unwrap_or_else(|| readable.collect());
        if !thoughts.is_empty() {
            let said = choice.content.take().unwrap_or_default();
            choice.content = Some(format!("{OPEN}{thoughts}{CLOSE}{said}"));
        }
    }
}

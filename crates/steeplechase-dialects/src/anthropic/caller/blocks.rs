use bytes::BytesMut;

use super::frames;
use super::frames::WireDelta;
use super::frames::WireStart;
use super::input::Progress;
use crate::chat::ThinkingPatch;

/// The blocks of a message, one after the other, of which the last may be open.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// The place of the next one.
    next: u64,
    open: Open,
}

/// The block that is open.
#[derive(Debug, Default)]
enum Open {
    #[default]
    Nothing,
    Text,
    Thinking {
        /// The decoder's number for it, if it has one.
        block: Option<u64>,
        is_sealed: bool,
    },
    Tool {
        number: u64,
        is_custom: bool,
        progress: Progress,
    },
}

// ===== impl Blocks =====

impl Blocks {
    pub(super) const fn count(&self) -> u64 {
        self.next
    }

    pub(super) const fn is_text_open(&self) -> bool {
        matches!(self.open, Open::Text)
    }

    pub(super) fn is_tool_open(&self, wanted: u64) -> bool {
        matches!(self.open, Open::Tool { number, .. } if number == wanted)
    }

    /// Whether a tool is open that waits for the rest of its input: it could not be gone on with after
    /// another block.
    pub(super) fn waits(&self) -> bool {
        match &self.open {
            Open::Tool {
                is_custom,
                progress,
                ..
            } => *is_custom || !progress.is_complete(),
            _ => false,
        }
    }

    pub(super) fn text(&mut self, text: &str, out: &mut BytesMut) {
        if !self.is_text_open() {
            self.open(Open::Text, &WireStart::TEXT, out);
        }
        self.delta(WireDelta::Text { text }, out);
    }

    pub(super) fn thinking(
        &mut self,
        number: Option<u64>,
        patch: ThinkingPatch<'_>,
        out: &mut BytesMut,
    ) {
        let delta = match patch {
            ThinkingPatch::Redacted(data) => {
                let block = WireStart::RedactedThinking { data };
                self.open(Open::Text, &block, out);
                self.close(out);
                return;
            }
            ThinkingPatch::Signature(signature) => WireDelta::Signature { signature },
            ThinkingPatch::Text(thinking) => WireDelta::Thinking { thinking },
        };
        let (block, is_open) = match self.open {
            Open::Thinking {
                block: known,
                is_sealed: false,
            } if number.is_none() || known.is_none() || known == number => (number.or(known), true),
            _ => (number, false),
        };
        let is_sealed = matches!(patch, ThinkingPatch::Signature(_));
        let open = Open::Thinking { block, is_sealed };
        if is_open {
            self.open = open;
        } else {
            self.open(open, &WireStart::THINKING, out);
        }
        self.delta(delta, out);
    }

    pub(super) fn tool(
        &mut self,
        number: u64,
        (id, name): (&str, &str),
        is_custom: bool,
        out: &mut BytesMut,
    ) {
        let open = Open::Tool {
            number,
            is_custom,
            progress: Progress::default(),
        };
        let input = frames::Nothing {};
        self.open(open, &WireStart::ToolUse { id, name, input }, out);
        if is_custom {
            // Free text is in the only field of an object.
            self.delta(partial_json("{\"input\":\""), out);
        }
    }

    /// Adds to the input of the tool that is open. Says whether anything was added.
    pub(super) fn args(&mut self, fragment: &str, out: &mut BytesMut) -> bool {
        match &mut self.open {
            Open::Tool {
                is_custom: true, ..
            } => {
                let text = serde_json::Value::from(fragment).to_string();
                self.delta(partial_json(&text[1..text.len() - 1]), out);
                true
            }
            Open::Tool { progress, .. } => {
                // Clients parse what is there so far, and white space alone is no JSON.
                let fragment = if progress.has_begun() {
                    fragment
                } else {
                    fragment.trim_ascii_start()
                };
                progress.feed(fragment);
                if !fragment.is_empty() {
                    self.delta(partial_json(fragment), out);
                }
                !fragment.is_empty()
            }
            _ => false,
        }
    }

    /// Adds something to the block that is open.
    pub(super) fn delta(&self, delta: WireDelta<'_>, out: &mut BytesMut) {
        frames::block_delta(self.next.saturating_sub(1), &delta, out);
    }

    fn open(&mut self, open: Open, block: &WireStart<'_>, out: &mut BytesMut) {
        self.close(out);
        frames::block_start(self.next, block, out);
        self.next += 1;
        self.open = open;
    }

    pub(super) fn close(&mut self, out: &mut BytesMut) {
        match std::mem::take(&mut self.open) {
            Open::Nothing => return,
            Open::Tool {
                is_custom: true, ..
            } => self.delta(partial_json("\"}"), out),
            // What is given to a tool is parsed.
            Open::Tool { progress, .. } if !progress.has_begun() => {
                self.delta(partial_json("{}"), out);
            }
            Open::Text | Open::Thinking { .. } | Open::Tool { .. } => {}
        }
        frames::block_stop(self.next.saturating_sub(1), out);
    }
}

fn partial_json(partial_json: &str) -> WireDelta<'_> {
    WireDelta::Input { partial_json }
}

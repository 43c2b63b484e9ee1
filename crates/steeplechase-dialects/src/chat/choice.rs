use bytes::BufMut;
use bytes::BytesMut;

use super::Image;
use super::ThinkingPatch;
use super::wire::WireExtra;
use super::wire::WireImage;
use super::wire::WireThinking;
use super::wire::put;

/// How far one of the answers of a stream has come, and what is in its deltas.
#[derive(Default)]
pub(super) struct ChoiceState {
    pub(super) has_role: bool,
    pub(super) is_finished: bool,
    /// The decoder's numbers of the blocks and tools, at the places that callers see.
    blocks: Vec<u64>,
    tools: Vec<ToolState>,
    /// How many pictures there were.
    images: usize,
}

struct ToolState {
    number: u64,
    is_custom: bool,
    has_args: bool,
}

// ===== impl ChoiceState =====

impl ChoiceState {
    /// Whether a call is of a function that was given nothing yet.
    pub(super) fn is_bare(&self, number: u64) -> bool {
        let tool = self.tool(number).map(|index| &self.tools[index]);
        tool.is_some_and(ToolState::is_bare)
    }

    /// The first of the functions that were given nothing.
    pub(super) fn first_bare(&self) -> Option<u64> {
        let tool = self.tools.iter().find(|tool| tool.is_bare())?;
        Some(tool.number)
    }

    /// Appends the delta with which a tool starts. Nothing, if it has started, or if the caller has
    /// room for one only.
    pub(super) fn tool_start(
        &mut self,
        number: u64,
        (id, name, is_custom, signature): (&str, &str, bool, Option<&str>),
        legacy: bool,
        out: &mut BytesMut,
    ) -> bool {
        if self.tool(number).is_some() || legacy && !self.tools.is_empty() {
            return false;
        }
        let index = self.tools.len();
        self.tools.push(ToolState {
            number,
            is_custom,
            has_args: false,
        });
        if legacy {
            out.put_slice(b"\"function_call\":{\"name\":");
            put(out, name);
            out.put_slice(b",\"arguments\":\"\"}");
            return true;
        }
        out.put_slice(b"\"tool_calls\":[{\"index\":");
        put(out, &index);
        out.put_slice(b",\"id\":");
        put(out, id);
        out.put_slice(if is_custom {
            b",\"type\":\"custom\",\"custom\":{\"name\":"
        } else {
            b",\"type\":\"function\",\"function\":{\"name\":"
        });
        put(out, name);
        out.put_slice(if is_custom {
            b",\"input\":\"\"}"
        } else {
            b",\"arguments\":\"\"}"
        });
        if let Some(signature) = signature {
            out.put_slice(b",\"extra_content\":");
            put(out, &WireExtra::new(signature));
        }
        out.put_slice(b"}]");
        true
    }

    /// Appends the delta with more of what a tool is given. Nothing, if the tool has not started.
    pub(super) fn tool_args(
        &mut self,
        number: u64,
        args: &str,
        legacy: bool,
        out: &mut BytesMut,
    ) -> bool {
        let Some(index) = self.tool(number) else {
            return false;
        };
        let tool = &mut self.tools[index];
        tool.has_args = true;
        if legacy {
            out.put_slice(b"\"function_call\":{\"arguments\":");
            put(out, args);
            out.put_slice(b"}");
            return true;
        }
        out.put_slice(b"\"tool_calls\":[{\"index\":");
        put(out, &index);
        out.put_slice(if tool.is_custom {
            b",\"custom\":{\"input\":"
        } else {
            b",\"function\":{\"arguments\":"
        });
        put(out, args);
        out.put_slice(b"}}]");
        true
    }

    /// Appends the delta with a picture.
    pub(super) fn image(&mut self, image: &Image, out: &mut BytesMut) -> bool {
        let index = Some(self.images);
        self.images += 1;
        out.put_slice(b"\"images\":[");
        put(out, &WireImage::new(image, index));
        out.put_slice(b"]");
        true
    }

    /// Appends the delta with more of a sealed piece of reasoning.
    pub(super) fn thinking(
        &mut self,
        number: u64,
        patch: ThinkingPatch<'_>,
        out: &mut BytesMut,
    ) -> bool {
        let mut block = WireThinking {
            index: Some(self.block(number)),
            kind: "thinking",
            ..WireThinking::default()
        };
        match patch {
            ThinkingPatch::Redacted(data) => {
                block.kind = "redacted_thinking";
                block.data = Some(data);
            }
            // With a text to add to nothing: some pieces have no other.
            ThinkingPatch::Signature(seal) => {
                block.thinking = Some("");
                block.signature = Some(seal);
            }
            ThinkingPatch::Text(text) => {
                block.thinking = Some(text);
                out.put_slice(b"\"reasoning_content\":");
                put(out, text);
                out.put_slice(b",");
            }
        }
        out.put_slice(b"\"thinking_blocks\":[");
        put(out, &block);
        out.put_slice(b"]");
        true
    }

    /// The place of a block, which it gets when it is first spoken of.
    fn block(&mut self, number: u64) -> usize {
        let known = self.blocks.iter().rposition(|known| *known == number);
        known.unwrap_or_else(|| {
            self.blocks.push(number);
            self.blocks.len() - 1
        })
    }

    fn tool(&self, number: u64) -> Option<usize> {
        // The one that is spoken of is nearly always the last.
        self.tools.iter().rposition(|tool| tool.number == number)
    }
}

// ===== impl ToolState =====

impl ToolState {
    fn is_bare(&self) -> bool {
        !self.has_args && !self.is_custom
    }
}

use std::fmt;

use bytes::BytesMut;
use steeplechase_core::Usage;

use super::blocks::Blocks;
use super::frames;
use super::frames::WireCitation;
use super::frames::WireDelta;
use super::held::Held;
use super::held::Piece;
use super::stop::Stop;
use super::usage::WireUsage;
use crate::anthropic::ids::sealed_id;
use crate::chat::Annotation;
use crate::chat::ChatRequest;
use crate::chat::Encode;
use crate::chat::Event;
use crate::chat::ThinkingPatch;
use crate::chat::ids;

/// Writes the events of a streamed answer as Anthropic's.
///
/// The grammar is kept whatever comes: one `message_start`; blocks one after the other, counted from 0; one
/// `message_delta` with the reason and all of the usage; `message_stop`. What has no place in it, such as
/// text after the end or a second choice, is left out. An end is never made up.
pub(crate) struct Encoder {
    /// The model that the caller has asked for.
    model: Box<str>,
    is_started: bool,
    /// Whether the reason for the end was there.
    is_finished: bool,
    is_over: bool,
    blocks: Blocks,
    /// The decoder's numbers of the tools so far.
    tools: Vec<u64>,
    /// What comes after the tool that waits for its input. Empty if none does.
    held: Held,
    stop: Stop,
    usage: Usage,
}

// ===== impl Encoder =====

impl Encoder {
    /// An encoder for one stream, to whoever has made this call.
    pub(crate) fn new(chat: &ChatRequest) -> Self {
        Self {
            model: chat.model.as_str().into(),
            is_started: false,
            is_finished: false,
            is_over: false,
            blocks: Blocks::default(),
            tools: Vec::new(),
            held: Held::default(),
            stop: Stop::new(chat),
            usage: Usage::default(),
        }
    }

    fn event(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Usage(usage) => {
                self.usage = usage;
                false
            }
            Event::Start { id, .. } => {
                self.start(id, out);
                false
            }
            Event::End => {
                self.end(out);
                false
            }
            _ if self.is_finished => false,
            event => self.part(event, out),
        }
    }

    /// A part of the answer. What has no place in this dialect, and other choices than the first, are not
    /// said.
    fn part(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        match event {
            Event::Text { choice: 0, text } => self.text(text, out),
            Event::Refusal { choice: 0, text } => {
                self.stop.is_refused |= !text.is_empty();
                self.text(text, out)
            }
            Event::Reasoning { choice: 0, text } => {
                self.thinking(None, ThinkingPatch::Text(text), out)
            }
            Event::Thinking {
                choice: 0,
                block,
                patch,
            } => self.thinking(Some(block), patch, out),
            Event::Annotation {
                choice: 0,
                annotation,
            } => self.citation(annotation, out),
            Event::ToolStart {
                choice: 0,
                tool,
                id,
                name,
                is_custom,
                signature,
            } => {
                let id = sealed_id(id, signature);
                self.tool(tool, (&id, name), is_custom, out)
            }
            Event::ToolArgs {
                choice: 0,
                tool,
                fragment,
            } => self.args(tool, fragment, out),
            Event::ToolEnd { choice: 0, tool } => self.tool_end(tool, out),
            Event::Finish {
                choice: 0,
                reason,
                native,
            } => {
                self.stop.set(reason, native);
                self.finish(out)
            }
            _ => false,
        }
    }

    fn start(&mut self, id: &str, out: &mut BytesMut) {
        if !std::mem::replace(&mut self.is_started, true) {
            frames::message_start(&message_id(id), &self.model, &self.usage, out);
        }
    }

    fn text(&mut self, text: &str, out: &mut BytesMut) -> bool {
        if text.is_empty() {
            return false;
        }
        if self.has_to_wait(out) {
            self.held.text(text);
            return self.relieve(out);
        }
        self.blocks.text(text, out);
        true
    }

    fn thinking(
        &mut self,
        number: Option<u64>,
        patch: ThinkingPatch<'_>,
        out: &mut BytesMut,
    ) -> bool {
        if patch == ThinkingPatch::Text("") {
            return false;
        }
        if self.has_to_wait(out) {
            self.held.thinking(number, patch);
            return self.relieve(out);
        }
        self.blocks.thinking(number, patch, out);
        true
    }

    fn citation(&mut self, annotation: &Annotation, out: &mut BytesMut) -> bool {
        let is_open = self.blocks.is_text_open();
        if is_open {
            let citation = WireCitation::new(annotation);
            self.blocks.delta(WireDelta::Citation { citation }, out);
        }
        is_open
    }

    fn tool(
        &mut self,
        number: u64,
        names: (&str, &str),
        is_custom: bool,
        out: &mut BytesMut,
    ) -> bool {
        if self.tools.contains(&number) {
            return false;
        }
        self.tools.push(number);
        if self.has_to_wait(out) {
            self.held.tool(number, names, is_custom);
            return self.relieve(out);
        }
        self.blocks.tool(number, names, is_custom, out);
        true
    }

    fn args(&mut self, number: u64, fragment: &str, out: &mut BytesMut) -> bool {
        if fragment.is_empty() {
            return false;
        }
        if !self.blocks.is_tool_open(number) {
            self.held.args(number, fragment);
            return self.relieve(out);
        }
        let is_written = self.blocks.args(fragment, out);
        if !self.blocks.waits() {
            self.release(out);
        }
        is_written
    }

    fn tool_end(&mut self, number: u64, out: &mut BytesMut) -> bool {
        if !self.blocks.is_tool_open(number) {
            self.held.end(number);
            return false;
        }
        let before = self.blocks.count();
        self.blocks.close(out);
        self.release(out);
        self.blocks.count() > before
    }

    fn has_to_wait(&mut self, out: &mut BytesMut) -> bool {
        self.start("", out);
        self.blocks.waits()
    }

    /// Goes on without what is waited for, if too much waits for it.
    fn relieve(&mut self, out: &mut BytesMut) -> bool {
        let is_full = self.held.is_full();
        if is_full {
            self.blocks.close(out);
            self.release(out);
        }
        is_full
    }

    /// Writes what is held, up to a tool that waits for its input in its turn.
    fn release(&mut self, out: &mut BytesMut) {
        while let Some(piece) = self.held.pop() {
            match piece {
                Piece::Text(text) => self.blocks.text(&text, out),
                Piece::Thinking { block, text, seal } => {
                    let text = Some(text).filter(|text| !text.is_empty());
                    let patches = [
                        text.as_deref().map(ThinkingPatch::Text),
                        seal.as_deref().map(ThinkingPatch::Signature),
                    ];
                    for patch in patches.into_iter().flatten() {
                        self.blocks.thinking(block, patch, out);
                    }
                }
                Piece::Redacted(data) => {
                    let patch = ThinkingPatch::Redacted(&data);
                    self.blocks.thinking(None, patch, out);
                }
                Piece::Tool {
                    number,
                    id,
                    name,
                    is_custom,
                    args,
                    is_over,
                } => {
                    self.blocks.tool(number, (&id, &name), is_custom, out);
                    if !args.is_empty() {
                        self.blocks.args(&args, out);
                    }
                    if is_over {
                        self.blocks.close(out);
                    } else if self.blocks.waits() && !self.is_finished {
                        return;
                    }
                }
            }
        }
    }

    /// The reason is there: closes what is open, and lets go of what is held.
    fn finish(&mut self, out: &mut BytesMut) -> bool {
        self.is_finished = true;
        self.start("", out);
        let before = self.blocks.count();
        self.release(out);
        self.blocks.close(out);
        self.blocks.count() > before
    }

    fn end(&mut self, out: &mut BytesMut) {
        self.finish(out);
        self.is_over = true;
        let usage = WireUsage::new(&self.usage);
        frames::message_delta(&self.stop.wire(), &usage, out);
        out.extend_from_slice(frames::MESSAGE_STOP);
    }
}

impl Encode for Encoder {
    fn write(&mut self, event: Event<'_>, out: &mut BytesMut) -> bool {
        !self.is_over && self.event(event, out)
    }

    fn keepalive(&self) -> &'static [u8] {
        frames::PING
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder")
            .field("blocks", &self.blocks)
            .field("usage", &self.usage)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

/// A name of an answer that is one in this dialect, and by which the provider's is found again.
pub(super) fn message_id(id: &str) -> String {
    match id.strip_prefix("chatcmpl-").unwrap_or(id) {
        "" => ids::mint("msg_"),
        id if id.starts_with("msg_") => id.to_owned(),
        id => format!("msg_{id}"),
    }
}

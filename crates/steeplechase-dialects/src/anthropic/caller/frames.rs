//! The events of the dialect, as bytes.

use bytes::BufMut;
use bytes::BytesMut;
use serde::Serialize;
use steeplechase_core::Usage;

use super::usage::WireUsage;
use crate::chat::Annotation;

/// A block at its start.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum WireStart<'a> {
    RedactedThinking {
        data: &'a str,
    },
    Text {
        text: &'static str,
    },
    Thinking {
        thinking: &'static str,
        signature: &'static str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Nothing,
    },
}

/// What is added to a block.
#[derive(Clone, Copy, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum WireDelta<'a> {
    #[serde(rename = "citations_delta")]
    Citation { citation: WireCitation<'a> },
    #[serde(rename = "input_json_delta")]
    Input { partial_json: &'a str },
    #[serde(rename = "signature_delta")]
    Signature { signature: &'a str },
    #[serde(rename = "text_delta")]
    Text { text: &'a str },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: &'a str },
}

/// Where a text is from.
#[derive(Clone, Copy, Serialize)]
pub(super) struct WireCitation<'a> {
    r#type: &'static str,
    url: &'a str,
    title: Option<&'a str>,
    cited_text: &'static str,
    encrypted_index: &'static str,
}

/// `{}`.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// How a message ends.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct WireStop<'a> {
    pub(super) stop_reason: Option<&'a str>,
    pub(super) stop_sequence: Option<&'a str>,
}

#[derive(Serialize)]
struct MessageStart<'a> {
    id: &'a str,
    r#type: &'static str,
    role: &'static str,
    model: &'a str,
    content: [(); 0],
    stop_reason: Option<()>,
    stop_sequence: Option<()>,
    usage: WireUsage,
}

pub(super) fn message_start(id: &str, model: &str, usage: &Usage, out: &mut BytesMut) {
    out.put_slice(b"event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
    let message = MessageStart {
        id,
        r#type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: None,
        stop_sequence: None,
        usage: WireUsage::of_message(usage, None),
    };
    put(&message, out);
    out.put_slice(b"}\n\n");
}

pub(super) fn block_start(index: u64, block: &impl Serialize, out: &mut BytesMut) {
    out.put_slice(
        b"event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":",
    );
    put(&index, out);
    out.put_slice(b",\"content_block\":");
    put(block, out);
    out.put_slice(b"}\n\n");
}

pub(super) fn block_delta(index: u64, delta: &impl Serialize, out: &mut BytesMut) {
    out.put_slice(
        b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":",
    );
    put(&index, out);
    out.put_slice(b",\"delta\":");
    put(delta, out);
    out.put_slice(b"}\n\n");
}

pub(super) fn block_stop(index: u64, out: &mut BytesMut) {
    out.put_slice(b"event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":");
    put(&index, out);
    out.put_slice(b"}\n\n");
}

pub(super) fn message_delta(delta: &impl Serialize, usage: &impl Serialize, out: &mut BytesMut) {
    out.put_slice(b"event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":");
    put(delta, out);
    out.put_slice(b",\"usage\":");
    put(usage, out);
    out.put_slice(b"}\n\n");
}

/// The last event of a stream, whole.
pub(in crate::anthropic) const MESSAGE_STOP: &[u8] =
    b"event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

/// An event that means nothing, whole.
pub(super) const PING: &[u8] = b"event: ping\ndata: {\"type\":\"ping\"}\n\n";

/// Appends a value as JSON.
///
/// # Panics
///
/// If the value cannot be JSON, which none of the shapes here can bring about: their keys are strings, and
/// memory takes all that is written.
pub(super) fn put<T>(value: &T, out: &mut BytesMut)
where
    T: Serialize + ?Sized,
{
    serde_json::to_writer(out.writer(), value).expect("the shapes of this module are JSON");
}

// ===== impl WireStart =====

impl WireStart<'static> {
    pub(super) const TEXT: Self = Self::Text { text: "" };

    pub(super) const THINKING: Self = Self::Thinking {
        thinking: "",
        signature: "",
    };
}

// ===== impl WireCitation =====

impl<'a> WireCitation<'a> {
    pub(super) fn new(annotation: &'a Annotation) -> Self {
        Self {
            r#type: "web_search_result_location",
            url: &annotation.url,
            title: annotation.title.as_deref(),
            cited_text: "",
            encrypted_index: "",
        }
    }
}

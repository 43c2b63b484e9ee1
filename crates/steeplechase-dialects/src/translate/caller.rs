//! The caller's dialect: how a chat in it is read, and how the answer to one is written.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use steeplechase_core::{Call, Chunk, Class, Dialect, Error};

use super::reader::flagged;
use crate::chat::{Answer, ChatRequest, ChunkWriter, Encode, Sink};
use crate::openai::Verdict;

/// A caller who waits for the answer to a chat.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) dialect: Dialect,
    /// What was asked.
    pub(super) chat: Arc<ChatRequest>,
}

/// The typed form of a call for a chat, which all who ask for it share.
pub(crate) fn chat(call: &Call) -> Result<Arc<ChatRequest>, Error> {
    call.typed(|raw| parse(call.dialect(), raw))
}

/// Reads a chat in the caller's dialect.
pub(super) fn parse(dialect: Dialect, raw: &Bytes) -> Result<ChatRequest, Error> {
    match dialect {
        Dialect::OpenAi => ChatRequest::parse(raw),
        other => Err(unknown(other)),
    }
}

fn unknown(dialect: Dialect) -> Error {
    let message = format!("calls in the dialect `{}` are not taken", dialect.as_str());
    Error::new(Class::Unsupported, message)
}

// ===== impl Caller =====

impl Caller {
    /// An encoder for a streamed answer.
    pub(super) fn encoder(&self) -> Box<dyn Encode> {
        let chat = &self.chat;
        let chunks = ChunkWriter::new(chat.include_usage);
        Box::new(chunks.legacy_functions(chat.legacy_functions))
    }

    /// A whole answer.
    pub(super) fn whole(&self, mut answer: Answer) -> Chunk {
        answer.legacy_functions(self.chat.legacy_functions);
        let mut out = BytesMut::with_capacity(1024);
        answer.write(&mut out);
        let bytes = out.freeze();
        let chunk = if answer.has_content() {
            Chunk::whole(bytes)
        } else {
            Chunk::end(bytes)
        };
        chunk.and_usage(answer.usage)
    }

    /// A whole answer to a call for a stream: the stream that it would have been.
    pub(super) fn streamed(&self, answer: &Answer) -> Chunk {
        let mut out = BytesMut::with_capacity(1024);
        let mut encoder = self.encoder();
        let mut sink = Sink::new(&mut *encoder, &mut out);
        answer.replay(&mut sink);
        let verdict = Verdict::from(sink.effects());
        flagged(out.freeze(), verdict)
    }
}

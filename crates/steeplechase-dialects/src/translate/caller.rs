//! The caller's dialect: how a chat in it is read, and how the answer to one is written.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use steeplechase_core::{Call, Chunk, Class, Dialect, Error, Operation};

use super::reader::flagged;
use crate::anthropic;
use crate::chat::merge::{Merging, merge};
use crate::chat::{Answer, ChatRequest, ChunkWriter, Encode, Sink};
use crate::openai::Verdict;
use crate::{completions, responses};

/// A caller who waits for the answer to a chat.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) dialect: Dialect,
    /// What was asked.
    pub(super) chat: Arc<ChatRequest>,
    /// The dialect of the provider who answers.
    pub(super) provider: Dialect,
    /// Whether thoughts are a part of what is said, for a caller who speaks `OpenAI`'s dialect.
    pub(super) merges: bool,
}

/// The typed form of a call for a chat, which all who ask for it share.
pub(crate) fn chat(call: &Call) -> Result<Arc<ChatRequest>, Error> {
    call.typed(|raw| parse(call.dialect(), call.operation(), raw))
}

/// Reads a chat in the caller's dialect.
pub(super) fn parse(
    dialect: Dialect,
    operation: Operation,
    raw: &Bytes,
) -> Result<ChatRequest, Error> {
    match dialect {
        Dialect::Anthropic => anthropic::caller::parse(raw, operation),
        Dialect::Completions => completions::parse(raw),
        Dialect::OpenAi => ChatRequest::parse(raw),
        Dialect::Responses => responses::parse(raw),
        other => Err(unknown(other)),
    }
}

/// The parameters of a call that its provider was not told, by the names that they have in the caller's
/// dialect.
pub(super) fn dropped(dialect: Dialect, chat: &ChatRequest, names: &mut Vec<Box<str>>) {
    if let Some(terms) = &chat.responses {
        names.extend_from_slice(terms.dropped());
    }
    let mut told: Vec<Box<str>> = Vec::with_capacity(names.len());
    for name in names.drain(..) {
        let name = own_name(dialect, &name).map_or(name, Box::from);
        if !told.contains(&name) {
            told.push(name);
        }
    }
    *names = told;
}

/// The name that a parameter of a chat has in the caller's dialect, if it has another.
fn own_name(dialect: Dialect, name: &str) -> Option<&'static str> {
    match dialect {
        Dialect::Anthropic => anthropic::caller::own_name(name),
        Dialect::Responses => responses::own_name(name),
        _ => None,
    }
}

/// A failure that names a parameter, by the name that it has in the caller's dialect.
pub(super) fn renamed(dialect: Dialect, error: Error) -> Error {
    let param = error.param();
    let Some((param, own)) = param.and_then(|param| Some((param, own_name(dialect, param)?)))
    else {
        return error;
    };
    let message = error.message().strip_prefix(param);
    let message = message.map(|rest| format!("{own}{rest}"));
    match message {
        Some(message) => error.with_message(message).with_param(own),
        None => error.with_param(own),
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
        match self.dialect {
            Dialect::Anthropic => Box::new(anthropic::caller::Encoder::new(chat)),
            Dialect::Completions => Box::new(completions::Encoder::new(chat)),
            Dialect::Responses => Box::new(responses::Encoder::new(chat, self.provider)),
            _ => {
                let chunks = ChunkWriter::new(chat.include_usage);
                let chunks = Box::new(chunks.legacy_functions(chat.legacy_functions));
                if self.merges {
                    return Box::new(Merging::new(chunks));
                }
                chunks
            }
        }
    }

    /// A whole answer.
    pub(super) fn whole(&self, mut answer: Answer) -> Chunk {
        answer.legacy_functions(self.chat.legacy_functions);
        let mut out = BytesMut::with_capacity(1024);
        match self.dialect {
            Dialect::Anthropic => anthropic::caller::write_answer(&answer, &self.chat, &mut out),
            Dialect::Completions => completions::write_answer(&answer, &self.chat, &mut out),
            Dialect::Responses => {
                responses::Encoder::new(&self.chat, self.provider).whole(&answer, &mut out);
            }
            _ => {
                if self.merges {
                    merge(&mut answer);
                }
                answer.write(&mut out);
            }
        }
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

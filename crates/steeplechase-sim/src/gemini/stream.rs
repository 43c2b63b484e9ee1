//! Answers as a stream.
//!
//! ```text
//! thought… · text… (or one call each) · why it is over       each with the usage so far
//! ```

use serde_json::{Value, json};

use super::check::Checked;
use super::family;
use super::whole::{blocked, call, finish_reason, sign_off, signature, usage};
use crate::plan::{FrameWriter, Frames};
use crate::reply::{Finish, Reply};

/// A stream of events. Nothing marks its end.
pub(super) fn events(checked: &Checked, reply: &Reply) -> Frames {
    let mut frames = FrameWriter::default();
    for (time, chunk) in timed(checked, reply) {
        let write = |buffer: &mut Vec<u8>| {
            buffer.extend_from_slice(format!("data: {chunk}\r\n\r\n").as_bytes());
        };
        match time {
            Time::WithToken => frames.with_next_token(write),
            Time::Token => frames.token(write),
            Time::Tail => frames.tail(write),
        }
    }
    frames.finish()
}

/// The same, as a list.
pub(super) fn chunks(checked: &Checked, reply: &Reply) -> Vec<Value> {
    timed(checked, reply)
        .into_iter()
        .map(|(_, chunk)| chunk)
        .collect()
}

/// When a chunk comes.
enum Time {
    WithToken,
    Token,
    Tail,
}

fn timed(checked: &Checked, reply: &Reply) -> Vec<(Time, Value)> {
    if reply.finish == Finish::Blocked {
        return vec![(Time::Tail, blocked(checked, reply))];
    }
    let mut writer = Writer {
        checked,
        reply,
        chunks: Vec::new(),
        written: 0,
    };
    if checked.shows_thoughts {
        for thought in &reply.thinking {
            writer.each(|_| json!({"text": thought, "thought": true}));
        }
    } else {
        writer.written += reply.usage.reasoning;
    }
    for piece in &reply.text {
        writer.each(|_| json!({"text": piece}));
    }
    for (number, called) in reply.calls.iter().enumerate() {
        writer.each(|candidate| call(checked, reply, called, number, candidate));
    }
    for candidate in 0..checked.ask.choices {
        let mut part = json!({"text": ""});
        if family::generation(&checked.ask.model) >= 3 && reply.calls.is_empty() {
            part["thoughtSignature"] = signature(reply).into();
        }
        let mut chunk = writer.chunk(candidate, &part, reply.usage.output);
        chunk["candidates"][0]["finishReason"] = finish_reason(reply.finish).into();
        writer.chunks.push((Time::Tail, chunk));
    }
    writer.chunks
}

struct Writer<'a> {
    checked: &'a Checked,
    reply: &'a Reply,
    chunks: Vec<(Time, Value)>,
    /// How many tokens there have been.
    written: u64,
}

impl Writer<'_> {
    /// Adds one token to each candidate.
    fn each(&mut self, part: impl Fn(usize) -> Value) {
        self.written += 1;
        let written = self.written.min(self.reply.usage.output);
        for candidate in (0..self.checked.ask.choices).rev() {
            let chunk = self.chunk(candidate, &part(candidate), written);
            let time = if candidate > 0 {
                Time::WithToken
            } else {
                Time::Token
            };
            self.chunks.push((time, chunk));
        }
    }

    fn chunk(&self, candidate: usize, part: &Value, written: u64) -> Value {
        let content = json!({"parts": [part], "role": "model"});
        let mut chunk = json!({"candidates": [{"content": content, "index": candidate}]});
        chunk["usageMetadata"] = usage(self.checked, self.reply, written);
        sign_off(&mut chunk, self.checked, self.reply);
        chunk
    }
}

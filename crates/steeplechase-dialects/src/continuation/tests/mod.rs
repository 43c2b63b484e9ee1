mod anthropic;
mod calls;
mod openai;
mod overlaps;

use bytes::Bytes;
use serde_json::Value;
use steeplechase_core::{Call, Chunk, Dialect, Operation, Usage};

use super::Seam;
use crate::intake::scan;

fn call(dialect: Dialect, raw: &str) -> Call {
    let raw = Bytes::copy_from_slice(raw.as_bytes());
    let head = scan(&raw).unwrap();
    Call::new(Operation::Chat, dialect, raw, head)
}

/// A streamed call with these fields besides.
fn plain(dialect: Dialect, fields: &str) -> Call {
    let messages = r#""messages":[{"role":"user","content":"Where to?"}]"#;
    call(
        dialect,
        &format!(r#"{{"model":"fast","stream":true,{messages}{fields}}}"#),
    )
}

fn frame(text: impl Into<String>) -> Chunk {
    Chunk::content(Bytes::from(text.into()))
}

/// The data of the events of some frames.
fn events(frames: &[Chunk]) -> Vec<Value> {
    let text: Vec<u8> = frames.iter().flat_map(|it| it.data().to_vec()).collect();
    let text = String::from_utf8(text).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// Joins all frames of a rest.
fn join(seam: &mut Seam, frames: impl IntoIterator<Item = Chunk>) -> Vec<Chunk> {
    let joined = frames.into_iter().map(|it| seam.join(it).unwrap());
    joined.flatten().collect()
}

fn usage(prompt: u64, completion: u64) -> Usage {
    Usage {
        prompt,
        completion,
        ..Usage::ZERO
    }
}

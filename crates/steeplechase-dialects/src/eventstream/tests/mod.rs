//! What the tests share: a stream as the cutter sees it.

mod golden;
mod properties;

use bytes::{Bytes, BytesMut};

use super::*;

/// A message that owns what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    kind: String,
    payload: Vec<u8>,
}

/// All that comes out of a cutter, to the end of the stream.
#[derive(Debug)]
struct Cut {
    messages: Vec<Said>,
    fault: Option<Fault>,
    held: usize,
}

/// Pushes `frames`, taking all there is after each of them.
fn cut(mut cutter: MessageCutter, frames: impl IntoIterator<Item = Bytes>) -> Cut {
    let mut messages = Vec::new();
    let mut fault = None;
    for frame in frames {
        fault = cutter.push(frame).err();
        while !cutter.whole().is_empty() {
            messages.extend(cutter.messages().map(said));
            cutter.take_whole();
        }
        if fault.is_some() {
            break;
        }
    }
    Cut {
        messages,
        fault: fault.or(cutter.finish().err()),
        held: cutter.held_bytes(),
    }
}

fn said(message: Message<'_>) -> Said {
    Said {
        kind: format!("{:?}", message.kind()),
        payload: message.payload().to_vec(),
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn bytewise(bytes: &[u8]) -> Vec<Bytes> {
    bytes
        .iter()
        .map(|byte| Bytes::copy_from_slice(&[*byte]))
        .collect()
}

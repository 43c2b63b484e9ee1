//! What the tests share: a stream as the cutter sees it, and as the standard does.

mod encoding;
mod golden;
mod properties;
mod reference;
mod relay;

use std::time::Duration;

use bytes::Bytes;
use bytes::BytesMut;

use super::*;

/// What a stream says, apart from how it says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Stream {
    messages: Vec<Message>,
    /// The last `retry` that counts.
    retry: Option<Duration>,
}

/// What the standard calls a dispatched event.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    name: String,
    data: String,
    last_id: String,
}

/// All that comes out of a cutter, to the end of the stream.
#[derive(Debug)]
struct Cut {
    events: Vec<RawEvent>,
    too_long: Option<TooLong>,
    end: Result<(), Incomplete>,
}

/// Pushes `frames`, taking all there is after each of them.
fn cut<F>(mut cutter: EventCutter, frames: impl IntoIterator<Item = F>) -> Cut
where
    F: Into<Bytes>,
{
    let mut events = Vec::new();
    let mut too_long = None;
    for frame in frames {
        too_long = cutter.push(frame.into()).err();
        events.extend(std::iter::from_fn(|| cutter.next_event()));
        if too_long.is_some() {
            break;
        }
    }
    Cut {
        events,
        too_long,
        end: cutter.finish(),
    }
}

/// Pushes `text` in one frame.
fn cut_whole(text: impl AsRef<[u8]>) -> Cut {
    cut(EventCutter::new(), [Bytes::copy_from_slice(text.as_ref())])
}

/// Pushes `text` byte by byte.
fn cut_bytewise(text: impl AsRef<[u8]>) -> Cut {
    let bytes = text.as_ref().iter().copied();
    cut(EventCutter::new(), bytes.map(|byte| vec![byte]))
}

impl Cut {
    /// What the events say.
    fn stream(&self) -> Stream {
        let mut stream = Stream::default();
        let mut last_id = String::new();
        for event in &self.events {
            let event = event.view();
            if let Some(id) = event.id() {
                last_id = lossy(id);
            }
            stream.retry = event.retry().or(stream.retry);
            if let Some(data) = event.data() {
                stream.messages.push(Message {
                    name: event.name().map_or_else(|| "message".into(), lossy),
                    data: lossy(&data),
                    last_id: last_id.clone(),
                });
            }
        }
        stream
    }

    /// The data of every event that has some.
    fn data(&self) -> Vec<String> {
        let messages = self.stream().messages;
        messages.into_iter().map(|message| message.data).collect()
    }

    /// How many events are nothing but comments.
    fn comments(&self) -> usize {
        let comments = self.events.iter().filter(|event| event.is_comment());
        comments.count()
    }

    /// All the bytes that came out, the unfinished event at the end included.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self.relayed();
        bytes.extend(self.incomplete());
        bytes
    }

    /// The bytes of all whole events.
    fn relayed(&self) -> Vec<u8> {
        let raw = self.events.iter().map(RawEvent::raw);
        raw.flatten().copied().collect()
    }

    /// The bytes of the unfinished event at the end.
    fn incomplete(&self) -> Bytes {
        match &self.end {
            Ok(()) => Bytes::new(),
            Err(incomplete) => incomplete.raw().clone(),
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

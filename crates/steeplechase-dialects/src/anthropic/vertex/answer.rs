use steeplechase_core::Error;

use super::provider::classify_event;
use crate::chat::{Answer, Decode, ReadAnswer, Sink};

/// Reads an answer of Anthropic's in which Google may have the last word.
#[derive(Debug)]
pub(super) struct Reader(pub(super) Box<dyn ReadAnswer>);

#[derive(Debug)]
struct Decoder {
    inner: Box<dyn Decode>,
    is_over: bool,
}

/// Whether an event is an error of Google's. Those of Anthropic's begin with their type.
fn is_error(data: &[u8]) -> bool {
    let data = data.trim_ascii_start();
    let data = data.strip_prefix(b"[").unwrap_or(data).trim_ascii_start();
    let field = data.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    field.is_some_and(|field| field.starts_with(b"\"error\""))
}

// ===== impl Reader =====

impl ReadAnswer for Reader {
    fn read(&self, body: &[u8]) -> Result<Answer, Error> {
        if is_error(body) {
            return Err(classify_event(body));
        }
        self.0.read(body)
    }

    fn decoder(&self) -> Box<dyn Decode> {
        Box::new(Decoder {
            inner: self.0.decoder(),
            is_over: false,
        })
    }
}

// ===== impl Decoder =====

impl Decode for Decoder {
    fn event(&mut self, name: Option<&str>, data: &[u8], sink: &mut Sink<'_>) -> Result<(), Error> {
        if !self.is_over && is_error(data) {
            self.is_over = true;
            return Err(classify_event(data));
        }
        self.inner.event(name, data, sink)
    }

    fn eof(&mut self, sink: &mut Sink<'_>) -> Result<(), Error> {
        if self.is_over {
            return Ok(());
        }
        self.inner.eof(sink)
    }
}

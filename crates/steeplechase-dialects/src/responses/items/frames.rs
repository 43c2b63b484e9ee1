use bytes::{BufMut, BytesMut};
use serde::Serialize;

use crate::chat::put;

/// Writes events, and counts them.
#[derive(Debug, Default)]
pub(in crate::responses) struct Frames {
    sequence: u64,
    /// Whether nobody listens: the events are those of a whole answer.
    is_quiet: bool,
}

/// An item's name, and its place among the others.
#[derive(Debug)]
pub(in crate::responses) struct Place {
    pub(in crate::responses) id: String,
    pub(in crate::responses) index: usize,
}

/// Where events go.
pub(in crate::responses) struct Page<'p> {
    frames: &'p mut Frames,
    pub(super) place: &'p Place,
    out: &'p mut BytesMut,
}

/// Appends a field that is not the first of its object.
pub(in crate::responses) fn field<T>(out: &mut BytesMut, name: &str, value: &T)
where
    T: Serialize + ?Sized,
{
    out.put_slice(b",\"");
    out.put_slice(name.as_bytes());
    out.put_slice(b"\":");
    put(out, value);
}

// ===== impl Frames =====

impl Frames {
    /// Writes nothing.
    pub(in crate::responses) const fn quiet() -> Self {
        Self {
            sequence: 0,
            is_quiet: true,
        }
    }

    /// Appends an event with the fields that `fields` appends.
    pub(in crate::responses) fn write(
        &mut self,
        name: &str,
        out: &mut BytesMut,
        fields: impl FnOnce(&mut BytesMut),
    ) {
        let number = self.sequence;
        self.sequence += 1;
        if self.is_quiet {
            return;
        }
        out.reserve(256);
        out.put_slice(b"event: response.");
        out.put_slice(name.as_bytes());
        out.put_slice(b"\ndata: {\"type\":\"response.");
        out.put_slice(name.as_bytes());
        out.put_slice(b"\"");
        field(out, "sequence_number", &number);
        fields(out);
        out.put_slice(b"}\n\n");
    }
}

// ===== impl Page =====

impl<'p> Page<'p> {
    pub(in crate::responses) const fn new(
        frames: &'p mut Frames,
        place: &'p Place,
        out: &'p mut BytesMut,
    ) -> Self {
        Self { frames, place, out }
    }

    /// Appends that the item is there.
    pub(super) fn added(&mut self, item: &impl Serialize) {
        let index = self.place.index;
        self.frames.write("output_item.added", self.out, |out| {
            field(out, "output_index", &index);
            field(out, "item", item);
        });
    }

    /// Appends that the item is complete. Gives back its JSON.
    pub(super) fn done(&mut self, item: &impl Serialize) -> BytesMut {
        let mut json = BytesMut::new();
        put(&mut json, item);
        let index = self.place.index;
        self.frames.write("output_item.done", self.out, |out| {
            field(out, "output_index", &index);
            out.put_slice(b",\"item\":");
            out.put_slice(&json);
        });
        json
    }

    /// Appends an event about the item.
    pub(super) fn about(&mut self, name: &str, fields: impl FnOnce(&mut BytesMut)) {
        let place = self.place;
        self.frames.write(name, self.out, |out| {
            field(out, "item_id", &place.id);
            field(out, "output_index", &place.index);
            fields(out);
        });
    }
}

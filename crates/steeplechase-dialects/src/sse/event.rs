use std::borrow::Cow;
use std::fmt;
use std::iter::FusedIterator;
use std::time::Duration;

use bytes::Bytes;
use memchr::memchr;

use super::lines::Lines;
use super::lines::Span;

/// A borrowed look at one event, in the place where it lies.
///
/// It knows where in the event its `data` and its name are, and has copied neither. Comments, blank
/// lines and the byte order mark come as events without data: see [`Event::data`].
///
/// `Debug` shows sizes, never what was said.
#[derive(Clone, Copy)]
pub struct Event<'a> {
    bytes: &'a [u8],
    start: usize,
    shape: Shape,
}

/// One event as it came, which owns a share of the frame that it came in.
///
/// Made by [`EventCutter::next_event`](super::EventCutter::next_event). What can be asked of it is
/// what can be asked of an [`Event`].
///
/// `Debug` shows sizes, never what was said.
#[derive(Clone)]
pub struct RawEvent {
    bytes: Bytes,
    shape: Shape,
}

/// The whole events of a piece, one after the other, borrowed from the cutter.
///
/// Made by [`EventCutter::events`](super::EventCutter::events).
#[derive(Clone)]
pub struct Events<'a> {
    whole: &'a [u8],
    at: usize,
}

/// What is where in one event. Offsets count from the start of the event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    data: Data,
    name: Option<Span>,
    has_comment: bool,
    has_field: bool,
}

#[derive(Clone, Copy, Debug, Default)]
enum Data {
    /// No `data` line: the standard dispatches nothing.
    #[default]
    Missing,
    /// The usual case, which is read in place.
    Line(Span),
    /// Several lines, to be joined when somebody asks for them.
    Lines,
}

// ===== impl Event =====

impl<'a> Event<'a> {
    /// Reads the first block of `bytes`, which may lack its blank line.
    pub(super) fn read(bytes: &'a [u8]) -> Self {
        let (shape, len) = Shape::read(bytes);
        Self {
            bytes: &bytes[..len],
            start: 0,
            shape,
        }
    }

    /// The event's bytes as they came, with the blank line that ends it.
    #[must_use]
    pub const fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// Where the event starts, in bytes from the start of
    /// [`EventCutter::whole`](super::EventCutter::whole).
    #[must_use]
    pub const fn start(&self) -> usize {
        self.start
    }

    /// Where the event ends, after its blank line, in bytes from the start of
    /// [`EventCutter::whole`](super::EventCutter::whole).
    ///
    /// This is what [`EventCutter::take`](super::EventCutter::take) wants, to take everything up to
    /// and with this event.
    #[must_use]
    pub const fn end(&self) -> usize {
        self.start + self.bytes.len()
    }

    /// What the event says: its `data` lines, joined by LF.
    ///
    /// Borrowed if there is one such line, which is nearly always so; several are copied. `None` if
    /// there is none: comments, blank lines, a lone `event:` or `id:`, unknown fields. Whoever
    /// reads events for their meaning may skip those. An empty `data:` line is `Some`, and empty.
    ///
    /// The bytes are not checked to be UTF-8. The standard puts U+FFFD for what is not; use
    /// [`String::from_utf8_lossy`] to have the same.
    #[must_use]
    pub fn data(&self) -> Option<Cow<'a, [u8]>> {
        match self.shape.data {
            Data::Missing => None,
            Data::Line(span) => Some(Cow::Borrowed(span.of(self.bytes))),
            Data::Lines => Some(Cow::Owned(self.joined_data())),
        }
    }

    /// The event's name: the last `event` line, unless that is empty.
    ///
    /// `None` stands for what the standard calls `message`.
    #[must_use]
    pub fn name(&self) -> Option<&'a [u8]> {
        self.shape.name.map(|span| span.of(self.bytes))
    }

    /// The last `id` line that counts; one that has a NUL in it does not. May be empty.
    #[must_use]
    pub fn id(&self) -> Option<&'a [u8]> {
        self.values(b"id")
            .filter(|id| memchr(0, id).is_none())
            .last()
    }

    /// The last `retry` line that is a number: how long to wait before connecting again.
    ///
    /// A number of milliseconds that does not fit in 64 bits is not taken. The standard heeds this
    /// line before its event has ended; here the event has to be whole first.
    #[must_use]
    pub fn retry(&self) -> Option<Duration> {
        self.values(b"retry").filter_map(milliseconds).last()
    }

    /// Whether there are comments in the event, and no field at all.
    #[must_use]
    pub const fn is_comment(&self) -> bool {
        self.shape.has_comment && !self.shape.has_field
    }

    pub(super) const fn shape(&self) -> Shape {
        self.shape
    }

    /// The values of all lines that have the field `name`.
    fn values(&self, name: &'static [u8]) -> impl Iterator<Item = &'a [u8]> {
        let bytes = self.bytes;
        Lines::new(bytes)
            .filter_map(move |line| value(line, bytes, name))
            .map(move |value| value.of(bytes))
    }

    fn joined_data(&self) -> Vec<u8> {
        let mut joined = Vec::with_capacity(self.bytes.len());
        for (index, line) in self.values(b"data").enumerate() {
            if index > 0 {
                joined.push(b'\n');
            }
            joined.extend_from_slice(line);
        }
        joined
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("start", &self.start)
            .field("len", &self.bytes.len())
            .field("shape", &self.shape)
            .finish()
    }
}

// ===== impl RawEvent =====

impl RawEvent {
    /// `shape` must be that of `bytes`.
    pub(super) const fn new(bytes: Bytes, shape: Shape) -> Self {
        Self { bytes, shape }
    }

    /// A borrowed look at the event. Its [`start`](Event::start) is 0.
    #[must_use]
    pub fn view(&self) -> Event<'_> {
        Event {
            bytes: &self.bytes,
            start: 0,
            shape: self.shape,
        }
    }

    /// The event's bytes as they came, with the blank line that ends it.
    #[must_use]
    pub const fn raw(&self) -> &Bytes {
        &self.bytes
    }

    /// The event's bytes as they came. Nothing is copied.
    #[must_use]
    pub fn into_raw(self) -> Bytes {
        self.bytes
    }

    /// See [`Event::data`].
    #[must_use]
    pub fn data(&self) -> Option<Cow<'_, [u8]>> {
        self.view().data()
    }

    /// See [`Event::name`].
    #[must_use]
    pub fn name(&self) -> Option<&[u8]> {
        self.view().name()
    }

    /// See [`Event::is_comment`].
    #[must_use]
    pub const fn is_comment(&self) -> bool {
        self.shape.has_comment && !self.shape.has_field
    }
}

impl fmt::Debug for RawEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEvent")
            .field("len", &self.bytes.len())
            .field("shape", &self.shape)
            .finish()
    }
}

// ===== impl Events =====

impl<'a> Events<'a> {
    /// `whole` must end with the blank line of an event.
    pub(super) const fn new(whole: &'a [u8]) -> Self {
        Self { whole, at: 0 }
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Event<'a>> {
        let rest = &self.whole[self.at..];
        if rest.is_empty() {
            return None;
        }
        let start = self.at;
        let event = Event {
            start,
            ..Event::read(rest)
        };
        self.at = event.end();
        Some(event)
    }
}

impl FusedIterator for Events<'_> {}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("len", &self.whole.len())
            .field("at", &self.at)
            .finish()
    }
}

// ===== impl Shape =====

impl Shape {
    /// Reads the first block of `bytes`, and says how long it is.
    fn read(bytes: &[u8]) -> (Self, usize) {
        let mut shape = Self::default();
        let mut lines = Lines::new(bytes);
        for line in &mut lines {
            shape.note(line, bytes);
        }
        (shape, lines.at())
    }

    fn note(&mut self, line: Span, bytes: &[u8]) {
        if bytes[line.start] == b':' {
            self.has_comment = true;
            return;
        }
        self.has_field = true;
        if let Some(value) = value(line, bytes, b"data") {
            self.data = match self.data {
                Data::Missing => Data::Line(value),
                Data::Line(_) | Data::Lines => Data::Lines,
            };
        } else if let Some(value) = value(line, bytes, b"event") {
            // An empty name takes back the one before it.
            self.name = (!value.is_empty()).then_some(value);
        }
    }
}

/// The value of `line`, if its field is `name`.
///
/// One space after the colon is no part of the value. A line without a colon is a field with an
/// empty value.
fn value(line: Span, bytes: &[u8], name: &[u8]) -> Option<Span> {
    let start = match line.of(bytes).strip_prefix(name)? {
        [] => line.end,
        [b':', b' ', ..] => line.start + name.len() + 2,
        [b':', ..] => line.start + name.len() + 1,
        _ => return None,
    };
    Some(Span {
        start,
        end: line.end,
    })
}

/// A `retry` value, if it is made of digits only.
fn milliseconds(value: &[u8]) -> Option<Duration> {
    // `u64::from_str` would take a plus sign, which the standard does not.
    if !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = std::str::from_utf8(value).ok()?;
    digits.parse().ok().map(Duration::from_millis)
}

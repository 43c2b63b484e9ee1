//! The body of an answer: frames, each in its time.
//!
//! ```text
//! frames ─► wait until due ─► gzip ─► slice ─► data frames
//!             ▲ keep-alives            ▲ bytes that are due are joined, then cut
//! ```

use std::fmt;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::{Body, Frame, SizeHint};

use crate::clock::Clock;
use crate::counts::{Ended, Ticket};
use crate::error::SimError;
use crate::hold::Hold;
use crate::plan::{Ending, Frames, Timeline, When};

/// The body of a sim's response.
///
/// Dropping it before its end counts the request as cancelled. The default is an empty body.
#[derive(Default)]
#[must_use]
pub struct SimBody {
    // `None` once there is nothing more to come, but for what is in `ready`.
    source: Option<Source>,
    gzip: Option<Box<GzEncoder<Vec<u8>>>>,
    slice: Option<usize>,
    // Only with `slice`: bytes that are due.
    ready: BytesMut,
    // Only with `slice`: a cut that comes after the bytes in `ready`.
    cut: bool,
}

/// All that a body is made from.
pub(crate) struct Source {
    pub(crate) frames: Arc<Frames>,
    pub(crate) timeline: Timeline,
    /// So many bytes of the frames are sent.
    pub(crate) limit: usize,
    /// Sent after them.
    pub(crate) epilogue: Option<Bytes>,
    pub(crate) ending: Ending,
    /// Sent whenever there has been nothing for so long.
    pub(crate) keepalive: Option<(Duration, Bytes)>,
    pub(crate) clock: Clock,
    /// What all that comes after the head waits for.
    pub(crate) hold: Option<Hold>,
    pub(crate) ticket: Ticket,
    /// Where we are.
    pub(crate) progress: Progress,
}

#[derive(Debug, Default)]
pub(crate) struct Progress {
    mark: usize,
    sent: usize,
    /// When the last frame came.
    last: Duration,
}

impl SimBody {
    pub(crate) fn new(mut source: Source, gzip: bool, slice: Option<usize>) -> Self {
        source.progress.last = source.timeline.head;
        let mut body = Self {
            source: Some(source),
            gzip: gzip.then(|| Box::new(GzEncoder::new(Vec::new(), Compression::fast()))),
            slice: slice.filter(|slice| *slice > 0),
            ready: BytesMut::new(),
            cut: false,
        };
        // A body without a byte is over before anybody asks for its first frame.
        body.settle_if_over();
        body
    }

    /// Counts the request out as soon as its last byte is: many a reader stops there, and never
    /// asks for the end that follows.
    fn settle_if_over(&mut self) -> bool {
        let Some(source) = &mut self.source else {
            return true;
        };
        let ended = match source.ending {
            _ if !source.all_sent() || source.hold.is_some() => return false,
            Ending::Complete => Ended::Completed,
            Ending::Short => Ended::Failed,
            Ending::Cut | Ending::Stall => return false,
        };
        source.ticket.settle(ended);
        self.source = None;
        true
    }

    /// The next bytes that are due, compressed if they are to be. `None` is the end.
    fn poll_due(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, SimError>>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        if source.all_sent() && !matches!(source.ending, Ending::Cut | Ending::Stall) {
            // Only a hold keeps it from being over.
            ready!(source.poll_hold(cx));
            self.settle_if_over();
            return Poll::Ready(None);
        }
        let Some(bytes) = ready!(source.poll_next(cx)) else {
            // With an ending that is not one: those that are have been settled already.
            source.ticket.settle(Ended::Failed);
            self.source = None;
            return Poll::Ready(Some(Err(SimError::cut())));
        };
        let over = self.settle_if_over();
        Poll::Ready(Some(Ok(self.encode(bytes, over))))
    }

    fn encode(&mut self, bytes: Bytes, over: bool) -> Bytes {
        let Some(encoder) = &mut self.gzip else {
            return bytes;
        };
        // Writing to a `Vec` cannot fail.
        let written = encoder.write_all(&bytes).and_then(|()| {
            if over {
                encoder.try_finish()
            } else {
                encoder.flush()
            }
        });
        debug_assert!(written.is_ok(), "writing to memory");
        std::mem::take(encoder.get_mut()).into()
    }

    fn poll_slice(
        &mut self,
        slice: usize,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, SimError>>> {
        while self.ready.len() < slice && !self.cut {
            match self.poll_due(cx) {
                Poll::Ready(Some(Ok(bytes))) => self.ready.extend_from_slice(&bytes),
                Poll::Ready(Some(Err(_))) => self.cut = true,
                Poll::Pending if self.ready.is_empty() => return Poll::Pending,
                Poll::Ready(None) | Poll::Pending => break,
            }
        }
        if !self.ready.is_empty() {
            let bytes = self.ready.split_to(slice.min(self.ready.len()));
            return Poll::Ready(Some(Ok(bytes.freeze())));
        }
        if std::mem::take(&mut self.cut) {
            return Poll::Ready(Some(Err(SimError::cut())));
        }
        Poll::Ready(None)
    }
}

impl Source {
    fn all_sent(&self) -> bool {
        self.progress.sent >= self.limit && self.epilogue.is_none()
    }

    /// Waits until what comes after the head may come, which is then at once.
    fn poll_hold(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(hold) = &self.hold {
            let released = self.clock.offset(ready!(hold.poll_released(cx)));
            self.timeline.not_before(released);
            self.progress.last = self.progress.last.max(released);
            self.hold = None;
        }
        Poll::Ready(())
    }

    /// The next bytes, or `None` for the cut.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let frame = (self.progress.sent < self.limit)
            .then(|| self.frames.marks.get(self.progress.mark).copied())
            .flatten();
        let head = frame.is_some_and(|mark| mark.when == When::Preamble);
        let due = match frame {
            _ if !head && self.poll_hold(cx).is_pending() => None,
            Some(mark) => Some(self.timeline.at(mark.when)),
            None if self.epilogue.is_none() && self.ending == Ending::Stall => None,
            None => Some(self.progress.last),
        };

        if let Some((every, comment)) = &self.keepalive {
            let next = self.progress.last.saturating_add(*every);
            if due.is_none_or(|due| next < due) {
                ready!(self.clock.poll_until(next, cx));
                self.progress.last = next;
                return Poll::Ready(Some(comment.clone()));
            }
        }
        let Some(due) = due else {
            return Poll::Pending;
        };
        ready!(self.clock.poll_until(due, cx));
        self.progress.last = due;

        if let Some(mark) = frame {
            let end = mark.end.min(self.limit);
            let bytes = self.frames.bytes.slice(self.progress.sent..end);
            self.progress.sent = end;
            self.progress.mark += 1;
            return Poll::Ready(Some(bytes));
        }
        Poll::Ready(self.epilogue.take())
    }
}

impl Body for SimBody {
    type Data = Bytes;
    type Error = SimError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, SimError>>> {
        let this = self.get_mut();
        let next = match this.slice {
            Some(slice) => ready!(this.poll_slice(slice, cx)),
            None => ready!(this.poll_due(cx)),
        };
        Poll::Ready(next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.source.is_none() && self.ready.is_empty() && !self.cut
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            None if !self.cut => SizeHint::with_exact(self.ready.len() as u64),
            // The length of a stream is not known before its end, nor is that of a body which does
            // not get there.
            Some(source)
                if self.gzip.is_none()
                    && !source.frames.stream
                    && matches!(source.ending, Ending::Complete | Ending::Short) =>
            {
                let left = source.limit - source.progress.sent + self.ready.len();
                SizeHint::with_exact(left as u64)
            }
            _ => SizeHint::default(),
        }
    }
}

impl fmt::Debug for SimBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimBody")
            .field("is_end_stream", &self.is_end_stream())
            .finish_non_exhaustive()
    }
}

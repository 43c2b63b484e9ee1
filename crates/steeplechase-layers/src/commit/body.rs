use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use steeplechase_core::{BoxError, Carries, Error};

pin_project! {
    /// The frames that were held, and then the rest of the body.
    pub struct Replay<B: Body> {
        held: Held<B::Data>,
        #[pin]
        rest: B,
        // Whether the rest has said that there is no more. It is not asked again.
        ended: bool,
    }
}

/// Frames that came before the commit, in order.
pub(super) struct Held<D> {
    frames: VecDeque<Frame<D>>,
    // The frame that was committed on. It is apart because it is the only one of most answers, which
    // then need no queue.
    last: Option<Frame<D>>,
    bytes: u64,
}

// ===== impl Replay =====

impl<B: Body> Replay<B> {
    pub(super) const fn new(held: Held<B::Data>, rest: B, ended: bool) -> Self {
        Self { held, rest, ended }
    }
}

impl<B> Body for Replay<B>
where
    B: Body,
    B::Data: Carries,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, Error>>> {
        let this = self.project();
        if let Some(frame) = this.held.pop() {
            return Poll::Ready(Some(Ok(frame)));
        }
        if *this.ended {
            return Poll::Ready(None);
        }
        this.rest
            .poll_frame(cx)
            .map_err(|error| Error::from(error.into()))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_empty() && (self.ended || self.rest.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper.saturating_add(self.held.bytes));
        }
        hint.set_lower(rest.lower().saturating_add(self.held.bytes));
        hint
    }
}

impl<B: Body + Default> Default for Replay<B>
where
    B::Data: Carries,
{
    fn default() -> Self {
        Self::new(Held::new(), B::default(), false)
    }
}

impl<B: Body> fmt::Debug for Replay<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("held_bytes", &self.held.bytes)
            .finish_non_exhaustive()
    }
}

// ===== impl Held =====

impl<D> Held<D> {
    pub(super) const fn new() -> Self {
        Self {
            frames: VecDeque::new(),
            last: None,
            bytes: 0,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn is_empty(&self) -> bool {
        self.last.is_none() && self.frames.is_empty()
    }
}

impl<D: Carries> Held<D> {
    pub(super) fn push(&mut self, frame: Frame<D>) {
        self.bytes += size(&frame);
        if let Some(earlier) = self.last.replace(frame) {
            self.frames.push_back(earlier);
        }
    }

    fn pop(&mut self) -> Option<Frame<D>> {
        let frame = self.frames.pop_front().or_else(|| self.last.take())?;
        self.bytes -= size(&frame);
        Some(frame)
    }
}

fn size<D: Carries>(frame: &Frame<D>) -> u64 {
    frame.data_ref().map_or(0, |data| data.size() as u64)
}

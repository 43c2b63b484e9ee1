use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Body;

/// Collects a body, up to a limit. A body of one frame, as most are, is not copied.
#[derive(Debug)]
pub(super) struct Gather {
    first: Bytes,
    rest: Vec<u8>,
    max: usize,
    is_cut: bool,
}

impl Gather {
    pub(super) const fn new(max: usize) -> Self {
        Self {
            first: Bytes::new(),
            rest: Vec::new(),
            max,
            is_cut: false,
        }
    }

    /// Whether there was more than the limit.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether nothing was there.
    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// Reads on, to the end or the limit.
    pub(super) fn poll<B>(
        &mut self,
        body: &mut B,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), B::Error>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        while !self.is_cut {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                None => break,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.push(data);
                    }
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    fn push(&mut self, mut data: Bytes) {
        let held = self.first.len().max(self.rest.len());
        if data.len() > self.max - held {
            self.is_cut = true;
            data.truncate(self.max - held);
        }
        if self.first.is_empty() {
            self.first = data;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
        }
        self.rest.extend_from_slice(&data);
    }

    pub(super) fn take(&mut self) -> Bytes {
        let first = std::mem::take(&mut self.first);
        if self.rest.is_empty() {
            return first;
        }
        Bytes::from(std::mem::take(&mut self.rest))
    }
}

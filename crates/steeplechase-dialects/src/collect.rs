//! Bodies that are needed whole: the caller's request, and the provider's answer.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::Body;

/// Collects a body, up to a limit. A body of one frame, as most are, is not copied.
#[derive(Debug)]
pub(crate) struct Collect {
    /// The only frame. What is in `rest` is not here.
    first: Bytes,
    rest: Vec<u8>,
    max: usize,
    is_cut: bool,
}

impl Collect {
    /// Collects up to `max` bytes.
    pub(crate) const fn new(max: usize) -> Self {
        Self {
            first: Bytes::new(),
            rest: Vec::new(),
            max,
            is_cut: false,
        }
    }

    /// Whether there was more than the limit.
    pub(crate) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Whether nothing was there.
    pub(crate) const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) const fn len(&self) -> usize {
        self.first.len() + self.rest.len()
    }

    /// Reads on, to the end or the limit. Trailers are passed over.
    pub(crate) fn poll<B>(
        &mut self,
        mut body: Pin<&mut B>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), B::Error>>
    where
        B: Body<Data = Bytes>,
    {
        while !self.is_cut {
            match ready!(body.as_mut().poll_frame(cx)) {
                None => break,
                Some(Err(error)) => return Poll::Ready(Err(error)),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.push(data);
                    }
                    // One that says so need not be polled for its end, which is often later.
                    if body.is_end_stream() {
                        break;
                    }
                }
            }
        }
        Poll::Ready(Ok(()))
    }

    pub(crate) fn push(&mut self, mut data: Bytes) {
        let room = self.max - self.len();
        if data.len() > room {
            self.is_cut = true;
            data.truncate(room);
        }
        if data.is_empty() {
            return;
        }
        if self.is_empty() {
            self.first = data;
            return;
        }
        if self.rest.is_empty() {
            self.rest.extend_from_slice(&self.first);
            self.first = Bytes::new();
        }
        self.rest.extend_from_slice(&data);
    }

    /// What was collected.
    pub(crate) fn take(&mut self) -> Bytes {
        if self.rest.is_empty() {
            return std::mem::take(&mut self.first);
        }
        Bytes::from(std::mem::take(&mut self.rest))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;

    use http_body::Frame;
    use proptest::prelude::*;

    use super::*;

    struct Frames(VecDeque<Bytes>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
        }
    }

    fn collect(frames: impl IntoIterator<Item = Bytes>, max: usize) -> Collect {
        let mut collect = Collect::new(max);
        let mut body = Frames(frames.into_iter().collect());
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(collect.poll(Pin::new(&mut body), &mut cx).is_ready());
        collect
    }

    #[test]
    fn a_body_of_one_frame_is_not_copied() {
        let frame = Bytes::from(vec![7; 100]);
        let mut collected = collect([Bytes::new(), frame.clone(), Bytes::new()], 100);
        assert_eq!(collected.take().as_ptr(), frame.as_ptr());
    }

    proptest! {
        #[test]
        fn what_is_collected_is_the_start_of_what_was_there(
            frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..8), 0..8),
            max in 0_usize..40,
        ) {
            let all = frames.concat();
            let mut collected = collect(frames.into_iter().map(Bytes::from), max);
            prop_assert_eq!(collected.is_cut(), all.len() > max);
            prop_assert_eq!(collected.is_empty(), all.len().min(max) == 0);
            prop_assert_eq!(collected.take(), &all[..all.len().min(max)]);
        }
    }
}

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use steeplechase_core::{Chunk, Dialect, Error};

use super::render::failed_event;
use crate::responses::Trail;

pin_project! {
    /// The body of what a caller is answered: bytes.
    ///
    /// It is [`Default`] and [`From<Bytes>`], so layers that make responses of their own can be put on
    /// top.
    pub struct ResponseBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    enum Kind<B> {
        // Nothing, or nothing more.
        Empty,
        // Bytes that are here.
        Full { bytes: Bytes },
        // An answer that is coming.
        Answer {
            #[pin]
            body: B,
            dialect: Dialect,
            streamed: bool,
            // Only of a stream that needs it.
            trail: Option<Box<Trail>>,
        },
    }
}

impl<B> ResponseBody<B> {
    pub(super) fn answer(body: B, dialect: Dialect, streamed: bool) -> Self {
        Self {
            kind: Kind::Answer {
                body,
                dialect,
                streamed,
                trail: (streamed && dialect == Dialect::Responses).then(Box::default),
            },
        }
    }
}

impl<B> Default for ResponseBody<B> {
    fn default() -> Self {
        Self { kind: Kind::Empty }
    }
}

impl<B> From<Bytes> for ResponseBody<B> {
    fn from(bytes: Bytes) -> Self {
        Self {
            kind: Kind::Full { bytes },
        }
    }
}

impl<B> Body for ResponseBody<B>
where
    B: Body<Data = Chunk, Error = Error>,
{
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut kind = self.project().kind;
        let frame = match kind.as_mut().project() {
            KindProj::Empty => None,
            KindProj::Full { bytes } => {
                let bytes = std::mem::take(bytes);
                kind.set(Kind::Empty);
                (!bytes.is_empty()).then(|| Ok(Frame::data(bytes)))
            }
            KindProj::Answer {
                body,
                dialect,
                streamed,
                trail,
            } => match ready!(body.poll_frame(cx)) {
                Some(Err(error)) if *streamed => {
                    let event = failed_event(*dialect, &error, trail.as_deref());
                    // What is upstream of a stream that failed is of no more use.
                    kind.set(Kind::Empty);
                    Some(Ok(Frame::data(event)))
                }
                frame => {
                    if let (Some(trail), Some(Ok(frame))) = (trail, &frame)
                        && let Some(chunk) = frame.data_ref()
                    {
                        trail.note(chunk);
                    }
                    frame.map(|frame| frame.map(|frame| frame.map_data(Chunk::into_data)))
                }
            },
        };
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Empty => true,
            Kind::Full { bytes } => bytes.is_empty(),
            Kind::Answer { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full { bytes } => SizeHint::with_exact(bytes.len() as u64),
            Kind::Answer { streamed: true, .. } => SizeHint::default(),
            Kind::Answer { body, .. } => body.size_hint(),
        }
    }
}

impl<B> fmt::Debug for ResponseBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseBody").finish_non_exhaustive()
    }
}

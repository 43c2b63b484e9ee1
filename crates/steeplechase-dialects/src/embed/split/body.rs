use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use steeplechase_core::{Chunk, Error};

pin_project! {
    /// The body of an answer of [`Split`](super::Split).
    #[derive(Debug)]
    pub struct SplitBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[project = KindProj]
    #[derive(Debug)]
    enum Kind<B> {
        // That of the only request.
        Inner { #[pin] body: B },
        // What several have come to.
        Joined { chunk: Option<Chunk> },
    }
}

// ===== impl SplitBody =====

impl<B> SplitBody<B> {
    pub(super) const fn inner(body: B) -> Self {
        Self {
            kind: Kind::Inner { body },
        }
    }

    pub(super) const fn joined(chunk: Chunk) -> Self {
        Self {
            kind: Kind::Joined { chunk: Some(chunk) },
        }
    }
}

impl<B> Body for SplitBody<B>
where
    B: Body<Data = Chunk, Error = Error>,
{
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Chunk>, Error>>> {
        match self.project().kind.project() {
            KindProj::Inner { body } => body.poll_frame(cx),
            KindProj::Joined { chunk } => Poll::Ready(chunk.take().map(Frame::data).map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Joined { chunk } => chunk.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Joined { chunk } => {
                let len = chunk.as_ref().map_or(0, |chunk| chunk.data().len());
                SizeHint::with_exact(len as u64)
            }
        }
    }
}

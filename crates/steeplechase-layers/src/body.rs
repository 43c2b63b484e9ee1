//! A body that somebody watches.
//!
//! A layer that holds a permit, counts, or judges has to do so until the end of the *body*: a streamed
//! answer has only begun when its head is there. [`Watched`] calls its [`Watch`] for each frame and at
//! the end, and drops it in the same instant, so what the watch holds is free as soon as the answer
//! has ended, has failed, or was dropped.
//!
//! # Example
//!
//! ```
//! use bytes::Bytes;
//! use http_body_util::{BodyExt, Full};
//! use steeplechase_layers::body::{Hold, Watched};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let permit = std::sync::Arc::new(());
//! let body = Watched::new(Full::new(Bytes::from("hello")), Hold(std::sync::Arc::clone(&permit)));
//! assert_eq!(std::sync::Arc::strong_count(&permit), 2);
//!
//! body.collect().await.unwrap();
//! assert_eq!(std::sync::Arc::strong_count(&permit), 1);
//! # }
//! ```

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

/// Watches a body.
///
/// A watch that is dropped without [`on_end`](Self::on_end) belongs to a body that was dropped before
/// its end.
pub trait Watch<D, E> {
    /// A frame of data is about to be handed on.
    fn on_data(&mut self, data: &D) {
        let _ = data;
    }

    /// The body has ended or has failed. The watch is dropped next.
    fn on_end(&mut self, result: Result<(), &E>) {
        let _ = result;
    }
}

/// A [`Watch`] that only holds something until the body has ended.
#[derive(Clone, Debug)]
pub struct Hold<T>(pub T);

pin_project! {
    /// A body with a [`Watch`].
    pub struct Watched<B, W> {
        #[pin]
        body: B,
        // `None` after the end.
        watch: Option<W>,
    }
}

impl<D, E, T> Watch<D, E> for Hold<T> {}

impl<B, W> Watched<B, W>
where
    B: Body,
    W: Watch<B::Data, B::Error>,
{
    /// Watches `body`, which may have ended already.
    pub fn new(body: B, watch: W) -> Self {
        let mut watch = Some(watch);
        if body.is_end_stream() {
            end(&mut watch, Ok(()));
        }
        Self { body, watch }
    }

    /// The body that is watched.
    pub fn get_ref(&self) -> &B {
        &self.body
    }
}

impl<B, W> Body for Watched<B, W>
where
    B: Body,
    W: Watch<B::Data, B::Error>,
{
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        // It is handed on as it came: taken apart and put together again, each frame would be copied by each
        // layer.
        let polled = this.body.as_mut().poll_frame(cx);
        match &polled {
            Poll::Pending => {}
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(data), Some(watch)) = (frame.data_ref(), this.watch.as_mut()) {
                    watch.on_data(data);
                }
                // A server that is told so does not poll again to see the end.
                if this.body.is_end_stream() {
                    end(this.watch, Ok(()));
                }
            }
            Poll::Ready(Some(Err(error))) => end(this.watch, Err(error)),
            Poll::Ready(None) => end(this.watch, Ok(())),
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B: Default, W> Default for Watched<B, W> {
    fn default() -> Self {
        Self {
            body: B::default(),
            watch: None,
        }
    }
}

impl<B: fmt::Debug, W> fmt::Debug for Watched<B, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched")
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}

fn end<D, E, W: Watch<D, E>>(watch: &mut Option<W>, result: Result<(), &E>) {
    if let Some(mut watch) = watch.take() {
        watch.on_end(result);
    }
}

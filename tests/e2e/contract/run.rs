//! One call, polled by hand.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use http::Response;
use http_body::Body;
use tokio::time;
use tokio_test::task;

/// How far the clock goes after each poll that has found nothing.
const TICK: Duration = Duration::from_millis(300);

/// What has become of a call that was polled so many times.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ended {
    /// It still went on, and was dropped.
    Dropped,
    /// It came to its end before that.
    Over,
}

/// Polls a call, its future and then its body, at most so many times, and drops it.
///
/// The clock goes on between the polls, so whatever waits for it gets its turn. The future is kept for
/// as long as the body is, as callers may; `on_answer` is called when it has answered.
pub(super) async fn polled<F, B, E>(call: F, times: usize, on_answer: impl Fn()) -> Ended
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    let mut call = pin!(call);
    let mut body: Option<Pin<Box<B>>> = None;
    for _ in 0..times {
        let Some(body) = &mut body else {
            match task::spawn(call.as_mut()).poll() {
                Poll::Pending => time::advance(TICK).await,
                Poll::Ready(Err(_)) => return Ended::Over,
                Poll::Ready(Ok(response)) => {
                    on_answer();
                    body = Some(Box::pin(response.into_body()));
                }
            }
            continue;
        };
        if body.is_end_stream() {
            return Ended::Over;
        }
        let frame = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx));
        match task::spawn(frame).poll() {
            Poll::Pending => time::advance(TICK).await,
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(_)) | None) => return Ended::Over,
        }
    }
    Ended::Dropped
}

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Instant, Sleep, sleep};
use tokio_test::{assert_pending, assert_ready_eq, task};

use super::super::Rest;

/// A body of frames of so many bytes, the last of which comes late, if it has a pause.
struct Late {
    frames: Vec<usize>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Body for Late {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.frames.len() <= 1
            && let Some(pause) = &mut self.pause
        {
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        let frame = self.frames.pop();
        Poll::Ready(frame.map(|len| Ok(Frame::data(Bytes::from(vec![0; len])))))
    }
}

fn rest(frames: &[usize], pause: Option<Duration>) -> Rest<Late> {
    Rest::of(Late {
        frames: frames.to_vec(),
        pause: pause.map(|pause| Box::pin(sleep(pause))),
    })
}

#[tokio::test(start_paused = true)]
async fn a_small_body_is_read_to_its_end() {
    assert!(rest(&[], None).await);
    assert!(rest(&[1000, 64_000], None).await);
    let start = Instant::now();
    assert!(rest(&[10, 10], Some(Duration::from_millis(300))).await);
    assert_eq!(start.elapsed(), Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn a_large_body_or_one_that_does_not_come_is_not_waited_for() {
    assert!(!rest(&[1000, 65_000], None).await);
    let start = Instant::now();
    assert!(!rest(&[10, 10], Some(Duration::from_secs(9))).await);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn who_waits_is_woken_when_the_rest_comes() {
    let mut waiting = task::spawn(rest(&[10], Some(Duration::from_millis(5))));
    assert_pending!(waiting.poll());
    tokio::time::advance(Duration::from_millis(6)).await;
    assert!(waiting.is_woken());
    assert_ready_eq!(waiting.poll(), true);
}

//! The layer against a model of it: when the caller hears what.

use http_body::Frame;
use proptest::prelude::*;
use tokio::time::{self, Instant};
use tower::{Layer, ServiceExt};

use super::*;

/// When, in seconds, the caller gets a comment, if content comes at the given times.
fn beats(committed: u64, gaps: &[u64]) -> Vec<u64> {
    let every = EVERY.as_secs();
    // The head is sent when the answer is there, or when the patience is over.
    let mut heard = committed.min(AFTER.as_secs());
    let mut now = committed;
    let mut beats = Vec::new();
    for gap in gaps.iter().copied().chain([0]) {
        now += gap;
        let silence = (1..).map(|beat| heard + every * beat);
        beats.extend(silence.take_while(|beat| *beat < now));
        heard = now;
    }
    beats
}

proptest! {
    #[test]
    fn a_caller_never_waits_longer_than_it_should(
        // Never at the instant of a beat, where either order is right.
        committed in (0u64..60).prop_map(|s| s * 10 + 3),
        gaps in proptest::collection::vec((0u64..5).prop_map(|s| s * 10 + 1), 0..5),
    ) {
        let expected = beats(committed, &gaps);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let heard = runtime.block_on(async {
            let started = Instant::now();
            let upstream = tower::service_fn(move |_: Request<Call>| {
                let gaps = gaps.clone();
                async move {
                    time::sleep(Duration::from_secs(committed)).await;
                    Ok::<_, Error>(Response::new(Gaps::new(gaps)))
                }
            });
            let service = KeepaliveLayer::with(config()).layer(upstream);
            let mut body = Box::pin(service.oneshot(call(true)).await.unwrap().into_body());
            let mut heard = Vec::new();
            while let Some(frame) = body.frame().await {
                if frame.unwrap().into_data().unwrap().is_opaque() {
                    heard.push(started.elapsed().as_secs());
                }
            }
            heard
        });
        prop_assert_eq!(heard, expected);
    }
}

/// A body with a frame after each gap.
struct Gaps {
    gaps: std::vec::IntoIter<u64>,
    sleep: Option<std::pin::Pin<Box<time::Sleep>>>,
}

impl Gaps {
    fn new(gaps: Vec<u64>) -> Self {
        Self {
            gaps: gaps.into_iter(),
            sleep: None,
        }
    }
}

impl http_body::Body for Gaps {
    type Data = Chunk;
    type Error = Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Chunk>, Error>>> {
        if self.sleep.is_none() {
            let Some(gap) = self.gaps.next() else {
                return std::task::Poll::Ready(None);
            };
            self.sleep = Some(Box::pin(time::sleep(Duration::from_secs(gap))));
        }
        let sleep = self.sleep.as_mut().unwrap();
        std::task::ready!(sleep.as_mut().poll(cx));
        self.sleep = None;
        let chunk = Chunk::content(Bytes::from("data: x\n\n"));
        std::task::Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}

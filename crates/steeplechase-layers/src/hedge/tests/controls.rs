//! What a request asks for itself.

use steeplechase_core::{Controls, controls};

use super::*;

/// A request that asks for `hedge`.
fn asking(hedge: controls::Hedge) -> Request<Body> {
    let (request, attempts) = request_with_attempts();
    let mut controls = Controls::default();
    controls.hedge = Some(hedge);
    attempts.control(controls);
    request
}

/// After how long a hedge is sent, if one is within ten seconds.
async fn hedged_after(layer: HedgeLayer, request: Request<Body>) -> Option<Duration> {
    let (mut service, mut upstream) = hedged(layer);
    let started = Instant::now();
    let mut call = send_this(&mut service, request);
    let _primary = next(&mut upstream);
    while started.elapsed() < Duration::from_secs(10) {
        assert_pending!(call.poll());
        if upstream.poll_request().is_ready() {
            return Some(started.elapsed());
        }
        time::advance(Duration::from_millis(50)).await;
    }
    None
}

#[tokio::test(start_paused = true)]
async fn what_a_request_asks_for_goes_before_what_the_layer_does() {
    let initial = Duration::from_secs(4);
    let layers = [
        (HedgeLayer::off(), None),
        (HedgeLayer::auto(), Some(initial)),
        (HedgeLayer::after(DELAY), Some(DELAY)),
    ];
    let second = Duration::from_secs(1);
    for (layer, usual) in layers {
        let sent = |request| hedged_after(layer.clone(), request);
        assert_eq!(sent(request()).await, usual);
        assert_eq!(sent(asking(controls::Hedge::Off)).await, None);
        assert_eq!(sent(asking(controls::Hedge::Auto)).await, Some(initial));
        let after = controls::Hedge::After(second);
        assert_eq!(sent(asking(after)).await, Some(second));
    }
}

#[tokio::test(start_paused = true)]
async fn controls_that_say_nothing_of_it_change_nothing() {
    let (request, attempts) = request_with_attempts();
    attempts.control(Controls::default());
    let sent = hedged_after(HedgeLayer::after(DELAY), request).await;
    assert_eq!(sent, Some(DELAY));
}

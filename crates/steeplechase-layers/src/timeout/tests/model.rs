//! Every mix of frames, pauses and limits, checked against a model of the layer.

use proptest::prelude::*;
use steeplechase_core::Attempts;

use super::*;

/// One frame.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// How long after the one before it the frame is there.
    gap: u64,
    is_content: bool,
    /// How long the caller leaves the body alone after it.
    pause: u64,
}

/// In milliseconds.
#[derive(Clone, Copy, Debug)]
struct Limits {
    first_token: Option<u64>,
    byte_idle: Option<u64>,
    content_idle: Option<u64>,
    total: Option<u64>,
    deadline: Option<u64>,
}

/// How many frames were handed on, which phase took too long, and when it was over.
type Outcome = (usize, Option<Phase>, u64);

proptest! {
    #[test]
    fn it_does_what_the_model_does(
        limits in any_limits(),
        head in 0..60_u64,
        steps in prop::collection::vec(any_step(), 0..12),
    ) {
        prop_assert_eq!(observe(limits, head, &steps), model(limits, head, &steps));
    }
}

/// What the layer should do, in a form too simple to be wrong.
fn model(limits: Limits, head: u64, steps: &[Step]) -> Outcome {
    let until = limits.total.into_iter().chain(limits.deadline).min();
    let first = earliest(&[
        (limits.first_token, Phase::FirstToken),
        (until, Phase::Total),
    ]);
    if let Some((at, phase)) = first.filter(|(at, _)| *at < head) {
        return (0, Some(phase), at);
    }
    // A stream that has begun is an answer: the deadline was for getting one.
    let until = limits.total;
    let mut now = head;
    let mut arrival = head;
    // What may still be waited for content.
    let first_left = limits.first_token.map(|limit| limit - head);
    let mut content = (first_left, Phase::FirstToken);
    if content.0.is_none() {
        content = (limits.content_idle, Phase::ContentIdle);
    }
    for (nth, step) in steps.iter().enumerate() {
        arrival += step.gap;
        if now < arrival {
            let limit = earliest(&[
                (limits.byte_idle.map(|limit| now + limit), Phase::ByteIdle),
                (content.0.map(|left| now + left), content.1),
                (until, Phase::Total),
            ]);
            if let Some((at, phase)) = limit.filter(|(at, _)| *at < arrival) {
                // What was reached in a pause is seen in the wait after it.
                return (nth, Some(phase), at.max(now));
            }
            content.0 = content.0.map(|left| left - (arrival - now));
            now = arrival;
        }
        if step.is_content {
            content = (limits.content_idle, Phase::ContentIdle);
        }
        now += step.pause;
    }
    (steps.len(), None, now)
}

fn earliest(limits: &[(Option<u64>, Phase)]) -> Option<(u64, Phase)> {
    let limits = limits
        .iter()
        .filter_map(|(at, phase)| Some(((*at)?, *phase)));
    limits.min_by_key(|(at, _)| *at)
}

fn observe(limits: Limits, head: u64, steps: &[Step]) -> Outcome {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(async {
            let started = Instant::now();
            let now = || u64::try_from(started.elapsed().as_millis()).unwrap();
            let layer = TimeoutLayer::new()
                .first_token(limits.first_token.map(millis))
                .byte_idle(limits.byte_idle.map(millis))
                .content_idle(limits.content_idle.map(millis))
                .total(limits.total.map(millis));
            let mut request = Request::new(());
            if let Some(deadline) = limits.deadline {
                let attempts = Attempts::of(request.extensions_mut());
                attempts.limit_deadline(started + millis(deadline));
            }
            let mut at = head;
            let script = Script::new(steps.iter().map(|step| {
                at += step.gap;
                (millis(at), if step.is_content { word() } else { ping() })
            }));
            let mut body = match answer(layer, request, millis(head), script).await {
                Ok(response) => response.into_body(),
                Err(error) => return (0, Some(phase(&error)), now()),
            };
            for (nth, step) in steps.iter().enumerate() {
                match body.frame().await.expect("a frame or an error") {
                    Ok(_) => time::sleep(millis(step.pause)).await,
                    Err(error) => return (nth, Some(phase(&error)), now()),
                }
            }
            assert!(body.frame().await.is_none());
            (steps.len(), None, now())
        })
}

fn any_step() -> impl Strategy<Value = Step> {
    let pause = prop_oneof![3 => Just(0), 1 => 0..80_u64];
    (0..40_u64, any::<bool>(), pause).prop_map(|(gap, is_content, pause)| Step {
        gap,
        is_content,
        pause,
    })
}

fn any_limits() -> impl Strategy<Value = Limits> {
    (
        prop::option::of(1..120_u64),
        prop::option::of(1..60_u64),
        prop::option::of(1..90_u64),
        prop::option::of(1..400_u64),
        prop::option::of(1..400_u64),
    )
        .prop_map(
            |(first_token, byte_idle, content_idle, total, deadline)| Limits {
                first_token,
                byte_idle,
                content_idle,
                total,
                deadline,
            },
        )
}

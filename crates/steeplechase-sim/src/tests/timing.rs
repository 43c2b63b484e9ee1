//! When things come, and that they come the same way each time.

use tokio::time::Instant;
use tokio_test::{assert_pending, assert_ready, task};

use super::*;

#[tokio::test(start_paused = true)]
async fn a_stream_comes_token_by_token_in_its_time() {
    let sim = Sim::new("north").always(
        Behaviour::answer()
            .tokens(3)
            .head_after(100 * MS)
            .first_token_after(500 * MS)
            .token_gap(20 * MS),
    );
    let started = Instant::now();
    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    let mut at = Vec::new();
    while let Some(frame) = body.frame().await {
        frame.unwrap();
        at.push(u64::try_from(started.elapsed().as_millis()).unwrap());
    }
    // The role; three tokens; the finish and `[DONE]`.
    assert_eq!(at, [100, 500, 520, 540, 540, 540]);
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_comes_when_its_last_token_would() {
    let sim = Sim::new("north")
        .first_token(Latency::fixed(500 * MS))
        .tokens_per_second(50.0)
        .tokens(11);
    let started = Instant::now();
    let answer = send(&sim, openai(&chat(false))).await.unwrap();
    assert_eq!(started.elapsed(), 700 * MS);
    answer.into_body().collect().await.unwrap();
    assert_eq!(started.elapsed(), 700 * MS);
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_does_not_slow_the_provider_down() {
    let sim = Sim::new("north")
        .tokens(10)
        .between_tokens(Latency::fixed(SECOND));
    let started = Instant::now();
    let body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    tokio::time::sleep(60 * SECOND).await;
    frames(body).await;
    assert_eq!(started.elapsed(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn the_reader_is_woken_when_a_token_is_due() {
    let sim = Sim::new("north").always(Behaviour::answer().first_token_after(SECOND));
    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    let mut next = task::spawn(body.frame());
    assert_pending!(next.poll());
    tokio::time::advance(999 * MS).await;
    assert!(!next.is_woken());
    tokio::time::advance(MS).await;
    assert!(next.is_woken());
    assert_ready!(next.poll()).unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn comments_fill_the_silence_before_the_first_token() {
    let behaviour = Behaviour::answer().tokens(1).first_token_after(3500 * MS);
    let sim = Sim::new("north").always(behaviour.comments(SECOND));
    let names = stream(&sim, anthropic(&message(true))).await;
    let pings = names.iter().filter(|(name, _)| name == "ping").count();
    assert_eq!(pings, 1 + 3);
    let chunks = bytes(&sim, openai(&chat(true))).await;
    let comments = chunks
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b":"));
    assert_eq!(comments.count(), 3);
}

/// What a call gets, and how long it takes.
async fn outcome(call: ResponseFuture<Full<Bytes>>) -> (u16, Duration, Bytes) {
    let started = Instant::now();
    let answer = call.await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, started.elapsed(), body)
}

#[tokio::test(start_paused = true)]
async fn a_run_repeats_exactly_whatever_the_order_of_the_tasks() {
    let sim = || {
        Sim::new("north")
            .seed(7)
            .first_token(Latency::lognormal(400 * MS, 0.5).tail(0.1, Latency::fixed(SECOND)))
            .between_tokens(Latency::uniform(MS..9 * MS))
            .faults(0.3, Behaviour::error(500))
    };
    let call = |sim: &Sim| tower::Service::call(&mut sim.clone(), openai(&chat(true)));

    let forwards = sim();
    let mut first = Vec::new();
    for _ in 0..20 {
        first.push(outcome(call(&forwards)).await);
    }
    let backwards = sim();
    let calls: Vec<_> = (0..20).map(|_| call(&backwards)).collect();
    let mut second = Vec::new();
    for call in calls.into_iter().rev() {
        // Read long after it came in, so that only what was said can be compared.
        let answer = outcome(call).await;
        second.insert(0, (answer.0, answer.2));
    }
    let said: Vec<_> = first
        .iter()
        .map(|(status, _, body)| (*status, body.clone()))
        .collect();
    assert_eq!(said, second);
    assert!(said.iter().any(|(status, _)| *status == 500));

    let again = sim();
    for expected in first {
        assert_eq!(outcome(call(&again)).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn another_seed_or_name_is_another_run() {
    let text = async |sim: Sim| text(&stream(&sim, openai(&chat(true))).await);
    let north = text(Sim::new("north")).await;
    assert_ne!(text(Sim::new("north").seed(1)).await, north);
    assert_ne!(text(Sim::new("south")).await, north);
}

#[tokio::test(start_paused = true)]
async fn frames_are_cut_to_size_across_events() {
    let plain = bytes(&Sim::new("north"), openai(&chat(true))).await;
    let sim = Sim::new("north").always(Behaviour::answer().slice(100));
    let body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    let (frames, _) = frames(body).await;
    let (last, full) = frames.split_last().unwrap();
    assert!(full.iter().all(|frame| frame.len() == 100));
    assert!(last.len() <= 100);
    assert_eq!(frames.concat(), plain);
}

#[test]
fn an_instant_answer_needs_no_clock_and_is_built_once() {
    // Without a runtime a timer would panic.
    let sim = Sim::instant("north");
    let mut ptr = Vec::new();
    for _ in 0..2 {
        let mut call = task::spawn(send(&sim, openai(&chat(true))));
        let mut body = assert_ready!(call.poll()).unwrap().into_body();
        let mut next = task::spawn(body.frame());
        let frame = assert_ready!(next.poll()).unwrap().unwrap();
        ptr.push(frame.into_data().unwrap().as_ptr());
    }
    assert_eq!(ptr[0], ptr[1]);
    assert!(sim.requests().is_empty());
}

#[test]
fn a_lognormal_latency_has_its_median_and_its_tail() {
    let latency = Latency::lognormal(SECOND, 0.5).tail(0.1, Latency::fixed(100 * SECOND));
    let mut rng = fastrand::Rng::with_seed(3);
    let mut drawn: Vec<_> = (0..10_000).map(|_| latency.sample(&mut rng)).collect();
    drawn.sort();
    let tail = drawn.iter().filter(|drawn| **drawn == 100 * SECOND).count();
    assert!((900..1100).contains(&tail), "{tail}");
    let median = drawn[4500];
    assert!((950 * MS..1050 * MS).contains(&median), "{median:?}");
}

#[test]
fn odd_numbers_do_no_harm() {
    let mut rng = fastrand::Rng::with_seed(3);
    for sigma in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        let drawn = Latency::lognormal(SECOND, sigma).sample(&mut rng);
        assert!(drawn <= Duration::from_secs(3600), "{sigma}: {drawn:?}");
    }
    for rate in [f64::NAN, 0.0, -5.0, f64::INFINITY, 1e-300] {
        let _ = Sim::new("north").tokens_per_second(rate);
    }
}

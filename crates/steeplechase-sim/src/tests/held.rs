//! Answers that are held back.

use tokio::time::Instant;
use tokio_test::{assert_pending, assert_ready, task};

use super::*;

fn held() -> Behaviour {
    Behaviour::answer().tokens(2).held()
}

#[tokio::test(start_paused = true)]
async fn a_held_stream_has_its_head_and_no_token_before_the_release() {
    for request in [openai(&chat(true)), anthropic(&message(true))] {
        let sim = Sim::new("north").always(held().token_gap(10 * MS));
        let started = Instant::now();
        let answer = send(&sim, request).await.unwrap();
        let mut body = task::spawn(answer.into_body());
        let mut poll = || body.enter(|cx, body| http_body::Body::poll_frame(body, cx));
        while poll().is_ready() {}
        assert_eq!(started.elapsed(), Duration::ZERO);
        tokio::time::advance(SECOND).await;
        assert_pending!(poll(), "however long it takes");
        assert_eq!(sim.in_flight(), 1);

        sim.release();
        assert!(body.is_woken());
        let (rest, error) = frames(body.into_inner()).await;
        assert!(error.is_none());
        assert!(rest.len() >= 4, "two tokens, and the end");
        let took = started.elapsed();
        assert_eq!(took, SECOND + 10 * MS, "the gaps are what they were");
        assert_eq!(sim.counts().completed, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_a_stream_is_held_as_a_whole() {
    for behaviour in [held(), Behaviour::error(503).held()] {
        let sim = Sim::new("north").always(behaviour);
        let mut call = task::spawn(send(&sim, openai(&chat(false))));
        assert_pending!(call.poll());
        assert_eq!(sim.in_flight(), 1);
        sim.release();
        assert!(call.is_woken());
        assert_ready!(call.poll()).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_is_for_all_that_are_held_and_for_none_that_come_later() {
    let sim = Sim::new("north").always(held());
    let mut first: Vec<_> = (0..3)
        .map(|_| task::spawn(send(&sim, openai(&chat(false)))))
        .collect();
    for call in &mut first {
        assert_pending!(call.poll());
    }
    sim.clone().release();
    let mut later = task::spawn(send(&sim, openai(&chat(false))));
    assert_pending!(later.poll());
    for call in &mut first {
        assert_ready!(call.poll()).unwrap();
    }
    assert_pending!(later.poll());
    sim.release();
    assert_ready!(later.poll()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_release_comes_not_too_early_for_a_request_that_is_only_just_in() {
    let sim = Sim::new("north").always(held());
    // It has come in, and has not been polled yet.
    let call = tower::Service::call(&mut sim.clone(), openai(&chat(false)));
    sim.release();
    let mut call = task::spawn(call);
    assert_ready!(call.poll()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_held_request_can_be_given_up_and_the_others_go_on() {
    let sim = Sim::new("north").always(held());
    let mut whole = task::spawn(send(&sim, openai(&chat(false))));
    assert_pending!(whole.poll());
    let streamed = send(&sim, openai(&chat(true))).await.unwrap();
    let mut other = task::spawn(send(&sim, openai(&chat(false))));
    assert_pending!(other.poll());
    drop((whole, streamed));
    assert_eq!(sim.counts().cancelled, 2);
    assert_eq!(sim.in_flight(), 1);
    sim.release();
    assert_ready!(other.poll()).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_hold_does_not_shorten_what_would_take_longer() {
    let sim = Sim::new("north").always(held().first_token_after(5 * SECOND).token_gap(SECOND));
    for stream in [false, true] {
        let started = Instant::now();
        let request = openai(&chat(stream));
        let (answer, ()) = tokio::join!(bytes(&sim, request), async {
            tokio::time::sleep(SECOND).await;
            sim.release();
        });
        assert!(!answer.is_empty());
        assert!(started.elapsed() >= 5 * SECOND, "{:?}", started.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_break_before_the_first_token_waits_too() {
    let breaks = [
        held().cut_after_tokens(0),
        held().truncate_after_tokens(0),
        held().error_event_after_tokens(0, "server_error"),
    ];
    for behaviour in breaks {
        let sim = Sim::new("north").always(behaviour.comments(SECOND));
        let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
        body.frame().await.unwrap().unwrap();
        let mut body = task::spawn(body);
        assert_pending!(body.enter(|cx, body| http_body::Body::poll_frame(body, cx)));
        assert_eq!(sim.in_flight(), 1);
        sim.release();
        assert!(body.is_woken());
        let (rest, _) = frames(body.into_inner()).await;
        assert!(rest.len() <= 1);
        assert_eq!(sim.counts().failed, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn keep_alives_come_while_it_is_held() {
    let sim = Sim::new("north").always(held().comments(SECOND));
    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    let comment = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(comment.starts_with(b": "));
    sim.release();
    let token = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(token.starts_with(b"data: "));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_valid_is_refused_without_waiting() {
    let sim = Sim::new("north").always(held());
    let answer = send(&sim, openai(&json!({}))).await.unwrap();
    assert_eq!(answer.status(), 400);
}

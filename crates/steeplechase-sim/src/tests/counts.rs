//! What is counted and kept.

use tokio::time::Instant;
use tokio_test::{assert_pending, assert_ready, task};

use super::*;

fn counts(started: u64, completed: u64, cancelled: u64, failed: u64) -> Counts {
    Counts {
        started,
        completed,
        cancelled,
        failed,
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_before_its_head_is_cancelled() {
    let sim = Sim::new("north").first_token(Latency::fixed(SECOND));
    let mut call = task::spawn(send(&sim, openai(&chat(false))));
    assert_pending!(call.poll());
    assert_eq!(sim.in_flight(), 1);
    tokio::time::advance(MS).await;
    drop(call);
    assert_eq!(sim.counts(), counts(1, 0, 1, 0));
    assert_eq!(sim.cancelled_at(), Some(Instant::now()));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_dropped_before_its_end_is_cancelled() {
    let sim = Sim::new("north");
    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    assert_eq!(sim.in_flight(), 1);
    drop(body);
    assert_eq!(sim.counts(), counts(1, 0, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stops_at_the_last_event_has_read_it_all() {
    let sim = Sim::new("north");
    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    loop {
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        if frame.starts_with(b"data: [DONE]") {
            break;
        }
    }
    assert!(http_body::Body::is_end_stream(&body));
    drop(body);
    assert_eq!(sim.counts(), counts(1, 1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn failures_are_counted_as_such_and_in_time() {
    let sim = Sim::new("north").script([
        Behaviour::reset(),
        Behaviour::answer().cut_after_tokens(1),
        Behaviour::answer().truncate_after_tokens(1),
        Behaviour::answer().error_event_after_tokens(1, "server_error"),
        Behaviour::error(500),
    ]);
    for _ in 0..4 {
        if let Ok(answer) = send(&sim, openai(&chat(true))).await {
            frames(answer.into_body()).await;
        }
    }
    assert_eq!(sim.counts(), counts(4, 0, 0, 4));
    // An error status is counted by its head: nobody needs to read its body.
    let answer = send(&sim, openai(&chat(true))).await.unwrap();
    assert_eq!(sim.counts(), counts(5, 0, 0, 5));
    drop(answer);
    assert_eq!(sim.counts(), counts(5, 0, 0, 5));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_cancel_is_woken_by_it() {
    let sim = Sim::new("north");
    let body = send(&sim, openai(&chat(true))).await.unwrap();
    let mut wait = task::spawn(sim.wait_cancelled(1));
    assert_pending!(wait.poll());
    drop(body);
    assert!(wait.is_woken());
    assert_eq!(assert_ready!(wait.poll()), counts(1, 0, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn the_peak_is_the_most_there_were_at_once() {
    let sim = Sim::new("north").always(Behaviour::stall_before_head());
    for _ in 0..2 {
        let mut calls: Vec<_> = (0..3)
            .map(|_| task::spawn(send(&sim, openai(&chat(true)))))
            .collect();
        for call in &mut calls {
            assert_pending!(call.poll());
        }
    }
    assert_eq!(sim.peak_in_flight(), 3);
    assert_eq!(sim.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn clones_share_the_script_and_the_log() {
    let sim = Sim::new("north");
    let clone = sim.clone().tokens(3);
    sim.enqueue([Behaviour::error(500), Behaviour::error(404)]);
    assert_eq!(
        send(&clone, openai(&chat(false))).await.unwrap().status(),
        500
    );
    assert_eq!(
        send(&sim, openai(&chat(false))).await.unwrap().status(),
        404
    );
    sim.set_always(Behaviour::error(429));
    assert_eq!(
        send(&clone, openai(&chat(false))).await.unwrap().status(),
        429
    );
    assert_eq!(clone.requests().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_last_requests_are_kept_and_their_keys_not_shown() {
    let sim = Sim::new("north").record(2);
    for model in ["a", "b", "c"] {
        let mut request = openai(&with(chat(false), &json!({"model": model})));
        let key = "Bearer sk-secret".parse().unwrap();
        request.headers_mut().insert("authorization", key);
        bytes(&sim, request).await;
    }
    let requests = sim.requests();
    let models: Vec<_> = requests.iter().map(|r| r.json()["model"].clone()).collect();
    assert_eq!(models, ["b", "c"]);
    assert_eq!(requests[1].number, 2);
    assert_eq!(requests[1].path(), "/v1/chat/completions");
    assert_eq!(
        requests[1].header("authorization"),
        Some("Bearer sk-secret")
    );
    assert!(!format!("{requests:?}").contains("sk-secret"));
    assert!(!format!("{:?}", sim.require_key("sk-secret")).contains("sk-secret"));
}

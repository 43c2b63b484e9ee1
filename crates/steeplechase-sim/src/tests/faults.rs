//! The ways to fail.

use std::error::Error;
use std::io;

use super::*;

#[tokio::test(start_paused = true)]
async fn an_error_has_the_body_of_its_dialect() {
    let kinds = [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (408, "invalid_request_error"),
        (413, "request_too_large"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "api_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ];
    for (status, kind) in kinds {
        let sim = Sim::new("north").always(Behaviour::error(status).header("retry-after", "2"));
        let answer = send(&sim, openai(&chat(true))).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["retry-after"], "2");
        let body = whole(&sim, openai(&chat(true))).await;
        for field in ["message", "type", "param", "code"] {
            assert!(body["error"].get(field).is_some(), "{status}: {field}");
        }
        let body = whole(&sim, anthropic(&message(true))).await;
        assert_eq!(body["type"], "error");
        assert_eq!(body["error"]["type"], kind);
    }
}

#[tokio::test(start_paused = true)]
async fn overload_has_the_status_of_the_dialect() {
    let sim = Sim::new("north").always(Behaviour::overloaded());
    assert_eq!(send(&sim, openai(&chat(true))).await.unwrap().status(), 503);
    assert_eq!(
        send(&sim, anthropic(&message(true)))
            .await
            .unwrap()
            .status(),
        529
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_may_have_any_body_and_a_proxy_sends_html() {
    let sim = Sim::new("north").script([
        Behaviour::error(500).body("{not json"),
        Behaviour::html(502),
    ]);
    assert_eq!(bytes(&sim, openai(&chat(true))).await, "{not json");
    let page = send(&sim, openai(&chat(true))).await.unwrap();
    assert_eq!(page.status(), 502);
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
}

#[tokio::test(start_paused = true)]
async fn a_reset_comes_before_the_head_and_looks_like_one() {
    let sim = Sim::new("north").script([Behaviour::reset().head_after(SECOND)]);
    let started = tokio::time::Instant::now();
    let error = send(&sim, openai(&chat(true))).await.unwrap_err();
    assert_eq!(started.elapsed(), SECOND);
    assert_eq!(error.kind(), SimErrorKind::Reset);
    let cause = error.source().unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(cause.kind(), io::ErrorKind::ConnectionReset);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_cut_after_its_tokens() {
    let sim = Sim::new("north").always(Behaviour::answer().tokens(9).cut_after_tokens(4));
    let body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    let (frames, error) = frames(body).await;
    assert_eq!(frames.len(), 1 + 4, "the role and four tokens");
    assert_eq!(error.unwrap().kind(), SimErrorKind::Cut);

    let body = send(&sim, anthropic(&message(true)))
        .await
        .unwrap()
        .into_body();
    let (frames, error) = super::frames(body).await;
    let events = events(&frames.concat());
    let deltas = names(&events)
        .into_iter()
        .filter(|n| *n == "content_block_delta");
    assert_eq!(deltas.count(), 4);
    assert!(error.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_cut_after_no_tokens_leaves_the_preamble() {
    let sim = Sim::new("north").always(Behaviour::answer().cut_after_tokens(0));
    let body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    assert_eq!(frames(body).await.0.len(), 1);
    let body = send(&sim, anthropic(&message(true)))
        .await
        .unwrap()
        .into_body();
    let (frames, _) = frames(body).await;
    assert_eq!(names(&events(&frames.concat())), ["message_start", "ping"]);
}

#[tokio::test(start_paused = true)]
async fn a_body_is_cut_after_its_bytes_in_the_middle_of_an_event() {
    let sim = Sim::new("north").always(Behaviour::answer().cut_after_bytes(1000));
    for request in [openai(&chat(true)), openai(&chat(false))] {
        let sim = sim.clone().always(Behaviour::answer().cut_after_bytes(300));
        let body = send(&sim, request).await.unwrap().into_body();
        let (frames, error) = frames(body).await;
        assert_eq!(frames.concat().len(), 300);
        assert_eq!(error.unwrap().kind(), SimErrorKind::Cut);
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_is_cut_at_the_same_share_of_its_bytes() {
    let full = bytes(&Sim::new("north").tokens(9), openai(&chat(false))).await;
    let sim = Sim::new("north").always(Behaviour::answer().tokens(9).cut_after_tokens(4));
    let body = send(&sim, openai(&chat(false))).await.unwrap().into_body();
    let (frames, error) = frames(body).await;
    assert_eq!(frames.concat().len(), full.len() * 4 / 10);
    assert!(error.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_error_event_is_the_last_one() {
    let sim = Sim::new("north")
        .always(Behaviour::answer().error_event_after_tokens(2, "overloaded_error"));
    let events = stream(&sim, anthropic(&message(true))).await;
    let (last, earlier) = events.split_last().unwrap();
    assert_eq!(last.0, "error");
    assert_eq!(last.1["error"]["type"], "overloaded_error");
    assert_eq!(
        names(earlier)
            .iter()
            .filter(|n| **n == "content_block_delta")
            .count(),
        2
    );

    let sim = sim.always(Behaviour::answer().error_event_after_tokens(0, "server_error"));
    let events = stream(&sim, openai(&chat(true))).await;
    assert_eq!(events.len(), 2, "the role, then the error");
    assert_eq!(events[1].1["error"]["code"], "server_error");
    assert_eq!(events[1].1["error"]["param"], Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_whole_answer_reports_the_same_error_by_its_status() {
    let sim = Sim::new("north")
        .always(Behaviour::answer().error_event_after_tokens(2, "overloaded_error"));
    let answer = send(&sim, anthropic(&message(false))).await.unwrap();
    assert_eq!(answer.status(), 529);
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["error"]["type"], "overloaded_error");
}

#[tokio::test(start_paused = true)]
async fn a_truncated_stream_ends_cleanly_and_says_nothing() {
    let sim = Sim::new("north").always(Behaviour::answer().tokens(3).truncate_after_tokens(9));
    let events = stream(&sim, openai(&chat(true))).await;
    assert_eq!(events.len(), 4, "the role and all tokens");
    assert_eq!(events[3].1["choices"][0]["finish_reason"], Value::Null);
    let events = stream(&sim, anthropic(&message(true))).await;
    assert_eq!(names(&events).last(), Some(&"content_block_delta"));
}

#[tokio::test(start_paused = true)]
async fn a_stalled_stream_is_silent_for_ever_but_for_its_comments() {
    let stall = Behaviour::answer().stall_after_tokens(1);
    let sim = Sim::new("north").script([stall.clone(), stall.comments(SECOND)]);

    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    body.frame().await.unwrap().unwrap();
    let long = 1000 * SECOND;
    assert!(tokio::time::timeout(long, body.frame()).await.is_err());

    let started = tokio::time::Instant::now();
    let mut body = send(&sim, openai(&chat(true))).await.unwrap().into_body();
    body.frame().await.unwrap().unwrap();
    body.frame().await.unwrap().unwrap();
    for second in 1..4 {
        let comment = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(comment.starts_with(b": "));
        assert_eq!(started.elapsed(), second * SECOND);
    }
}

#[tokio::test(start_paused = true)]
async fn before_a_stalled_head_nothing_comes() {
    let sim = Sim::new("north").script([Behaviour::stall_before_head()]);
    let call = send(&sim, openai(&chat(true)));
    assert!(tokio::time::timeout(1000 * SECOND, call).await.is_err());
    assert_eq!(sim.counts().cancelled, 1);
}

#[tokio::test(start_paused = true)]
async fn faults_hit_about_their_share_of_requests_and_add_up() {
    let sim = Sim::new("north")
        .faults(0.2, Behaviour::error(500))
        .faults(0.1, Behaviour::reset());
    let (mut errors, mut resets) = (0, 0);
    for _ in 0..1000 {
        match send(&sim, openai(&chat(false))).await {
            Ok(answer) if answer.status() == 500 => errors += 1,
            Ok(_) => {}
            Err(_) => resets += 1,
        }
    }
    assert!((150..250).contains(&errors), "{errors}");
    assert!((70..130).contains(&resets), "{resets}");
}

#[tokio::test(start_paused = true)]
async fn a_brownout_lasts_for_its_time() {
    let sim = Sim::new("north")
        .first_token(Latency::fixed(SECOND))
        .brownout(10 * SECOND..20 * SECOND, 3.0, 0.0)
        .brownout(30 * SECOND..40 * SECOND, 1.0, 1.0);
    let start = tokio::time::Instant::now();
    let mut took = Vec::new();
    for at in [0, 10, 20] {
        tokio::time::sleep_until(start + at * SECOND).await;
        bytes(&sim, openai(&chat(false))).await;
        took.push((start + at * SECOND).elapsed());
    }
    assert_eq!(took, [SECOND, 3 * SECOND, SECOND]);
    tokio::time::sleep_until(start + 35 * SECOND).await;
    assert_eq!(
        send(&sim, openai(&chat(false))).await.unwrap().status(),
        503
    );
}

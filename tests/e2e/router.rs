//! Retries and fallbacks as users of LiteLLM's router know them, from the outside: a call goes in at the
//! intake, with what it asks of the gateway in its body, and providers are sims.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use steeplechase::attempts::Kind;
use steeplechase::dialects::intake::IntakeLayer;
use steeplechase::layers::fallback::{FallbackErrors, Fallbacks, FellBack};
use steeplechase::layers::retry::{RetryConfig, RetryPolicy};
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::preset::{Group, Preset};
use steeplechase::{Attempts, Class, Deployment, Dialect};
use steeplechase_sim::{Behaviour, Sim};
use tokio::time::Instant;
use tower::{Layer, ServiceExt};

use crate::world::Hosts;

/// What became of a call.
struct Outcome {
    status: StatusCode,
    body: Bytes,
    attempts: Attempts,
    fell_back: Option<FellBack>,
    errors: Option<FallbackErrors>,
}

impl Outcome {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a whole answer is JSON")
    }
}

/// Sends a call for `a` with these fields besides.
async fn ask(preset: Preset, sims: &[Sim], fields: Value) -> Outcome {
    let mut body = json!({"model": "a", "messages": [{"role": "user", "content": "Where to?"}]});
    let all = body.as_object_mut().unwrap();
    all.extend(fields.as_object().unwrap().clone());
    let mut request = Request::post("/v1/chat/completions")
        .header("content-type", "application/json")
        .body(Full::from(body.to_string()))
        .unwrap();
    let attempts = Attempts::of(request.extensions_mut());
    let app = IntakeLayer::new().layer(preset.build(Hosts::new(sims)).unwrap());
    let Ok(answer) = app.oneshot(request).await;
    let (parts, body) = answer.into_parts();
    Outcome {
        status: parts.status,
        body: body.collect().await.unwrap().to_bytes(),
        attempts,
        fell_back: parts.extensions.get().cloned(),
        errors: parts.extensions.get().cloned(),
    }
}

fn deployment(id: &str, model: &str, retries: Option<u8>) -> Arc<Deployment> {
    let builder = Deployment::builder(id, model, Dialect::OpenAi)
        .base_url(format!("http://{id}.test/v1").parse().unwrap());
    match retries {
        Some(retries) => builder.num_retries(retries).build(),
        None => builder.build(),
    }
}

/// A model that is served by the sim of its name.
fn lone(model: &str) -> Group {
    Group::new(model, [deployment(model, model, None)])
}

/// Models `a`, `b` and `c`, and no waits.
fn three() -> Preset {
    ["a", "b", "c"].into_iter().fold(
        Preset::new().retry(quick()).max_attempts(5),
        |preset, model| preset.group(lone(model)),
    )
}

fn quick() -> RetryConfig {
    RetryConfig::new().backoff(Duration::ZERO, Duration::ZERO)
}

fn sims(behaviours: [Behaviour; 3]) -> [Sim; 3] {
    let mut names = ["a", "b", "c"].into_iter();
    behaviours.map(|behaviour| Sim::new(names.next().unwrap()).always(behaviour))
}

fn started(sims: &[Sim]) -> Vec<u64> {
    sims.iter().map(|sim| sim.counts().started).collect()
}

fn fails() -> Behaviour {
    Behaviour::error(500)
}

fn works() -> Behaviour {
    Behaviour::answer()
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_refused_everywhere_makes_no_loop_and_a_failure_has_two_retries() {
    for (status, expected) in [(401, 1), (404, 1), (400, 1), (500, 3)] {
        let sims = sims([Behaviour::error(status), works(), works()]);
        ask(three(), &sims, json!({})).await;
        assert_eq!(started(&sims), [expected, 0, 0], "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_class_has_the_retries_of_the_policy_and_that_of_the_group_goes_first() {
    let policy = |retries| quick().policy(RetryPolicy::new().class(Class::ContentPolicy, retries));
    let filtered = Behaviour::error(400).body(
        r#"{"error":{"message":"refused","type":"invalid_request_error","code":"content_filter"}}"#,
    );
    for (router, group, expected) in [(3, None, 4), (3, Some(1), 2), (0, Some(2), 3)] {
        let sims = [Sim::new("a").always(filtered.clone())];
        let mut a = lone("a");
        if let Some(retries) = group {
            a = a.retry(policy(retries));
        }
        let preset = Preset::new().retry(policy(router)).max_attempts(5).group(a);
        let outcome = ask(preset, &sims, json!({})).await;
        assert_eq!(outcome.status, 400);
        assert_eq!(started(&sims), [expected], "{router} {group:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_retries_are_one_call_more_whoever_asks_for_them() {
    let hangs = || Behaviour::stall_before_head();
    let timeouts = Timeouts::new().first_token(Duration::from_secs(2));
    let timeouts = ByStream {
        whole: timeouts,
        stream: timeouts,
    };
    for retries in 0..=3_u8 {
        for stream in [false, true] {
            let sims = sims([hangs(), works(), works()]);
            let fields = json!({"num_retries": retries, "stream": stream});
            let outcome = ask(three().timeouts(timeouts), &sims, fields).await;
            assert_eq!(started(&sims)[0], u64::from(retries) + 1);
            assert_eq!(outcome.status, StatusCode::GATEWAY_TIMEOUT);
        }
        // A deployment that asks for it; the call goes first.
        let sims = sims([fails(), works(), works()]);
        let group = Group::new("a", [deployment("a", "a", Some(retries))]);
        let preset = Preset::new().retry(quick()).max_attempts(5).group(group);
        ask(preset.clone(), &sims, json!({})).await;
        assert_eq!(started(&sims)[0], u64::from(retries) + 1);
        ask(preset, &sims, json!({"num_retries": 0})).await;
        assert_eq!(started(&sims)[0], u64::from(retries) + 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_may_ask_for_more_retries_than_the_router_has_up_to_the_cap() {
    let sims = sims([fails(), works(), works()]);
    let preset = three().max_attempts(1).retry(quick().max_retries(0));
    ask(preset, &sims, json!({"num_retries": 9})).await;
    assert_eq!(started(&sims)[0], 5);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_waited_for_unless_there_is_somebody_else() {
    let limited = || Behaviour::error(429).header("retry-after", "2");
    // Alone, after what was asked for.
    let sims_alone = [Sim::new("a").script([limited(), works()])];
    let begun = Instant::now();
    let outcome = ask(Preset::new().group(lone("a")), &sims_alone, json!({})).await;
    assert_eq!(outcome.status, 200);
    assert!(begun.elapsed() >= Duration::from_secs(2));

    // With a fallback: that, at once.
    let all = sims([limited(), works(), works()]);
    let preset = three().fallbacks(Fallbacks::default().general("a", ["b"]));
    let begun = Instant::now();
    let outcome = ask(preset, &all, json!({})).await;
    assert_eq!(outcome.status, 200);
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(started(&all), [1, 1, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_its_first_token_falls_back_by_its_own_timeout() {
    let hangs = Behaviour::stall_before_head();
    let sims = sims([hangs, works(), works()]);
    let timeouts = ByStream {
        whole: Timeouts::new().first_token(Duration::from_secs(50)),
        stream: Timeouts::new().first_token(Duration::from_secs(2)),
    };
    let preset = three()
        .timeouts(timeouts)
        .retry(quick().max_retries(0))
        .fallbacks(Fallbacks::default().general("a", ["b"]));
    for (stream, seconds) in [(true, 2), (false, 50)] {
        let begun = Instant::now();
        let outcome = ask(preset.clone(), &sims, json!({"stream": stream})).await;
        assert_eq!(outcome.status, 200);
        assert_eq!(begun.elapsed().as_secs(), seconds);
        assert_eq!(&*outcome.fell_back.unwrap().to, "b");
    }
}

#[tokio::test(start_paused = true)]
async fn a_model_that_hangs_leaves_their_share_of_the_time_to_the_others() {
    let hangs = || Behaviour::stall_before_head();
    let sims = sims([hangs(), hangs(), works()]);
    let preset = three()
        .deadline(Duration::from_secs(30))
        .fallbacks(Fallbacks::default().general("a", ["b", "c"]));
    let begun = Instant::now();
    let outcome = ask(preset, &sims, json!({})).await;
    assert_eq!(outcome.status, 200);
    assert_eq!(begun.elapsed().as_secs(), 20);
    assert_eq!(started(&sims), [1, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_was_tried_before_a_fallback_is_in_the_log_and_nothing_is_asked_twice() {
    let sims = sims([fails(), fails(), works()]);
    let preset = three()
        .retry(quick().max_retries(1))
        .fallbacks(Fallbacks::default().general("a", ["b", "b", "a", "c"]));
    let outcome = ask(preset, &sims, json!({"metadata": null})).await;
    assert_eq!(outcome.status, 200);
    let log = outcome.attempts.log();
    let tried: Vec<_> = log.iter().map(|attempt| &*attempt.deployment).collect();
    assert_eq!(tried, ["a", "a", "b", "b", "c"]);
    assert_eq!(outcome.attempts.count(Kind::Fallback), 2);
    let fell_back = outcome.fell_back.unwrap();
    assert_eq!((fell_back.legs, fell_back.reason), (2, Class::Server));
}

#[tokio::test(start_paused = true)]
async fn a_call_brings_its_own_fallbacks_in_each_form() {
    for fallbacks in [json!(["b"]), json!([{"a": ["b"]}]), json!([{"model": "b"}])] {
        let sims = sims([fails(), works(), works()]);
        let fields = json!({"fallbacks": fallbacks, "num_retries": 0});
        let outcome = ask(three(), &sims, fields).await;
        assert_eq!(outcome.status, 200, "{fallbacks}");
        assert_eq!(started(&sims), [1, 1, 0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_fallback_with_messages_of_its_own_is_sent_these_and_is_another_than_the_bare_one() {
    let sims = sims([fails(), fails(), works()]);
    let other = json!([{"role": "user", "content": "Another way?"}]);
    let fallbacks = json!(["b", {"model": "b", "messages": other, "temperature": 0.5}]);
    let fields = json!({"fallbacks": fallbacks, "num_retries": 0, "seed": 7});
    let outcome = ask(three(), &sims, fields).await;
    assert!(outcome.status.is_server_error());
    assert_eq!(started(&sims), [1, 2, 0]);
    let sent = sims[1].requests();
    let sent: Vec<Value> = sent
        .iter()
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    assert_eq!(sent[0]["messages"][0]["content"], "Where to?");
    assert_eq!(sent[1]["messages"], other);
    assert_eq!(sent[1]["temperature"], 0.5);
    for sent in &sent {
        assert_eq!((&sent["seed"], &sent["model"]), (&json!(7), &json!("b")));
        assert!(sent.get("fallbacks").is_none(), "it is not the provider's");
    }
}

#[tokio::test(start_paused = true)]
async fn so_many_legs_and_no_more_and_the_caller_is_told_of_the_first() {
    let failing = [fails(), Behaviour::error(502), works()];
    let sims = sims(failing);
    let fallbacks = Fallbacks::default().general("a", ["b", "c"]).max_legs(1);
    let preset = three().retry(quick().max_retries(0)).fallbacks(fallbacks);
    let outcome = ask(preset, &sims, json!({})).await;
    assert_eq!(started(&sims), [1, 1, 0]);
    assert!(outcome.status.is_server_error());
    assert!(outcome.json()["error"].is_object());
    assert!(outcome.fell_back.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_call_may_be_told_how_each_leg_has_failed() {
    for wants in [true, false] {
        let sims = sims([fails(), Behaviour::error(429), works()]);
        let preset = three().retry(quick().max_retries(0));
        let fields = json!({"fallbacks": ["b", "c"], "include_fallback_errors": wants});
        let outcome = ask(preset, &sims, fields).await;
        assert_eq!(outcome.status, 200);
        let errors = outcome.errors.map(|FallbackErrors(errors)| {
            let errors = errors.iter();
            let errors = errors.map(|(model, error)| (model.to_string(), error.class()));
            errors.collect::<Vec<_>>()
        });
        let expected = vec![
            ("a".to_owned(), Class::Server),
            ("b".to_owned(), Class::RateLimited),
        ];
        assert_eq!(errors, wants.then_some(expected));
    }
}

#[tokio::test(start_paused = true)]
async fn a_prompt_that_is_too_long_goes_by_its_own_list_and_is_not_tried_again() {
    for (listed, expected) in [("a", [1, 1, 0]), ("other", [1, 0, 0])] {
        let sims = sims([Behaviour::context_too_long(), works(), works()]);
        let fallbacks = Fallbacks::default()
            .general("a", ["c"])
            .context_window(listed, ["b"]);
        let outcome = ask(three().fallbacks(fallbacks), &sims, json!({})).await;
        assert_eq!(started(&sims), expected);
        assert_eq!(outcome.status == 400, listed == "other");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_its_first_leg_fail_to_see_what_follows() {
    let fallbacks = || {
        Fallbacks::default()
            .general("a", ["b"])
            .context_window("a", ["c"])
            .content_policy("a", ["c"])
    };
    for (field, expected) in [
        ("mock_testing_fallbacks", [0, 1, 0]),
        ("mock_testing_context_fallbacks", [0, 0, 1]),
        ("mock_testing_content_policy_fallbacks", [0, 0, 1]),
    ] {
        let sims = sims([works(), works(), works()]);
        let preset = three().fallbacks(fallbacks());
        let outcome = ask(preset, &sims, json!({field: true})).await;
        assert_eq!(outcome.status, 200, "{field}");
        assert_eq!(started(&sims), expected, "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_may_do_without_fallbacks() {
    let sims = sims([fails(), works(), works()]);
    let preset = three().fallbacks(Fallbacks::default().general("*", ["b"]));
    let fields = json!({"disable_fallbacks": true, "num_retries": 0});
    let outcome = ask(preset.clone(), &sims, fields).await;
    assert!(outcome.status.is_server_error());
    assert_eq!(started(&sims), [1, 0, 0]);
    let outcome = ask(preset, &sims, json!({"num_retries": 0})).await;
    assert_eq!(outcome.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_tries_again_itself_has_two_attempts() {
    let sims = sims([fails(), works(), works()]);
    let app = IntakeLayer::new().layer(three().build(Hosts::new(&sims)).unwrap());
    let request = Request::post("/v1/chat/completions")
        .header("x-stainless-retry-count", "1")
        .body(Full::from(
            r#"{"model":"a","messages":[{"role":"user","content":"x"}]}"#,
        ))
        .unwrap();
    let Ok(_) = app.oneshot(request).await;
    assert_eq!(started(&sims), [2, 0, 0]);
}

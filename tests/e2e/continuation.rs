//! An answer that breaks off is gone on with, if the operator wants that.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use steeplechase::attempts::Kind;
use steeplechase::dialects::intake::IntakeLayer;
use steeplechase::layers::timeout::{ByStream, Timeouts};
use steeplechase::model_info::Ability;
use steeplechase::preset::{Group, Preset};
use steeplechase::{Attempts, Deployment, Dialect, ModelInfo};
use steeplechase_sim::{Behaviour, Sim};
use tower::{Layer, ServiceExt};

use crate::world::{Hosts, MODEL, STREAMED, Seen, post};

fn able(id: &str, order: i64, dialect: Dialect, prefill: bool) -> Arc<Deployment> {
    let mut info = ModelInfo::default();
    info.abilities.set(Ability::Prefill, prefill);
    let base_url = format!("http://{id}.test/v1");
    Deployment::builder(id, MODEL, dialect)
        .base_url(base_url.parse().unwrap())
        .upstream_model("claude-3-5-haiku-latest")
        .model_info(info)
        .order(order)
        .build()
}

fn preset(second: Dialect, prefill: bool) -> Preset {
    let first = able("one", 0, Dialect::OpenAi, true);
    let group = Group::new(MODEL, [first, able("two", 1, second, prefill)]);
    let idle = Timeouts::new().content_idle(Duration::from_secs(30));
    Preset::new()
        .continuation(true)
        .group(group)
        .timeouts(ByStream {
            whole: idle,
            stream: idle,
        })
}

async fn ask(preset: Preset, sims: &[Sim; 2], request: Request<Full<Bytes>>) -> (Seen, Attempts) {
    let mut request = request;
    let attempts = Attempts::of(request.extensions_mut());
    let app = IntakeLayer::new().layer(preset.build(Hosts::new(sims)).unwrap());
    let Ok(answer) = app.oneshot(request).await;
    (Seen::of(answer).await, attempts)
}

fn broken() -> Behaviour {
    Behaviour::answer()
        .text("The capital of France is Paris, and has been for long.")
        .cut_after_tokens(4)
}

fn rest() -> Behaviour {
    Behaviour::answer().text("is the rest.")
}

fn sent(sim: &Sim) -> Value {
    let requests = sim.requests();
    serde_json::from_slice(&requests.last().expect("it was asked").body).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_breaks_after_content_is_gone_on_with_by_another_deployment() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let breaks = [
            broken(),
            broken().truncate_after_tokens(4),
            broken().error_event_after_tokens(4, "server_error"),
            broken().stall_after_tokens(4),
        ];
        for first in breaks {
            let name = format!("{first:?}");
            let sims = [
                Sim::new("one").always(first),
                Sim::new("two").always(rest()),
            ];
            let preset = preset(dialect, true);
            let (seen, attempts) = ask(preset, &sims, post(STREAMED)).await;
            assert!(seen.is_done() && seen.error().is_none(), "{name}: {seen:?}");
            assert_eq!(seen.finish_reason().as_deref(), Some("stop"));

            // What was said is in the call for the rest, without the white space after it.
            let messages = sent(&sims[1])["messages"].clone();
            let last = &messages[messages.as_array().unwrap().len() - 1];
            assert_eq!(last["role"], "assistant");
            let content = &last["content"];
            let said = content.as_str().or(content[0]["text"].as_str()).unwrap();
            let text = seen.text().unwrap();
            assert!(said.len() > 3 && !said.ends_with(' '));
            let rest = text.strip_prefix(said).expect("it begins as it began");
            assert_eq!(rest.trim(), "is the rest.");

            // One name, one start.
            let ids: Vec<_> = seen.chunks().map(|chunk| chunk["id"].clone()).collect();
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
            let roles = seen.chunks().filter(|chunk| {
                let delta = &chunk["choices"][0]["delta"];
                !delta["role"].is_null()
            });
            assert_eq!(roles.count(), 1);
            assert_eq!(attempts.count(Kind::Continuation), 1);
            assert_eq!(attempts.log().len(), 2, "both are booked");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_place_is_marked_and_the_usage_is_that_of_both() {
    let raw = r#"{"model":"fast","stream":true,"stream_options":{"include_usage":true},
        "messages":[{"role":"user","content":"What is the capital of France?"}]}"#;
    let usage = |first: Behaviour| async move {
        let sims = [
            Sim::new("one").always(first),
            Sim::new("two").always(rest()),
        ];
        let preset = preset(Dialect::OpenAi, true);
        let app = IntakeLayer::new().layer(preset.build(Hosts::new(&sims)).unwrap());
        let Ok(answer) = app.oneshot(post(raw)).await;
        let text = answer.into_body().collect().await.unwrap().to_bytes();
        let text = String::from_utf8(text.to_vec()).unwrap();
        let mark = text.contains(": steeplechase-continued model=fast\n\n");
        let chunks = text.lines().filter_map(|line| line.strip_prefix("data: {"));
        let mut usage = chunks.filter_map(|chunk| {
            let chunk: Value = serde_json::from_str(&format!("{{{chunk}")).unwrap();
            chunk["usage"]["prompt_tokens"].as_u64()
        });
        (mark, usage.next_back().unwrap())
    };
    let (mark, of_both) = usage(broken()).await;
    assert!(mark);
    let (mark, of_one) = usage(rest()).await;
    assert!(!mark);
    assert!(of_both > of_one * 3 / 2, "{of_both} {of_one}");
}

#[tokio::test(start_paused = true)]
async fn a_caller_of_anthropics_gets_one_message() {
    let raw = r#"{"model":"fast","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Where to?"}]}"#;
    let sims = [
        Sim::new("one").always(broken()),
        Sim::new("two").always(rest()),
    ];
    let app = IntakeLayer::new().layer(
        preset(Dialect::Anthropic, true)
            .build(Hosts::new(&sims))
            .unwrap(),
    );
    let request = crate::world::post_to("/v1/messages", raw);
    let Ok(answer) = app.oneshot(request).await;
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(text.to_vec()).unwrap();
    for (once, times) in [
        ("event: message_start", 1),
        ("event: content_block_start", 1),
        ("event: content_block_stop", 1),
        ("event: message_delta", 1),
        ("event: message_stop", 1),
        (": steeplechase-continued model=fast", 1),
        ("event: error", 0),
    ] {
        assert_eq!(text.matches(once).count(), times, "{once}: {text}");
    }
    assert!(text.ends_with("\n\n"));
}

#[tokio::test(start_paused = true)]
async fn without_anybody_who_goes_on_or_for_other_answers_a_break_is_an_error() {
    let with_tools = r#"{"model":"fast","stream":true,"messages":[{"role":"user","content":"x"}],
        "tools":[{"type":"function","function":{"name":"f"}}]}"#;
    let with_schema = r#"{"model":"fast","stream":true,"messages":[{"role":"user","content":"x"}],
        "response_format":{"type":"json_object"}}"#;
    for (preset, raw) in [
        (preset(Dialect::OpenAi, true).continuation(false), STREAMED),
        (preset(Dialect::OpenAi, true).max_attempts(1), STREAMED),
        (preset(Dialect::OpenAi, true), with_tools),
        (preset(Dialect::OpenAi, true), with_schema),
    ] {
        let sims = [
            Sim::new("one").always(broken()),
            Sim::new("two").always(rest()),
        ];
        let (seen, _) = ask(preset, &sims, post(raw)).await;
        assert!(seen.error().is_some() && !seen.is_done(), "{seen:?}");
        assert_eq!(sims[1].counts().started, 0);
    }
    // The first one could, and has just failed; the other one cannot.
    let sims = [
        Sim::new("one").always(broken()),
        Sim::new("two").always(rest()),
    ];
    let (seen, _) = ask(preset(Dialect::OpenAi, false), &sims, post(STREAMED)).await;
    assert_eq!(sims[1].counts().started, 0);
    assert!(seen.error().is_some(), "{seen:?}");
    assert_ne!(json!(seen.text()), Value::Null);
}

//! What is left out of calls, and what is passed on, whatever a provider is known to take.

use serde_json::{Value, json};
use steeplechase_core::deployment::{DeploymentBuilder, Profile};
use steeplechase_core::{Attempts, Controls, FieldPath};

use super::*;

/// What a provider is sent, or else the parameter that is refused; and what the caller is told was dropped.
struct Sent {
    body: Result<Value, String>,
    dropped: String,
    raw: String,
}

fn deployment(dialect: Dialect) -> DeploymentBuilder {
    let model = match dialect {
        Dialect::Bedrock => "anthropic.claude-sonnet-4-5-20250929-v1:0",
        Dialect::Anthropic => "claude-sonnet-4-5",
        _ => "m",
    };
    Deployment::builder("d", "fast", dialect).upstream_model(model)
}

fn paths(paths: &[&str]) -> Vec<FieldPath> {
    paths
        .iter()
        .map(|path| FieldPath::parse(path).unwrap())
        .collect()
}

async fn send(
    builder: DeploymentBuilder,
    dialect: Dialect,
    body: &Value,
    controls: Controls,
) -> Sent {
    let deployment = builder.build();
    let raw = Bytes::from(body.to_string());
    let head = scan(&raw).unwrap();
    let call = Call::new(Operation::Chat, dialect, raw, head);
    let answer = match deployment.dialect() {
        Dialect::Anthropic => {
            r#"{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#
        }
        Dialect::Bedrock => {
            r#"{"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":1,"totalTokens":2}}"#
        }
        _ => r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#,
    };
    let sent = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&sent);
    let client = tower::service_fn(move |request: Request<Full<Bytes>>| {
        keep.lock().unwrap().replace(request);
        async move { Ok::<_, io::Error>(json(200, answer)) }
    });
    let mut request = Request::new(call);
    Attempts::of(request.extensions_mut()).control(controls);
    let service = TranslateLayer::to(&deployment).layer(client);
    let outcome = service.oneshot(request).await;
    let mut dropped = String::new();
    let body = match outcome {
        Err(error) => Err(error.param().unwrap_or_default().to_owned()),
        Ok(answer) => {
            if let Some(names) = answer.headers().get("x-steeplechase-dropped") {
                names.to_str().unwrap().clone_into(&mut dropped);
            }
            let request = sent.lock().unwrap().take().unwrap();
            Ok(request.into_body().collect().await.unwrap().to_bytes())
        }
    };
    let raw = body.as_ref().map_or(String::new(), |body| {
        String::from_utf8(body.to_vec()).unwrap()
    });
    let body = body.map(|body| serde_json::from_slice(&body).unwrap());
    Sent { body, dropped, raw }
}

fn chat(fields: &Value) -> Value {
    let mut chat = json!({"model": "fast", "messages": [{"role": "user", "content": "hi"}]});
    for (name, value) in fields.as_object().unwrap() {
        chat[name] = value.clone();
    }
    chat
}

#[tokio::test]
async fn a_field_that_is_to_be_left_out_is_and_all_other_bytes_stay() {
    let builder =
        deployment(Dialect::OpenAi).drop_fields(paths(&["top_k", "tools[*].strict", "seed"]));
    let asked =
        chat(&json!({"top_k": 4, "tools": [{"strict": true, "x": 1}], "fallbacks": [], "y": 1}));
    let sent = send(builder, Dialect::OpenAi, &asked, Controls::default()).await;
    assert_eq!(
        sent.raw,
        r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"tools":[{"x":1}],"y":1}"#
    );
    assert_eq!(sent.dropped, "top_k, tools[*].strict");
}

#[tokio::test]
async fn it_is_left_out_of_what_is_translated_too_by_the_callers_names_and_by_openais() {
    let tools = json!([{"type": "function", "function": {"name": "f", "strict": true, "parameters": {"type": "object"}}}]);
    let asked = chat(&json!({"n": 2, "tools": tools, "max_tokens": 9}));
    let builder = || deployment(Dialect::Anthropic).drop_fields(paths(&["n", "max_tokens"]));
    let sent = send(builder(), Dialect::OpenAi, &asked, Controls::default()).await;
    let body = sent.body.unwrap();
    assert_eq!(
        body["max_tokens"], 4096,
        "what the provider demands is there all the same"
    );
    assert_eq!(sent.dropped, "n, max_tokens");

    let asked =
        chat(&json!({"max_tokens": 9000, "thinking": {"type": "enabled", "budget_tokens": 4000}}));
    let thinks = send(
        deployment(Dialect::OpenAi),
        Dialect::Anthropic,
        &asked,
        Controls::default(),
    )
    .await;
    assert!(thinks.body.unwrap().get("reasoning_effort").is_some());
    let builder = deployment(Dialect::OpenAi).drop_fields(paths(&["reasoning_effort"]));
    let sent = send(builder, Dialect::Anthropic, &asked, Controls::default()).await;
    assert!(sent.body.unwrap().get("reasoning_effort").is_none());
    assert_eq!(sent.dropped, "output_config.effort");
}

#[tokio::test]
async fn the_deployments_own_parameters_do_not_come_back_by_another_way() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let own = Bytes::from_static(br#"{"top_p":0.5,"temperature":0.2}"#);
        let builder = deployment(dialect)
            .default_params(own)
            .drop_fields(paths(&["top_p"]));
        let sent = send(
            builder,
            Dialect::OpenAi,
            &chat(&json!({})),
            Controls::default(),
        )
        .await;
        let body = sent.body.unwrap();
        assert_eq!(
            (body.get("top_p"), &body["temperature"]),
            (None, &json!(0.2)),
            "{dialect:?}"
        );
    }
}

#[tokio::test]
async fn a_call_may_say_itself_what_is_left_out() {
    let mut controls = Controls::default();
    controls.drop_fields = paths(&["seed", "metadata.a"]);
    let asked = chat(&json!({"seed": 1, "metadata": {"a": "1", "b": "2"}}));
    let sent = send(
        deployment(Dialect::OpenAi),
        Dialect::OpenAi,
        &asked,
        controls,
    )
    .await;
    assert_eq!(
        sent.body.unwrap(),
        json!({"model": "m", "messages": asked["messages"], "metadata": {"b": "2"}})
    );
    assert_eq!(sent.dropped, "seed, metadata.a");
}

#[tokio::test]
async fn a_stream_that_the_provider_is_not_asked_for_is_made_of_its_whole_answer() {
    let deployment = deployment(Dialect::OpenAi)
        .drop_fields(paths(&["stream"]))
        .build();
    let answer = r#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#;
    let (outcome, request) = ask(&deployment, streamed_call(), json(200, answer)).await;
    let (chunks, error) = read(outcome.unwrap().into_body()).await;
    assert!(error.is_none());
    assert!(text(&chunks).ends_with("data: [DONE]\n\n"));
    let body = request
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    assert!(!String::from_utf8(body.to_vec()).unwrap().contains("stream"));
}

fn rules() -> Profile {
    let mut profile = Profile::default();
    profile.params.drops = vec!["logit_bias".into(), "n".into()];
    profile.params.ignored = vec!["user".into()];
    profile
}

#[tokio::test]
async fn what_a_providers_row_refuses_goes_on_if_it_is_allowed() {
    let asked = chat(&json!({"n": 2, "user": "u", "logit_bias": {"1": 1}}));
    let builder = || deployment(Dialect::OpenAi).profile(rules());
    let refused = send(builder(), Dialect::OpenAi, &asked, Controls::default()).await;
    assert_eq!(refused.body.unwrap_err(), "n");
    for drop in [false, true] {
        let builder = builder()
            .allowed_params(["n", "logit_bias"])
            .drop_params(drop);
        let sent = send(builder, Dialect::OpenAi, &asked, Controls::default()).await;
        let body = sent.body.unwrap();
        assert_eq!(
            (&body["n"], &body["logit_bias"]["1"]),
            (&json!(2), &json!(1))
        );
        assert_eq!(sent.dropped, "user");
    }
    let mut controls = Controls::default();
    controls.allowed_params = vec!["n".into(), "user".into(), "logit_bias".into()];
    let sent = send(builder(), Dialect::OpenAi, &asked, controls).await;
    assert_eq!(
        (&sent.body.unwrap()["user"], &*sent.dropped),
        (&json!("u"), "")
    );
}

#[tokio::test]
async fn what_another_dialect_has_no_word_for_goes_on_as_it_is_if_it_is_allowed() {
    let asked = chat(&json!({"n": 2, "seed": 3, "temperature": 0.5}));
    let builder = |dialect| deployment(dialect).allowed_params(["n", "seed", "temperature"]);
    for drop in [false, true] {
        let builder = builder(Dialect::Anthropic).drop_params(drop);
        let sent = send(builder, Dialect::OpenAi, &asked, Controls::default()).await;
        let body = sent.body.unwrap();
        assert_eq!((&body["n"], &body["temperature"]), (&json!(2), &json!(0.5)));
        assert_eq!(
            sent.raw.matches("temperature").count(),
            1,
            "it is translated, and not there twice"
        );
        assert!(!sent.dropped.contains('n'), "{}", sent.dropped);
    }
    let sent = send(
        builder(Dialect::Bedrock),
        Dialect::OpenAi,
        &asked,
        Controls::default(),
    )
    .await;
    let body = sent.body.unwrap();
    assert_eq!(body["additionalModelRequestFields"]["n"], 2);
    assert_eq!(body.get("n"), None);
    // What is not allowed is refused all the same.
    let only = deployment(Dialect::Anthropic).allowed_params(["seed"]);
    let sent = send(only, Dialect::OpenAi, &asked, Controls::default()).await;
    assert_eq!(sent.body.unwrap_err(), "n");
}

#[tokio::test]
async fn the_user_is_made_to_speak_first_and_last_only_where_that_was_asked_for() {
    let asked = json!({"model": "fast", "messages": [
        {"role": "system", "content": "s"},
        {"role": "assistant", "content": "hello"},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "so"},
    ]});
    for dialect in [Dialect::Anthropic, Dialect::Bedrock] {
        let model = match dialect {
            Dialect::Bedrock => "anthropic.claude-opus-4-6-v1",
            _ => "claude-opus-4-6",
        };
        let builder = || deployment(dialect).upstream_model(model);
        let refused = send(builder(), Dialect::OpenAi, &asked, Controls::default()).await;
        assert_eq!(refused.body.unwrap_err(), "messages[1]", "{dialect:?}");
        let sent = send(
            builder().modify_params(true),
            Dialect::OpenAi,
            &asked,
            Controls::default(),
        )
        .await;
        let body = sent.body.unwrap();
        let turns = body["messages"].as_array().unwrap();
        let roles: Vec<_> = turns
            .iter()
            .map(|turn| turn["role"].as_str().unwrap())
            .collect();
        assert_eq!(
            roles,
            ["user", "assistant", "user", "assistant", "user"],
            "{dialect:?}"
        );
        assert!(turns[4].to_string().contains("Continue."));
    }
}

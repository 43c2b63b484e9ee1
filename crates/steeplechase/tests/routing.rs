//! Who gets a call, through the recommended stack.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use steeplechase::call::{Call, Operation};
use steeplechase::deployment::DeploymentBuilder;
use steeplechase::dialects::intake::scan;
use steeplechase::eligible::{Eligibility, FitsContext, Tags};
use steeplechase::layers::fallback::Fallbacks;
use steeplechase::layers::models::ModelGroup;
use steeplechase::layers::retry::RetryConfig;
use steeplechase::{Attempts, Class, Deployment, Dialect, Error, Group, ModelInfo, Preset, Stack};
use tokio::time::{Instant, advance};
use tower::ServiceExt;

const ANSWER: &str = r#"{"id":"1","object":"chat.completion","created":1,"model":"m",
    "choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}}"#;

/// What a provider was asked: its host, and the model.
type Sent = Arc<Mutex<Vec<(String, String)>>>;

/// A stack over providers that answer, but for those whose host begins with `broken`.
fn stack(preset: Preset) -> (Stack, Sent) {
    let sent = Sent::default();
    let seen = Arc::clone(&sent);
    let client = tower::service_fn(move |request: Request<Full<Bytes>>| {
        let seen = Arc::clone(&seen);
        async move {
            let host = request.uri().host().unwrap_or_default();
            let host = host.split('.').next().unwrap_or_default().to_owned();
            let body = request.into_body().collect().await?.to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            let model = body["model"].as_str().unwrap_or_default().to_owned();
            let is_broken = host.starts_with("broken");
            seen.lock().unwrap().push((host, model));
            let answer = if is_broken { "{}" } else { ANSWER };
            let mut response = Response::new(Full::from(answer));
            if is_broken {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            }
            Ok::<_, Infallible>(response)
        }
    });
    (preset.build(client).unwrap(), sent)
}

fn deployment(id: &str, model: &str, upstream_model: &str) -> DeploymentBuilder {
    Deployment::builder(id, model, Dialect::OpenAi)
        .base_url(format!("https://{id}.example.com/v1").parse().unwrap())
        .upstream_model(upstream_model)
}

fn request(raw: &str) -> Request<Call> {
    let raw = Bytes::copy_from_slice(raw.as_bytes());
    let head = scan(&raw).unwrap();
    Request::new(Call::new(Operation::Chat, Dialect::OpenAi, raw, head))
}

fn call(model: &str) -> Request<Call> {
    request(&format!(
        r#"{{"model":"{model}","messages":[{{"role":"user","content":"hi"}}]}}"#
    ))
}

fn tagged(mut request: Request<Call>, tags: &[&str]) -> Request<Call> {
    let mut controls = steeplechase::Controls::default();
    controls.tags = tags.iter().map(|tag| (*tag).into()).collect();
    Attempts::of(request.extensions_mut()).control(controls);
    request
}

/// The group that has answered.
async fn ask(stack: &Stack, request: Request<Call>) -> Result<Arc<str>, Error> {
    let response = stack.clone().oneshot(request).await?;
    let ModelGroup(group) = response.extensions().get().cloned().unwrap();
    response.into_body().collect().await?;
    Ok(group)
}

fn hosts(sent: &Sent) -> Vec<String> {
    let sent = std::mem::take(&mut *sent.lock().unwrap());
    sent.into_iter().map(|(host, _)| host).collect()
}

fn models(sent: &Sent) -> Vec<String> {
    let sent = std::mem::take(&mut *sent.lock().unwrap());
    sent.into_iter().map(|(_, model)| model).collect()
}

#[tokio::test(start_paused = true)]
async fn a_deployment_is_reached_by_its_id_whatever_the_strategy_and_by_its_retries_too() {
    let deployments =
        || ["one", "two", "broken"].map(|id| deployment(id, "fast", "gpt-4o").weight(1.0).build());
    let groups: [fn(Group) -> Group; 3] = [|it| it, Group::lowest_latency, Group::least_busy];
    for strategy in groups {
        let group = strategy(Group::new("fast", deployments()));
        let preset = Preset::new().group(group).retry(RetryConfig::new().seed(7));
        let (stack, sent) = stack(preset);
        for _ in 0..20 {
            assert_eq!(&*ask(&stack, call("two")).await.unwrap(), "fast");
        }
        assert_eq!(hosts(&sent), vec!["two"; 20]);

        ask(&stack, call("broken")).await.unwrap_err();
        let asked = hosts(&sent);
        assert!(asked.len() > 1, "it was tried again");
        assert!(asked.iter().all(|host| host == "broken"), "{asked:?}");

        assert_eq!(stack.deployments("two").len(), 1);
        assert_eq!(stack.deployments("fast").len(), 3);
        assert_eq!(stack.models(), ["fast".into()], "an id is not listed");
    }
}

#[tokio::test]
async fn the_providers_name_for_a_model_is_the_last_that_is_looked_at() {
    let preset = || {
        Preset::new()
            .group(Group::new(
                "fast",
                [
                    deployment("mini", "fast", "gpt-4o-mini").build(),
                    deployment("large", "fast", "gpt-4o").build(),
                ],
            ))
            .group(Group::new("o/*", [deployment("all", "o/*", "*").build()]))
    };
    let (stack, sent) = stack(preset());
    for model in ["gpt-4o", "openai/gpt-4o"] {
        for _ in 0..8 {
            assert_eq!(&*ask(&stack, call(model)).await.unwrap(), "fast");
        }
        assert_eq!(hosts(&sent), vec!["large"; 8]);
    }
    ask(&stack, call("o/gpt-4o")).await.unwrap();
    assert_eq!(hosts(&sent), ["all"], "a pattern goes first");
    let error = ask(&stack, call("all")).await.unwrap_err();
    assert_eq!(
        error.class(),
        Class::NotFound,
        "somebody has to say which of all models"
    );

    let (stack, _) = self::stack(preset().upstream_names(false));
    let error = ask(&stack, call("gpt-4o")).await.unwrap_err();
    assert!(
        error.message().contains("`gpt-4o` does not exist"),
        "{error}"
    );
}

#[tokio::test]
async fn the_stars_of_a_name_stand_for_those_of_the_providers() {
    let group = |id: &str, model: &str, upstream: &str| {
        Group::new(model, [deployment(id, model, upstream).build()])
    };
    let preset = Preset::new()
        .group(group("all", "openai/*", "*"))
        .group(group("exact", "openai/gpt-4o", "gpt-4o-2024-11-20"))
        .group(group("fine", "team/*", "ft-*"))
        .group(group("finer", "team/a-*", "ft-a:*"))
        .group(group("two", "x/*/*", "*-by-*"));
    let (stack, sent) = stack(preset);
    for (asked, upstream) in [
        ("openai/o3", "o3"),
        ("openai/gpt-4o", "gpt-4o-2024-11-20"),
        ("team/x", "ft-x"),
        ("team/a-x", "ft-a:x"),
        ("x/horse/rider", "horse-by-rider"),
    ] {
        ask(&stack, call(asked)).await.unwrap();
        assert_eq!(models(&sent), [upstream], "{asked}");
    }
}

#[tokio::test]
async fn an_unknown_model_goes_to_the_first_default_fallback_if_there_is_one() {
    let preset = || {
        let group = |id: &str| Group::new(id, [deployment(id, id, id).build()]);
        Preset::new().group(group("a")).group(group("b"))
    };
    let fallbacks = Fallbacks::default().default_targets(["b", "a"]);
    let (stack, sent) = stack(preset().fallbacks(fallbacks));
    assert_eq!(&*ask(&stack, call("unknown")).await.unwrap(), "b");
    assert_eq!(hosts(&sent), ["b"]);

    let (stack, sent) = self::stack(preset());
    let error = ask(&stack, call("unknown")).await.unwrap_err();
    assert_eq!(
        (error.class(), error.param()),
        (Class::NotFound, Some("model"))
    );
    assert!(error.message().contains("`unknown`"), "{error}");
    assert!(hosts(&sent).is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_call_goes_from_one_order_to_the_next_before_it_goes_to_another_model() {
    let first = [
        deployment("broken-1", "fast", "m").order(1).build(),
        deployment("broken-2", "fast", "m").order(1).build(),
        deployment("second", "fast", "m").order(2).build(),
    ];
    let other = [deployment("other", "slow", "m").build()];
    let preset = Preset::new()
        .group(Group::new("fast", first))
        .group(Group::new("slow", other))
        .max_attempts(4)
        .fallbacks(Fallbacks::default().general("fast", ["slow"]));
    let (stack, sent) = stack(preset);
    assert_eq!(&*ask(&stack, call("fast")).await.unwrap(), "fast");
    let mut asked = hosts(&sent);
    assert_eq!(asked.pop().as_deref(), Some("second"));
    asked.sort();
    assert_eq!(asked, ["broken-1", "broken-2"]);
}

#[tokio::test]
async fn a_call_goes_by_its_tags_and_does_not_leak_to_another_model() {
    let group = Group::new(
        "fast",
        [
            deployment("free", "fast", "m").tags(["free"]).build(),
            deployment("paid", "fast", "m").tags(["paid"]).build(),
            deployment("broken", "fast", "m").tags(["beta"]).build(),
            deployment("rest", "fast", "m").tags(["default"]).build(),
        ],
    );
    let other = Group::new(
        "slow",
        [
            deployment("other", "slow", "m").tags(["paid"]).build(),
            deployment("beta", "slow", "m").tags(["beta-2"]).build(),
        ],
    );
    let preset = Preset::new()
        .group(group)
        .group(other)
        .fallbacks(Fallbacks::default().general("fast", ["slow"]))
        .eligibility(Eligibility::new().tags(Tags::new()));
    let (stack, sent) = stack(preset);
    for (tags, host) in [
        (&["free"][..], "free"),
        (&["paid"], "paid"),
        (&[], "rest"),
        (&["mars"], "rest"),
    ] {
        for _ in 0..5 {
            ask(&stack, tagged(call("fast"), tags)).await.unwrap();
        }
        assert_eq!(hosts(&sent), vec![host; 5], "{tags:?}");
    }

    // Neither the group nor its fallback has anybody else for it.
    let error = ask(&stack, tagged(call("fast"), &["beta"]))
        .await
        .unwrap_err();
    assert!(hosts(&sent).iter().all(|host| host == "broken"));
    assert_eq!(error.status(), 403, "{error}");
    let error = ask(&stack, tagged(call("slow"), &["free"]))
        .await
        .unwrap_err();
    assert_eq!(error.code(), Some("tags_not_allowed"));
    assert!(hosts(&sent).is_empty());
}

#[tokio::test]
async fn a_prompt_that_fits_nowhere_falls_back_without_asking_anybody() {
    let info = ModelInfo {
        max_input_tokens: Some(50),
        ..ModelInfo::default()
    };
    let group = Group::new(
        "short",
        [deployment("short", "short", "m").model_info(info).build()],
    );
    let long = Group::new("long", [deployment("long", "long", "m").build()]);
    let preset = Preset::new()
        .group(group)
        .group(long)
        .fallbacks(Fallbacks::default().context_window("short", ["long"]))
        .eligibility(Eligibility::new().context(FitsContext::new()));
    let (stack, sent) = stack(preset);
    let text = "over the hedge and far away ".repeat(50);
    let call = request(&format!(
        r#"{{"model":"short","messages":[{{"role":"user","content":"{text}"}}]}}"#
    ));
    assert_eq!(&*ask(&stack, call).await.unwrap(), "long");
    assert_eq!(hosts(&sent), ["long"]);
}

#[tokio::test(start_paused = true)]
async fn requests_a_minute_are_kept_and_the_refusal_says_when_there_is_room() {
    let group = Group::new(
        "fast",
        [
            deployment("one", "fast", "m")
                .requests_per_minute(2)
                .build(),
            deployment("two", "fast", "m")
                .requests_per_minute(3)
                .build(),
            deployment("none", "fast", "m")
                .requests_per_minute(0)
                .build(),
        ],
    );
    let (stack, sent) = stack(Preset::new().group(group));
    for _ in 0..5 {
        ask(&stack, call("fast")).await.unwrap();
    }
    let mut asked = hosts(&sent);
    asked.sort();
    assert_eq!(asked, ["one", "one", "two", "two", "two"]);

    let error = ask(&stack, call("fast")).await.unwrap_err();
    assert_eq!(
        (error.class(), error.status().as_u16()),
        (Class::Unavailable, 429)
    );
    assert_eq!(
        error.retry_after(),
        Some(Duration::from_secs(20)),
        "the soonest"
    );
    advance(Duration::from_secs(20)).await;
    ask(&stack, call("fast")).await.unwrap();
    assert_eq!(hosts(&sent), ["two"]);
}

#[tokio::test(start_paused = true)]
async fn tokens_a_minute_are_settled_by_what_was_used() {
    let one = deployment("one", "fast", "m")
        .tokens_per_minute(700)
        .build();
    let zero = deployment("zero", "fast", "m").tokens_per_minute(0).build();
    let limits = Arc::clone(one.limits());
    let (stack, sent) = stack(Preset::new().group(Group::new("fast", [one, zero])));
    // Each is expected to need 500 and more, and uses 10.
    for _ in 0..20 {
        ask(&stack, call("fast")).await.unwrap();
    }
    assert_eq!(hosts(&sent), vec!["one"; 20]);
    assert!((limits.headroom(Instant::now()) - 500.0 / 700.0).abs() < 1e-3);

    let large = request(r#"{"model":"fast","messages":[],"max_tokens":9000,"n":100}"#);
    ask(&stack, large).await.unwrap();
    let text = "horse ".repeat(2_000);
    let larger = request(&format!(
        r#"{{"model":"fast","messages":[{{"role":"user","content":"{text}"}}]}}"#
    ));
    let error = ask(&stack, larger).await.unwrap_err();
    assert_eq!(error.class(), Class::TooLarge, "{error}");
}

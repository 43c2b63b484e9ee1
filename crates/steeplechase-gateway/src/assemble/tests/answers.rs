//! Which calls a deployment is for, how it answers them, and who comes first.

use std::time::Duration;

use steeplechase::Class;
use steeplechase::deployment::TierTimeouts;

use super::*;

fn warned(text: &str) -> Vec<String> {
    let assembled = from_config(&config(text), &nothing).unwrap();
    let warnings = assembled.warnings.iter().map(ToString::to_string);
    warnings
        .filter(|warning| !warning.contains("no key"))
        .collect()
}

#[test]
fn a_class_of_service_has_what_is_said_of_it_and_else_what_is_said_of_streams() {
    let text = "
model_list:
  - model_name: m
    litellm_params:
      model: openai/x
      timeout: 60
      timeout_by_service_tier: {flex: 900, priority: 10}
      stream_timeout_by_service_tier: {flex: 600}
router_settings: {stream_timeout: 30}
";
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    let tier = |tier: &str, whole, stream| TierTimeouts {
        tier: tier.into(),
        whole: seconds(whole),
        stream: seconds(stream),
    };
    let deployment = &groups(text)[0].1[0];
    assert_eq!(
        deployment.tier_timeouts(),
        [tier("flex", 900, 600), tier("priority", 10, 30)]
    );
    let deadline = reserve(&config(text)).deadline;
    assert!(
        deadline >= Duration::from_secs(1800),
        "two attempts have the time: {deadline:?}"
    );
}

#[test]
fn a_mock_is_a_text_or_a_failure_and_needs_no_key() {
    let text = one("model: openai/x, mock_response: hi, mock_delay: 2")
        .mock()
        .cloned();
    let text = text.unwrap();
    assert_eq!(
        (text.answer, text.delay),
        (Ok("hi".into()), Some(Duration::from_secs(2)))
    );
    let failure = one("model: openai/x, mock_response: litellm.RateLimitError");
    assert_eq!(failure.mock().unwrap().answer, Err(Class::RateLimited));
    let text =
        "model_list: [{model_name: m, litellm_params: {model: openai/x, mock_response: hi}}]";
    assert_eq!(from_config(&config(text), &nothing).unwrap().warnings, []);
}

#[test]
fn the_weights_of_the_router_go_before_those_of_deployments_and_who_is_amiss_is_named() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x, weight: 9}, model_info: {id: one}}
  - {model_name: a, litellm_params: {model: openai/y}, model_info: {id: two}}
  - {model_name: a, litellm_params: {model: openai/z}, model_info: {id: three}}
  - {model_name: b, litellm_params: {model: openai/x, weight: 4}, model_info: {id: four}}
router_settings: {weights: {a: {one: 1, two: 3, mars: 1}, venus: {one: 1}}}
";
    let groups = groups(text);
    let shares: Vec<f64> = groups
        .iter()
        .flat_map(|(_, group)| group)
        .map(|it| it.weight())
        .collect();
    assert_eq!(shares, [1.0, 3.0, 0.0, 4.0]);
    let fix = "write `weights: {MODEL: {ID: 1}}`, with the `model_info.id` of each deployment";
    assert_eq!(
        warned(text),
        [
            "router_settings.weights.a.mars: no deployment of the model has this id, so this is ignored",
            "router_settings.weights.a: the deployment `three` has none, so it is not picked while another can be",
            "router_settings.weights.venus: there is no such model in `model_list`, so this is ignored",
        ]
        .map(|warning| format!("{warning}; {fix}")),
    );
}

#[test]
fn models_of_a_group_are_ranked_by_their_priorities_and_then_by_their_own_order() {
    let text = "
model_list:
  - {model_name: late, litellm_params: {model: openai/x}, model_info: {id: late}}
  - {model_name: first, litellm_params: {model: openai/y, order: 7}, model_info: {id: second}}
  - {model_name: first, litellm_params: {model: openai/z, order: 3}, model_info: {id: first}}
  - {model_name: never, litellm_params: {model: openai/z}, model_info: {id: last}}
router_settings:
  routing_groups:
    - {group_name: all, models: [never, late, first], routing_strategy: priority,
       model_priorities: {late: 5, first: 1}}
";
    let assembled = from_config(&config(text), &nothing).unwrap();
    let stack = assembled
        .preset
        .build(tower::service_fn(unreachable))
        .unwrap();
    let order_of = |model: &str| {
        let mut all = stack.deployments(model).to_vec();
        all.sort_by_key(|it| it.order());
        all.iter()
            .map(|it| (it.id().to_owned(), it.order()))
            .collect::<Vec<_>>()
    };
    let named = |ids: &[&str], orders: &[i64]| {
        let ids = ids.iter().map(ToString::to_string);
        ids.zip(orders.iter().copied()).collect::<Vec<_>>()
    };
    assert_eq!(
        order_of("all"),
        named(&["first", "second", "late", "last"], &[0, 1, 2, 3])
    );
    assert_eq!(
        order_of("first"),
        named(&["first", "second"], &[3, 7]),
        "by its own name it is as it was"
    );
    let [one, other] = [&stack.deployments("all")[2], &stack.deployments("first")[0]];
    assert_eq!(one.id(), other.id());
    assert!(one.continues(other), "what is known of it is shared");
}

/// When the callers of a model get the head of a stream, if nobody answers.
async fn head_after(text: &str, model: &str, asked: Option<u64>) -> Option<u64> {
    let preset = from_config(&config(text), &nothing).unwrap().preset;
    let stack = preset.build(tower::service_fn(unreachable)).unwrap();
    let raw = format!(
        r#"{{"model":"{model}","stream":true,"messages":[{{"role":"user","content":"hi"}}]}}"#
    );
    let raw = bytes::Bytes::from(raw);
    let head = steeplechase::dialects::intake::scan(&raw).unwrap();
    let call = steeplechase::Call::new(steeplechase::Operation::Chat, Dialect::OpenAi, raw, head);
    let mut request = http::Request::new(call);
    let mut controls = steeplechase::Controls::default();
    controls.keepalive = asked.map(Duration::from_secs);
    steeplechase::Attempts::of(request.extensions_mut()).control(controls);
    let began = tokio::time::Instant::now();
    let answer = tower::ServiceExt::oneshot(stack, request).await.ok()?;
    drop(answer);
    Some(began.elapsed().as_secs())
}

#[tokio::test(start_paused = true)]
async fn the_shortest_time_of_a_model_counts_and_a_call_may_say_if_all_let_it() {
    let text = "
model_list:
  - {model_name: a, litellm_params: {model: openai/x, keepalive_seconds: 20}}
  - {model_name: a, litellm_params: {model: openai/y, keepalive_seconds: 10, allow_client_keepalive_override: true}}
  - {model_name: b, litellm_params: {model: openai/x, keepalive_seconds: 20, allow_client_keepalive_override: true}}
  - {model_name: c, litellm_params: {model: openai/x, keepalive_seconds: 20}}
  - {model_name: c, litellm_params: {model: openai/y, keepalive_seconds: 0}}
  - {model_name: d, litellm_params: {model: openai/x}}
router_settings: {routing_groups: [{group_name: all, models: [a, b]}]}
litellm_settings: {sse_keepalive_ping_interval_seconds: 30}
";
    for (model, asked, expected) in [
        ("a", None, Some(10)),
        ("a", Some(3), Some(10)),
        ("b", None, Some(20)),
        ("b", Some(3), Some(3)),
        ("b", Some(0), None),
        ("c", None, None),
        ("d", Some(3), Some(30)),
        ("all", Some(3), Some(10)),
    ] {
        assert_eq!(
            head_after(text, model, asked).await,
            expected,
            "{model} {asked:?}"
        );
    }
}

async fn unreachable(
    _: http::Request<http_body_util::Full<bytes::Bytes>>,
) -> Result<http::Response<http_body_util::Full<bytes::Bytes>>, std::convert::Infallible> {
    std::future::pending().await
}

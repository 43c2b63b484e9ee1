//! What a caller may not ask for, and what makes no sense.

use super::*;

#[tokio::test]
async fn what_is_not_for_callers_to_say_is_ignored_and_named() {
    let world = World::new(
        "general_settings: {master_key: sk-1234, caller_overrides: none}
router_settings: {num_retries: 2, cooldown_time: 0, enable_tag_filtering: true}",
    )
    .await;
    world.one.sim().set_always(Behaviour::error(500));
    let ignored = [
        (json!({"num_retries": 0}), "num_retries"),
        (json!({"tags": ["eu"]}), "tags"),
        (json!({"metadata": {"tags": ["eu"]}}), "tags"),
        (json!({"hedge": 0.001}), "hedge"),
        (json!({"race": 2}), "race"),
        (json!({"priority": 1}), "priority"),
        (json!({"fallbacks": ["spare"]}), "fallbacks"),
        (json!({"mock_response": "It is only me"}), "mock_response"),
        (
            json!({"mock_testing_fallbacks": true}),
            "mock_testing_fallbacks",
        ),
        (json!({"fastest_response": true}), "fastest_response"),
    ];
    for (fields, name) in ignored {
        let answer = world.ask(fields.clone(), &[]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{fields}");
        assert_eq!(header(&answer, "x-steeplechase-ignored"), name, "{fields}");
        assert_eq!(header(&answer, "x-steeplechase-deployment"), "two");
        let whole = value(answer).await;
        assert_eq!(whole["choices"][0]["message"]["content"], "I am two");
        let sent = world.two.sim().requests().pop().unwrap().json();
        for field in fields.as_object().unwrap().keys() {
            let is_kept = sent.get(field).is_some_and(|value| *value != json!({}));
            assert!(!is_kept, "{field} in {sent}");
        }
    }

    let headers = [("x-litellm-num-retries", "0"), ("x-litellm-hedge", "off")];
    let answer = world.ask(json!({}), &headers).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let named = header(&answer, "x-steeplechase-ignored");
    let mut named: Vec<_> = named.split(", ").collect();
    named.sort_unstable();
    assert_eq!(named, ["hedge", "num_retries"]);

    // Less than is given may always be asked for.
    world.two.sim().set_always(Behaviour::error(500));
    let answer = world.ask(json!({"disable_fallbacks": true}), &[]).await;
    assert!(answer.headers().get("x-steeplechase-ignored").is_none());
    world.one.sim().set_always(Behaviour::stall_before_head());
    let answer = world.ask(json!({"timeout": 0.2}), &[]).await;
    assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
    assert!(answer.headers().get("x-steeplechase-ignored").is_none());
}

#[tokio::test]
async fn a_time_that_is_longer_than_what_is_configured_can_be_forbidden() {
    let world = World::with(
        ", stream_timeout: 0.4, num_retries: 0",
        "general_settings: {master_key: sk-1234, caller_overrides: none}
router_settings: {num_retries: 0}",
    )
    .await;
    world.one.sim().set_always(Behaviour::stall_before_head());
    let fields = json!({"stream": true, "stream_timeout": 3600, "timeout": 7200});
    let answer = world.ask(fields, &[]).await;
    assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_value_that_makes_no_sense_is_named() {
    let world = World::new("").await;
    let wrong = [
        (json!({"num_retries": "many"}), "num_retries"),
        (json!({"num_retries": -1}), "num_retries"),
        (json!({"timeout": 0}), "timeout"),
        (json!({"timeout": "soon"}), "timeout"),
        (json!({"stream_timeout": {}}), "stream_timeout"),
        (json!({"tags": [1]}), "tags"),
        (json!({"priority": "first"}), "priority"),
        (json!({"hedge": "perhaps"}), "hedge"),
        (json!({"race": 0}), "race"),
        (json!({"race": 9}), "race"),
        (json!({"fallbacks": 1}), "fallbacks"),
        (json!({"fallbacks": [{"model": 1}]}), "fallbacks"),
        (json!({"disable_fallbacks": "no"}), "disable_fallbacks"),
        (json!({"mock_response": 1}), "mock_response"),
        (json!({"fastest_response": "yes"}), "fastest_response"),
    ];
    for (fields, name) in wrong {
        let answer = world.ask(fields.clone(), &[]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{fields}");
        let told = value(answer).await;
        assert_eq!(told["error"]["type"], "invalid_request_error", "{fields}");
        assert_eq!(told["error"]["param"], name, "{fields}: {told}");
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{name}`")), "{message}");

        let answer = world.ask_at("/v1/messages", fields.clone(), &[]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{fields}");
        let told = value(answer).await;
        assert_eq!(told["type"], "error", "{told}");
        assert_eq!(told["error"]["type"], "invalid_request_error", "{told}");
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(name), "{message}");
        assert_eq!(
            told["error"].get("param"),
            None,
            "it is Anthropic's: {told}"
        );
    }
    for (name, value_of) in [
        ("x-litellm-num-retries", "many"),
        ("x-litellm-timeout", "soon"),
        ("x-request-timeout-ms", "0"),
        ("x-steeplechase-hedge", "perhaps"),
        ("x-steeplechase-race", "0"),
    ] {
        let answer = world.ask(json!({}), &[(name, value_of)]).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{name}");
        assert_eq!(value(answer).await["error"]["param"], name);
    }
    assert_eq!(world.asked(), [0; 3]);
}

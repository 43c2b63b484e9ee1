//! What is asked for is what happens.

use tokio::time::Instant;

use super::*;

#[tokio::test]
async fn a_call_says_how_often_it_is_tried_again() {
    let world = World::new("router_settings: {cooldown_time: 0, num_retries: 2}").await;
    world.one.sim().set_always(Behaviour::error(500));
    assert_eq!(world.who(json!({}), &[]).await, "two");

    for (fields, headers) in [
        (json!({"num_retries": 0}), &[][..]),
        (json!({}), &[("x-litellm-num-retries", "0")]),
        (json!({}), &[("x-steeplechase-num-retries", "0")]),
        // The header goes first.
        (json!({"num_retries": 3}), &[("x-litellm-num-retries", "0")]),
    ] {
        let before = world.asked();
        let answer = world.ask(fields.clone(), headers).await;
        assert!(answer.status().is_server_error(), "{fields} {answer:?}");
        assert_eq!(header(&answer, "x-steeplechase-attempts"), "1", "{fields}");
        let [one, two, three] = before;
        assert_eq!(world.asked(), [one + 1, two, three], "{fields} {headers:?}");
    }
}

#[tokio::test]
async fn a_time_that_a_caller_sets_is_kept_and_held_against_nobody() {
    // One failure of its own is enough for a deployment to be left alone.
    let settings = "router_settings: {allowed_fails: 0, cooldown_time: 60}";
    let world = World::new(settings).await;
    for (fields, headers) in [
        (json!({}), &[("x-litellm-timeout", "0.3")][..]),
        (json!({}), &[("x-steeplechase-timeout", "0.3")]),
        (json!({}), &[("x-request-timeout-ms", "300")]),
        (json!({"timeout": 0.3}), &[]),
        (json!({"timeout": 0.3, "stream": true}), &[]),
    ] {
        world.one.sim().set_always(Behaviour::stall_before_head());
        world.two.sim().set_always(Behaviour::stall_before_head());
        let began = Instant::now();
        let answer = world.ask(fields.clone(), headers).await;
        let took = began.elapsed();
        assert_eq!(answer.status(), StatusCode::GATEWAY_TIMEOUT, "{fields}");
        assert!(
            took >= millis(300) && took < millis(3000),
            "{fields}: {took:?}"
        );

        world.one.sim().set_always(says("one"));
        world.two.sim().set_always(says("two"));
        assert_eq!(world.who(json!({}), &[]).await, "one", "after {fields}");
    }

    // The operator's own limit does count.
    let world = World::with(", timeout: 0.3", settings).await;
    world.one.sim().set_always(Behaviour::stall_before_head());
    assert_eq!(world.who(json!({}), &[]).await, "two");
    world.one.sim().set_always(says("one"));
    assert_eq!(world.who(json!({}), &[]).await, "two", "it is left alone");
}

#[tokio::test]
async fn tags_say_which_deployments_may_serve_a_call() {
    let world = World::new("router_settings: {enable_tag_filtering: true}").await;
    assert_eq!(world.who(json!({}), &[]).await, "one");
    for (fields, headers) in [
        (json!({"tags": ["us"]}), &[][..]),
        (json!({"metadata": {"tags": ["us"]}}), &[]),
        (json!({"litellm_metadata": {"tags": ["us"]}}), &[]),
        (json!({}), &[("x-litellm-tags", "us")]),
    ] {
        assert_eq!(world.who(fields, headers).await, "two");
    }
    let before = world.asked();
    let answer = world.ask(json!({"tags": ["mars"]}), &[]).await;
    assert!(answer.status().is_client_error(), "{answer:?}");
    let told = value(answer).await;
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("mars"), "{told}");
    assert_eq!(world.asked(), before);
}

#[tokio::test]
async fn a_call_brings_its_own_fallbacks() {
    let world = World::new("router_settings: {num_retries: 1, cooldown_time: 0}").await;
    world.one.sim().set_always(Behaviour::error(500));
    world.two.sim().set_always(Behaviour::error(500));
    let answer = world.ask(json!({}), &[]).await;
    assert!(answer.status().is_server_error(), "{answer:?}");

    let other = [json!({"role": "user", "content": "in other words"})];
    for (fields, headers) in [
        (json!({"fallbacks": ["spare"]}), &[][..]),
        (json!({"fallbacks": [{"fast": ["spare"]}]}), &[]),
        (
            json!({"fallbacks": [{"model": "spare", "messages": other}]}),
            &[],
        ),
        (json!({}), &[("x-steeplechase-fallbacks", "spare")]),
    ] {
        let answer = world.ask(fields.clone(), headers).await;
        assert_eq!(answer.status(), StatusCode::OK, "{fields}");
        assert_eq!(header(&answer, "x-steeplechase-deployment"), "three");
        assert_eq!(header(&answer, "x-litellm-attempted-fallbacks"), "1");
        assert_eq!(header(&answer, "x-steeplechase-fallback-reason"), "server");
        let sent = world.three.sim().requests().pop().unwrap().json();
        assert_eq!(sent.get("fallbacks"), None, "{sent}");
        let has_others = fields["fallbacks"][0].get("messages").is_some();
        let words = if has_others { "in other words" } else { "hi" };
        assert_eq!(sent["messages"][0]["content"], words);
    }

    let fields = json!({"fallbacks": ["spare"], "disable_fallbacks": true});
    let answer = world.ask(fields, &[]).await;
    assert!(answer.status().is_server_error(), "{answer:?}");
}

#[tokio::test]
async fn the_fastest_of_several_models_or_deployments_answers() {
    let world = World::new("").await;
    for server in [&world.one, &world.two, &world.three] {
        server.sim().set_always(says("me").held());
    }
    let fields = json!({"model": "fast, spare", "fastest_response": true});
    let answer = world.race(fields, &[], &world.three).await;
    assert_eq!(header(&answer, "x-steeplechase-deployment"), "three");
    assert_eq!(
        header(&answer, "x-litellm-fastest_response_batch_completion"),
        "true"
    );
    world.cancelled(1).await;

    let [one, two, _] = world.asked();
    for (fields, headers) in [
        (json!({"race": 2}), &[][..]),
        (json!({}), &[("x-steeplechase-race", "2")]),
    ] {
        let answer = world.race(fields, headers, &world.two).await;
        assert_eq!(header(&answer, "x-steeplechase-deployment"), "two");
    }
    world.cancelled(3).await;
    assert_eq!(world.asked()[..2], [one + 2, two + 2]);
}

#[tokio::test]
async fn a_call_says_whether_it_is_sent_twice_when_it_is_slow() {
    let world = World::new("router_settings: {hedge: {delay: 0.05}}").await;
    let slow = says("one").first_token_after(millis(1000));
    world.one.sim().set_always(slow.clone());
    assert_eq!(world.who(json!({}), &[]).await, "two");
    for (fields, headers) in [
        (json!({"hedge": false}), &[][..]),
        (json!({}), &[("x-steeplechase-hedge", "off")]),
    ] {
        let [_, two, _] = world.asked();
        assert_eq!(world.who(fields, headers).await, "one");
        assert_eq!(world.asked()[1], two, "nobody else was asked");
    }

    let world = World::new("").await;
    world.one.sim().set_always(slow);
    assert_eq!(world.who(json!({}), &[]).await, "one");
    assert_eq!(world.who(json!({"hedge": 0.05}), &[]).await, "two");
}

#[tokio::test]
async fn the_providers_metadata_are_sent_and_the_gateways_are_not() {
    let world = World::new("").await;
    let fields = json!({
        "metadata": {"tags": ["eu"], "user_id": "u-1", "spend": {"team": "t"}},
        "litellm_session_id": "s-1", "num_retries": 1, "priority": 3, "user": "u-2",
    });
    assert_eq!(world.who(fields, &[]).await, "one");
    let sent = world.one.sim().requests().pop().unwrap().json();
    assert_eq!(sent["metadata"], json!({"user_id": "u-1"}));
    assert_eq!(sent["user"], "u-2");
    for name in ["litellm_session_id", "num_retries", "priority", "tags"] {
        assert_eq!(sent.get(name), None, "{name} in {sent}");
    }
}

//! What deployments and the router say of calls, as a caller can see it.

use steeplechase_sim::Sim;

use super::*;

#[tokio::test]
async fn a_program_goes_to_the_deployment_that_is_for_it() {
    let world = World::with(
        ", tag_regex: ['^User-Agent: claude-cli/']",
        "router_settings: {enable_tag_filtering: true}",
    )
    .await;
    let answer = world
        .ask(json!({}), &[("user-agent", "claude-cli/2.1")])
        .await;
    assert_eq!(header(&answer, "x-steeplechase-deployment"), "one");
    assert_eq!(
        world
            .who(json!({"tags": ["us"]}), &[("user-agent", "python/3")])
            .await,
        "two"
    );
    let answer = world.ask(json!({}), &[("user-agent", "python/3")]).await;
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let told = value(answer).await;
    assert_eq!(told["error"]["code"], "tags_not_allowed");
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("User-Agent: python/3"), "{told}");
}

#[tokio::test]
async fn a_deployment_with_a_mock_answers_by_itself_and_one_that_fails_is_passed_over() {
    let world = World::with(", mock_response: It is only me", "").await;
    let answer = world.ask(json!({}), &[]).await;
    assert_eq!(header(&answer, "x-steeplechase-deployment"), "one");
    let whole = value(answer).await;
    assert_eq!(whole["choices"][0]["message"]["content"], "It is only me");
    let answer = world.ask_at("/v1/messages", json!({}), &[]).await;
    assert_eq!(value(answer).await["content"][0]["text"], "It is only me");
    assert_eq!(world.asked(), [0, 0, 0]);

    let world = World::with(", mock_response: litellm.RateLimitError", "").await;
    assert_eq!(world.who(json!({}), &[]).await, "two");
    assert_eq!(world.asked(), [0, 1, 0]);
}

#[tokio::test]
async fn a_class_of_service_has_its_own_time_and_the_provider_is_told_of_it() {
    let world = World::with(
        ", timeout: 30, timeout_by_service_tier: {priority: 0.3}",
        "router_settings: {num_retries: 1, cooldown_time: 0}",
    )
    .await;
    assert_eq!(
        world.who(json!({"service_tier": "priority"}), &[]).await,
        "one"
    );
    let sent = world.one.sim().requests().pop().unwrap().json();
    assert_eq!(sent["service_tier"], "priority");
    world.one.sim().set_always(Behaviour::stall_before_head());
    assert_eq!(
        world.who(json!({"service_tier": "priority"}), &[]).await,
        "two"
    );
}

/// The first bytes of a stream, of which the provider gives its answer only when they have come.
async fn first_bytes(world: &World, path: &str, fields: Value) -> String {
    world.one.sim().set_always(says("one").held());
    let mut answer = world.ask_at(path, fields, &[]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let first = timeout(PATIENCE, answer.body_mut().frame()).await;
    let first = first.expect("a sign of life").unwrap().unwrap();
    world.one.sim().release();
    let rest = text(answer).await;
    assert!(rest.contains("one"), "{rest}");
    String::from_utf8_lossy(&first.into_data().unwrap()).into_owned()
}

#[tokio::test]
async fn a_caller_who_waits_gets_signs_of_life_in_its_own_dialect() {
    let settings = "litellm_settings: {sse_keepalive_ping_interval_seconds: 1}";
    let world = World::new(settings).await;
    let stream = json!({"stream": true});
    assert_eq!(
        first_bytes(&world, CHAT, stream.clone()).await,
        ": keepalive\n\n"
    );
    let ping = first_bytes(&world, "/v1/messages", stream).await;
    assert_eq!(ping, "event: ping\ndata: {\"type\": \"ping\"}\n\n");
}

#[tokio::test]
async fn a_call_asks_for_signs_of_life_where_its_deployments_let_it() {
    let params = ", keepalive_seconds: 300, allow_client_keepalive_override: true";
    // The other deployment of the group says nothing, so it does not let it.
    let world = World::with(params, "").await;
    world
        .one
        .sim()
        .set_always(says("one").first_token_after(millis(1500)));
    let asks = json!({"stream": true, "keepalive_seconds": 1});
    let answer = world.ask(asks.clone(), &[]).await;
    assert!(!text(answer).await.contains("keepalive"));
    let sent = world.one.sim().requests().pop().unwrap().json();
    assert_eq!(
        sent.get("keepalive_seconds"),
        None,
        "no provider is shown it"
    );

    let one = SimServer::bind("127.0.0.1:0", Sim::new("one").always(says("one").held()))
        .await
        .unwrap();
    let config = format!(
        "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {}/v1, api_key: up{params}}}
general_settings: {{master_key: sk-1234}}
",
        one.url()
    );
    let program = Program::start(&config).await;
    let mut body = chat("fast", true);
    body["keepalive_seconds"] = json!(1);
    let mut answer = post(&program, CHAT, &body).await;
    let first = timeout(PATIENCE, answer.body_mut().frame()).await;
    let first = first.expect("a sign of life").unwrap().unwrap();
    one.sim().release();
    assert_eq!(first.into_data().unwrap(), ": keepalive\n\n");
}

#[tokio::test]
async fn a_group_of_several_models_goes_by_their_priorities() {
    let world = World::new(
        "router_settings: {routing_groups: [{group_name: all, models: [fast, spare], routing_strategy: priority,
  model_priorities: {spare: 1, fast: 2}}]}",
    )
    .await;
    for _ in 0..5 {
        assert_eq!(world.who(json!({"model": "all"}), &[]).await, "three");
        assert_eq!(world.who(json!({"model": "fast"}), &[]).await, "one");
    }
    world.three.sim().set_always(Behaviour::error(500));
    assert_eq!(world.who(json!({"model": "all"}), &[]).await, "one");
}

#[tokio::test]
async fn the_weights_of_the_router_go_before_those_of_the_deployments_and_a_call_has_none() {
    let bind = |name: &str| SimServer::bind("127.0.0.1:0", Sim::new(name).always(says(name)));
    let (one, two) = (bind("one").await.unwrap(), bind("two").await.unwrap());
    let config = format!(
        "
model_list:
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {}/v1, api_key: up, weight: 1}}
    model_info: {{id: one}}
  - model_name: fast
    litellm_params: {{model: openai/gpt-x, api_base: {}/v1, api_key: up, weight: 0}}
    model_info: {{id: two}}
router_settings: {{weights: {{fast: {{one: 0, two: 1}}}}}}
general_settings: {{master_key: sk-1234}}
",
        one.url(),
        two.url()
    );
    let program = Program::start(&config).await;
    let mut body = chat("fast", false);
    body["_router_weights"] = json!({"fast": {"one": 1}});
    for _ in 0..20 {
        let answer = post(&program, CHAT, &body).await;
        assert_eq!(header(&answer, "x-steeplechase-deployment"), "two");
    }
    let sent = two.sim().requests().pop().unwrap().json();
    assert_eq!(sent.get("_router_weights"), None, "no provider is shown it");
}

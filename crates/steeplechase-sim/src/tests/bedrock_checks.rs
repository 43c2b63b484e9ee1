//! Bedrock's dialect: what it refuses, and how.

use super::bedrock::{CLAUDE, LLAMA, ask, to, tools};
use super::*;

fn user(text: &str) -> Value {
    json!({"role": "user", "content": [{"text": text}]})
}

fn used(ids: &[&str]) -> Value {
    let tool = |id: &&str| json!({"toolUse": {"toolUseId": id, "name": "f", "input": {}}});
    json!({"role": "assistant", "content": ids.iter().map(tool).collect::<Vec<_>>()})
}

fn results(ids: &[&str]) -> Value {
    let result = |id: &&str| json!({"toolResult": {"toolUseId": id, "content": [{"text": "x"}]}});
    json!({"role": "user", "content": ids.iter().map(result).collect::<Vec<_>>()})
}

async fn refused(model: &str, change: &Value, text: &str) {
    let body = with(ask(), change);
    for verb in ["converse", "converse-stream"] {
        let answer = send(&Sim::new("b"), to(model, verb, &body)).await.unwrap();
        assert_eq!(answer.status(), 400, "{change}");
        let kind = answer.headers()["x-amzn-errortype"].to_str().unwrap();
        let name = kind.split(':').next().unwrap().to_owned();
        assert!(["ValidationException", "SerializationException"].contains(&&*name));
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body.as_object().unwrap().len(), 1);
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(text), "{change}: {message}");
    }
}

async fn accepted(model: &str, change: &Value) {
    let body = with(ask(), change);
    let (status, body) = answered(&Sim::new("b"), to(model, "converse", &body)).await;
    assert_eq!(status, 200, "{change}: {body}");
}

#[tokio::test(start_paused = true)]
async fn fields_have_their_places() {
    let block = |block: Value| json!({"messages": [{"role": "user", "content": [block]}]});
    let cases = [
        (
            json!({"maxTokens": 5}),
            "#: extraneous key [maxTokens] is not permitted",
        ),
        (
            json!({"inferenceConfig": {"max_tokens": 5}}),
            "#/inferenceConfig: extraneous key [max_tokens]",
        ),
        (
            block(json!({"text": "x", "cache_control": {}})),
            "#/messages/0/content/0: extraneous key [cache_control]",
        ),
        (
            json!({"messages": [{"role": "system", "content": [{"text": "x"}]}]}),
            "Value 'system' at 'messages.1.member.role' failed to satisfy constraint: Member must \
             satisfy enum value set: [user, assistant]",
        ),
        (
            json!({"messages": [{"content": [{"text": "x"}]}]}),
            "Value null at 'messages.1.member.role'",
        ),
        (
            json!({"messages": [{"role": "user", "content": "x"}]}),
            "messages[0].content: expected a value of type array",
        ),
        (
            block(json!({})),
            "messages[0].content[0]: exactly one member must be set",
        ),
    ];
    for (change, text) in cases {
        refused(CLAUDE, &change, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn fields_have_their_values() {
    let block = |block: Value| json!({"messages": [{"role": "user", "content": [block]}]});
    let cases = [
        (
            block(json!({"image": {"format": "jpg", "source": {"bytes": "iVBORw0KGgo="}}})),
            "Value 'jpg' at 'messages.1.member.content.1.member.image.format'",
        ),
        (
            block(json!({"image": {"format": "png", "source": {"bytes": "data:x"}}})),
            "type bytes",
        ),
        (
            json!({"inferenceConfig": {"temperature": 1.5}}),
            "Value '1.5' at 'inferenceConfig.temperature'",
        ),
        (
            json!({"inferenceConfig": {"maxTokens": 0}}),
            "greater than or equal to 1",
        ),
        (
            json!({"inferenceConfig": {"stopSequences": [""]}}),
            "stopSequences",
        ),
        (
            json!({"serviceTier": "flex"}),
            "serviceTier: expected a value of type object",
        ),
    ];
    for (change, text) in cases {
        refused(CLAUDE, &change, text).await;
    }
    accepted(
        CLAUDE,
        &json!({
            "system": [{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
            "inferenceConfig": {"maxTokens": 5, "temperature": 1, "topP": 0.5, "stopSequences": ["x"]},
            "additionalModelRequestFields": {"top_k": 5, "anthropic_beta": ["b"]},
            "serviceTier": {"type": "flex"},
            "requestMetadata": {"team": "north"},
            "messages": [{"role": "user", "content": [
                {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgo="}}},
                {"document": {"format": "pdf", "name": "plan", "source": {"bytes": "JVBERg=="}}},
                {"text": "see"}]}],
        }),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn turns_alternate_and_say_something() {
    let messages = |messages: Value| with(tools(), &json!({ "messages": messages }));
    let cases = [
        (messages(json!([])), "messages field is empty"),
        (
            messages(json!([{"role": "assistant", "content": [{"text": "x"}]}])),
            "must start with a user",
        ),
        (
            messages(json!([user("a"), user("b")])),
            "must alternate between user and assistant",
        ),
        (
            messages(json!([{"role": "user", "content": []}])),
            "at messages.0 is empty",
        ),
        (
            messages(json!([user(" ")])),
            "at messages.0.content.0 is blank",
        ),
    ];
    for (change, text) in cases {
        refused(CLAUDE, &change, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn results_follow_their_calls() {
    let messages = |messages: Value| with(tools(), &json!({ "messages": messages }));
    let cases = [
        (
            messages(json!([user("a"), used(&["t1", "t2"]), results(&["t1"])])),
            "Expected toolResult blocks at messages.2.content for the following Ids: t2",
        ),
        (
            messages(json!([user("a"), used(&["t1"])])),
            "Expected toolResult blocks at messages.2.content for the following Ids: t1",
        ),
        (
            messages(json!([user("a"), used(&["t1"]), results(&["t1", "t2"])])),
            "The number of toolResult blocks at messages.2.content exceeds",
        ),
        (
            messages(json!([user("a"), used(&["t1", "t1"]), results(&["t1"])])),
            "must be unique",
        ),
        (
            messages(json!([user("a"), used(&["t/1"]), results(&["t/1"])])),
            "Value 't/1' at 'messages.2.member.content.1.member.toolUse.toolUseId'",
        ),
        (
            json!({"messages": [user("a"), used(&["t1"]), results(&["t1"])]}),
            "The toolConfig field must be defined",
        ),
        (
            json!({"messages": [{"role": "user", "content": [
                {"document": {"format": "pdf", "name": "a", "source": {"bytes": "JVBERg=="}}}]}]}),
            "Add a text block",
        ),
        (
            json!({"messages": [{"role": "user", "content": [{"text": "see"},
                {"document": {"format": "pdf", "name": "a_b.pdf", "source": {"bytes": "JVBERg=="}}}]}]}),
            "document file name",
        ),
    ];
    for (change, text) in cases {
        refused(CLAUDE, &change, text).await;
    }
    let mixed = json!({"role": "user", "content": [
        {"toolResult": {"toolUseId": "t1", "content": [{"json": {"a": 1}}], "status": "success"}},
        {"text": "and?"}]});
    accepted(CLAUDE, &messages(json!([user("a"), used(&["t1"]), mixed]))).await;
    let prefill = messages(json!([user("a"), {"role": "assistant", "content": [{"text": "b"}]}]));
    accepted(CLAUDE, &prefill).await;
    refused(LLAMA, &prefill, "must end with a user message").await;
}

#[tokio::test(start_paused = true)]
async fn tools_and_their_choice_are_those_of_the_model() {
    let choice = |choice: Value| {
        let mut change = tools();
        change["toolConfig"]["toolChoice"] = choice;
        change
    };
    let spec = |spec: Value| json!({"toolConfig": {"tools": [{"toolSpec": spec}]}});
    let schema = json!({"json": {"type": "object"}});
    let own = json!({"additionalModelRequestFields":
        {"tool_choice": {"type": "auto", "disable_parallel_tool_use": true}}});
    refused(
        CLAUDE,
        &spec(json!({"name": "a.b", "inputSchema": schema})),
        "toolSpec.name",
    )
    .await;
    refused(
        CLAUDE,
        &spec(json!({"name": "a", "description": "", "inputSchema": schema})),
        "toolSpec.description",
    )
    .await;
    refused(
        CLAUDE,
        &spec(json!({"name": "a", "inputSchema": {"json": {}}})),
        "inputSchema",
    )
    .await;
    refused(
        CLAUDE,
        &json!({"toolConfig": {"tools": []}}),
        "toolConfig.tools",
    )
    .await;
    refused(
        CLAUDE,
        &choice(json!({"tool": {"name": "nobody"}})),
        "nobody",
    )
    .await;
    refused(
        LLAMA,
        &choice(json!({"any": {}})),
        "doesn't support the toolConfig.toolChoice.any",
    )
    .await;
    refused(CLAUDE, &with(choice(json!({"any": {}})), &own), "conflicts").await;
    accepted(LLAMA, &choice(json!({"auto": {}}))).await;
    accepted(CLAUDE, &with(tools(), &own)).await;
}

#[tokio::test(start_paused = true)]
async fn claude_refuses_fields_of_its_own_that_are_wrong() {
    let own = |fields: Value| json!({ "additionalModelRequestFields": fields });
    let thinking =
        |budget: u64| own(json!({"thinking": {"type": "enabled", "budget_tokens": budget}}));
    refused(
        CLAUDE,
        &own(json!({"nonsense": 1})),
        "nonsense: Extra inputs",
    )
    .await;
    refused(CLAUDE, &thinking(5), "greater than or equal to 1024").await;
    let small = with(
        thinking(1024),
        &json!({"inferenceConfig": {"maxTokens": 1024}}),
    );
    refused(CLAUDE, &small, "must be greater than").await;
    let mut forced = with(tools(), &thinking(1024));
    forced["toolConfig"]["toolChoice"] = json!({"any": {}});
    refused(CLAUDE, &forced, "tool_choice forces tool use").await;
    accepted(LLAMA, &own(json!({"nonsense": 1}))).await;
}

#[tokio::test(start_paused = true)]
async fn a_model_is_one_segment_of_the_path() {
    let sim = Sim::new("b").tokens(1);
    let arn =
        "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc";
    for model in [
        "anthropic.claude-x-v1:0",
        "us.anthropic.claude-x-v1%3A0",
        arn,
    ] {
        let request = to(&format!("/model/{model}"), "converse", &ask());
        assert_eq!(answered(&sim, request).await.0, 200, "{model}");
    }
    let slash = arn.replace("%2F", "/");
    let answer = send(
        &sim,
        to(&format!("/model/{slash}"), "converse-stream", &ask()),
    )
    .await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), 404);
    let kind = answer.headers()["x-amzn-errortype"].to_str().unwrap();
    assert!(kind.starts_with("UnknownOperationException"));
    let request = to("/model/claude%20x", "converse", &ask());
    let (status, body) = answered(&sim, request).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "The provided model identifier is invalid.");
}

#[tokio::test(start_paused = true)]
async fn errors_have_their_name_in_a_header() {
    for (status, name) in [
        (400, "ValidationException"),
        (403, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (408, "ModelTimeoutException"),
        (424, "ModelErrorException"),
        (429, "ThrottlingException"),
        (500, "InternalServerException"),
        (503, "ServiceUnavailableException"),
    ] {
        let sim = Sim::new("b").always(Behaviour::error(status));
        let answer = send(&sim, to(CLAUDE, "converse-stream", &ask()))
            .await
            .unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["content-type"], "application/json");
        let kind = answer.headers()["x-amzn-errortype"].to_str().unwrap();
        assert!(kind.starts_with(&format!("{name}:http://")), "{kind}");
    }
    let sim = Sim::new("b").always(Behaviour::context_too_long());
    let (_, body) = answered(&sim, to(CLAUDE, "converse", &ask())).await;
    assert_eq!(
        body,
        json!({"message": "Input is too long for requested model."})
    );
}

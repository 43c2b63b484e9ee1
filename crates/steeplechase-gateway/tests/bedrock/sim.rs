//! Against a Bedrock that nobody has written for this: it checks each signature and each field.

use steeplechase_sim::{Aws, Recorded};

use super::*;

const ARN: &str = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/\
                   eu.anthropic.claude-sonnet-4-5-20250929-v1:0";

async fn world() -> (SimServer, Program) {
    let aws = Aws::new("AKID", "wJalr/secret+", "eu-west-1").session_token("to/ken+==");
    let sim = Sim::instant("bedrock").require_aws(aws).record(20);
    let sim = SimServer::bind("127.0.0.1:0", sim).await.unwrap();
    let deployment = |name: &str, model: &str| {
        format!(
            "
  - model_name: {name}
    litellm_params:
      model: '{model}'
      aws_region_name: eu-west-1
      aws_access_key_id: AKID
      aws_secret_access_key: wJalr/secret+
      aws_session_token: to/ken+==
      aws_bedrock_runtime_endpoint: {}",
            sim.url()
        )
    };
    let deployments = [
        deployment("claude", &format!("bedrock/{ARN}")),
        deployment("nova", "bedrock/converse/eu.amazon.nova-pro-v1:0"),
        deployment("titan", "bedrock/amazon.titan-embed-text-v2:0"),
        deployment("cohere", "bedrock/cohere.embed-multilingual-v3"),
    ];
    let all = deployments.concat();
    let settings = "router_settings: {num_retries: 0, disable_cooldowns: true}";
    let program = Program::start(&format!("model_list:{all}\n{settings}\n")).await;
    (sim, program)
}

fn last(sim: &SimServer) -> Recorded {
    sim.sim().requests().pop().unwrap()
}

/// The chunks of a stream, whose end is whole.
fn chunks(stream: &str) -> Vec<Value> {
    let data = stream
        .lines()
        .filter_map(|line| line.strip_prefix("data: "));
    let mut data: Vec<_> = data.collect();
    assert_eq!(data.pop(), Some("[DONE]"), "{stream}");
    data.into_iter()
        .map(|chunk| serde_json::from_str(chunk).unwrap())
        .collect()
}

#[tokio::test]
async fn signatures_are_right_whatever_is_in_the_path_and_the_body() {
    let (sim, program) = world().await;
    for model in ["claude", "nova"] {
        for stream in [false, true] {
            let mut call = chat(model, stream);
            call["messages"][0]["content"] = "Grüße, 世界 — \u{1f600} \"%3A\" + &".into();
            call["max_tokens"] = 64.into();
            let answer = post(&program, "/v1/chat/completions", &call).await;
            assert_eq!(answer.status(), StatusCode::OK, "{}", text(answer).await);
            let answer = text(answer).await;
            if stream {
                let chunks = chunks(&answer);
                let ends = |chunk: &&Value| chunk["choices"][0]["finish_reason"] == "stop";
                assert_eq!(chunks.iter().filter(ends).count(), 1, "{answer}");
            }
        }
    }
    let path = sim.sim().requests()[0].uri.path().to_owned();
    assert!(path.contains("%3Ainference-profile%2Feu."), "{path}");
}

#[tokio::test]
async fn tools_are_called_and_answered() {
    let (sim, program) = world().await;
    let tool = json!({"type": "function", "function": {"name": "get weather!", "parameters":
        {"type": "object", "properties": {"city": {"type": "string"}}}}});
    for model in ["claude", "nova"] {
        let mut call = chat(model, true);
        call["tools"] = json!([tool]);
        call["stream_options"] = json!({"include_usage": true});
        sim.sim().enqueue([Behaviour::answer().use_tool()]);
        let answer = post(&program, "/v1/chat/completions", &call).await;
        let answer = text(answer).await;
        let chunks = chunks(&answer);
        let calls = chunks.iter().flat_map(|chunk| {
            let calls = chunk["choices"][0]["delta"]["tool_calls"].as_array();
            calls.cloned().unwrap_or_default()
        });
        let calls: Vec<_> = calls.collect();
        assert_eq!(calls[0]["function"]["name"], "get weather!", "{answer}");
        assert!(chunks.last().unwrap()["usage"]["total_tokens"].as_u64() > Some(0));

        let parts = calls
            .iter()
            .filter_map(|call| call["function"]["arguments"].as_str());
        let arguments: String = parts.collect();
        let id = &calls[0]["id"];
        let said = json!({"role": "assistant", "tool_calls": [{"id": id, "type": "function",
            "function": {"name": "get weather!", "arguments": arguments}}]});
        let result = json!({"role": "tool", "tool_call_id": id, "content": "{\"rain\": true}"});
        call["stream"] = false.into();
        call.as_object_mut().unwrap().remove("stream_options");
        let messages = call["messages"].as_array_mut().unwrap();
        messages.extend([said, result]);
        let answer = post(&program, "/v1/chat/completions", &call).await;
        assert_eq!(answer.status(), StatusCode::OK, "{}", text(answer).await);
    }
}

#[tokio::test]
async fn thoughts_come_with_their_seals_and_go_back() {
    let (sim, program) = world().await;
    let mut call = chat("claude", false);
    call["reasoning_effort"] = "low".into();
    sim.sim()
        .enqueue([Behaviour::answer().thinking("Let me see.")]);
    let answer = post(&program, "/v1/chat/completions", &call).await;
    let answer = value(answer).await;
    let said = &answer["choices"][0]["message"];
    assert_eq!(said["reasoning_content"], "Let me see.", "{answer}");
    assert!(
        said["thinking_blocks"][0]["signature"].is_string(),
        "{answer}"
    );

    let messages = call["messages"].as_array_mut().unwrap();
    messages.push(said.clone());
    messages.push(json!({"role": "user", "content": "And now?"}));
    let answer = post(&program, "/v1/chat/completions", &call).await;
    assert_eq!(answer.status(), StatusCode::OK, "{}", text(answer).await);
    let sent = String::from_utf8_lossy(&last(&sim).body).into_owned();
    assert!(sent.contains("reasoningText"), "{sent}");
}

#[tokio::test]
async fn texts_become_vectors() {
    let (_sim, program) = world().await;
    for (model, input, length) in [
        ("titan", json!("one"), 256),
        ("cohere", json!(["one", "two"]), 1024),
    ] {
        let mut call = json!({"model": model, "input": input});
        if model == "titan" {
            call["dimensions"] = 256.into();
        }
        let answer = value(post(&program, "/v1/embeddings", &call).await).await;
        let vectors = answer["data"].as_array().unwrap();
        let first = vectors[0]["embedding"].as_array().unwrap();
        assert_eq!(first.len(), length, "{model}");
        assert!(
            answer["usage"]["total_tokens"].as_u64() > Some(0),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn what_goes_wrong_is_told_by_its_kind() {
    let (sim, program) = world().await;
    for (behaviour, status, code) in [
        (Behaviour::error(429), 429, "rate_limit"),
        (Behaviour::error(500), 502, ""),
        (Behaviour::overloaded(), 503, ""),
        (Behaviour::error(403), 502, "upstream_auth"),
        (
            Behaviour::context_too_long(),
            400,
            "context_length_exceeded",
        ),
        (Behaviour::answer().truncate_after_tokens(0), 502, ""),
    ] {
        sim.sim().set_always(behaviour.clone());
        let answer = post(&program, "/v1/chat/completions", &chat("nova", true)).await;
        assert_eq!(answer.status(), status, "{behaviour:?}");
        let error = text(answer).await;
        assert!(error.contains(code), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_ends_with_an_error() {
    let (sim, program) = world().await;
    for behaviour in [
        Behaviour::answer().tokens(20).truncate_after_tokens(5),
        Behaviour::answer().tokens(20).cut_after_tokens(5),
        Behaviour::answer().tokens(20).cut_after_bytes(700),
        Behaviour::answer()
            .tokens(20)
            .error_event_after_tokens(5, "modelStreamErrorException"),
    ] {
        sim.sim().enqueue([behaviour.clone()]);
        let answer = post(&program, "/v1/chat/completions", &chat("nova", true)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{behaviour:?}");
        let stream = text(answer).await;
        assert!(stream.contains("\"error\""), "{behaviour:?}: {stream}");
        assert!(!stream.contains("[DONE]"), "{behaviour:?}: {stream}");
    }
    // However the bytes are cut.
    for bytes in [1, 7, 64] {
        sim.sim()
            .enqueue([Behaviour::answer().tokens(20).slice(bytes)]);
        let answer = post(&program, "/v1/chat/completions", &chat("nova", true)).await;
        chunks(&text(answer).await);
    }
}

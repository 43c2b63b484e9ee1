//! Bedrock's dialect: what it answers.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

pub(super) const CLAUDE: &str = "/model/anthropic.claude-x-v1%3A0";
pub(super) const LLAMA: &str = "/model/meta.llama3-70b-instruct-v1%3A0";

pub(super) fn to(model: &str, verb: &str, body: &Value) -> Request<Full<Bytes>> {
    post(&format!("{model}/{verb}"), body)
}

pub(super) fn ask() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "Where to?"}]}]})
}

pub(super) fn tools() -> Value {
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    json!({"toolConfig": {"tools": [
        {"toolSpec": {"name": "weather", "inputSchema": {"json": schema}}},
        {"cachePoint": {"type": "default"}},
        {"toolSpec": {"name": "clock", "inputSchema": {"json": {"type": "object"}}}},
    ]}})
}

fn thinking() -> Value {
    json!({
        "inferenceConfig": {"maxTokens": 4096},
        "additionalModelRequestFields": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    })
}

/// A frame: its kind, its name, and its payload without the padding.
pub(super) type Event = (String, String, Value);

/// Reads frames as the format has them, and insists on their sums.
pub(super) fn frames_of(mut bytes: &[u8]) -> Vec<Event> {
    let word = |bytes: &[u8]| u32::from_be_bytes(bytes[..4].try_into().unwrap());
    let mut events = Vec::new();
    while !bytes.is_empty() {
        let total = usize::try_from(word(bytes)).unwrap();
        let headers = usize::try_from(word(&bytes[4..])).unwrap();
        let (message, rest) = bytes.split_at(total);
        bytes = rest;
        assert_eq!(word(&message[8..]), crc32fast::hash(&message[..8]));
        let end = total - 4;
        assert_eq!(word(&message[end..]), crc32fast::hash(&message[..end]));
        let mut fields = &message[12..12 + headers];
        let mut named = std::collections::BTreeMap::new();
        while !fields.is_empty() {
            let (name, rest) = fields[1..].split_at(usize::from(fields[0]));
            assert_eq!(rest[0], 7, "a text");
            let length = u16::from_be_bytes(rest[1..3].try_into().unwrap());
            let (value, rest) = rest[3..].split_at(usize::from(length));
            fields = rest;
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            named.insert(text(name), text(value));
        }
        assert_eq!(named[":content-type"], "application/json");
        let kind = named[":message-type"].clone();
        let name = named[&format!(":{kind}-type")].clone();
        let mut payload: Value = serde_json::from_slice(&message[12 + headers..end]).unwrap();
        let padding = payload.as_object_mut().unwrap().remove("p");
        assert_eq!(padding.is_some(), kind == "event");
        events.push((kind, name, payload));
    }
    events
}

async fn events(sim: &Sim, request: Request<Full<Bytes>>) -> Vec<Event> {
    frames_of(&bytes(sim, request).await)
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|(_, name, _)| name.as_str()).collect()
}

fn two_calls() -> Behaviour {
    Behaviour::answer()
        .thinking("let me think")
        .tool_call("weather", json!({"city": "Oslo"}))
        .tool_call("clock", json!({}))
}

#[tokio::test(start_paused = true)]
async fn thoughts_calls_and_the_usage_of_a_cache_look_as_those_of_bedrock() {
    let usage = Usage {
        input: 2112,
        output: 30,
        cache_read: 2000,
        cache_write: 100,
        reasoning: 3,
    };
    let sim = Sim::new("b").always(two_calls().usage(usage));
    let body = with(with(ask(), &tools()), &thinking());
    let answer = send(&sim, to(CLAUDE, "converse", &body)).await.unwrap();
    assert_eq!(answer.headers()["x-amzn-requestid"].len(), 36);
    let answer = whole(&sim, to(CLAUDE, "converse", &body)).await;
    let golden = json!({
        "metrics": {"latencyMs": 1},
        "output": {"message": {"content": [
            {"reasoningContent": {"reasoningText": {"text": "hm", "signature": "Sg1"}}},
            {"toolUse": {"toolUseId": "t1", "name": "f", "input": {"city": "x"}}},
            {"toolUse": {"toolUseId": "t2", "name": "g", "input": {}}},
        ], "role": "assistant"}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 12, "outputTokens": 30, "totalTokens": 2142,
            "cacheReadInputTokens": 2000, "cacheWriteInputTokens": 100},
    });
    assert_looks_like(&answer, &golden);
    assert_eq!(answer["usage"], golden["usage"]);
    assert_eq!(answer["stopReason"], "tool_use");
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_the_events_of_bedrock_in_order() {
    let sim = Sim::new("b").always(two_calls());
    let body = with(with(ask(), &tools()), &thinking());
    let answer = send(&sim, to(CLAUDE, "converse-stream", &body))
        .await
        .unwrap();
    assert_eq!(
        answer.headers()["content-type"],
        "application/vnd.amazon.eventstream"
    );
    let events = events(&sim, to(CLAUDE, "converse-stream", &body)).await;
    let mut names = names(&events);
    names.dedup();
    assert_eq!(
        names,
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockStop",
            "contentBlockStart",
            "contentBlockDelta",
            "contentBlockStop",
            "contentBlockStart",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata",
        ]
    );
    let of_block = |index: u64| {
        let mine = move |event: &&Event| event.2["contentBlockIndex"] == index;
        events.iter().filter(mine).map(|(_, _, payload)| payload)
    };
    let thoughts: String = of_block(0)
        .filter_map(|payload| payload["delta"]["reasoningContent"]["text"].as_str())
        .collect();
    assert_eq!(thoughts, "let me think");
    let signed = |payload: &Value| payload["delta"]["reasoningContent"]["signature"].is_string();
    assert!(of_block(0).any(signed));
    let start = of_block(1).next().unwrap();
    assert_eq!(start["start"]["toolUse"]["name"], "weather");
    let input: String = of_block(1)
        .filter_map(|payload| payload["delta"]["toolUse"]["input"].as_str())
        .collect();
    assert_eq!(input, "{\"city\":\"Oslo\"}");
    let [.., stop, metadata] = &events[..] else {
        unreachable!("there are many")
    };
    assert_eq!(stop.2, json!({"stopReason": "tool_use"}));
    assert_eq!(metadata.2["usage"]["totalTokens"], {
        let usage = &metadata.2["usage"];
        usage["inputTokens"].as_u64().unwrap() + usage["outputTokens"].as_u64().unwrap()
    });
}

#[tokio::test(start_paused = true)]
async fn a_text_has_no_start_and_each_event_is_a_frame_of_the_body() {
    let sim = Sim::new("b").always(Behaviour::answer().text("over the hedge"));
    let request = || to(CLAUDE, "converse-stream", &ask());
    let events = events(&sim, request()).await;
    let payloads: Vec<_> = events.iter().map(|(_, _, payload)| payload).collect();
    assert_eq!(*payloads[0], json!({"role": "assistant"}));
    assert_eq!(
        *payloads[1],
        json!({"contentBlockIndex": 0, "delta": {"text": "over "}})
    );
    assert_eq!(*payloads[4], json!({"contentBlockIndex": 0}));
    let body = send(&sim, request()).await.unwrap().into_body();
    let (frames, _) = frames(body).await;
    assert_eq!(frames.len(), events.len());
    assert!(frames.iter().all(|frame| frames_of(frame).len() == 1));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_ends_with_an_exception() {
    for (code, name) in [
        ("throttlingException", "throttlingException"),
        ("rate_limit_exceeded", "throttlingException"),
        ("overloaded_error", "serviceUnavailableException"),
        ("modelStreamErrorException", "modelStreamErrorException"),
        ("server_error", "internalServerException"),
        ("INVALID_ARGUMENT", "validationException"),
    ] {
        for tokens in [0, 2] {
            let sim =
                Sim::new("b").always(Behaviour::answer().error_event_after_tokens(tokens, code));
            let events = events(&sim, to(CLAUDE, "converse-stream", &ask())).await;
            assert_eq!(events.len(), 1 + tokens + 1);
            let (kind, last, payload) = events.last().unwrap();
            assert_eq!(
                (kind.as_str(), last.as_str()),
                ("exception", name),
                "{code}"
            );
            assert!(payload["message"].is_string());
            let original = payload.get("originalStatusCode");
            assert_eq!(original.is_some(), name == "modelStreamErrorException");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn limits_filters_and_guardrails_have_their_reasons() {
    let sim = Sim::new("b").tokens(50);
    let body = with(ask(), &json!({"inferenceConfig": {"maxTokens": 4}}));
    let answer = whole(&sim, to(LLAMA, "converse", &body)).await;
    assert_eq!(answer["stopReason"], "max_tokens");
    for (behaviour, reason) in [
        (Behaviour::answer().filtered(), "content_filtered"),
        (Behaviour::answer().prompt_blocked(), "guardrail_intervened"),
    ] {
        let sim = sim.clone().always(behaviour);
        let answer = whole(&sim, to(CLAUDE, "converse", &ask())).await;
        assert_eq!(answer["stopReason"], reason);
        assert!(answer["output"]["message"]["content"][0]["text"].is_string());
        let events = events(&sim, to(CLAUDE, "converse-stream", &ask())).await;
        assert_eq!(events[events.len() - 2].2["stopReason"], reason);
    }
}

#[tokio::test(start_paused = true)]
async fn the_thinking_is_told_if_asked_for() {
    let sim = Sim::new("b").always(Behaviour::answer().thinking("left right"));
    let paths = json!({"additionalModelResponseFieldPaths": ["/usage/output_tokens_details"]});
    let body = with(with(ask(), &thinking()), &paths);
    let told = json!({"usage": {"output_tokens_details": {"thinking_tokens": 2}}});
    let answer = whole(&sim, to(CLAUDE, "converse", &body)).await;
    assert_eq!(answer["additionalModelResponseFields"], told);
    let events = events(&sim, to(CLAUDE, "converse-stream", &body)).await;
    let stop = &events[events.len() - 2].2;
    assert_eq!(stop["additionalModelResponseFields"], told);
}

#[tokio::test(start_paused = true)]
async fn claude_speaks_its_own_language_when_invoked() {
    let sim = Sim::new("b").tokens(2);
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Where to?"}],
    });
    let answer = whole(&sim, to(CLAUDE, "invoke", &body)).await;
    assert_eq!(answer["type"], "message");
    assert!(answer["id"].as_str().unwrap().starts_with("msg_bdrk_"));
    let events = events(&sim, to(CLAUDE, "invoke-with-response-stream", &body)).await;
    assert!(names(&events).iter().all(|name| *name == "chunk"));
    let data: Vec<Value> = events
        .iter()
        .map(|(_, _, payload)| STANDARD.decode(payload["bytes"].as_str().unwrap()).unwrap())
        .map(|data| serde_json::from_slice(&data).unwrap())
        .collect();
    let types: Vec<_> = data
        .iter()
        .map(|data| data["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
    );
    assert!(data[6]["amazon-bedrock-invocationMetrics"].is_object());
    for change in [
        json!({"model": "m"}),
        json!({"stream": true}),
        json!({"anthropic_version": 1}),
    ] {
        let (status, body) =
            answered(&sim, to(CLAUDE, "invoke", &with(body.clone(), &change))).await;
        assert_eq!(status, 400, "{change}");
        assert!(body["message"].is_string(), "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn embeddings_are_those_of_who_makes_them() {
    let sim = Sim::new("b");
    let titan = "/model/amazon.titan-embed-text-v2%3A0";
    let body = json!({"inputText": "b", "dimensions": 256, "normalize": true});
    let answer = whole(&sim, to(titan, "invoke", &body)).await;
    assert_eq!(answer["embedding"].as_array().unwrap().len(), 256);
    assert_eq!(answer["inputTextTokenCount"], 1);
    for (change, text) in [
        (json!({"dimensions": 8}), "not a valid enum value"),
        (
            json!({"input": "b"}),
            "#: extraneous key [input] is not permitted",
        ),
        (json!({"inputText": ""}), "minLength"),
    ] {
        let (status, body) =
            answered(&sim, to(titan, "invoke", &with(body.clone(), &change))).await;
        assert_eq!(status, 400);
        let message = body["message"].as_str().unwrap();
        assert!(message.contains(text), "{change}: {message}");
    }
    let cohere = "/model/cohere.embed-english-v3";
    let body = json!({"texts": ["a", "b"], "input_type": "search_document",
        "embedding_types": ["float"]});
    let answer = send(&sim, to(cohere, "invoke", &body)).await.unwrap();
    assert_eq!(answer.headers()["x-amzn-bedrock-input-token-count"], "1");
    let answer = whole(&sim, to(cohere, "invoke", &body)).await;
    assert_eq!(answer["embeddings"]["float"].as_array().unwrap().len(), 2);
    assert_eq!(answer["response_type"], "embeddings_by_type");
}

use bytes::BytesMut;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Usage;

use crate::chat::Annotation;
use crate::chat::Answer;
use crate::chat::Choice;
use crate::chat::FinishReason;
use crate::chat::ThinkingBlock;
use crate::chat::ToolCall;
use crate::chat::ToolInput;

fn written(choice: Choice) -> Value {
    let answer = Answer {
        id: "a-1".into(),
        model: "m".into(),
        created: 1_760_000_000,
        choices: vec![choice],
        usage: Usage {
            prompt: 7,
            completion: 5,
            cache_read: 2,
            reasoning: 1,
            ..Usage::default()
        },
        service_tier: None,
    };
    let mut out = BytesMut::new();
    answer.write(&mut out);
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn a_text_has_all_that_clients_insist_on() {
    let answer = written(Choice {
        content: Some("héllo \"you\"\n".into()),
        native_finish: Some("end_turn".into()),
        ..Choice::default()
    });
    let wanted = json!({
        "id": "a-1", "object": "chat.completion", "created": 1_760_000_000, "model": "m",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": "héllo \"you\"\n", "refusal": null},
            "logprobs": null, "finish_reason": "stop", "native_finish_reason": "end_turn",
        }],
        "usage": {
            "prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 1},
        },
    });
    assert_eq!(answer, wanted);
}

#[test]
fn calls_thoughts_and_sources_have_their_places() {
    let call = |id: &str, input| ToolCall {
        id: id.into(),
        name: "f".into(),
        input,
        signature: (id == "c2").then(|| "S".into()),
    };
    let choice = Choice {
        tool_calls: vec![
            call("c1", ToolInput::Function("{}".into())),
            call("c2", ToolInput::Custom("x".into())),
        ],
        reasoning: Some("hm".into()),
        thinking: vec![
            ThinkingBlock::Thinking {
                text: "hm".into(),
                signature: Some("Z".into()),
            },
            ThinkingBlock::Redacted { data: "D".into() },
        ],
        annotations: vec![Annotation {
            start: 1,
            end: 3,
            url: "https://a.test".into(),
            title: None,
        }],
        finish: FinishReason::ToolCalls,
        ..Choice::default()
    };
    let answer = written(choice);
    let wanted = json!({
        "role": "assistant", "content": null, "refusal": null,
        "reasoning_content": "hm",
        "thinking_blocks": [
            {"type": "thinking", "thinking": "hm", "signature": "Z"},
            {"type": "redacted_thinking", "data": "D"},
        ],
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "c2", "type": "custom", "custom": {"name": "f", "input": "x"},
             "extra_content": {"google": {"thought_signature": "S"}}},
        ],
        "annotations": [{"type": "url_citation", "url_citation":
            {"start_index": 1, "end_index": 3, "url": "https://a.test", "title": ""}}],
    });
    assert_eq!(answer["choices"][0]["message"], wanted);
}

#[test]
fn a_caller_of_functions_gets_a_function_call() {
    let answer = written(Choice {
        tool_calls: vec![ToolCall {
            id: "c1".into(),
            name: "f".into(),
            input: ToolInput::Function("{\"a\":1}".into()),
            signature: None,
        }],
        legacy_functions: true,
        finish: FinishReason::FunctionCall,
        ..Choice::default()
    });
    let message = &answer["choices"][0]["message"];
    assert_eq!(
        message["function_call"],
        json!({"name": "f", "arguments": "{\"a\":1}"})
    );
    assert_eq!(message.get("tool_calls"), None);
}

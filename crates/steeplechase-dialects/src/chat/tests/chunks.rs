use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use steeplechase_core::Usage;

use crate::chat::ChunkWriter;
use crate::chat::Encode;
use crate::chat::Event;
use crate::chat::FinishReason;
use crate::chat::ThinkingPatch;

const START: Event<'_> = Event::Start {
    id: "a-1",
    model: "m",
};

/// The data of all frames, `[DONE]` as a string.
pub(crate) fn frames(out: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(out).unwrap();
    let frames = text.split_terminator("\n\n");
    frames
        .map(|frame| {
            let data = frame
                .strip_prefix("data: ")
                .expect("a frame is one line of data");
            assert!(!data.contains('\n'));
            serde_json::from_str(data).unwrap_or_else(|_| data.into())
        })
        .collect()
}

/// Asserts that the frames are what a client of `OpenAI`'s may rely on.
pub(crate) fn assert_grammar(frames: &[Value], include_usage: bool) {
    let done = frames.iter().position(|frame| frame == "[DONE]");
    assert_eq!(
        done.map_or(frames.len(), |at| at + 1),
        frames.len(),
        "[DONE] is the last"
    );
    let mut roles = [0; 4];
    let mut finished = [0; 4];
    let mut tools = [0; 4];
    for (at, frame) in frames[..done.unwrap_or(frames.len())].iter().enumerate() {
        for key in ["id", "object", "created", "model"] {
            assert!(!frame[key].is_null());
            assert_eq!(frame[key], frames[0][key], "{key} is constant");
        }
        let choices = frame["choices"].as_array().unwrap();
        let Some(choice) = choices.first() else {
            assert!(include_usage, "the usage is wanted");
            assert_eq!(Some(at + 1), done, "the usage is the last but one");
            assert!(frame["usage"].is_object());
            continue;
        };
        assert_eq!(frame.get("usage"), include_usage.then_some(&Value::Null));
        let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
        let delta = choice["delta"].as_object().unwrap();
        assert_eq!(finished[index], 0, "nothing comes after the end");
        if delta.contains_key("role") {
            roles[index] += 1;
        }
        assert_eq!(roles[index], 1, "the role comes first, and once");
        if choice["finish_reason"].is_null() {
            assert!(!delta.is_empty(), "a chunk has something to say");
        } else {
            finished[index] += 1;
            assert!(delta.is_empty());
        }
        for call in delta
            .get("tool_calls")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let number = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            if call.get("id").is_some() {
                assert_eq!(number, tools[index], "tools are counted from 0");
                tools[index] += 1;
            } else {
                assert!(number < tools[index], "a tool starts before its input");
                assert_eq!(call.get("type"), None);
                let inner = call.get("function").or(call.get("custom")).unwrap();
                assert_eq!(inner.get("name"), None);
            }
        }
    }
}

#[test]
fn a_stream_is_role_text_finish_usage_and_done() {
    let mut chunks = ChunkWriter::new(true).created(9);
    let mut out = BytesMut::new();
    assert!(!chunks.write(START, &mut out));
    let said = |text| Event::Text { choice: 0, text };
    assert!(chunks.write(said("h\"i\n"), &mut out));
    assert!(!chunks.write(said(""), &mut out));
    let finish = Event::Finish {
        choice: 0,
        reason: FinishReason::Length,
        native: Some("full"),
    };
    assert!(!chunks.write(finish, &mut out));
    let usage = Usage {
        prompt: 3,
        completion: 4,
        ..Usage::default()
    };
    chunks.write(Event::Usage(usage), &mut out);
    chunks.write(Event::End, &mut out);
    let text = |text: &str| {
        format!(
            concat!(
                "data: {{\"id\":\"a-1\",\"object\":\"chat.completion.chunk\",\"created\":9,",
                "\"model\":\"m\",{}\n\n"
            ),
            text
        )
    };
    let wanted = [
        text(concat!(
            r#""usage":null,"choices":[{"index":0,"delta":{"role":"assistant","content":"","#,
            r#""refusal":null},"logprobs":null,"finish_reason":null}]}"#
        )),
        text(concat!(
            r#""usage":null,"choices":[{"index":0,"delta":{"content":"h\"i\n"},"#,
            r#""logprobs":null,"finish_reason":null}]}"#
        )),
        text(concat!(
            r#""usage":null,"choices":[{"index":0,"delta":{},"logprobs":null,"#,
            r#""finish_reason":"length","native_finish_reason":"full"}]}"#
        )),
        text(concat!(
            r#""choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"#,
            r#""prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"#,
            r#""completion_tokens_details":{"reasoning_tokens":0}}}"#
        )),
        "data: [DONE]\n\n".to_owned(),
    ];
    assert_eq!(out, wanted.concat());
}

#[test]
fn tools_are_counted_by_their_start_and_never_left_without_input() {
    let mut chunks = ChunkWriter::new(false);
    let mut out = BytesMut::new();
    let start = |tool, is_custom| Event::ToolStart {
        choice: 0,
        tool,
        id: "c",
        name: "f",
        is_custom,
        signature: None,
    };
    let args = |tool, fragment| Event::ToolArgs {
        choice: 0,
        tool,
        fragment,
    };
    for event in [
        START,
        start(17, false),
        args(17, "{\"a\":"),
        start(4, true),
        args(4, "raw"),
        args(17, "1}"),
        args(99, "nobody's"),
        start(17, false),
        start(23, false),
        Event::ToolEnd {
            choice: 0,
            tool: 17,
        },
    ] {
        chunks.write(event, &mut out);
    }
    let finish = Event::Finish {
        choice: 0,
        reason: FinishReason::ToolCalls,
        native: None,
    };
    chunks.write(finish, &mut out);
    chunks.write(Event::End, &mut out);
    let frames = frames(&out);
    assert_grammar(&frames, false);
    let calls: Vec<_> = frames
        .iter()
        .filter_map(|frame| frame["choices"][0]["delta"]["tool_calls"].get(0))
        .cloned()
        .collect();
    let wanted = [
        json!({"index": 0, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}),
        json!({"index": 0, "function": {"arguments": "{\"a\":"}}),
        json!({"index": 1, "id": "c", "type": "custom", "custom": {"name": "f", "input": ""}}),
        json!({"index": 1, "custom": {"input": "raw"}}),
        json!({"index": 0, "function": {"arguments": "1}"}}),
        json!({"index": 2, "id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}),
        json!({"index": 2, "function": {"arguments": "{}"}}),
    ];
    assert_eq!(calls, wanted);
}

#[test]
fn an_end_is_never_made_up() {
    let mut chunks = ChunkWriter::new(false);
    let mut out = BytesMut::new();
    chunks.write(START, &mut out);
    chunks.write(
        Event::Text {
            choice: 0,
            text: "half",
        },
        &mut out,
    );
    chunks.write(Event::End, &mut out);
    let reasons = frames(&out);
    assert!(
        reasons
            .iter()
            .all(|frame| frame["choices"][0]["finish_reason"].is_null())
    );
}

#[test]
fn nothing_is_written_after_the_end() {
    let mut chunks = ChunkWriter::new(true);
    let mut out = BytesMut::new();
    chunks.write(START, &mut out);
    chunks.write(Event::End, &mut out);
    let len = out.len();
    assert!(!chunks.write(
        Event::Text {
            choice: 0,
            text: "late"
        },
        &mut out
    ));
    chunks.write(Event::End, &mut out);
    assert_eq!(out.len(), len);
}

fn any_event() -> impl Strategy<Value = Event<'static>> {
    let choice = 0_usize..3;
    let number = 0_u64..4;
    let text = prop_oneof![Just(""), Just("x"), Just("\"\\\n\u{1f600}")];
    let reason = prop_oneof![
        Just(FinishReason::Stop),
        Just(FinishReason::ToolCalls),
        Just(FinishReason::ContentFilter)
    ];
    (choice, number, text, reason, any::<bool>(), 0..12).prop_map(
        |(choice, number, text, reason, flag, kind)| match kind {
            0 => Event::Text { choice, text },
            1 => Event::Reasoning { choice, text },
            2 => Event::Refusal { choice, text },
            3 => Event::ToolStart {
                choice,
                tool: number,
                id: "c",
                name: "f",
                is_custom: flag,
                signature: None,
            },
            4 | 5 => Event::ToolArgs {
                choice,
                tool: number,
                fragment: text,
            },
            6 => Event::ToolEnd {
                choice,
                tool: number,
            },
            7 => Event::Thinking {
                choice,
                block: number,
                patch: if flag {
                    ThinkingPatch::Text(text)
                } else {
                    ThinkingPatch::Signature("S")
                },
            },
            8 => Event::Finish {
                choice,
                reason,
                native: flag.then_some("n"),
            },
            9 => START,
            10 => Event::Usage(Usage::default()),
            _ => Event::Thinking {
                choice,
                block: number,
                patch: ThinkingPatch::Redacted("D"),
            },
        },
    )
}

proptest! {
    #[test]
    fn whatever_comes_the_grammar_is_kept(
        events in prop::collection::vec(any_event(), 0..40),
        include_usage in any::<bool>(),
        ends in any::<bool>(),
    ) {
        let mut chunks = ChunkWriter::new(include_usage);
        let mut out = BytesMut::new();
        for event in events {
            let before = out.len();
            let content = chunks.write(event, &mut out);
            prop_assert!(!content || out.len() > before);
        }
        if ends {
            chunks.write(Event::End, &mut out);
        }
        assert_grammar(&frames(&out), include_usage);
    }
}

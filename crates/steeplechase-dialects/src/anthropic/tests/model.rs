//! Properties: of any stream, and of any conversation.

use bytes::BytesMut;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::OPUS_47;
use super::SONNET_35;
use super::SONNET_45;
use super::answers::context_of;
use super::parse;
use super::write;
use crate::anthropic::RequestOptions;
use crate::anthropic::write_request;
use crate::chat::tests::chunks::assert_grammar;
use crate::chat::tests::chunks::frames;

fn any_block() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "text", "text": ""})),
        Just(json!({"type": "text", "text": "t"})),
        Just(json!({"type": "thinking", "thinking": "", "signature": ""})),
        Just(json!({"type": "redacted_thinking", "data": "D"})),
        Just(json!({"type": "tool_use", "id": "a", "name": "look", "input": {}})),
        Just(json!({"type": "tool_use", "id": "b", "name": "write", "input": {"input": "x"}})),
        Just(json!({"type": "tool_use", "id": "c", "name": "json_tool_call", "input": {"k": 1}})),
        Just(json!({"type": "server_tool_use", "id": "d", "name": "web_search", "input": {}})),
        Just(json!({"type": 7})),
    ]
}

fn any_delta() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "text_delta", "text": "w"})),
        Just(json!({"type": "text_delta"})),
        Just(json!({"type": "thinking_delta", "thinking": "h"})),
        Just(json!({"type": "signature_delta", "signature": "S"})),
        Just(json!({"type": "input_json_delta", "partial_json": "{\"input\":"})),
        Just(json!({"type": "input_json_delta", "partial_json": "\"\\u00e9\"}"})),
        Just(json!({"type": "citations_delta", "citation": {"url": "https://a.test"}})),
        Just(Value::Null),
    ]
}

fn any_event() -> impl Strategy<Value = Value> {
    let index = 0_u64..4;
    prop_oneof![
        1 => Just(json!({"type": "message_start", "message": {"id": "m", "usage": {"input_tokens": 1}}})),
        4 => (index.clone(), any_block()).prop_map(|(index, content_block)| {
            json!({"type": "content_block_start", "index": index, "content_block": content_block})
        }),
        8 => (index.clone(), any_delta()).prop_map(|(index, delta)| {
            json!({"type": "content_block_delta", "index": index, "delta": delta})
        }),
        3 => index.prop_map(|index| json!({"type": "content_block_stop", "index": index})),
        1 => prop_oneof![Just("tool_use"), Just("end_turn"), Just("refusal"), Just("?")].prop_map(|reason| {
            json!({"type": "message_delta", "delta": {"stop_reason": reason,
                   "stop_details": {"explanation": "e"}}, "usage": {"output_tokens": 3}})
        }),
        1 => Just(json!({"type": "message_stop"})),
        1 => Just(json!({"type": "ping"})),
        1 => Just(json!({"type": "unheard_of", "index": []})),
    ]
}

/// A tool's input that was streamed, put together again, by the tool's place.
fn arguments(frames: &[Value]) -> Vec<String> {
    let mut arguments = Vec::new();
    let calls = frames.iter().filter_map(|frame| {
        frame["choices"].get(0)?["delta"]["tool_calls"]
            .get(0)
            .cloned()
    });
    for call in calls {
        let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
        arguments.resize(arguments.len().max(index + 1), String::new());
        if let Some(fragment) = call["function"]["arguments"].as_str() {
            arguments[index].push_str(fragment);
        } else {
            arguments[index].push_str("null");
        }
    }
    arguments
}

proptest! {
    #[test]
    fn any_events_make_chunks_that_a_client_can_read(
        events in prop::collection::vec(any_event(), 0..40),
        with_format in any::<bool>(),
        include_usage in any::<bool>(),
    ) {
        let mut fields = json!({
            "stream_options": {"include_usage": include_usage},
            "tools": [{"type": "function", "function": {"name": "look"}},
                      {"type": "custom", "custom": {"name": "write"}}],
        });
        if with_format {
            fields["response_format"] = json!({"type": "json_schema", "json_schema":
                {"name": "n", "schema": {"type": "object", "properties": {"k": {}}}}});
        }
        let mut stream = context_of(SONNET_35, &fields).translator();
        let mut out = BytesMut::new();
        let (mut failed, mut ended) = (false, 0);
        for event in &events {
            let before = out.len();
            if let Ok(effects) = stream.on_event(None, event.to_string().as_bytes(), &mut out) {
                ended += usize::from(effects.end);
                prop_assert!(!effects.content || out.len() > before);
            } else {
                failed = true;
                prop_assert_eq!(out.len(), before);
            }
        }
        match stream.on_eof(&mut out) {
            Ok(effects) => ended += usize::from(effects.end),
            Err(_) => failed = true,
        }
        prop_assert_eq!(ended, usize::from(!failed), "it ends, or it fails");
        let frames = frames(&out);
        assert_grammar(&frames, include_usage);
        prop_assert_eq!(frames.last() == Some(&json!("[DONE]")), !failed);
        if !failed {
            prop_assert!(arguments(&frames).iter().all(|text| !text.is_empty()));
        }
    }

    #[test]
    fn no_bytes_make_the_translator_panic(
        events in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..8),
        name in prop::option::of("[a-z_]{0,20}"),
    ) {
        let mut stream = context_of(SONNET_45, &json!({})).translator();
        let mut out = BytesMut::new();
        for event in &events {
            let _ = stream.on_event(name.as_deref(), event, &mut out);
        }
        let _ = stream.on_eof(&mut out);
        assert_grammar(&frames(&out), false);
    }
}

/// One exchange: what the user says, what the assistant does, and what the tools answer.
fn any_exchange() -> impl Strategy<Value = Vec<Value>> {
    let id = prop_oneof![Just("c1"), Just("c.1"), Just("c:1"), Just("x")];
    let calls = prop::collection::vec((id, any::<bool>()), 0..3);
    ("[a-z ]{0,5}", "[a-z ]{0,5}", calls).prop_map(|(user, assistant, calls)| {
        let tool_calls: Vec<_> = calls.iter().map(|(id, _)| {
            json!({"id": id, "type": "function", "function": {"name": "a/b", "arguments": "{}"}})
        }).collect();
        let mut messages = vec![
            json!({"role": "user", "content": user}),
            json!({"role": "assistant", "content": assistant, "tool_calls": tool_calls}),
        ];
        for (id, _) in calls.iter().filter(|(_, is_answered)| *is_answered) {
            messages.push(json!({"role": "tool", "tool_call_id": id, "content": "r"}));
        }
        messages
    })
}

proptest! {
    #[test]
    fn every_conversation_is_one_that_the_provider_takes(
        exchanges in prop::collection::vec(any_exchange(), 0..5),
    ) {
        let mut messages = exchanges.concat();
        messages.push(json!({"role": "user", "content": "last"}));
        let call = json!({"messages": messages, "tools": [{"type": "function", "function": {"name": "a/b"}}]});
        let body: Value = serde_json::from_slice(&write(SONNET_45, &call).unwrap().body).unwrap();
        let turns = body["messages"].as_array().unwrap();
        let mut used = std::collections::HashSet::new();
        for (at, turn) in turns.iter().enumerate() {
            let role = if at % 2 == 0 { "user" } else { "assistant" };
            prop_assert_eq!(&turn["role"], role);
            let blocks = turn["content"].as_array().unwrap();
            prop_assert!(!blocks.is_empty());
            prop_assert!(blocks.iter().all(|block| block["type"] != "text"
                || !block["text"].as_str().unwrap().trim().is_empty()));
            let ids = |turn: &Value, kind: &str, key: &str| -> Vec<String> {
                let blocks = turn["content"].as_array().unwrap().iter();
                let blocks = blocks.filter(|block| block["type"] == kind);
                blocks.map(|block| block[key].as_str().unwrap().to_owned()).collect()
            };
            let calls = ids(turn, "tool_use", "id");
            for id in &calls {
                prop_assert!(used.insert(id.clone()), "{} is used twice", id);
                prop_assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            }
            if role == "assistant" {
                let mut results = ids(&turns[at + 1], "tool_result", "tool_use_id");
                let (mut calls, leading) = (calls, results.len());
                results.sort();
                calls.sort();
                prop_assert_eq!(results, calls, "every call has its result");
                let first = turns[at + 1]["content"].as_array().unwrap().iter().take(leading);
                prop_assert!(first.clone().all(|block| block["type"] == "tool_result"));
            }
        }
    }

    #[test]
    fn a_longer_conversation_begins_with_the_same_bytes(
        exchanges in prop::collection::vec(any_exchange(), 1..5),
        more in any_exchange(),
    ) {
        let tools = json!([{"type": "function", "function": {"name": "a/b"}}]);
        let turns = |mut messages: Vec<Value>| {
            messages.push(json!({"role": "user", "content": "last"}));
            let call = json!({"messages": messages, "tools": tools});
            let once = write(OPUS_47, &call).unwrap().body;
            let again = write_request(&parse(&call), &{
                let mut options = RequestOptions::new(OPUS_47);
                options.default_max_tokens = 6000;
                options
            });
            assert_eq!(once, again.unwrap().body, "the same call is the same bytes");
            let body: Value = serde_json::from_slice(&once).unwrap();
            body["messages"].as_array().unwrap().clone()
        };
        let short = turns(exchanges.concat());
        let long = turns([exchanges.concat(), more].concat());
        // The last turn of the user goes on.
        let kept = short.len() - 1;
        prop_assert_eq!(&short[..kept], &long[..kept]);
    }
}

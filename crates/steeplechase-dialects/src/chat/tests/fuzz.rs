//! Whatever a caller sends, it is read or refused.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use super::parse::parse;
use crate::chat::ChatRequest;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z_]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![
            Just("role"),
            Just("content"),
            Just("type"),
            Just("text"),
            Just("tool_calls"),
            Just("function"),
            Just("name"),
            Just("id"),
            Just("image_url"),
            Just("thinking_blocks"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..4).prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value));
                Value::Object(fields.collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_call_makes_it_panic(messages in any_json(), tools in any_json(), choice in any_json()) {
        let _ = parse(&json!({"messages": messages, "tools": tools, "tool_choice": choice}));
        let _ = parse(&json!({"messages": [{"role": "assistant", "content": messages,
                                            "tool_calls": tools, "thinking_blocks": choice}]}));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = ChatRequest::parse(&Bytes::from(bytes));
    }
}

//! Of any conversation.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{FLASH_25, PRO_3, body};

/// One exchange: what the user says, what the assistant does, and what the tools answer, in any order.
fn any_exchange() -> impl Strategy<Value = Vec<Value>> {
    let id = prop_oneof![Just("c1"), Just("c2"), Just("c:3")];
    let calls = prop::collection::vec((id, any::<bool>(), any::<bool>()), 0..4);
    ("[a-z]{0,3}", "[a-z]{0,3}", calls, any::<bool>()).prop_map(
        |(user, said, calls, is_last_first)| {
            let tool_calls: Vec<_> = calls
                .iter()
                .map(|(id, _, is_sealed)| {
                    let mut call = json!({"id": id, "type": "function",
                                      "function": {"name": "a/b", "arguments": "{}"}});
                    if *is_sealed {
                        call["extra_content"] = json!({"google": {"thought_signature": "S"}});
                    }
                    call
                })
                .collect();
            let mut results: Vec<_> = calls
                .iter()
                .filter(|(_, is_answered, _)| *is_answered)
                .map(|(id, ..)| json!({"role": "tool", "tool_call_id": id, "content": "r"}))
                .collect();
            if is_last_first {
                results.reverse();
            }
            let mut messages = vec![
                json!({"role": "user", "content": user}),
                json!({"role": "assistant", "content": said, "tool_calls": tool_calls}),
            ];
            messages.append(&mut results);
            messages
        },
    )
}

fn call(mut messages: Vec<Value>) -> Value {
    messages.push(json!({"role": "user", "content": "last"}));
    json!({"messages": messages, "tools": [{"type": "function", "function": {"name": "a/b"}}]})
}

fn count(content: &Value, kind: &str) -> usize {
    let parts = content["parts"].as_array().unwrap().iter();
    parts.filter(|part| part.get(kind).is_some()).count()
}

proptest! {
    #[test]
    fn every_conversation_is_one_that_the_provider_takes(
        exchanges in prop::collection::vec(any_exchange(), 0..5),
        is_new in any::<bool>(),
    ) {
        let model = if is_new { PRO_3 } else { FLASH_25 };
        let body = body(model, &call(exchanges.concat()));
        let contents = body["contents"].as_array().unwrap();
        prop_assert_eq!(&contents[0]["role"], "user");
        prop_assert_eq!(&contents[contents.len() - 1]["role"], "user");
        for (at, content) in contents.iter().enumerate() {
            let parts = content["parts"].as_array().unwrap();
            prop_assert!(!parts.is_empty());
            prop_assert!(parts.iter().all(|part| part["text"] != "" || part.get("thoughtSignature").is_some()));
            let (calls, results) = (count(content, "functionCall"), count(content, "functionResponse"));
            if calls > 0 {
                prop_assert_eq!(&content["role"], "model");
                prop_assert_eq!(count(&contents[at + 1], "functionResponse"), calls);
                let first = parts.iter().find(|part| part.get("functionCall").is_some()).unwrap();
                prop_assert!(!is_new || first.get("thoughtSignature").is_some(), "it is sealed");
            }
            if results > 0 {
                prop_assert_eq!(results, parts.len(), "nothing else is with the results");
                prop_assert_eq!(count(&contents[at - 1], "functionCall"), results);
            }
            let has_id = |part: &Value| part["functionCall"].get("id").is_some();
            prop_assert!(is_new || !parts.iter().any(has_id), "older models refuse the names of calls");
        }
    }

    #[test]
    fn a_longer_conversation_begins_with_the_same_bytes(
        exchanges in prop::collection::vec(any_exchange(), 1..4),
        more in any_exchange(),
    ) {
        let contents = |messages: Vec<Value>| {
            let call = call(messages);
            let (once, again) = (super::write(PRO_3, &call).body, super::write(PRO_3, &call).body);
            assert_eq!(once, again, "the same call is the same bytes");
            let body: Value = serde_json::from_slice(&once).unwrap();
            body["contents"].as_array().unwrap().clone()
        };
        let short = contents(exchanges.concat());
        let long = contents([exchanges.concat(), more].concat());
        // The last turn of the user goes on.
        let kept = short.len() - 1;
        prop_assert_eq!(&short[..kept], &long[..kept]);
    }
}

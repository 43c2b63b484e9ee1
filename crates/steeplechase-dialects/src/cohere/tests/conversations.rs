//! Properties of any conversation.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{body, write};

/// One exchange: what the user says, what the assistant does, what the tools answer, and in which order.
fn any_exchange() -> impl Strategy<Value = Vec<Value>> {
    let id = prop_oneof![Just("c1"), Just("c.1"), Just("x")];
    let arguments = prop_oneof![Just(""), Just("{}"), Just("[1]"), Just("nonsense {")];
    let calls = prop::collection::vec((id, arguments, any::<bool>()), 0..3);
    ("[a-z ]{0,4}", "[a-z ]{0,4}", calls, any::<bool>()).prop_map(|(user, said, calls, system)| {
        let tool_calls: Vec<_> = calls.iter().map(|(id, arguments, _)| {
            json!({"id": id, "type": "function", "function": {"name": "f", "arguments": arguments}})
        }).collect();
        let mut messages = vec![
            json!({"role": "user", "content": user}),
            json!({"role": "assistant", "content": said, "tool_calls": tool_calls}),
        ];
        if system {
            messages.push(json!({"role": "system", "content": "note"}));
        }
        for (id, ..) in calls.iter().filter(|(.., is_answered)| *is_answered) {
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
        let body = body(&json!({"messages": messages}));
        let turns = body["messages"].as_array().unwrap();
        let mut waiting: Vec<&Value> = Vec::new();
        for turn in turns {
            match turn["role"].as_str().unwrap() {
                "tool" => {
                    let id = &turn["tool_call_id"];
                    let place = waiting.iter().position(|it| *it == id);
                    prop_assert!(place.is_some(), "nobody has asked for {}", id);
                    waiting.remove(place.unwrap());
                    prop_assert!(turn["content"].is_string());
                }
                "assistant" => {
                    prop_assert!(waiting.is_empty());
                    let calls = turn["tool_calls"].as_array();
                    for call in calls.into_iter().flatten() {
                        waiting.push(&call["id"]);
                        let arguments = call["function"]["arguments"].as_str().unwrap();
                        let arguments: Value = serde_json::from_str(arguments).unwrap();
                        prop_assert!(arguments.is_object());
                    }
                    prop_assert!(calls.is_some() != turn["content"].is_string());
                }
                _ => {
                    prop_assert!(waiting.is_empty());
                    prop_assert!(turn["content"].as_str().is_some_and(|text| !text.is_empty()));
                }
            }
        }
        prop_assert!(waiting.is_empty());
    }

    #[test]
    fn a_longer_conversation_begins_with_the_same_turns(
        exchanges in prop::collection::vec(any_exchange(), 1..4),
        more in any_exchange(),
    ) {
        let turns = |mut messages: Vec<Value>| {
            messages.push(json!({"role": "user", "content": "last"}));
            let call = json!({"messages": messages});
            assert_eq!(write(&call).unwrap().body, write(&call).unwrap().body);
            body(&call)["messages"].as_array().unwrap().clone()
        };
        let short = turns(exchanges.concat());
        let long = turns([exchanges.concat(), more].concat());
        let kept = short.len() - 1;
        prop_assert_eq!(&short[..kept], &long[..kept]);
    }
}

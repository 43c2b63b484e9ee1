use proptest::prelude::*;
use serde_json::{Value, json};
use steeplechase_core::deployment::{CallIds, MessageRules, Texts};

use super::*;
use crate::openai::messages::rewritten;

/// All rules at once.
fn strict() -> MessageRules {
    let mut rules = MessageRules::default();
    rules.texts = Texts::All;
    rules.call_ids = CallIds::Nine;
    rules.thoughts = true;
    rules
}

fn after(messages: &str) -> String {
    rewritten(messages, strict(), true).unwrap_or_else(|| messages.to_owned())
}

#[test]
fn all_but_what_changes_stays_as_it_was_written() {
    let mut params = ParamRules::default();
    params.messages = strict();
    let raw = r#"{ "messages" : [ {"content":[ {"text":"a\u00e9", "type":"text"} ], "role":"user", "x": 1.50},
        {"role":"assistant", "tool_calls":[{"id":"call_abc123","function":{"id":"stays"}}] } ], "model":"fast"}"#;
    let expected = r#"{ "messages" : [ {"content":"a\u00e9", "role":"user", "x": 1.50},
        {"role":"assistant", "tool_calls":[{"id":"OANJQSxzk","function":{"id":"stays"}}] ,"reasoning_content":" "} ], "model":"m"}"#;
    let builder = builder(params);
    assert_eq!(sent(builder, raw), (expected.to_owned(), String::new()));
}

#[test]
fn what_is_no_message_is_left_to_the_provider() {
    for messages in [
        "null",
        "\"hi\"",
        "[]",
        "[1,null,\"x\",[]]",
        r#"[{"role":"user","content":[{"type":"text"}]}]"#,
        r#"[{"role":"user","content":[{"type":"text","text":7}]}]"#,
        r#"[{"role":"user","content":["hi"]}]"#,
        r#"[{"role":"assistant","tool_calls":[7,{"id":8}],"reasoning_content":"Hm."}]"#,
    ] {
        assert_eq!(after(messages), messages);
    }
}

/// A field of a message, as it may be, or as nobody would write it.
fn value() -> impl Strategy<Value = Value> {
    let part = prop_oneof![
        "[a-z\"\\\\é]{0,3}".prop_map(|text| json!({"type": "text", "text": text})),
        Just(json!({"type": "image_url", "image_url": {"url": "u"}})),
        Just(json!(3)),
    ];
    let call = "[a-z\"_]{0,12}".prop_map(|id| json!({"id": id, "type": "function"}));
    prop_oneof![
        Just(Value::Null),
        "[a-z\"\\\\]{0,3}".prop_map(Value::from),
        proptest::collection::vec(part, 0..3).prop_map(Value::from),
        proptest::collection::vec(call, 0..3).prop_map(Value::from),
    ]
}

fn message() -> impl Strategy<Value = Value> {
    const NAMES: [&str; 6] = [
        "content",
        "name",
        "reasoning_content",
        "tool_call_id",
        "tool_calls",
        "x",
    ];
    let role = proptest::sample::select(vec!["user", "assistant", "tool", ""]);
    let fields = proptest::collection::vec((proptest::sample::select(&NAMES[..]), value()), 0..6);
    (role, fields).prop_map(|(role, fields)| {
        let mut message = json!({"role": role});
        for (name, value) in fields {
            message[name] = value;
        }
        message
    })
}

proptest! {
    #[test]
    fn messages_stay_messages_and_nothing_changes_twice(
        messages in proptest::collection::vec(message(), 0..5),
    ) {
        let raw = Value::from(messages.clone()).to_string();
        let once = after(&raw);
        let read: Vec<Value> = serde_json::from_str(&once).unwrap();
        prop_assert_eq!(read.len(), messages.len());
        for (before, after) in messages.iter().zip(&read) {
            for name in ["role", "name", "x"] {
                prop_assert_eq!(before.get(name), after.get(name));
            }
        }
        prop_assert_eq!(after(&once), once);
    }

    #[test]
    fn no_text_makes_it_panic(messages in "[\\[\\]{}\",: a-z\\\\]{0,60}") {
        let _ = rewritten(&messages, strict(), true);
    }
}

use serde_json::Value;
use serde_json::json;
use steeplechase_core::Class;

use super::OPUS_48;
use super::SONNET_45;
use super::SONNET_46;
use super::body;
use super::dropped;
use super::write;
use super::write_with;

fn tool() -> Value {
    json!([{"type": "function", "function": {"name": "look"}}])
}

pub(super) fn called(id: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "look", "arguments": "{\"at\":7}"}})
}

/// The turns of a conversation with a tool.
pub(super) fn turns(model: &str, messages: Value) -> Value {
    body(model, &json!({"messages": messages, "tools": tool()}))["messages"].clone()
}

pub(super) fn text(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

#[test]
fn the_application_speaks_first_and_each_part_stays_one() {
    let body = body(
        SONNET_45,
        &json!({"messages": [
            {"role": "system", "content": "One.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
            {"role": "developer", "content": [{"type": "text", "text": "Two."},
                                              {"type": "text", "text": "  \n"},
                                              {"type": "text", "text": "Three."}]},
            {"role": "user", "content": "Go"},
        ]}),
    );
    let system = json!([
        {"type": "text", "text": "One.", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        text("Two."),
        text("Three."),
    ]);
    assert_eq!(body["system"], system);
    assert_eq!(
        body["messages"],
        json!([{"role": "user", "content": [text("Go")]}])
    );
}

#[test]
fn an_application_that_says_nothing_is_not_heard() {
    for content in [json!(""), json!(" \n"), json!([])] {
        let body = body(
            SONNET_45,
            &json!({"messages": [
                {"role": "system", "content": content},
                {"role": "user", "content": "Go"},
            ]}),
        );
        assert_eq!(body.get("system"), None, "{content}");
    }
}

#[test]
fn a_later_system_message_is_a_note_where_the_model_takes_no_other() {
    let messages = json!([
        {"role": "user", "content": "a"},
        {"role": "system", "content": "now in French"},
        {"role": "assistant", "content": "b"},
        {"role": "developer", "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]},
        {"role": "user", "content": "c"},
    ]);
    let noted = json!([
        {"role": "user", "content": [text("a"), text("[operator note] now in French")]},
        {"role": "assistant", "content": [text("b")]},
        {"role": "user", "content": [text("[operator note] x"), text("y"), text("c")]},
    ]);
    assert_eq!(turns(SONNET_45, messages.clone()), noted);
    // Where it may stay, it does; where it may not, it is a note after all.
    let kept = json!([
        {"role": "user", "content": [text("a")]},
        {"role": "system", "content": [text("now in French")]},
        {"role": "assistant", "content": [text("b")]},
        {"role": "user", "content": [text("[operator note] x"), text("y"), text("c")]},
    ]);
    assert_eq!(turns(OPUS_48, messages), kept);
}

#[test]
fn neighbouring_system_messages_become_one() {
    let messages = json!([
        {"role": "user", "content": "a"},
        {"role": "system", "content": "x"},
        {"role": "system", "content": "y"},
    ]);
    let wanted = json!([
        {"role": "user", "content": [text("a")]},
        {"role": "system", "content": [text("x"), text("y")]},
    ]);
    assert_eq!(turns(OPUS_48, messages), wanted);
}

#[test]
fn results_come_first_and_missing_ones_are_made_up() {
    let messages = json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b", "tool_calls": [called("c1"), called("c2"), called("c3")]},
        {"role": "system", "content": "hurry"},
        {"role": "tool", "tool_call_id": "c3", "content": "three", "is_error": true},
        {"role": "user", "content": "and?"},
        {"role": "tool", "tool_call_id": "c1", "content": [
            {"type": "text", "text": "one"},
            {"type": "image_url", "image_url": {"url": "https://pics.test/1.png"}}]},
    ]);
    let input = json!({"at": 7});
    let wanted = json!([
        {"role": "user", "content": [text("a")]},
        {"role": "assistant", "content": [
            text("b"),
            {"type": "tool_use", "id": "c1", "name": "look", "input": input},
            {"type": "tool_use", "id": "c2", "name": "look", "input": input},
            {"type": "tool_use", "id": "c3", "name": "look", "input": input},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c3", "content": [text("three")], "is_error": true},
            {"type": "tool_result", "tool_use_id": "c1", "content": [
                text("one"),
                {"type": "image", "source": {"type": "url", "url": "https://pics.test/1.png"}}]},
            {"type": "tool_result", "tool_use_id": "c2", "content": [text("No result provided.")],
             "is_error": true},
            text("[operator note] hurry"),
            text("and?"),
        ]},
    ]);
    assert_eq!(turns(SONNET_45, messages), wanted);
}

#[test]
fn a_call_that_nobody_answers_gets_a_turn_of_its_own() {
    let messages = json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "tool_calls": [called("c1")]},
    ]);
    let turns = turns(SONNET_46, messages);
    assert_eq!(turns[2]["content"][0]["tool_use_id"], "c1");
    assert_eq!(turns[2]["content"][0]["is_error"], true);
}

#[test]
fn a_result_that_nobody_asked_for_is_left_out_and_noted() {
    let call = json!({"messages": [
        {"role": "user", "content": "a"},
        {"role": "tool", "tool_call_id": "stray", "content": "x"},
        {"role": "user", "content": "b"},
    ], "tools": tool()});
    let written = write(SONNET_45, &call).unwrap();
    assert_eq!(dropped(&written), ["messages[1]"]);
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(
        body["messages"],
        json!([{"role": "user", "content": [text("a"), text("b")]}])
    );
}

#[test]
fn names_of_calls_are_legal_and_never_alike() {
    let turns = turns(
        SONNET_45,
        json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [called("p.q"), called("p:q"), called("same")]},
            {"role": "tool", "tool_call_id": "p:q", "content": "colon"},
            {"role": "tool", "tool_call_id": "p.q", "content": "dot"},
            {"role": "tool", "tool_call_id": "same", "content": "1"},
            {"role": "assistant", "tool_calls": [called("same")]},
            {"role": "tool", "tool_call_id": "same", "content": "2"},
        ]),
    );
    let calls = turns[1]["content"].as_array().unwrap();
    let results = turns[2]["content"].as_array().unwrap();
    let (dot, colon) = (
        calls[0]["id"].as_str().unwrap(),
        calls[1]["id"].as_str().unwrap(),
    );
    assert_ne!(dot, colon);
    assert!(dot.starts_with("p_q_") && dot.len() == 12, "{dot}");
    assert_eq!(results[0]["tool_use_id"], colon);
    assert_eq!(results[1]["tool_use_id"], dot);
    assert_eq!(turns[3]["content"][0]["id"], "same_2");
    assert_eq!(turns[4]["content"][0]["tool_use_id"], "same_2");
}

#[test]
fn a_seal_of_another_provider_is_taken_out_of_the_name_of_a_call() {
    let sealed = format!("call_9__thought__{}==", "Q0hZ".repeat(30));
    let turns = turns(
        SONNET_45,
        json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [called(&sealed), called("functions.read:0")]},
            {"role": "tool", "tool_call_id": sealed, "content": "1"},
            {"role": "tool", "tool_call_id": "functions.read:0", "content": "2"},
        ]),
    );
    let (calls, results) = (&turns[1]["content"], &turns[2]["content"]);
    assert_eq!(calls[0]["id"], "call_9");
    for at in 0..2 {
        assert_eq!(calls[at]["id"], results[at]["tool_use_id"]);
        let id = calls[at]["id"].as_str().unwrap();
        assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
    }
}

#[test]
fn what_a_tool_was_given_is_always_an_object() {
    let given = |arguments: &str| {
        let messages = json!([
            {"role": "user", "content": "a"},
            {"role": "assistant", "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "look", "arguments": arguments}}]},
            {"role": "tool", "tool_call_id": "c", "content": "ok"},
        ]);
        turns(SONNET_45, messages)[1]["content"][0]["input"].clone()
    };
    assert_eq!(given(" {\"z\": 1, \"a\": [2]} "), json!({"z": 1, "a": [2]}));
    assert_eq!(given(""), json!({}));
    assert_eq!(given("null"), json!({"value": null}));
    assert_eq!(given("\"word\""), json!({"value": "word"}));
    assert_eq!(given("{\"cut\": "), json!({"_raw": "{\"cut\": "}));
}

#[test]
fn silence_is_a_full_stop() {
    let turns = turns(
        SONNET_45,
        json!([
            {"role": "user", "content": []},
            {"role": "assistant", "content": null, "tool_calls": [], "function_call": null},
            {"role": "user", "content": [{"type": "text", "text": " \t"}]},
            {"role": "user", "content": "word"},
        ]),
    );
    let wanted = json!([
        {"role": "user", "content": [text(".")]},
        {"role": "assistant", "content": [text(".")]},
        {"role": "user", "content": [text("word")]},
    ]);
    assert_eq!(turns, wanted);
}

#[test]
fn a_conversation_begins_with_the_user() {
    let cases = [
        (
            json!([{"role": "assistant", "content": "x"}, {"role": "user", "content": "y"}]),
            "messages[0]",
        ),
        (json!([{"role": "system", "content": "x"}]), "messages"),
        (
            json!([{"role": "system", "content": "x"}, {"role": "assistant", "content": "y"}]),
            "messages[1]",
        ),
    ];
    for (messages, param) in cases {
        let error = write(SONNET_45, &json!({"messages": messages})).unwrap_err();
        assert_eq!(
            (error.class(), error.param()),
            (Class::InvalidRequest, Some(param))
        );
    }
}

#[test]
fn a_last_message_of_the_assistant_is_continued_if_the_model_can() {
    let call = json!({"messages": [
        {"role": "user", "content": "count"},
        {"role": "assistant", "content": "one two \n"},
    ]});
    let body = body(SONNET_45, &call);
    assert_eq!(body["messages"][1]["content"], json!([text("one two")]));

    let error = write(SONNET_46, &call).unwrap_err();
    assert_eq!(
        (error.class(), error.param()),
        (Class::Unsupported, Some("messages"))
    );
    let mut thinks = call.clone();
    thinks["reasoning_effort"] = json!("low");
    assert!(
        write(SONNET_45, &thinks).is_err(),
        "no thought fits between its words"
    );

    let asked = write_with(SONNET_46, &call, |options| {
        options.append_user_continue = true;
    });
    let asked: Value = serde_json::from_slice(&asked.unwrap().body).unwrap();
    assert_eq!(asked["messages"][2]["content"], json!([text("Continue.")]));
}

#[test]
fn a_refusal_in_the_history_is_text() {
    let refused = json!([
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "I will not"}], "name": "Al"},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": null, "refusal": "nor now"},
        {"role": "user", "content": "c"},
    ]);
    let turns = turns(SONNET_45, refused);
    assert_eq!(turns[1]["content"], json!([text("I will not")]));
    assert_eq!(turns[3]["content"], json!([text("nor now")]));
    let picture = json!([{"role": "user", "content": "a"}, {"role": "assistant", "content": [
        {"type": "text", "text": "  "}, {"type": "image_url", "image_url": "https://p.test/x.png"}]}]);
    let error = write(SONNET_45, &json!({"messages": picture})).unwrap_err();
    assert_eq!(error.param(), Some("messages[1].content[1]"));
}

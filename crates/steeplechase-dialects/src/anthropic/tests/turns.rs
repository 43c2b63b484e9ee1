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

fn called(id: &str) -> Value {
    json!({"id": id, "type": "function", "function": {"name": "look", "arguments": "{\"at\":7}"}})
}

/// The turns of a conversation with a tool.
fn turns(model: &str, messages: Value) -> Value {
    body(model, &json!({"messages": messages, "tools": tool()}))["messages"].clone()
}

fn text(text: &str) -> Value {
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
            {"role": "assistant", "content": null},
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
fn pictures_and_documents_go_by_what_they_are() {
    let part = |part: Value| {
        let call = json!({"messages": [{"role": "user", "content": [part]}]});
        let written = write(SONNET_45, &call).map_err(|error| {
            assert_eq!(error.status(), 400);
            (error.param().unwrap().to_owned(), error.class())
        });
        let written = written?;
        let body: Value = serde_json::from_slice(&written.body).unwrap();
        Ok::<_, (String, Class)>((body["messages"][0]["content"][0].clone(), written.betas))
    };
    let image =
        |url: &str| part(json!({"type": "image_url", "image_url": {"url": url, "detail": "low"}}));
    let file = |fields: Value| part(json!({"type": "file", "file": fields}));
    let base64 = |kind: &str, media_type: &str, data: &str| json!({"type": kind, "source": {"type": "base64", "media_type": media_type, "data": data}});

    let gif = image("data:image/gif;name=x;base64,R0lG").unwrap();
    assert_eq!(gif.0, base64("image", "image/gif", "R0lG"));
    let jpg = image("DATA:image/JPG;base64,/9j/").unwrap();
    assert_eq!(jpg.0, base64("image", "image/jpeg", "/9j/"));
    let pdf = image("data:application/pdf;base64,JVBE").unwrap();
    assert_eq!(pdf.0, base64("document", "application/pdf", "JVBE"));
    let remote = image("https://pics.test/p.webp").unwrap();
    assert_eq!(
        remote.0["source"],
        json!({"type": "url", "url": "https://pics.test/p.webp"})
    );

    let named = file(json!({"file_data": "data:application/pdf;base64,JVBE", "filename": "a.pdf"}));
    assert_eq!(named.unwrap().0["title"], "a.pdf");
    let plain = file(json!({"file_data": "data:text/plain;base64,SGVqIMOl"})).unwrap();
    let source = json!({"type": "text", "media_type": "text/plain", "data": "Hej å"});
    assert_eq!(plain.0, json!({"type": "document", "source": source}));
    let theirs = file(json!({"file_id": "file_011C"})).unwrap();
    assert_eq!(
        theirs.0["source"],
        json!({"type": "file", "file_id": "file_011C"})
    );
    assert_eq!(theirs.1, ["files-api-2025-04-14"]);
    let url = file(json!({"file_data": "https://docs.test/d.pdf"})).unwrap();
    assert_eq!(
        url.0["source"],
        json!({"type": "url", "url": "https://docs.test/d.pdf"})
    );

    let at = "messages[0].content[0]";
    for (result, param, class) in [
        (image("http://pics.test/p.png"), at, Class::InvalidRequest),
        (image("data:image/png,raw"), at, Class::InvalidRequest),
        (image("data:image/bmp;base64,Qk0="), at, Class::Unsupported),
        (
            file(json!({"file_data": "JVBE"})),
            "messages[0].content[0].file.file_data",
            Class::InvalidRequest,
        ),
        (
            file(json!({"file_data": "data:text/plain;base64,?"})),
            at,
            Class::InvalidRequest,
        ),
        (
            file(json!({"file_id": "file-9"})),
            "messages[0].content[0].file.file_id",
            Class::Unsupported,
        ),
        (
            part(json!({"type": "input_audio", "input_audio": {"data": "AA", "format": "mp3"}})),
            at,
            Class::Unsupported,
        ),
        (part(json!({"type": "smell"})), at, Class::Unsupported),
    ] {
        assert_eq!(result.unwrap_err(), (param.to_owned(), class));
    }
}

#[test]
fn only_the_last_four_cache_marks_stay() {
    let mark = json!({"type": "ephemeral"});
    let call = json!({
        "tools": [{"type": "function", "function": {"name": "look"}, "cache_control": mark}],
        "messages": [
            {"role": "system", "content": "s", "cache_control": mark},
            {"role": "user", "content": "a"},
            {"role": "assistant", "content": "b", "cache_control": mark, "tool_calls": [called("c1")]},
            {"role": "tool", "tool_call_id": "c1", "content": "r", "cache_control": mark},
            {"role": "user", "content": [
                {"type": "text", "text": "", "cache_control": mark},
                {"type": "text", "text": "d", "prompt_cache_breakpoint": {"mode": "explicit"}}]},
        ],
    });
    let written = write(SONNET_45, &call).unwrap();
    assert_eq!(dropped(&written), ["cache_control"]);
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(body["tools"][0].get("cache_control"), None);
    let messages = &body["messages"];
    assert_eq!(body["system"][0]["cache_control"], mark);
    assert_eq!(
        messages[1]["content"][0].get("cache_control"),
        None,
        "it is on the last block"
    );
    assert_eq!(messages[1]["content"][1]["cache_control"], mark);
    assert_eq!(messages[2]["content"][0]["cache_control"], mark);
    assert_eq!(messages[2]["content"][1]["cache_control"], mark);
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

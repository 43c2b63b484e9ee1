use serde_json::{Value, json};

use super::{body, call_with, write};

#[test]
fn all_that_can_be_said_is_said_to_openai() {
    let fields = json!({
        "max_tokens": 9, "n": 2, "temperature": 0.5, "presence_penalty": 1.0, "frequency_penalty": -1.0,
        "logit_bias": {"7": 1}, "logprobs": true, "top_logprobs": 2, "seed": 4, "verbosity": "low",
        "prediction": {"type": "content", "content": "x"}, "service_tier": "flex", "user": "u",
        "safety_identifier": "s", "store": true, "metadata": {"k": "v"}, "modalities": ["text", "audio"],
        "audio": {"voice": "v", "format": "wav"}, "prompt_cache_key": "p", "parallel_tool_calls": true,
        "response_format": {"type": "json_object"},
    });
    let sent = body("openai", "gpt-4o", &call_with(&fields));
    let mut wanted = fields;
    let wanted = wanted.as_object_mut().unwrap();
    wanted.shift_remove("max_tokens");
    // Without tools it is an error there.
    wanted.shift_remove("parallel_tool_calls");
    wanted.insert("max_completion_tokens".into(), json!(9));
    wanted.insert("model".into(), json!("gpt-4o"));
    wanted.insert("messages".into(), call_with(&json!({}))["messages"].clone());
    assert_eq!(sent, Value::Object(wanted.clone()));
}

#[test]
fn hints_are_for_who_knows_them() {
    let hints = json!({
        "verbosity": "low", "prediction": {"type": "content", "content": "x"}, "service_tier": "auto",
        "user": "u", "safety_identifier": "s", "store": true, "metadata": {"k": "v"},
        "prompt_cache_key": "p", "modalities": ["text"],
    });
    let written = write("groq", "llama", &call_with(&hints)).unwrap();
    let sent: Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(
        sent,
        json!({"model": "llama", "messages": [{"role": "user", "content": "hi"}]})
    );
    let mut dropped = written.dropped;
    dropped.sort();
    let mut wanted: Vec<Box<str>> = hints
        .as_object()
        .unwrap()
        .keys()
        .map(|name| (**name).into())
        .collect();
    wanted.retain(|name| &**name != "modalities");
    wanted.sort();
    assert_eq!(dropped, wanted);
    let audio = call_with(&json!({"modalities": ["audio"]}));
    assert_eq!(
        write("groq", "llama", &audio).unwrap_err().param(),
        Some("modalities")
    );
}

#[test]
fn what_is_empty_is_not_said() {
    let call = call_with(&json!({
        "tools": [], "tool_choice": "auto", "parallel_tool_calls": true, "stop": [], "stream": false,
        "response_format": {"type": "text"}, "logit_bias": {}, "logprobs": false, "n": 1,
    }));
    let wanted = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]});
    assert_eq!(body("openai", "gpt-4o", &call), wanted);
}

#[test]
fn messages_are_as_the_provider_wants_them() {
    let messages = json!([
        {"role": "developer", "content": "d", "name": "n"},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.test/i.png", "detail": "odd"}}]},
        {"role": "assistant", "content": null},
        {"role": "assistant", "content": "x", "refusal": "no", "reasoning_content": "r"},
        {"role": "user", "content": []},
    ]);
    let call = json!({ "messages": messages });
    assert_eq!(
        body("openai", "gpt-4o", &call)["messages"],
        json!([
            {"role": "developer", "content": "d", "name": "n"},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.test/i.png"}}]},
            {"role": "assistant", "content": ""},
            {"role": "assistant", "content": "x", "refusal": "no"},
            {"role": "user", "content": ""},
        ])
    );
    assert_eq!(
        body("cerebras", "m", &call)["messages"],
        json!([
            {"role": "system", "content": "d"},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://x.test/i.png"}}]},
            {"role": "assistant", "content": ""},
            {"role": "assistant", "content": "x\n\nno"},
            {"role": "user", "content": ""},
        ])
    );
}

#[test]
fn files_of_others_and_documents_at_addresses_are_refused() {
    for (file, param) in [
        (
            json!({"file_id": "file_abc"}),
            "messages[0].content[0].file.file_id",
        ),
        (
            json!({"file_url": "https://x.test/a.pdf"}),
            "messages[0].content[0].file.file_url",
        ),
    ] {
        let part = json!({"type": "file", "file": file});
        let call = json!({"messages": [{"role": "user", "content": [part]}]});
        assert_eq!(
            write("openai", "gpt-4o", &call).unwrap_err().param(),
            Some(param)
        );
    }
    let known = json!({"type": "file", "file": {"file_id": "file-abc"}});
    let call = json!({"messages": [{"role": "user", "content": [known]}]});
    assert_eq!(
        body("openai", "gpt-4o", &call)["messages"][0]["content"][0],
        known
    );
    let sound = json!({"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}});
    let call = json!({"messages": [{"role": "user", "content": [sound]}]});
    assert_eq!(
        body("openai", "gpt-4o", &call)["messages"][0]["content"][0],
        sound
    );
}

#[test]
fn some_of_the_tools_are_the_only_ones_where_they_cannot_be_named() {
    let function = |name: &str| json!({"type": "function", "function": {"name": name}});
    let call = call_with(&json!({
        "tools": [function("a"), function("b")],
        "tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [function("b")]}},
    }));
    let sent = body("openai", "gpt-5", &call);
    assert_eq!(sent["tool_choice"], call["tool_choice"]);
    let sent = body("groq", "m", &call);
    assert_eq!(sent["tools"], json!([function("b")]));
    assert_eq!(sent["tool_choice"], "required");
    let unknown = call_with(&json!({"tools": [function("a")], "tool_choice": function("z")}));
    assert_eq!(
        write("openai", "gpt-5", &unknown).unwrap_err().param(),
        Some("tool_choice")
    );
}

#[test]
fn two_calls_of_one_name_in_one_message_are_told_apart() {
    let call = json!({"messages": [
        {"role": "user", "content": "q"},
        {"role": "assistant", "tool_calls": [
            {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            {"id": "a", "type": "function", "function": {"name": "g", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "a", "content": "2"}]});
    let messages = &body("openai", "gpt-5", &call)["messages"];
    assert_eq!(messages[1]["tool_calls"][1]["id"], "a_2");
    assert_eq!(
        (&messages[2]["tool_call_id"], &messages[3]["tool_call_id"]),
        (&json!("a"), &json!("a_2"))
    );
}

#[test]
fn an_effort_is_the_nearest_that_a_model_has() {
    for (model, asked, told) in [
        ("o3", "none", json!("low")),
        ("o3", "max", json!("high")),
        ("gpt-5", "none", json!("minimal")),
        ("gpt-5", "xhigh", json!("high")),
        ("gpt-5.1", "minimal", json!("low")),
        ("gpt-5.2", "max", json!("xhigh")),
        ("some-model", "max", json!("xhigh")),
        ("gpt-4o", "none", Value::Null),
    ] {
        let call = call_with(&json!({"reasoning_effort": asked}));
        assert_eq!(
            body("openai", model, &call)["reasoning_effort"],
            told,
            "{model} {asked}"
        );
    }
    let call = call_with(&json!({"reasoning_effort": "low"}));
    let error = write("openai", "gpt-4o", &call).unwrap_err();
    assert_eq!(error.param(), Some("reasoning_effort"));
}

use serde_json::Value;
use serde_json::json;

use super::OPUS_55;
use super::SONNET_35;
use super::SONNET_45;
use super::body;
use super::call_with;
use super::dropped;
use super::write;
use super::write_with;

fn function(name: &str) -> Value {
    json!({"type": "function", "function": {"name": name, "parameters": schema()}})
}

fn schema() -> Value {
    json!({"type": "object", "properties": {"n": {"type": "integer"}}})
}

fn with(fields: &Value) -> Value {
    let mut call = call_with(fields);
    if call.get("tools").is_none() {
        call["tools"] = json!([function("red"), function("blue")]);
    }
    call
}

#[test]
fn a_tool_has_a_schema_whatever_the_caller_says() {
    let schema_of = |function: Value| {
        let call = call_with(&json!({"tools": [{"type": "function", "function": function}]}));
        body(SONNET_45, &call)["tools"][0]["input_schema"].clone()
    };
    let empty = json!({"type": "object", "properties": {}});
    assert_eq!(schema_of(json!({"name": "f"})), empty);
    assert_eq!(schema_of(json!({"name": "f", "parameters": {}})), empty);
    let untyped = json!({"name": "f", "parameters": {"properties": {"a": {"type": "string"}}}});
    assert_eq!(schema_of(untyped)["type"], "object");
    let either = json!({"name": "f", "parameters": {"anyOf": [
        {"type": "object", "properties": {"a": {"type": "string"}, "c": {}}, "required": ["a", "c"]},
        {"type": "object", "properties": {"b": {"type": "null"}, "c": {}}, "required": ["c"]},
    ]}});
    let flat = json!({"type": "object",
                      "properties": {"a": {"type": "string"}, "c": {}, "b": {"type": "null"}},
                      "required": ["c"]});
    assert_eq!(schema_of(either), flat);
    let both = json!({"name": "f", "parameters": {"type": "object", "allOf": [
        {"properties": {"a": {}}, "required": ["a"]}, {"required": ["b"]}]}});
    assert_eq!(schema_of(both)["required"], json!(["a", "b"]));
}

#[test]
fn alternatives_that_are_no_objects_are_refused_by_name() {
    let call = call_with(&json!({"tools": [function("ok"),
        {"type": "function", "function": {"name": "f", "parameters": {"oneOf": [{"type": "string"}]}}}]}));
    let error = write(SONNET_45, &call).unwrap_err();
    assert_eq!(error.param(), Some("tools[1].function.parameters"));
}

#[test]
fn strict_is_passed_on_to_models_that_know_it() {
    let tools = json!([{"type": "function", "function": {"name": "f", "strict": true, "description": "d"}},
                       {"type": "function", "function": {"name": "g", "strict": false}}]);
    let call = call_with(&json!({"tools": tools}));
    let body_of = body(SONNET_45, &call);
    assert_eq!(body_of["tools"][0]["strict"], true);
    assert_eq!(body_of["tools"][0]["description"], "d");
    assert_eq!(body_of["tools"][1].get("strict"), None);
    assert_eq!(body(SONNET_35, &call)["tools"][0].get("strict"), None);
    let again = write_with(SONNET_45, &call, |options| options.without_strict = true).unwrap();
    assert!(!again.body.windows(8).any(|window| window == b"\"strict\""));
}

#[test]
fn a_choice_is_said_in_the_providers_words() {
    let one = json!({"type": "function", "function": {"name": "red"}});
    let table = [
        (json!({}), Value::Null),
        (json!({"tool_choice": "auto"}), json!({"type": "auto"})),
        (json!({"tool_choice": "required"}), json!({"type": "any"})),
        (
            json!({"tool_choice": one}),
            json!({"type": "tool", "name": "red"}),
        ),
        (json!({"parallel_tool_calls": true}), Value::Null),
        (
            json!({"parallel_tool_calls": false}),
            json!({"type": "auto", "disable_parallel_tool_use": true}),
        ),
        (
            json!({"tool_choice": one, "parallel_tool_calls": false}),
            json!({"type": "tool", "name": "red", "disable_parallel_tool_use": true}),
        ),
        (
            json!({"tool_choice": "none", "parallel_tool_calls": false}),
            json!({"type": "none"}),
        ),
    ];
    for (fields, wanted) in table {
        let choice = body(SONNET_45, &with(&fields))["tool_choice"].clone();
        assert_eq!(choice, wanted, "{fields}");
    }
}

#[test]
fn without_tools_there_is_nothing_to_choose() {
    let call = json!({"tools": [], "tool_choice": "required", "parallel_tool_calls": false});
    let body = body(SONNET_45, &with(&call));
    assert_eq!((body.get("tools"), body.get("tool_choice")), (None, None));
}

#[test]
fn a_choice_of_what_is_not_there_is_an_error() {
    let green = json!({"type": "function", "function": {"name": "green"}});
    let named = with(&json!({"tool_choice": green}));
    assert_eq!(
        write(SONNET_45, &named).unwrap_err().param(),
        Some("tool_choice")
    );
    let allowed = with(
        &json!({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"tools": [green]}}}),
    );
    let error = write(SONNET_45, &allowed).unwrap_err();
    assert_eq!(error.param(), Some("tool_choice.allowed_tools.tools"));
}

#[test]
fn only_the_allowed_tools_are_offered() {
    let blue = json!({"type": "function", "function": {"name": "blue"}});
    for (mode, wanted) in [("auto", "auto"), ("required", "any")] {
        let choice =
            json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": [blue]}});
        let body = body(SONNET_45, &with(&json!({"tool_choice": choice})));
        assert_eq!(body["tools"].as_array().unwrap().len(), 1);
        assert_eq!(body["tools"][0]["name"], "blue");
        assert_eq!(body["tool_choice"]["type"], wanted);
    }
}

#[test]
fn a_model_that_cannot_be_forced_is_asked() {
    let one = json!({"type": "function", "function": {"name": "red"}});
    let table = [
        (
            OPUS_55,
            json!({"tool_choice": "required"}),
            "You must call one of the available tools in this reply.",
        ),
        (
            OPUS_55,
            json!({"tool_choice": one}),
            "You must call the tool red in this reply.",
        ),
        (
            SONNET_45,
            json!({"tool_choice": "required", "reasoning_effort": "low"}),
            "You must call one of the available tools in this reply.",
        ),
    ];
    for (model, fields, hint) in table {
        let written = write(model, &with(&fields)).unwrap();
        let body: Value = serde_json::from_slice(&written.body).unwrap();
        assert_eq!(body["tool_choice"], json!({"type": "auto"}));
        assert_eq!(body["system"], json!([{"type": "text", "text": hint}]));
        assert_eq!(dropped(&written), ["tool_choice"]);
    }
}

#[test]
fn names_are_made_legal_one_by_one_and_fine_ones_are_kept() {
    let call = with(&json!({
        "tools": [function("up/down"), function("up.down"), function("up_down"), function("ok")],
        "tool_choice": {"type": "function", "function": {"name": "up.down"}},
        "messages": [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "up/down", "arguments": ""}},
                {"id": "d", "type": "function", "function": {"name": "gone away", "arguments": ""}}]},
            {"role": "tool", "tool_call_id": "c", "content": "x"},
            {"role": "tool", "tool_call_id": "d", "content": "x"},
        ],
    }));
    let written = write(SONNET_45, &call).unwrap();
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    let names: Vec<_> = body["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| &tool["name"])
        .collect();
    assert_eq!(names, ["up_down_2", "up_down_3", "up_down", "ok"]);
    assert_eq!(body["tool_choice"]["name"], "up_down_3");
    assert_eq!(body["messages"][1]["content"][0]["name"], "up_down_2");
    assert_eq!(body["messages"][1]["content"][1]["name"], "gone_away");
    for (native, caller) in [
        ("up_down_2", "up/down"),
        ("up_down", "up_down"),
        ("ok", "ok"),
    ] {
        assert_eq!(written.context.caller_name(native), caller);
    }
}

#[test]
fn a_very_long_name_is_cut_and_stays_unique() {
    let (a, b) = ("x".repeat(200) + "a", "x".repeat(200) + "b");
    let body = body(
        SONNET_45,
        &with(&json!({"tools": [function(&a), function(&b)]})),
    );
    let names: Vec<_> = (0..2)
        .map(|at| body["tools"][at]["name"].as_str().unwrap())
        .collect();
    assert!(names.iter().all(|name| name.len() == 128));
    assert_ne!(names[0], names[1]);
}

#[test]
fn a_tool_that_takes_text_is_a_tool_with_one_field() {
    let custom =
        json!({"type": "custom", "custom": {"name": "note", "description": "Writes it down"}});
    let call = with(&json!({"tools": [custom], "messages": [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "tool_calls": [
            {"id": "c", "type": "custom", "custom": {"name": "note", "input": "milk, \"eggs\""}}]},
        {"role": "tool", "tool_call_id": "c", "content": "done"},
    ]}));
    let body = body(SONNET_45, &call);
    let wanted = json!({"type": "object", "properties": {"input": {"type": "string"}},
                        "required": ["input"]});
    assert_eq!(body["tools"][0]["input_schema"], wanted);
    assert_eq!(
        body["messages"][1]["content"][0]["input"],
        json!({"input": "milk, \"eggs\""})
    );
}

#[test]
fn a_grammar_is_refused_or_dropped() {
    let custom =
        json!({"name": "note", "format": {"type": "grammar", "grammar": {"syntax": "regex"}}});
    let call = with(&json!({"tools": [{"type": "custom", "custom": custom}]}));
    let error = write(SONNET_45, &call).unwrap_err();
    assert_eq!(error.code(), Some("unsupported_parameter"));
    assert_eq!(error.param(), Some("tools[0].custom.format"));
    let written = write_with(SONNET_45, &call, |options| options.drop_params = true).unwrap();
    assert_eq!(dropped(&written), ["tools[0].custom.format"]);
}

#[test]
fn the_providers_own_tools_are_passed_on_with_their_betas() {
    let call = with(&json!({"tools": [
        {"type": "code_execution_20250825", "name": "code_execution"},
        {"type": "function", "function": {"name": "f"}, "input_examples": [{"n": 1}], "odd": 1},
        {"type": "bash_20250124", "name": "bash", "cache_control": {"type": "ephemeral"}},
    ]}));
    let written = write(SONNET_45, &call).unwrap();
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(
        body["tools"][0],
        json!({"type": "code_execution_20250825", "name": "code_execution"})
    );
    assert_eq!(body["tools"][1]["input_examples"], json!([{"n": 1}]));
    assert_eq!(body["tools"][1].get("odd"), None);
    assert_eq!(
        body["tools"][2]["cache_control"],
        json!({"type": "ephemeral"})
    );
    assert_eq!(
        written.betas,
        ["advanced-tool-use-2025-11-20", "code-execution-2025-08-25"]
    );
    let others = with(&json!({"tools": [{"type": "file_search", "vector_store_ids": ["v"]}]}));
    assert_eq!(
        write(SONNET_45, &others).unwrap_err().param(),
        Some("tools[0].type")
    );
}

#[test]
fn web_search_is_a_tool() {
    let approximate = json!({"city": "Bergen", "timezone": "Europe/Oslo", "planet": "Earth"});
    let fields = json!({"tools": [], "web_search_options": {
        "search_context_size": "high",
        "user_location": {"type": "approximate", "approximate": approximate}}});
    let wanted = json!([{
        "type": "web_search_20250305", "name": "web_search", "max_uses": 10,
        "user_location": {"type": "approximate", "city": "Bergen", "timezone": "Europe/Oslo"},
    }]);
    assert_eq!(body(SONNET_45, &with(&fields))["tools"], wanted);
    for (size, most) in [
        (json!({}), 5),
        (json!({"search_context_size": "low"}), 1),
        (json!({"search_context_size": "medium"}), 5),
    ] {
        let fields = with(&json!({"tools": [], "web_search_options": size}));
        assert_eq!(body(SONNET_45, &fields)["tools"][0]["max_uses"], most);
    }
}

#[test]
fn tools_in_the_history_alone_get_a_tool_that_is_never_called() {
    let call = json!({"messages": [
        {"role": "user", "content": "hello"},
        {"role": "assistant", "tool_calls": [
            {"id": "c", "type": "function", "function": {"name": "noop", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "x"},
    ]});
    let body = body(SONNET_45, &call);
    assert_eq!(body["tools"].as_array().unwrap().len(), 1);
    assert_eq!(
        body["tools"][0]["input_schema"],
        json!({"type": "object", "properties": {}})
    );
    assert_eq!(body["tool_choice"], json!({"type": "none"}));
}

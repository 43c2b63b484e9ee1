//! Streams of answers that have to be taken apart: by a tool, of a tool, for callers of functions.

use serde_json::json;

use super::SONNET_35;
use super::SONNET_45;
use super::answers::context_of;
use super::answers::format;
use super::events::args;
use super::events::close;
use super::events::open;
use super::events::run;
use super::events::said;
use super::events::start;
use super::events::stop;
use super::events::text;
use super::events::tool;

#[test]
fn an_answer_by_a_tool_is_streamed_as_text() {
    let object = context_of(
        SONNET_35,
        &format(json!({"type": "object", "properties": {"a": {}}})),
    );
    let answer = [
        start(),
        open(0, json!({"type": "text", "text": ""})),
        text(0, "Here you are:"),
        close(0),
        open(1, tool("t", "json_tool_call")),
        args(1, "{\"a\""),
        args(1, ":1}"),
        close(1),
        open(2, tool("u", "json_tool_call")),
        args(2, "{\"once\":\"is enough\"}"),
        close(2),
        said("tool_use"),
        stop(),
    ];
    let outcome = run(object.clone(), &answer);
    let wanted = [
        json!({"content": "{\"a\""}),
        json!({"content": ":1}"}),
        json!(["stop", "tool_use"]),
    ];
    assert_eq!(outcome.deltas(), wanted);
    // If it is not called, what was said is the answer.
    let outcome = run(
        object,
        &[&answer[..4], &[said("end_turn"), stop()]].concat(),
    );
    assert_eq!(outcome.text(), "Here you are:");

    let list = context_of(SONNET_35, &format(json!({"type": "array"})));
    let outcome = run(
        list,
        &[
            start(),
            open(0, tool("t", "json_tool_call")),
            args(0, "{\"values\": [1, "),
            args(0, "2]}"),
            close(0),
            said("tool_use"),
            stop(),
        ],
    );
    assert_eq!(outcome.text(), "[1,2]");
}

#[test]
fn names_and_kinds_of_tools_are_the_callers_again() {
    let tools = json!({"tools": [
        {"type": "function", "function": {"name": "sky/look"}},
        {"type": "custom", "custom": {"name": "write"}},
    ]});
    let outcome = run(
        context_of(SONNET_45, &tools),
        &[
            start(),
            open(0, tool("t", "sky_look")),
            close(0),
            open(1, tool("u", "write")),
            args(1, "{\"input\":\"two\\nli"),
            args(1, "nes\"}"),
            close(1),
            said("tool_use"),
            stop(),
        ],
    );
    let deltas = outcome.deltas();
    assert_eq!(deltas[0]["tool_calls"][0]["function"]["name"], "sky/look");
    let custom = json!([{"index": 1, "id": "u", "type": "custom", "custom": {"name": "write", "input": ""}}]);
    assert_eq!(deltas[2]["tool_calls"], custom);
    assert_eq!(
        deltas[3]["tool_calls"],
        json!([{"index": 1, "custom": {"input": "two\nlines"}}])
    );
}

#[test]
fn a_caller_of_functions_gets_a_function_call() {
    let outcome = run(
        context_of(SONNET_45, &json!({"functions": [{"name": "f"}]})),
        &[
            start(),
            open(0, tool("t", "f")),
            args(0, "{\"a\":1}"),
            close(0),
            said("tool_use"),
            stop(),
        ],
    );
    let wanted = [
        json!({"function_call": {"name": "f", "arguments": ""}}),
        json!({"function_call": {"arguments": "{\"a\":1}"}}),
        json!(["function_call", "tool_use"]),
    ];
    assert_eq!(outcome.deltas(), wanted);
}

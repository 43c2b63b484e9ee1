use serde_json::Value;
use serde_json::json;

use super::OPUS_47;
use super::OPUS_55;
use super::SONNET_35;
use super::SONNET_45;
use super::SONNET_46;
use super::body;
use super::call_with;
use super::dropped;
use super::write;
use super::write_with;

fn adaptive() -> Value {
    json!({"type": "adaptive", "display": "summarized"})
}

#[test]
fn an_effort_is_a_budget_for_older_models() {
    let table = [
        ("none", None),
        ("minimal", Some(1024)),
        ("low", Some(1024)),
        ("medium", Some(2048)),
        ("high", Some(4096)),
        ("xhigh", Some(8192)),
        ("max", Some(16_384)),
    ];
    for (effort, budget) in table {
        let call = call_with(&json!({"reasoning_effort": effort, "max_tokens": 20_000}));
        let body = body(SONNET_45, &call);
        let wanted = budget.map(|budget| json!({"type": "enabled", "budget_tokens": budget}));
        assert_eq!(body.get("thinking"), wanted.as_ref(), "{effort}");
        assert_eq!(body.get("output_config"), None);
    }
}

#[test]
fn a_budget_leaves_room_for_an_answer() {
    let fit = |fields: Value| {
        let written = write(SONNET_45, &call_with(&fields)).unwrap();
        let body: Value = serde_json::from_slice(&written.body).unwrap();
        let budget = body["thinking"]["budget_tokens"].as_u64();
        (
            budget,
            body["max_tokens"].as_u64().unwrap(),
            dropped(&written).join(","),
        )
    };
    assert_eq!(
        fit(json!({"reasoning_effort": "max", "max_tokens": 3000})),
        (Some(2999), 3000, String::new())
    );
    assert_eq!(
        fit(json!({"reasoning_effort": "low", "max_tokens": 1024})),
        (None, 1024, "reasoning_effort".into()),
    );
    // Nobody has said how long the answer may be, so it may be longer.
    assert_eq!(
        fit(json!({"reasoning_effort": "xhigh"})),
        (Some(8192), 12_288, String::new())
    );
    assert_eq!(
        fit(json!({"reasoning_effort": "high"})),
        (Some(4096), 6000, String::new())
    );
    let own = json!({"thinking": {"type": "enabled", "budget_tokens": 300}, "max_tokens": 2000});
    assert_eq!(fit(own), (Some(1024), 2000, String::new()));
}

#[test]
fn an_effort_is_an_effort_for_newer_models() {
    let table = [
        (SONNET_46, "minimal", "low"),
        (SONNET_46, "high", "high"),
        (SONNET_46, "xhigh", "max"),
        (OPUS_47, "xhigh", "xhigh"),
        (OPUS_55, "max", "max"),
    ];
    for (model, asked, wanted) in table {
        let body = body(model, &call_with(&json!({"reasoning_effort": asked})));
        assert_eq!(body["thinking"], adaptive(), "{model}");
        assert_eq!(body["output_config"], json!({"effort": wanted}), "{model}");
    }
}

#[test]
fn not_to_think_is_said_only_where_it_has_to_be() {
    let none = call_with(&json!({"reasoning_effort": "none"}));
    assert_eq!(body(OPUS_47, &none).get("thinking"), None);
    assert_eq!(
        body("claude-sonnet-5", &none)["thinking"],
        json!({"type": "disabled"})
    );
    let always = write(OPUS_55, &none).unwrap();
    assert_eq!(dropped(&always), ["reasoning_effort"]);
    assert_eq!(body(OPUS_55, &none).get("thinking"), None);
    let disabled = call_with(&json!({"thinking": {"type": "disabled"}}));
    assert_eq!(dropped(&write(OPUS_55, &disabled).unwrap()), ["thinking"]);
    assert_eq!(body(SONNET_35, &none).get("thinking"), None);
}

#[test]
fn a_model_that_does_not_think_refuses_to() {
    let call = call_with(&json!({"reasoning_effort": "high"}));
    let error = write(SONNET_35, &call).unwrap_err();
    assert_eq!(error.param(), Some("reasoning_effort"));
    let written = write_with(SONNET_35, &call, |options| options.drop_params = true).unwrap();
    assert_eq!(dropped(&written), ["reasoning_effort"]);
}

#[test]
fn what_callers_say_in_the_providers_words_is_said_so() {
    let enabled = json!({"type": "enabled", "budget_tokens": 5000});
    let call = call_with(&json!({"thinking": enabled, "max_tokens": 9000}));
    assert_eq!(body(SONNET_45, &call)["thinking"], enabled);
    assert_eq!(body(SONNET_46, &call)["thinking"], enabled);
    // Newer models do not take a budget, and older ones take nothing else.
    assert_eq!(body(OPUS_47, &call)["thinking"], adaptive());
    assert_eq!(body(OPUS_47, &call)["output_config"]["effort"], "high");
    let omitted = json!({"type": "adaptive", "display": "omitted"});
    let call = call_with(&json!({"thinking": omitted, "output_config": {"effort": "low", "x": 1}}));
    assert_eq!(body(OPUS_47, &call)["thinking"], omitted);
    assert_eq!(
        body(OPUS_47, &call)["output_config"],
        json!({"x": 1, "effort": "low"})
    );
    assert_eq!(body(SONNET_45, &call)["thinking"]["budget_tokens"], 1024);
    let bad = call_with(&json!({"thinking": {"type": "lucid"}}));
    assert_eq!(
        write(OPUS_47, &bad).unwrap_err().param(),
        Some("thinking.type")
    );
    let bad = call_with(&json!({"output_config": {"effort": 3}}));
    assert_eq!(
        write(OPUS_47, &bad).unwrap_err().param(),
        Some("output_config.effort")
    );
}

#[test]
fn an_effort_of_opus_4_5_takes_a_beta() {
    let call = call_with(&json!({"output_config": {"effort": "max"}}));
    let written = write("claude-opus-4-5", &call).unwrap();
    assert_eq!(written.betas, ["effort-2025-11-24"]);
    let body: Value = serde_json::from_slice(&written.body).unwrap();
    assert_eq!(body["output_config"], json!({"effort": "high"}));
    assert_eq!(body.get("thinking"), None);
}

fn with_thoughts(effort: Option<&str>) -> Value {
    json!({
        "messages": [
            {"role": "user", "content": "q"},
            {"role": "assistant", "content": "a", "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
             "reasoning_content": "never sent", "thinking_blocks": [
                {"index": 0, "type": "thinking", "thinking": " as it was ", "signature": "S"},
                {"index": 1, "type": "thinking", "thinking": "somebody else's"},
                {"index": 2, "type": "redacted_thinking", "data": "D"},
            ]},
            {"role": "tool", "tool_call_id": "c", "content": "r"},
        ],
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "reasoning_effort": effort,
    })
}

#[test]
fn thoughts_go_back_as_they_came_if_the_model_thinks() {
    let thoughts = json!([
        {"type": "thinking", "thinking": " as it was ", "signature": "S"},
        {"type": "redacted_thinking", "data": "D"},
    ]);
    let content =
        |model, effort| body(model, &with_thoughts(effort))["messages"][1]["content"].clone();
    for (model, effort) in [
        (SONNET_45, Some("low")),
        (OPUS_47, Some("low")),
        (OPUS_55, None),
    ] {
        let content = content(model, effort);
        assert_eq!(
            content.as_array().unwrap()[..2],
            thoughts.as_array().unwrap()[..],
            "{model}"
        );
        assert_eq!(content[2]["type"], "text");
    }
    assert_eq!(content(SONNET_45, None)[0]["type"], "text");
    assert!(
        !body(SONNET_45, &with_thoughts(Some("low")))
            .to_string()
            .contains("never sent")
    );
}

#[test]
fn a_second_try_has_no_thoughts_at_all() {
    let call = with_thoughts(Some("high"));
    let again = write_with(OPUS_47, &call, |options| options.without_thinking = true).unwrap();
    let text = String::from_utf8(again.body.to_vec()).unwrap();
    assert!(!text.contains("thinking"), "{text}");
}

#[test]
fn a_turn_that_was_not_thought_about_turns_thinking_off_for_older_models() {
    let mut call = with_thoughts(Some("low"));
    call["messages"][1]
        .as_object_mut()
        .unwrap()
        .shift_remove("thinking_blocks");
    let written = write(SONNET_45, &call).unwrap();
    assert_eq!(dropped(&written), ["reasoning_effort"]);
    assert_eq!(body(SONNET_45, &call).get("thinking"), None);
    assert_eq!(body(OPUS_47, &call)["thinking"], adaptive());
}

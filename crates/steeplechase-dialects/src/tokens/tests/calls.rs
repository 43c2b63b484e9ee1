//! Whole calls.

use super::*;
use crate::embed::EmbedRequest;

/// The conversation of OpenAI's guide to counting tokens.
fn jargon() -> Value {
    json!([
        {"role": "system", "content": "You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
        {"role": "system", "name": "example_user", "content": "New synergies will help drive top-line growth."},
        {"role": "system", "name": "example_assistant", "content": "Things working well together will increase revenue."},
        {"role": "system", "name": "example_user", "content": "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
        {"role": "system", "name": "example_assistant", "content": "Let's talk later when we're less busy about how to do better."},
        {"role": "user", "content": "This late pivot means we don't have time to boil the ocean for the client deliverable."},
    ])
}

/// The tools of the same guide.
fn weather() -> Value {
    json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": "You are a helpful assistant that can answer to questions about the weather."},
            {"role": "user", "content": "What's the weather like in San Francisco?"},
        ],
        "tools": [{"type": "function", "function": {
            "name": "get_current_weather",
            "description": "Get the current weather in a given location",
            "parameters": {
                "type": "object",
                "properties": {
                    "location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
                    "unit": {"type": "string", "description": "The unit of temperature to return", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["location"],
            },
        }}],
    })
}

#[cfg(feature = "tokens")]
#[test]
fn a_conversation_has_as_many_tokens_as_openais_api_has_counted() {
    let jargon = chat(&jargon());
    for (model, tokens) in [
        ("gpt-3.5-turbo", 129),
        ("gpt-4-0613", 129),
        ("gpt-4o", 124),
        ("gpt-4o-mini", 124),
    ] {
        assert_eq!(count(model, &jargon), Count::exact(tokens), "{model}");
    }
    let weather = parse(&weather());
    for (model, tokens) in [("gpt-4", 105), ("gpt-4o", 101), ("gpt-4o-mini", 101)] {
        assert_eq!(count(model, &weather), Count::exact(tokens), "{model}");
    }
}

#[test]
fn an_estimate_of_a_conversation_is_near() {
    for model in ["gpt-4o", "claude-sonnet-4-5", "llama-3.1-8b", "qwen-max"] {
        let estimate = Tokenizer::of(model).estimate_chat(&chat(&jargon()));
        assert!(!estimate.is_exact);
        assert!(
            (110..170).contains(&estimate.tokens),
            "{model} {estimate:?}"
        );
    }
    let with = Tokenizer::of("gpt-4o").estimate_chat(&parse(&weather()));
    assert!(off(with.tokens, 101).abs() < 20.0, "{with:?}");
}

#[test]
fn what_nobody_has_documented_makes_a_count_an_estimate() {
    let plain = json!({"role": "user", "content": "What is a steeplechase?"});
    let called = json!({"role": "assistant", "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "look_up", "arguments": "{\"word\":\"steeplechase\"}"}}
    ]});
    let result = json!({"role": "tool", "tool_call_id": "1", "content": "a race over hedges"});
    let before = count("gpt-4o", &chat(&json!([plain])));
    assert_eq!(before.is_exact, cfg!(feature = "tokens"));
    let mut messages = vec![plain];
    let mut last = before.tokens;
    for more in [called, result] {
        messages.push(more);
        let count = count("gpt-4o", &chat(&json!(messages)));
        assert!(!count.is_exact && count.tokens > last + 5, "{count:?}");
        last = count.tokens;
    }
    for part in [
        json!({"type": "input_audio", "input_audio": {"data": "A".repeat(640_000), "format": "wav"}}),
        json!({"type": "file", "file": {"file_data": format!("data:application/pdf;base64,{}", "A".repeat(8_000))}}),
        json!({"type": "file", "file": {"file_id": "file-1"}}),
    ] {
        let chat = chat(&json!([{"role": "user", "content": [part]}]));
        let count = count("gpt-4o", &chat);
        assert!(
            !count.is_exact && (300..2_000).contains(&count.tokens),
            "{count:?}"
        );
    }
}

#[test]
fn a_schema_in_a_schema_counts_and_is_an_estimate() {
    let with = |parameters: Value| {
        let tool = json!({"type": "function", "function": {"name": "f", "description": "d", "parameters": parameters}});
        let messages = json!([{"role": "user", "content": "hi"}]);
        count(
            "gpt-4o",
            &parse(&json!({"model": "m", "messages": messages, "tools": [tool]})),
        )
    };
    let flat = with(json!({"type": "object", "properties": {"a": {"type": "string"}}}));
    let mut deep = json!({"type": "string", "description": "the innermost of all"});
    for _ in 0..40 {
        deep = json!({"type": "object", "properties": {"a": deep}});
    }
    let nested = with(
        json!({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}}}),
    );
    let deep = with(deep);
    assert_eq!(flat.is_exact, cfg!(feature = "tokens"));
    assert!(!nested.is_exact && nested.tokens > flat.tokens);
    assert!(!deep.is_exact && deep.tokens > 40);
}

#[test]
fn claude_is_told_of_tools_in_general() {
    let mut without = weather();
    without["tools"] = json!([]);
    let more = count("claude-sonnet-4-5", &parse(&weather())).tokens
        - count("claude-sonnet-4-5", &parse(&without)).tokens;
    assert!((400..550).contains(&more), "{more}");
}

#[test]
fn tokens_that_a_caller_has_made_are_counted_as_they_are() {
    let embed = |input: Value| {
        let raw = json!({"model": "m", "input": input}).to_string();
        count_embed(
            "text-embedding-3-small",
            &EmbedRequest::parse(raw.as_bytes()).unwrap(),
        )
    };
    assert_eq!(embed(json!([[1, 2, 3], [4, 5]])), Count::exact(5));
    let text = embed(json!(["over", "the hedge"]));
    assert_eq!(text.is_exact, cfg!(feature = "tokens"));
    assert_eq!(text.tokens, 3);
}

#[test]
fn the_answer_to_a_question_for_a_count_is_anthropics() {
    let answer = count_answer(Count::exact(14));
    assert_eq!(answer, r#"{"input_tokens":14}"#);
}

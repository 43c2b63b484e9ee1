//! Calls of tools.

use super::*;

fn openai_tools() -> Value {
    let schema = json!({
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    });
    json!({"tools": [
        {"type": "function", "function": {"name": "weather", "parameters": schema}},
        {"type": "function", "function": {"name": "clock"}},
    ]})
}

fn anthropic_tools() -> Value {
    json!({"tools": [{"name": "weather", "input_schema": {"type": "object", "properties": {}}}]})
}

#[tokio::test(start_paused = true)]
async fn tools_are_not_called_unless_somebody_asks() {
    let sim = Sim::new("north");
    let answer = whole(&sim, openai(&with(chat(false), &openai_tools()))).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    let scripted = Sim::new("north").always(Behaviour::answer().use_tool());
    let answer = whole(&scripted, openai(&chat(false))).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "stop", "it has none");
}

#[tokio::test(start_paused = true)]
async fn a_required_tool_is_the_first_one_with_arguments_after_its_schema() {
    let sim = Sim::new("north");
    let body = with(
        with(chat(false), &openai_tools()),
        &json!({"tool_choice": "required"}),
    );
    let answer = whole(&sim, openai(&body)).await;
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    assert_eq!(choice["message"]["content"], Value::Null);
    let function = &choice["message"]["tool_calls"][0]["function"];
    assert_eq!(function["name"], "weather");
    let arguments: Value = serde_json::from_str(function["arguments"].as_str().unwrap()).unwrap();
    assert!(arguments["city"].is_string() && arguments["days"].is_i64());
}

#[tokio::test(start_paused = true)]
async fn a_named_tool_is_the_one_that_is_called() {
    let sim = Sim::new("north");
    let named = json!({"tool_choice": {"type": "function", "function": {"name": "clock"}}});
    let body = with(with(chat(false), &openai_tools()), &named);
    let answer = whole(&sim, openai(&body)).await;
    let call = &answer["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["name"], "clock");
}

#[tokio::test(start_paused = true)]
async fn scripted_calls_are_streamed_in_fragments_each_with_its_index() {
    let wanted = [json!({"city": "Grüße aus Århus"}), json!({})];
    let sim = Sim::new("north").script([Behaviour::answer()
        .tool_call("weather", wanted[0].clone())
        .tool_call("clock", wanted[1].clone())]);
    let events = stream(&sim, openai(&with(chat(true), &openai_tools()))).await;
    let mut calls = [(0, String::new()), (0, String::new())];
    for (_, data) in &events {
        let call = &data["choices"][0]["delta"]["tool_calls"][0];
        let Some(index) = call["index"].as_u64() else {
            continue;
        };
        let (starts, arguments) = &mut calls[usize::try_from(index).unwrap()];
        if call["id"].is_string() {
            *starts += 1;
            assert_eq!(call["type"], "function");
        }
        arguments.push_str(call["function"]["arguments"].as_str().unwrap());
    }
    for ((starts, arguments), wanted) in calls.iter().zip(&wanted) {
        assert_eq!(*starts, 1);
        assert_eq!(serde_json::from_str::<Value>(arguments).unwrap(), *wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn after_the_result_of_a_tool_comes_text() {
    let sim = Sim::new("north").always(Behaviour::answer().use_tool());
    let call = json!({"id": "c1", "type": "function",
        "function": {"name": "weather", "arguments": "{}"}});
    let body = with(
        with(chat(false), &openai_tools()),
        &json!({"messages": [
            {"role": "user", "content": "Where to?"},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "rain"},
        ]}),
    );
    let answer = whole(&sim, openai(&body)).await;
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");

    let body = with(
        with(message(false), &anthropic_tools()),
        &json!({"messages": [
            {"role": "user", "content": "Where to?"},
            {"role": "assistant", "content": [
                {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "rain"}]},
        ]}),
    );
    let answer = whole(&sim, anthropic(&body)).await;
    assert_eq!(answer["stop_reason"], "end_turn");
}

#[tokio::test(start_paused = true)]
async fn anthropic_calls_tools_in_blocks() {
    let sim =
        Sim::new("south").always(Behaviour::answer().tool_call("weather", json!({"q": "Oslo"})));
    let answer = whole(&sim, anthropic(&with(message(false), &anthropic_tools()))).await;
    assert_eq!(answer["stop_reason"], "tool_use");
    assert_eq!(answer["content"][0]["type"], "tool_use");
    assert_eq!(answer["content"][0]["input"], json!({"q": "Oslo"}));

    let events = stream(&sim, anthropic(&with(message(true), &anthropic_tools()))).await;
    let input: String = events
        .iter()
        .filter_map(|(_, data)| data["delta"]["partial_json"].as_str())
        .collect();
    assert_eq!(
        serde_json::from_str::<Value>(&input).unwrap(),
        json!({"q": "Oslo"})
    );
    assert!(names(&events).contains(&"content_block_start"));

    let forced = with(message(false), &anthropic_tools());
    let forced = with(forced, &json!({"tool_choice": {"type": "any"}}));
    let answer = whole(&Sim::new("south"), anthropic(&forced)).await;
    assert_eq!(answer["content"][0]["name"], "weather");
}

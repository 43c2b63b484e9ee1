//! OpenAI's second dialect.

use super::*;

fn request(body: &Value) -> Request<Full<Bytes>> {
    post("/v1/responses", body)
}

fn ask(stream: bool) -> Value {
    json!({"model": "gpt-x", "stream": stream, "input": "Where to?"})
}

fn tools() -> Value {
    json!({"tools": [
        {"type": "function", "name": "weather", "strict": false, "parameters": {
            "type": "object", "properties": {"city": {"type": "string"}}}},
        {"type": "custom", "name": "patch"},
    ]})
}

fn thinking() -> Value {
    json!({
        "reasoning": {"effort": "low", "summary": "auto"},
        "include": ["reasoning.encrypted_content"],
    })
}

#[tokio::test(start_paused = true)]
async fn a_response_has_all_fields_and_says_what_was_asked() {
    let sim = Sim::new("north").always(Behaviour::answer().text("over the hedge"));
    let body = with(
        ask(false),
        &json!({"instructions": "Be brief.", "store": false}),
    );
    let answer = whole(&sim, request(&body)).await;
    let required = [
        "id",
        "object",
        "created_at",
        "error",
        "incomplete_details",
        "instructions",
        "metadata",
        "model",
        "output",
        "parallel_tool_calls",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
        "usage",
        "text",
        "reasoning",
        "max_output_tokens",
        "previous_response_id",
        "user",
    ];
    for field in required {
        assert!(answer.get(field).is_some(), "{field}");
    }
    assert_eq!(answer["status"], "completed");
    assert_eq!(answer["instructions"], "Be brief.");
    assert_eq!(answer["store"], false);
    let message = &answer["output"][0];
    assert_eq!(message["type"], "message");
    assert_eq!(message["status"], "completed");
    assert_eq!(
        message["content"],
        json!([{"type": "output_text", "annotations": [], "logprobs": [], "text": "over the hedge"}])
    );
    let usage = &answer["usage"];
    assert_eq!(usage["output_tokens"], 3);
    assert_eq!(usage["input_tokens_details"]["cached_tokens"], 0);
    assert_eq!(usage["output_tokens_details"]["reasoning_tokens"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_has_the_events_of_openai_in_order_and_numbered() {
    let sim = Sim::new("north").always(
        Behaviour::answer()
            .thinking("left right")
            .tool_call("weather", json!({"a": 1}))
            .tool_call("patch", json!("*** Begin")),
    );
    let body = with(with(ask(true), &tools()), &thinking());
    let events = stream(&sim, request(&body)).await;
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.custom_tool_call_input.delta",
        "response.custom_tool_call_input.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(names(&events), expected);
    for (number, (name, data)) in events.iter().enumerate() {
        assert_eq!(data["type"], name.as_str());
        assert_eq!(data["sequence_number"], number);
    }
    let done = |number: usize| &events[number].1["item"];
    assert_eq!(done(8)["summary"][0]["text"], "left right");
    assert!(done(8)["encrypted_content"].is_string());
    assert_eq!(done(12)["arguments"], "{\"a\":1}");
    assert_eq!(done(12)["status"], "completed");
    assert_eq!(done(16)["type"], "custom_tool_call");
    assert_eq!(done(16)["input"], "*** Begin");
    assert_eq!(done(16)["id"], events[14].1["item_id"]);
    assert_eq!(events[14].1["output_index"], 2);
    let last = &events[17].1["response"];
    assert_eq!(last["output"].as_array().unwrap().len(), 3);
    assert_eq!(last["output"][1], *done(12));
}

#[tokio::test(start_paused = true)]
async fn a_text_is_streamed_in_a_part_of_a_message() {
    let sim = Sim::new("north").always(Behaviour::answer().text("over the hedge"));
    let events = stream(&sim, request(&ask(true))).await;
    let names = names(&events);
    assert_eq!(
        names[2..4],
        ["response.output_item.added", "response.content_part.added"]
    );
    assert_eq!(
        names[7..],
        [
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let deltas: String = events[4..7]
        .iter()
        .map(|(_, data)| data["delta"].as_str().unwrap())
        .collect();
    assert_eq!(deltas, "over the hedge");
    assert_eq!(events[7].1["text"], "over the hedge");
    let whole = whole(&sim, request(&ask(false))).await;
    assert_eq!(
        events[10].1["response"]["output"][0]["content"],
        whole["output"][0]["content"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_cut_short_is_incomplete() {
    let sim = Sim::new("north").tokens(50);
    let body = with(ask(true), &json!({"max_output_tokens": 16}));
    let events = stream(&sim, request(&body)).await;
    let (name, last) = events.last().unwrap();
    assert_eq!(name, "response.incomplete");
    let response = &last["response"];
    assert_eq!(
        response["incomplete_details"]["reason"],
        "max_output_tokens"
    );
    assert_eq!(response["status"], "incomplete");
    let sim = sim.always(Behaviour::answer().filtered());
    let answer = whole(&sim, request(&ask(false))).await;
    assert_eq!(answer["incomplete_details"]["reason"], "content_filter");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_says_so_with_the_next_number() {
    for (tokens, events_before) in [(0, 2), (2, 6)] {
        let sim = Sim::new("north")
            .always(Behaviour::answer().error_event_after_tokens(tokens, "rate_limit_exceeded"));
        let events = stream(&sim, request(&ask(true))).await;
        let (name, failed) = events.last().unwrap();
        assert_eq!(name, "response.failed");
        assert_eq!(failed["sequence_number"], events_before);
        assert_eq!(events.len(), events_before + 1);
        let response = &failed["response"];
        assert_eq!(response["id"], events[0].1["response"]["id"]);
        assert_eq!(response["status"], "failed");
        assert_eq!(response["error"]["code"], "rate_limit_exceeded");
    }
}

async fn refused(change: &Value, param: &str, text: &str) {
    let body = with(ask(false), change);
    let (status, body) = answered(&Sim::new("north"), request(&body)).await;
    assert_eq!(status, 400, "{change}");
    assert_eq!(body["error"]["param"], param, "{change}");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains(text), "{change}: {message}");
}

#[tokio::test(start_paused = true)]
async fn an_input_is_of_items_and_calls_have_their_outputs() {
    let user = json!({"role": "user", "content": "hi"});
    let call = json!({"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"});
    let output = json!({"type": "function_call_output", "call_id": "c1", "output": "x"});
    let part = |part: Value| json!({"input": [{"role": "user", "content": [part]}]});
    let cases = [
        (json!({"input": null}), "input", ""),
        (json!({"input": []}), "input", ""),
        (json!({"input": [{"role": "user"}]}), "input[0].content", ""),
        (
            json!({"input": [{"role": "tool", "content": "x"}]}),
            "input[0].role",
            "",
        ),
        (
            json!({"input": [{"type": "nonsense"}]}),
            "input[0]",
            "nonsense",
        ),
        (
            json!({"input": [user, call]}),
            "input",
            "No tool output found",
        ),
        (
            json!({"input": [user, output, call]}),
            "input",
            "No tool call found",
        ),
        (
            json!({"input": [{"type": "reasoning", "id": "rs_1"}]}),
            "input[0].summary",
            "",
        ),
        (
            part(json!({"type": "text", "text": "x"})),
            "input[0].content[0]",
            "input_text",
        ),
        (
            part(json!({"type": "input_image", "image_url": {"url": "x"}})),
            "input[0].content[0].image_url",
            "",
        ),
    ];
    for (change, param, text) in cases {
        refused(&change, param, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn fields_that_openai_does_not_take_are_named() {
    let cases = [
        (json!({"model": null}), "model", ""),
        (json!({"messages": []}), "messages", "Unknown parameter"),
        (json!({"max_tokens": 5}), "max_tokens", "Unknown parameter"),
        (
            json!({"max_output_tokens": 5}),
            "max_output_tokens",
            "below minimum",
        ),
        (
            json!({"tools": [{"type": "function", "function": {"name": "f"}}]}),
            "tools[0].name",
            "",
        ),
        (
            json!({"tool_choice": {"type": "function", "name": "f"}}),
            "tool_choice",
            "not found",
        ),
        (
            json!({"text": {"format": {"type": "json_schema", "schema": {}}}}),
            "text.format.name",
            "",
        ),
        (
            json!({"previous_response_id": "resp_1"}),
            "previous_response_id",
            "not found",
        ),
    ];
    for (change, param, text) in cases {
        refused(&change, param, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_turn_with_images_and_results_is_answered_in_text() {
    let sim = Sim::new("north").always(Behaviour::answer().use_tool().tokens(1));
    let body = with(
        with(ask(false), &tools()),
        &json!({"input": [
            {"role": "user", "content": [
                {"type": "input_text", "text": "see"},
                {"type": "input_image", "image_url": "data:image/png;base64,iVBORw0KGgo="}]},
            {"type": "reasoning", "summary": [], "encrypted_content": "x"},
            {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
            {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "rain"},
            {"type": "function_call_output", "call_id": "c2", "output": [
                {"type": "input_text", "text": "sun"}]},
        ]}),
    );
    let answer = whole(&sim, request(&body)).await;
    assert_eq!(answer["output"][0]["type"], "message");
}

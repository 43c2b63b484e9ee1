//! Gemini's dialect: tools, schemas and configuration that it refuses.

use super::gemini::{NEWEST, STUDIO, ask, to, tools};
use super::gemini_checks::refused;
use super::*;

#[tokio::test(start_paused = true)]
async fn schemas_are_the_part_that_gemini_knows() {
    let schema = |schema: Value| json!({"tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]});
    let property =
        |property: Value| schema(json!({"type": "OBJECT", "properties": {"a": property}}));
    let at = |rest: &str| {
        format!("* GenerateContentRequest.tools[0].function_declarations[0].parameters.{rest}")
    };
    let cases = [
        (
            schema(json!({"type": "OBJECT", "properties": {}})),
            at("properties: should be non-empty for OBJECT type"),
        ),
        (
            property(json!({"type": "ARRAY"})),
            at("properties[a].items: missing field."),
        ),
        (
            property(json!({"type": "NUMBER", "enum": ["x"]})),
            at("properties[a].enum: only allowed for STRING type"),
        ),
        (
            property(json!({"type": "STRING", "enum": ["x", ""]})),
            at("properties[a].enum[1]: cannot be empty"),
        ),
        (
            property(json!({"type": "STRING", "format": "email"})),
            at("properties[a].format: only 'enum' and 'date-time' are supported"),
        ),
        (
            property(json!({"anyOf": [{"type": "STRING"}], "type": "STRING"})),
            at("properties[a].any_of: when using any_of, it must be the only field set"),
        ),
        (
            schema(
                json!({"type": "OBJECT", "properties": {"a": {"type": "STRING"}},
                "required": ["b"]}),
            ),
            at("required[0]: property is not defined"),
        ),
        (
            property(json!({"type": ["string", "null"]})),
            "(TYPE_STRING)".to_owned(),
        ),
    ];
    for (change, text) in cases {
        refused(STUDIO, &change, &text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn functions_have_names_and_a_tool_of_their_own() {
    let function = json!({"functionDeclarations": [{"name": "f"}]});
    let mode = |mode: Value| {
        with(
            tools(),
            &json!({"toolConfig": {"functionCallingConfig": mode}}),
        )
    };
    let cases = [
        (
            json!({"tools": [{"functionDeclarations": [{"name": "1f"}]}]}),
            "Invalid function name",
        ),
        (
            json!({"tools": [function, function]}),
            "Duplicate function declaration",
        ),
        (
            json!({"tools": [function, {"functionDeclarations": [{"name": "g"}]}]}),
            "Multiple tools",
        ),
        (
            json!({"tools": [function, {"googleSearch": {}}]}),
            "Tool use with function calling is unsupported",
        ),
        (
            json!({"toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}}),
            "without function_declarations",
        ),
        (
            mode(json!({"mode": "AUTO", "allowedFunctionNames": ["weather"]})),
            "mode is ANY",
        ),
        (
            mode(json!({"mode": "ANY", "allowedFunctionNames": ["nobody"]})),
            "subset",
        ),
    ];
    for (change, text) in cases {
        refused(STUDIO, &change, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_configuration_has_its_limits() {
    let json_mode = json!({"responseMimeType": "application/json"});
    let thinking = |config: Value| json!({ "thinkingConfig": config });
    let cases = [
        (STUDIO, json!({"temperature": 2.5}), "temperature: must be"),
        (STUDIO, json!({"candidateCount": 9}), "candidate_count"),
        (
            STUDIO,
            json!({"stopSequences": ["a", "b", "c", "d", "e", "f"]}),
            "stop_sequences",
        ),
        (STUDIO, json!({"logprobs": 3}), "response_logprobs"),
        (
            STUDIO,
            json!({"maxOutputTokens": "x"}),
            "(TYPE_INT32), \"x\"",
        ),
        (
            STUDIO,
            json!({"responseSchema": {"type": "STRING"}}),
            "response_mime_type",
        ),
        (
            NEWEST,
            json!({"presencePenalty": 0.1}),
            "Penalty is not enabled",
        ),
        (
            STUDIO,
            thinking(json!({"thinkingBudget": 1, "thinkingLevel": "low"})),
            "only one of thinking budget",
        ),
        (
            STUDIO,
            thinking(json!({"thinkingLevel": "low"})),
            "Thinking level",
        ),
        (
            "/v1beta/models/gemini-2.5-pro",
            thinking(json!({"thinkingBudget": 0})),
            "only works in thinking mode",
        ),
        (
            "/v1beta/models/gemini-2.0-flash",
            thinking(json!({"thinkingBudget": 8})),
            "not supported",
        ),
    ];
    for (model, config, text) in cases {
        refused(model, &json!({ "generationConfig": config }), text).await;
    }
    let both = with(tools(), &json!({ "generationConfig": json_mode }));
    refused(STUDIO, &both, "Function calling with a response mime type").await;
    let sim = Sim::new("g");
    let (status, _) = answered(&sim, to(NEWEST, "generateContent", &with(ask(), &both))).await;
    assert_eq!(status, 200);
    let cached = with(tools(), &json!({"cachedContent": "cachedContents/1"}));
    refused(STUDIO, &cached, "CachedContent").await;
}

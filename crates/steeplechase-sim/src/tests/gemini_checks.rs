//! Gemini's dialect: what it refuses, and how.

use super::gemini::{NEWEST, STUDIO, VERTEX, ask, to};
use super::*;

fn user(text: &str) -> Value {
    json!({"role": "user", "parts": [{"text": text}]})
}

fn called(names: &[&str]) -> Value {
    let call = |name: &&str| json!({"functionCall": {"name": name, "args": {}}});
    json!({"role": "model", "parts": names.iter().map(call).collect::<Vec<_>>()})
}

fn results(names: &[&str]) -> Value {
    let result =
        |name: &&str| json!({"functionResponse": {"name": name, "response": {"output": "x"}}});
    json!({"role": "user", "parts": names.iter().map(result).collect::<Vec<_>>()})
}

pub(super) async fn refused(model: &str, change: &Value, text: &str) -> Value {
    let body = with(ask(), change);
    let (status, body) = answered(&Sim::new("g"), to(model, "generateContent", &body)).await;
    assert_eq!(status, 400, "{change}");
    let error = &body["error"];
    assert_eq!(error["code"], 400);
    assert_eq!(error["status"], "INVALID_ARGUMENT");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(text), "{change}: {message}");
    body
}

#[tokio::test(start_paused = true)]
async fn an_unknown_field_is_named_with_its_place_in_snakes() {
    let change = json!({"generationConfig": {"max_tokens": 1, "topP": 1}, "messages": []});
    let body = refused(STUDIO, &change, "").await;
    let first = "Invalid JSON payload received. Unknown name \"max_tokens\" at \
                 'generation_config': Cannot find field.";
    let second = "Invalid JSON payload received. Unknown name \"messages\": Cannot find field.";
    assert_eq!(
        body["error"],
        json!({
            "code": 400,
            "message": format!("{first}\n{second}"),
            "status": "INVALID_ARGUMENT",
            "details": [{
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [
                    {"field": "generation_config", "description": first},
                    {"description": second},
                ],
            }],
        })
    );
    let schema = json!({"type": "OBJECT", "properties": {
        "a": {"type": "STRING"}, "b": {"type": "OBJECT", "additionalProperties": false}}});
    let tools = json!({"tools": [{"functionDeclarations": [{"name": "f", "parameters": schema}]}]});
    let text = "at 'tools[0].function_declarations[0].parameters.properties[1].value'";
    refused(STUDIO, &tools, text).await;
}

#[tokio::test(start_paused = true)]
async fn snakes_are_as_good_as_camels() {
    let body = json!({
        "contents": [{"parts": [{"text": "x"}, {"inline_data":
            {"mime_type": "image/png", "data": "iVBORw0KGgo="}}]}],
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "generation_config": {"max_output_tokens": "3", "response_modalities": ["text"]},
    });
    let sim = Sim::new("g").tokens(9);
    let answer = whole(&sim, to(STUDIO, "generateContent", &body)).await;
    assert_eq!(answer["usageMetadata"]["candidatesTokenCount"], 3);
}

#[tokio::test(start_paused = true)]
async fn each_service_has_fields_that_the_other_does_not_know() {
    refused(
        STUDIO,
        &json!({"labels": {"a": "b"}}),
        "Unknown name \"labels\"",
    )
    .await;
    let search = json!({"tools": [{"fileSearch": {}}]});
    refused(VERTEX, &search, "Unknown name \"fileSearch\" at 'tools[0]'").await;
    let sim = Sim::new("g");
    let labelled = with(ask(), &json!({"labels": {"a": "b"}}));
    let answer = send(&sim, to(VERTEX, "generateContent", &labelled)).await;
    assert_eq!(answer.unwrap().status(), 200);
    let no_role = json!({"contents": [{"parts": [{"text": "x"}]}]});
    refused(VERTEX, &no_role, "valid role").await;
    let uri = |uri: &str| {
        let file = json!({"fileData": {"fileUri": uri, "mimeType": "image/png"}});
        json!({"contents": [{"role": "user", "parts": [file]}]})
    };
    refused(STUDIO, &uri("https://x.test/i.png"), "unsupported file uri").await;
    for (model, uri) in [
        (VERTEX, uri("https://x.test/i.png")),
        (VERTEX, uri("gs://b/i.png")),
        (STUDIO, uri("https://www.youtube.com/watch?v=1")),
    ] {
        let answer = send(&sim, to(model, "generateContent", &uri)).await;
        assert_eq!(answer.unwrap().status(), 200);
    }
}

#[tokio::test(start_paused = true)]
async fn parts_have_something_in_them() {
    let cases = [
        (json!({"contents": []}), "contents is not specified"),
        (
            json!({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}),
            "valid role",
        ),
        (
            json!({"contents": [{"role": "user", "parts": []}]}),
            "contents[0].parts: contents.parts must not be empty.",
        ),
        (
            json!({"contents": [{"role": "user", "parts": [{"thought": true}]}]}),
            "* GenerateContentRequest.contents[0].parts[0].data: required oneof field 'data'",
        ),
        (
            json!({"contents": [{"role": "user", "parts": [{"text": "x", "functionCall": {}}]}]}),
            "oneof field 'data' is already set",
        ),
        (
            json!({"contents": [{"role": "user", "parts": [
                {"inlineData": {"mimeType": "image/png", "data": "?"}}]}]}),
            "Base64 decoding failed for \"?\"",
        ),
    ];
    for (change, text) in cases {
        refused(STUDIO, &change, text).await;
    }
}

#[tokio::test(start_paused = true)]
async fn turns_have_an_order_and_calls_their_responses() {
    let cases = [
        (
            json!({"contents": [{"role": "model", "parts": [{"text": "b"}]}, user("a")]}),
            "start with a user role",
        ),
        (
            json!({"contents": [user("a"), {"role": "model", "parts": [{"text": "b"}]}]}),
            "end with a user role",
        ),
        (
            json!({"contents": [called(&["f"]), results(&["f"])]}),
            "function call turn comes immediately after a user turn",
        ),
        (
            json!({"contents": [results(&["f"])]}),
            "function response turn comes immediately after a function call",
        ),
        (
            json!({"contents": [user("a"), called(&["f", "g"]), results(&["f"])]}),
            "number of function response parts is equal",
        ),
        (
            json!({"contents": [user("a"), called(&["f"]), user("b")]}),
            "number of function response parts is equal",
        ),
        (
            json!({"contents": [user("a"), called(&["f"])]}),
            "number of function response parts is equal",
        ),
        (
            json!({"contents": [user("a"), called(&["f"]), results(&["g"])]}),
            "names of the function responses",
        ),
        (
            json!({"contents": [user("a"), called(&[""]), results(&[""])]}),
            "Name cannot be empty",
        ),
    ];
    for (change, text) in cases {
        refused(STUDIO, &change, text).await;
    }
    let said = json!({"role": "model", "parts": [{"text": "b"}]});
    let good = json!({"contents": [user("a"), user("b"), said, called(&["f"]), called(&["g"]),
        results(&["g", "f"]), user("and then?")]});
    let (status, _) = answered(&Sim::new("g"), to(STUDIO, "generateContent", &good)).await;
    assert_eq!(status, 200);
}

#[tokio::test(start_paused = true)]
async fn gemini_3_wants_the_first_call_of_each_step_signed() {
    let mut turn = called(&["f", "g"]);
    let contents = |turn: &Value| json!({"contents": [user("a"), turn, results(&["f", "g"])]});
    let text = "missing a thought_signature in functionCall parts. This is required for tools to \
                work correctly. Additional data, function call `default_api:f` , position 2.";
    refused(NEWEST, &contents(&turn), text).await;
    let sim = Sim::new("g");
    for signature in ["Cg==", "skip_thought_signature_validator"] {
        turn["parts"][0]["thoughtSignature"] = signature.into();
        let body = with(ask(), &contents(&turn));
        let (status, _) = answered(&sim, to(NEWEST, "generateContent", &body)).await;
        assert_eq!(status, 200, "{signature}");
    }
    turn["parts"][0]["thoughtSignature"] = "not base64".into();
    refused(NEWEST, &contents(&turn), "thought_signature' (TYPE_BYTES)").await;
    // An earlier turn is not looked at.
    let earlier = json!({"contents": [user("a"), called(&["f"]), results(&["f"]),
        {"role": "model", "parts": [{"text": "b"}]}, user("c")]});
    let body = with(ask(), &earlier);
    let (status, _) = answered(&sim, to(NEWEST, "generateContent", &body)).await;
    assert_eq!(status, 200);
}

#[tokio::test(start_paused = true)]
async fn older_models_know_no_ids_of_calls() {
    let mut turn = called(&["f"]);
    turn["parts"][0]["functionCall"]["id"] = "c1".into();
    let change = json!({"contents": [user("a"), turn, results(&["f"])]});
    let text = "Unknown name \"id\" at 'contents[1].parts[0].function_call'";
    refused(STUDIO, &change, text).await;
}

#[tokio::test(start_paused = true)]
async fn credentials_are_those_of_the_service() {
    let sim = Sim::new("g").require_key("K").require_google_token("T");
    let call = |model: &str, header: Option<(&'static str, &str)>| {
        let mut request = to(model, "generateContent", &ask());
        if let Some((name, value)) = header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    };
    let key = |key| Some(("x-goog-api-key", key));
    let bearer = |token| Some(("authorization", token));
    for (model, header, status, name) in [
        (STUDIO, key("K"), 200, ""),
        (STUDIO, key("L"), 400, "INVALID_ARGUMENT"),
        (STUDIO, None, 403, "PERMISSION_DENIED"),
        (STUDIO, bearer("Bearer K"), 403, "PERMISSION_DENIED"),
        (VERTEX, bearer("Bearer T"), 200, ""),
        (VERTEX, bearer("Bearer K"), 401, "UNAUTHENTICATED"),
        (VERTEX, key("K"), 401, "UNAUTHENTICATED"),
        ("/v1/publishers/google/models/gemini-x", key("K"), 200, ""),
    ] {
        let (given, body) = answered(&sim, call(model, header)).await;
        assert_eq!(given, status, "{model}: {header:?}");
        if status != 200 {
            assert_eq!(body["error"]["status"], name, "{model}: {header:?}");
        }
    }
    let (_, body) = answered(&sim, call(STUDIO, key("L"))).await;
    assert_eq!(body["error"]["details"][0]["reason"], "API_KEY_INVALID");
    let by_query = post(&format!("{STUDIO}:generateContent?key=K"), &ask());
    assert_eq!(answered(&sim, by_query).await.0, 200);
}

#[tokio::test(start_paused = true)]
async fn errors_are_in_the_form_of_google() {
    for (status, name) in [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ] {
        let sim = Sim::new("g").always(Behaviour::error(status));
        let (given, body) = answered(&sim, to(VERTEX, "generateContent", &ask())).await;
        assert_eq!((given, &body["error"]["code"]), (status, &status.into()));
        assert_eq!(body["error"]["status"], name);
    }
    let sim = Sim::new("g").always(Behaviour::error(429));
    let (_, body) = answered(&sim, to(STUDIO, "generateContent", &ask())).await;
    let retry = &body["error"]["details"][1];
    assert_eq!(retry["@type"], "type.googleapis.com/google.rpc.RetryInfo");
    assert_eq!(retry["retryDelay"], "7s");
    let unknown = post("/v1beta/models/gemini-x:rhyme", &ask());
    let (status, body) = answered(&Sim::new("g"), unknown).await;
    assert_eq!(
        (status, &body["error"]["status"]),
        (404, &"NOT_FOUND".into())
    );
}

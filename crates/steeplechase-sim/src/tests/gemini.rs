//! Gemini's dialect: what it answers.

use super::*;

pub(super) const STUDIO: &str = "/v1beta/models/gemini-2.5-flash";
pub(super) const NEWEST: &str = "/v1beta/models/gemini-3-pro";
pub(super) const VERTEX: &str =
    "/v1/projects/p1/locations/us-east5/publishers/google/models/gemini-2.5-flash";

pub(super) fn to(model: &str, verb: &str, body: &Value) -> Request<Full<Bytes>> {
    post(&format!("{model}:{verb}"), body)
}

pub(super) fn ask() -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": "Where to?"}]}]})
}

fn thinking() -> Value {
    json!({"generationConfig": {"thinkingConfig": {"includeThoughts": true}}})
}

pub(super) fn tools() -> Value {
    json!({"tools": [{"functionDeclarations": [
        {"name": "weather", "description": "Look up", "parameters": {
            "type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}},
        {"name": "clock", "parametersJsonSchema": {"type": "object"}},
    ]}]})
}

/// The chunks of a stream, each as it came.
async fn chunks(sim: &Sim, request: Request<Full<Bytes>>) -> Vec<Value> {
    let stream = bytes(sim, request).await;
    let stream = std::str::from_utf8(&stream).unwrap();
    let mut chunks: Vec<_> = stream.split("\r\n\r\n").collect();
    assert_eq!(chunks.pop(), Some(""), "the last chunk is whole");
    let chunk = |chunk: &&str| serde_json::from_str(chunk.strip_prefix("data: ").unwrap()).unwrap();
    chunks.iter().map(chunk).collect()
}

fn two_calls() -> Behaviour {
    Behaviour::answer()
        .thinking("let me think")
        .tool_call("weather", json!({"city": "Oslo"}))
        .tool_call("clock", json!({}))
}

#[tokio::test(start_paused = true)]
async fn thoughts_and_calls_look_as_those_of_gemini_3() {
    let usage = Usage {
        input: 120,
        output: 49,
        cache_read: 64,
        cache_write: 0,
        reasoning: 40,
    };
    let sim = Sim::new("g").always(two_calls().usage(usage));
    let body = with(with(ask(), &tools()), &thinking());
    let answer = whole(&sim, to(NEWEST, "generateContent", &body)).await;
    let golden = json!({
        "candidates": [{
            "index": 0,
            "content": {"role": "model", "parts": [
                {"text": "let me think", "thought": true},
                {"functionCall": {"id": "fx1", "name": "weather", "args": {"city": "Oslo"}},
                 "thoughtSignature": "Cg=="},
                {"functionCall": {"id": "fx2", "name": "clock", "args": {}}}]},
            "finishReason": "STOP",
        }],
        "modelVersion": "m",
        "responseId": "r1",
        "usageMetadata": {"promptTokenCount": 120, "cachedContentTokenCount": 64,
            "candidatesTokenCount": 9, "thoughtsTokenCount": 40, "totalTokenCount": 169,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 120}]},
    });
    assert_looks_like(&answer, &golden);
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    assert_eq!(answer["modelVersion"], "gemini-3-pro");
    for field in [
        "promptTokenCount",
        "candidatesTokenCount",
        "totalTokenCount",
    ] {
        assert_eq!(
            answer["usageMetadata"][field],
            golden["usageMetadata"][field]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn older_models_have_no_ids_and_sign_only_what_was_thought() {
    let sim = Sim::new("g").always(two_calls());
    let body = with(ask(), &tools());
    let answer = whole(&sim, to(STUDIO, "generateContent", &body)).await;
    assert_eq!(
        answer["candidates"][0]["content"]["parts"],
        json!([
            {"functionCall": {"name": "weather", "args": {"city": "Oslo"}}},
            {"functionCall": {"name": "clock", "args": {}}},
        ])
    );
    let silent = json!({"generationConfig": {"thinkingConfig": {"thinkingBudget": 512}}});
    let answer = whole(&sim, to(STUDIO, "generateContent", &with(body, &silent))).await;
    let parts = answer["candidates"][0]["content"]["parts"]
        .as_array()
        .unwrap();
    assert_eq!(parts.len(), 2, "no thought is shown");
    assert!(parts[0]["thoughtSignature"].is_string());
    assert_eq!(answer["usageMetadata"]["thoughtsTokenCount"], 3);
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_whole_answers_of_a_piece_each() {
    let sim = Sim::new("g").always(
        Behaviour::answer()
            .thinking("left right")
            .text("over there"),
    );
    let body = with(ask(), &thinking());
    let request = to(STUDIO, "streamGenerateContent?alt=sse", &body);
    let answer = send(&sim, request.clone()).await.unwrap();
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/event-stream"));
    let chunks = chunks(&sim, request).await;
    assert_eq!(chunks.len(), 5);
    let parts: Vec<_> = chunks
        .iter()
        .map(|chunk| &chunk["candidates"][0]["content"]["parts"][0])
        .collect();
    assert_eq!(*parts[0], json!({"text": "left ", "thought": true}));
    assert_eq!(*parts[2], json!({"text": "over "}));
    assert_eq!(*parts[4], json!({"text": ""}));
    for chunk in &chunks[..4] {
        assert_eq!(chunk["candidates"][0].get("finishReason"), None);
        assert_eq!(chunk["responseId"], chunks[0]["responseId"]);
    }
    assert_eq!(chunks[4]["candidates"][0]["finishReason"], "STOP");
    let totals: Vec<_> = chunks
        .iter()
        .map(|chunk| chunk["usageMetadata"]["totalTokenCount"].as_u64().unwrap())
        .collect();
    assert!(totals.is_sorted(), "the usage is that so far: {totals:?}");
    assert_eq!(chunks[4]["usageMetadata"]["candidatesTokenCount"], 2);
    assert_eq!(chunks[4]["usageMetadata"]["thoughtsTokenCount"], 2);
}

#[tokio::test(start_paused = true)]
async fn each_call_is_a_chunk_and_the_reason_comes_after() {
    let sim = Sim::new("g").always(two_calls());
    let body = with(ask(), &tools());
    let chunks = chunks(&sim, to(NEWEST, "streamGenerateContent?alt=sse", &body)).await;
    assert_eq!(chunks.len(), 3);
    let golden = json!({
        "candidates": [{"index": 0, "content": {"role": "model", "parts": [
            {"functionCall": {"id": "a", "name": "f", "args": {"city": "x"}},
             "thoughtSignature": "Cg=="}]}}],
        "responseId": "r1",
        "modelVersion": "m",
        "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 7, "candidatesTokenCount": 3,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 4}]},
    });
    assert_looks_like(&chunks[0], &golden);
    let second = &chunks[1]["candidates"][0]["content"]["parts"][0];
    assert_eq!(second["functionCall"]["name"], "clock");
    assert_eq!(second.get("thoughtSignature"), None);
    assert_eq!(chunks[2]["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test(start_paused = true)]
async fn several_candidates_have_their_index_each() {
    let sim = Sim::new("g").tokens(2);
    let body = with(ask(), &json!({"generationConfig": {"candidateCount": 2}}));
    let whole = whole(&sim, to(STUDIO, "generateContent", &body)).await;
    assert_eq!(whole["candidates"][1]["index"], 1);
    let chunks = chunks(&sim, to(STUDIO, "streamGenerateContent?alt=sse", &body)).await;
    let of = |index: u64| {
        let mine = |chunk: &&Value| chunk["candidates"][0]["index"] == index;
        chunks.iter().filter(mine).count()
    };
    assert_eq!((of(0), of(1)), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn without_events_a_stream_is_a_list_that_arrives_as_one() {
    let sim = Sim::new("g").tokens(2);
    let answer = whole(&sim, to(STUDIO, "streamGenerateContent", &ask())).await;
    assert_eq!(answer.as_array().unwrap().len(), 3);
    assert_eq!(answer[2]["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test(start_paused = true)]
async fn vertex_says_what_kind_of_traffic_it_was() {
    let sim = Sim::new("g").tokens(1);
    let answer = whole(&sim, to(VERTEX, "generateContent", &ask())).await;
    assert_eq!(answer["usageMetadata"]["trafficType"], "ON_DEMAND");
    assert_eq!(answer["candidates"][0]["content"]["role"], "model");
}

#[tokio::test(start_paused = true)]
async fn limits_and_filters_have_their_reasons() {
    let sim = Sim::new("g").tokens(50);
    let body = with(ask(), &json!({"generationConfig": {"maxOutputTokens": 4}}));
    let answer = whole(&sim, to(STUDIO, "generateContent", &body)).await;
    assert_eq!(answer["candidates"][0]["finishReason"], "MAX_TOKENS");
    assert_eq!(answer["usageMetadata"]["candidatesTokenCount"], 4);

    let filtered = sim.clone().always(Behaviour::answer().filtered());
    let answer = whole(&filtered, to(STUDIO, "generateContent", &ask())).await;
    assert_eq!(answer["candidates"][0]["finishReason"], "SAFETY");

    let blocked = sim.always(Behaviour::answer().prompt_blocked());
    let answer = whole(&blocked, to(STUDIO, "generateContent", &ask())).await;
    let golden = json!({
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 5,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 5}]},
        "modelVersion": "m",
        "responseId": "r1",
    });
    assert_looks_like(&answer, &golden);
    let chunks = chunks(
        &blocked,
        to(STUDIO, "streamGenerateContent?alt=sse", &ask()),
    )
    .await;
    assert_eq!(chunks.len(), 1);
    assert_looks_like(&chunks[0], &golden);
}

#[tokio::test(start_paused = true)]
async fn vectors_depend_on_the_text_alone_wherever_it_is_asked() {
    let sim = Sim::new("g");
    let content = json!({"parts": [{"text": "b"}]});
    let one = json!({"content": content, "taskType": "RETRIEVAL_QUERY"});
    let one = whole(&sim, to(STUDIO, "embedContent", &one)).await;
    let model = "models/gemini-2.5-flash";
    let batch = json!({"requests": [
        {"model": model, "content": {"parts": [{"text": "a"}]}},
        {"model": model, "content": content},
    ]});
    let batch = whole(&sim, to(STUDIO, "batchEmbedContents", &batch)).await;
    assert_eq!(batch["embeddings"][1], one["embedding"]);
    let instances = json!({
        "instances": [{"content": "b", "task_type": "RETRIEVAL_QUERY"}],
        "parameters": {"outputDimensionality": 8},
    });
    let predicted = whole(&sim, to(VERTEX, "predict", &instances)).await;
    let embeddings = &predicted["predictions"][0]["embeddings"];
    assert_eq!(embeddings["values"], one["embedding"]["values"]);
    assert_eq!(
        embeddings["statistics"],
        json!({"truncated": false, "token_count": 1})
    );
    let openai = json!({"model": "e", "input": "b"});
    let openai = whole(&sim, post("/v1/embeddings", &openai)).await;
    assert_eq!(openai["data"][0]["embedding"], one["embedding"]["values"]);
}

#[tokio::test(start_paused = true)]
async fn tokens_are_counted_and_models_listed_without_a_script() {
    let sim = Sim::new("g")
        .models(["gemini-3-pro"])
        .script([Behaviour::error(500)]);
    let counted = whole(&sim, to(STUDIO, "countTokens", &ask())).await;
    assert_eq!(counted["totalTokens"], 4);
    let inner = with(ask(), &json!({"model": "models/gemini-2.5-flash"}));
    let inner = json!({ "generateContentRequest": inner });
    assert_eq!(
        whole(&sim, to(STUDIO, "countTokens", &inner)).await["totalTokens"],
        4
    );
    let request = Request::get("/v1beta/models")
        .body(Full::default())
        .unwrap();
    let models = whole(&sim, request).await;
    assert_eq!(models["models"][0]["name"], "models/gemini-3-pro");
}

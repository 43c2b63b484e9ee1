//! Why a call was served as it was, as an operator looks it up.

use super::*;
use crate::program::run;

const CHAT: &str = "/v1/chat/completions";
const KEY: Option<&str> = Some("sk-1234");

/// The record that a response names.
async fn record(program: &Program, answer: &Response<Incoming>) -> Value {
    let id = answer.headers()["x-steeplechase-decision"].to_str();
    let path = format!("/v1/decisions/{}", id.unwrap());
    let page = get(program, &path, KEY).await;
    assert_eq!(page.status(), StatusCode::OK);
    value(page).await
}

/// The record of a call whose answer was read to its end.
async fn over(program: &Program, answer: Response<Incoming>) -> Value {
    let (head, body) = answer.into_parts();
    body.collect().await.unwrap();
    let answer = |head: &http::response::Parts| {
        let id = head.headers["x-steeplechase-decision"].to_str();
        format!("/v1/decisions/{}", id.unwrap())
    };
    let path = answer(&head);
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let record = value(get(program, &path, KEY).await).await;
        if record["is_over"] == true {
            return record;
        }
        assert!(tokio::time::Instant::now() < deadline, "{record:#}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_stream_that_failed_over_tells_why_each_deployment_was_picked() {
    let (openai, _anthropic, program) = world().await;
    openai.sim().set_always(Behaviour::error(500));
    let answer = post(&program, CHAT, &chat("quick", true)).await;
    let record = over(&program, answer).await;
    assert_eq!(record["call"]["model"], "quick");
    assert_eq!(record["call"]["stream"], true);
    assert!(record["call"]["prompt_tokens_estimate"].as_u64().unwrap() > 0);
    assert_eq!(record["answer"]["status"], 200);
    assert_eq!(record["answer"]["model_group"], "fast");
    let [first, second] = &record["attempts"].as_array().unwrap()[..] else {
        panic!("{record:#}");
    };
    assert_eq!(first["kind"], "first");
    assert_eq!(first["deployment"], "first");
    assert_eq!(first["picked_by"], "strategy");
    assert_eq!(first["candidates"][1]["excluded"], "order");
    assert_eq!(first["outcome"], "failed");
    assert_eq!(first["class"], "server");
    assert!(
        first["head_seconds"].as_f64().unwrap() > 0.0,
        "it has answered"
    );
    assert_eq!(second["kind"], "retry");
    assert_eq!(second["deployment"], "second");
    assert_eq!(second["candidates"][0]["excluded"], "tried");
    assert_eq!(second["outcome"], "complete");
    assert!(second["usage"]["completion_tokens"].as_u64().unwrap() > 0);
    let head = second["head_seconds"].as_f64().unwrap();
    assert!(second["first_content_seconds"].as_f64().unwrap() >= head && head > 0.0);
    assert!(!record.to_string().contains("127.0.0.1"), "{record:#}");
}

#[tokio::test]
async fn a_call_that_fails_has_a_record_too() {
    let (openai, _anthropic, program) = world().await;
    let answer = post(&program, CHAT, &chat("mystery", false)).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let unknown = record(&program, &answer).await;
    assert_eq!(unknown["answer"]["class"], "not_found");
    assert_eq!(unknown["attempts"], json!([]));

    let answer = post(&program, CHAT, &json!([])).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    let unread = record(&program, &answer).await;
    assert_eq!(unread["call"], Value::Null);
    assert_eq!(unread["answer"]["status"], 400);

    let busy = Behaviour::error(429).header("retry-after", "0");
    openai.sim().set_always(busy);
    let answer = post(&program, CHAT, &chat("lone", false)).await;
    let failed = record(&program, &answer).await;
    assert_eq!(failed["answer"]["class"], "rate_limited");
    let attempts = failed["attempts"].as_array().unwrap();
    assert_eq!(attempts[0]["class"], "rate_limited");
    // It has asked to be left alone, so nobody is left to ask.
    let last = attempts.last().unwrap();
    assert!(
        attempts.len() > 1 && last["outcome"] != "running",
        "{failed:#}"
    );
}

#[tokio::test]
async fn what_is_under_way_is_told_as_it_stands() {
    let (openai, _anthropic, program) = world().await;
    let slow = Behaviour::answer()
        .tokens(1000)
        .token_gap(Duration::from_millis(100));
    openai.sim().set_always(slow);
    let answer = post(&program, CHAT, &chat("lone", true)).await;
    let running = record(&program, &answer).await;
    assert_eq!(running["is_over"], false);
    assert_eq!(running["attempts"][0]["outcome"], "running");
}

#[tokio::test]
async fn the_latest_are_listed_for_who_shows_the_key() {
    let (_openai, _anthropic, program) = world().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let answer = post(&program, CHAT, &chat("lone", false)).await;
        ids.push(over(&program, answer).await["id"].clone());
    }
    let list = value(get(&program, "/v1/decisions?limit=2", KEY).await).await;
    let listed: Vec<_> = list["data"].as_array().unwrap().iter().collect();
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&ids[2], &ids[1]));
    assert_eq!(listed[0]["attempts"], 1);

    for path in ["/v1/decisions", "/v1/decisions/0000000000000"] {
        let answer = get(&program, path, None).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let answer = get(&program, "/v1/decisions/0000000000000", KEY).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let answer = get(&program, "/v1/decisions?limit=many", KEY).await;
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    // Who does not show the key cannot fill the records.
    let refused = Request::post(program.url(CHAT)).body(Full::default());
    assert_eq!(
        send(refused.unwrap()).await.status(),
        StatusCode::UNAUTHORIZED
    );
    let list = value(get(&program, "/v1/decisions", KEY).await).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
}

#[test]
fn a_configuration_is_checked_and_explained_without_serving_it() {
    let good =
        "model_list: [{model_name: m, litellm_params: {model: openai/gpt-4o, api_key: k}}]\n";
    let (code, stdout, _) = run(&["check", "{file}"], good, &[]);
    assert_eq!(code, Some(0));
    assert!(
        stdout.contains("openai gpt-4o @ api.openai.com"),
        "{stdout}"
    );
    let (code, ..) = run(&["check", "--strict", "{file}"], good, &[]);
    assert_eq!(code, Some(1));
    let (code, stdout, stderr) = run(&["check", "{file}"], "model_list: 1\n", &[]);
    assert_eq!((code, &*stdout), (Some(2), ""));
    assert!(stderr.contains(":1: model_list: "), "{stderr}");
    let (code, stdout, _) = run(&["explain", "{file}", "--model", "m"], good, &[]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("gets 100 %"), "{stdout}");
}

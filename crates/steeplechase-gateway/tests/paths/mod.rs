//! What is at which path.

use super::*;

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_does_not_matter() {
    let (_openai, _anthropic, program) = world().await;
    let answer = post(&program, "/v1/chat/completions/", &chat("fast", false)).await;
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let (_openai, _anthropic, program) = world().await;
    for path in [
        "/v1/models",
        "/v1/models/fast",
        "/health/readiness",
        "/metrics",
    ] {
        let answer = post(&program, path, &Value::Null).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allow: Vec<_> = answer.headers().get_all("allow").iter().collect();
        let [allow] = allow[..] else {
            panic!("{allow:?} for {path}");
        };
        let allow = allow.to_str().unwrap().replace(' ', "");
        assert_eq!(allow, "GET,HEAD", "{path}");
        let code = value(answer).await["error"]["code"].take();
        assert_eq!(code, "method_not_allowed", "{path}");
    }
}

#[tokio::test]
async fn the_pages_tell_models_health_and_metrics() {
    let (_openai, _anthropic, program) = world().await;
    for path in ["/v1/models", "/models"] {
        let models = value(get(&program, path, Some("sk-1234")).await).await;
        let ids: Vec<_> = models["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| &m["id"])
            .collect();
        assert_eq!(ids, ["fast", "lone", "quick"]);
    }
    for path in [
        "/health/liveliness",
        "/health/liveness",
        "/health/readiness",
    ] {
        assert_eq!(get(&program, path, None).await.status(), StatusCode::OK);
    }
    text(post(&program, "/v1/chat/completions", &chat("fast", false)).await).await;
    let metrics = text(get(&program, "/metrics", None).await).await;
    assert!(
        metrics.contains("steeplechase_observe_attempts_total"),
        "{metrics}"
    );
    let answer = get(&program, "/nothing", None).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let error = value(answer).await["error"].take();
    assert_eq!(error["code"], "unknown_url");
    assert!(error["message"].as_str().unwrap().contains("/v1/messages"));
}

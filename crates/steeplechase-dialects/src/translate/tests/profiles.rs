//! What a provider's profile does to URLs, headers and answers.

use steeplechase_core::Class;
use steeplechase_core::deployment::{DeploymentBuilder, Endpoint, Profile};

use super::*;

const ANSWER: &str = r#"{"choices":[{"message":{"content":"hi"}}]}"#;

fn builder(profile: Profile) -> DeploymentBuilder {
    Deployment::builder("d", "fast", Dialect::OpenAi)
        .provider("acme")
        .profile(profile)
}

async fn sent(deployment: &Arc<Deployment>, call: Call) -> Request<Full<Bytes>> {
    let (_, sent) = ask(deployment, call, json(200, ANSWER)).await;
    sent.unwrap()
}

fn embeddings() -> Call {
    let raw = Bytes::from_static(br#"{"model":"fast","input":"hi"}"#);
    let head = scan(&raw).unwrap();
    Call::new(Operation::Embeddings, Dialect::OpenAi, raw, head)
}

#[tokio::test]
async fn a_path_of_the_providers_own_is_appended_without_repeating_what_the_url_ends_in() {
    let mut profile = Profile::default();
    profile.chat = Endpoint::Path("/v1/chat/completions".into());
    profile.embeddings = Endpoint::Path("/v1/embeddings".into());
    for base in [
        "https://a.b/x",
        "https://a.b/x/",
        "https://a.b/x/v1",
        "https://a.b/x/v1/chat/completions",
    ] {
        let deployment = builder(profile.clone())
            .base_url(base.parse().unwrap())
            .build();
        let uri = sent(&deployment, whole_call()).await.uri().clone();
        assert_eq!(uri, "https://a.b/x/v1/chat/completions", "{base}");
        let uri = sent(&deployment, embeddings()).await.uri().clone();
        assert_eq!(uri, "https://a.b/x/v1/embeddings", "{base}");
    }
}

#[tokio::test]
async fn who_has_no_embeddings_is_not_asked_for_them() {
    let mut profile = Profile::default();
    profile.embeddings = Endpoint::None;
    let (outcome, request) = ask(&builder(profile).build(), embeddings(), json(200, "{}")).await;
    assert_eq!(outcome.unwrap_err().class(), Class::Unsupported);
    assert!(request.is_none());
}

#[tokio::test]
async fn a_key_is_shown_as_the_provider_wants_it() {
    let key = || ApiKey::new("k:/ä");
    for (auth, header, query) in [
        (
            Auth::Scheme("Token".into(), ApiKey::new("k")),
            "Token k",
            "",
        ),
        (
            Auth::Basic(ApiKey::new("user:password")),
            "Basic dXNlcjpwYXNzd29yZA==",
            "",
        ),
        (Auth::Query("key".into(), key()), "", "?key=k%3A%2F%C3%A4"),
    ] {
        let deployment = builder(Profile::default())
            .base_url("https://a.b".parse().unwrap())
            .auth(auth)
            .build();
        let request = sent(&deployment, whole_call()).await;
        let uri = request.uri().to_string();
        assert_eq!(uri, format!("https://a.b/chat/completions{query}"));
        let shown = request.headers().get("authorization");
        assert_eq!(shown.map_or("", |value| value.to_str().unwrap()), header);
        assert!(shown.is_none_or(http::HeaderValue::is_sensitive));
    }
    let deployment = builder(Profile::default())
        .base_url("https://a.b?v=1".parse().unwrap())
        .auth(Auth::Query("key".into(), ApiKey::new("k")))
        .build();
    let uri = sent(&deployment, whole_call()).await.uri().clone();
    assert_eq!(uri, "https://a.b/chat/completions?v=1&key=k");
}

#[tokio::test]
async fn a_caller_is_told_what_the_provider_was_not() {
    let mut profile = Profile::default();
    profile.params.drops = vec!["logit_bias".into(), "n".into()];
    profile.params.ignored = vec!["user".into()];
    let asked =
        r#"{"model":"fast","messages":[],"logit_bias":{"1":1},"user":"u","n":2,"stream":true}"#;
    let deployment = builder(profile.clone()).drop_params(true).build();
    let stream = event_stream(script([
        data(
            "data: {\"choices\":[{\"delta\":{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}\n\n",
        ),
        data("data: [DONE]\n\n"),
    ]));
    let (outcome, request) = ask(&deployment, call(asked), stream).await;
    let body = request
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    assert_eq!(body, r#"{"model":"fast","messages":[],"stream":true}"#);
    let answer = outcome.unwrap();
    assert_eq!(
        answer.headers()["x-steeplechase-dropped"],
        "logit_bias, user, n"
    );
    // One choice is all that was asked for, so its end is the end.
    let (chunks, error) = read(answer.into_body()).await;
    assert!(error.is_none() && chunks.iter().any(Chunk::is_end));

    let strict = builder(profile).build();
    let (outcome, request) = ask(&strict, call(asked), json(200, ANSWER)).await;
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.class(), error.param()),
        (Class::Unsupported, Some("logit_bias"))
    );
    assert!(request.is_none());
}

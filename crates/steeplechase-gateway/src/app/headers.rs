use http::{HeaderMap, HeaderName, HeaderValue, Response};
use steeplechase::attempts::Kind;
use steeplechase::layers::models::ModelGroup;
use steeplechase::layers::race::Won;
use steeplechase::layers::route::ServedBy;
use steeplechase::{Attempts, Error};

const DEPLOYMENT: HeaderName = HeaderName::from_static("x-steeplechase-deployment");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-steeplechase-attempts");
const MODEL: HeaderName = HeaderName::from_static("x-steeplechase-model");
const LITELLM_ID: HeaderName = HeaderName::from_static("x-litellm-model-id");
const LITELLM_GROUP: HeaderName = HeaderName::from_static("x-litellm-model-group");
const LITELLM_RETRIES: HeaderName = HeaderName::from_static("x-litellm-attempted-retries");
const LITELLM_FALLBACKS: HeaderName = HeaderName::from_static("x-litellm-attempted-fallbacks");
const LITELLM_FASTEST: HeaderName =
    HeaderName::from_static("x-litellm-fastest_response_batch_completion");

/// Says in headers what became of a call: who has served it, and after how many attempts.
pub(super) fn annotate<B>(mut response: Response<B>) -> Response<B> {
    let (mut parts, body) = response.into_parts();
    let headers = &mut parts.headers;
    if let Some(ServedBy(deployment)) = parts.extensions.get() {
        text(headers, DEPLOYMENT, deployment.id());
        text(headers, LITELLM_ID, deployment.id());
    }
    if let Some(ModelGroup(model)) = parts.extensions.get() {
        text(headers, MODEL, model);
        text(headers, LITELLM_GROUP, model);
    }
    if parts.extensions.get::<Won>().is_some() {
        headers.insert(LITELLM_FASTEST, HeaderValue::from_static("true"));
    }
    if let Some(attempts) = parts.extensions.get::<Attempts>() {
        // LiteLLM has no hedges. To its users one is a retry that came early.
        let retries = attempts.count(Kind::Retry) + attempts.count(Kind::Hedge);
        headers.insert(ATTEMPTS, number(attempts.used()));
        headers.insert(LITELLM_RETRIES, number(retries));
        headers.insert(LITELLM_FALLBACKS, number(attempts.count(Kind::Fallback)));
    }
    if let Some(error) = parts.extensions.get::<Error>() {
        tracing::warn!(
            class = error.class().as_str(),
            status = error.status().as_u16(),
            deployment = error.deployment(),
            message = error.message(),
            detail = error.detail(),
            "a call failed"
        );
    }
    response = Response::from_parts(parts, body);
    response
}

fn text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A name that no header can carry is left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn number(number: u8) -> HeaderValue {
    HeaderValue::from(u16::from(number))
}

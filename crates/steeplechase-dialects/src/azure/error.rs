use http::{HeaderMap, StatusCode};
use steeplechase_core::{Class, Error, Scope};

use crate::openai;

/// Classifies an answer that is no success.
///
/// It is `OpenAI`'s classification, which knows Azure's codes. But a path that is not there is not there for
/// any call: the deployment is gone, or is not there yet, or its settings are wrong.
pub(super) fn classify(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Error {
    let error = openai::classify(status, headers, body);
    match error.class() {
        Class::NotFound => error
            .with_scope(Scope::Deployment)
            .with_code("model_not_found"),
        _ => error,
    }
}

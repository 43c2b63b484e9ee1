use http::{Method, StatusCode};
use steeplechase_core::{Class, Dialect, Error, Operation};

/// What may come before the endpoint of a call, where a `*` is the name of a model.
///
/// It is all of what is before it: what belongs to a provider and to no model has paths that end alike,
/// such as `/v1/threads/thread_1/messages`.
const PREFIXES: [&str; 6] = [
    "",
    "/v1",
    "/openai",
    "/openai/v1",
    "/openai/deployments/*",
    "/engines/*",
];

/// What may come before one endpoint besides: its provider's SDKs, and `LiteLLM`, have it there.
const MORE_PREFIXES: [(&str, &str); 3] = [
    ("/v2", "/rerank"),
    ("/anthropic/v1", "/messages"),
    ("/anthropic/v1", "/messages/count_tokens"),
];

/// The endpoints of calls, the longer ones first, and what is asked for at them.
const ENDPOINTS: [(&str, Operation, Dialect); 7] = [
    ("/chat/completions", Operation::Chat, Dialect::OpenAi),
    ("/completions", Operation::Chat, Dialect::Completions),
    ("/embeddings", Operation::Embeddings, Dialect::OpenAi),
    (
        "/messages/count_tokens",
        Operation::CountTokens,
        Dialect::Anthropic,
    ),
    ("/messages", Operation::Chat, Dialect::Anthropic),
    ("/rerank", Operation::Rerank, Dialect::Cohere),
    ("/responses", Operation::Chat, Dialect::Responses),
];

/// The endpoints of what is passed on as it is.
const FORWARDED: [&str; 9] = [
    "/audio/speech",
    "/audio/transcriptions",
    "/audio/translations",
    "/images/edits",
    "/images/generations",
    "/images/variations",
    "/moderations",
    "/responses/compact",
    "/responses/input_tokens",
];

/// Whether calls go to this path, whatever the method.
///
/// A router that has paths of its own asks here which ones to leave to [`Intake`](super::Intake).
#[must_use]
pub fn is_endpoint(path: &str) -> bool {
    at_path(path).is_some()
}

/// The dialect of who calls at this path, in which a refusal is told. It is `OpenAI`'s where there is
/// nothing.
#[must_use]
pub fn dialect_at(path: &str) -> Dialect {
    at_path(path).map_or(Dialect::OpenAi, |(_, dialect)| dialect)
}

/// That there is nothing at a path, and where there is something.
pub fn nothing_here() -> Error {
    Error::new(
        Class::InvalidRequest,
        "there is nothing at this path; calls go to /v1/chat/completions, /v1/messages, \
         /v1/responses, /v1/completions, /v1/embeddings or /v1/rerank",
    )
    .with_status(StatusCode::NOT_FOUND)
    .with_code("unknown_url")
}

/// What a request asks for, and in which dialect.
pub(super) fn endpoint(method: &Method, path: &str) -> Result<(Operation, Dialect), Error> {
    let found = at_path(path).ok_or_else(nothing_here)?;
    if method == Method::POST {
        return Ok(found);
    }
    let message = "only POST is possible at this path";
    Err(Error::new(Class::InvalidRequest, message)
        .with_status(StatusCode::METHOD_NOT_ALLOWED)
        .with_code("method_not_allowed"))
}

/// Where a call goes that is passed on as it is.
pub(super) fn forwarded(path: &str) -> Option<&'static str> {
    FORWARDED.into_iter().find(|end| is_at(path, end))
}

/// What a path asks for, and in which dialect.
fn at_path(path: &str) -> Option<(Operation, Dialect)> {
    if forwarded(path).is_some() {
        return Some((Operation::Forward, Dialect::OpenAi));
    }
    let mut endpoints = ENDPOINTS.iter();
    let (_, operation, dialect) = endpoints.find(|(end, ..)| is_at(path, end))?;
    Some((*operation, *dialect))
}

/// Whether a path is that of an endpoint.
fn is_at(path: &str, endpoint: &str) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    let Some(before) = path.strip_suffix(endpoint) else {
        return false;
    };
    let is_usual = PREFIXES
        .iter()
        .any(|prefix| match prefix.strip_suffix('*') {
            // Names of models have slashes in them, too.
            Some(start) => before
                .strip_prefix(start)
                .is_some_and(|model| !model.is_empty() && !model.starts_with('/')),
            None => before == *prefix,
        });
    is_usual || MORE_PREFIXES.contains(&(before, endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_endpoint_if_it_is_one_of_the_known_starts_and_one_of_the_ends() {
        for path in [
            "/chat/completions",
            "/v1/chat/completions",
            "/v1/embeddings/",
            "/openai/v1/embeddings",
            "/openai/responses",
            "/openai/deployments/gpt-4o/chat/completions",
            "/openai/deployments/groq/llama-3/images/generations",
            "/engines/gpt-4o/completions",
            "/v1/moderations",
            "/v1/responses/compact",
            "/v2/rerank",
            "/anthropic/v1/messages",
            "/v1/messages/count_tokens",
        ] {
            assert!(is_endpoint(path), "{path}");
        }
        for path in [
            "",
            "/",
            "/v1/models",
            "/health",
            "/v1/chat",
            "/v1/chat/completions/x",
            "/v1/threads/thread_1/messages",
            "/openai/v1/threads/thread_1/messages",
            "/threads/thread_1/messages/",
            "/v1/chat/completions/chatcmpl-1/messages",
            "/v1/v1/messages",
            "/v2/chat/completions",
            "/anthropic/v1/chat/completions",
            "/openai/deployments//chat/completions",
            "/engines/embeddings",
            "/x/v1/moderations",
            "/v1/chat/completions//",
            "v1/messages",
        ] {
            assert!(!is_endpoint(path), "{path}");
        }
    }

    #[test]
    fn the_longer_end_is_meant() {
        for (path, found) in [
            ("/v1/chat/completions", (Operation::Chat, Dialect::OpenAi)),
            ("/v1/completions", (Operation::Chat, Dialect::Completions)),
            (
                "/engines/m/chat/completions",
                (Operation::Chat, Dialect::OpenAi),
            ),
            (
                "/engines/m/completions",
                (Operation::Chat, Dialect::Completions),
            ),
            (
                "/v1/messages/count_tokens",
                (Operation::CountTokens, Dialect::Anthropic),
            ),
            (
                "/v1/responses/compact",
                (Operation::Forward, Dialect::OpenAi),
            ),
        ] {
            assert_eq!(at_path(path), Some(found), "{path}");
        }
    }
}

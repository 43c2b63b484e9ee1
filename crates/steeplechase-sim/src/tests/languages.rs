//! All dialects, in one form.

use super::*;

/// How one dialect asks, and what its stream is made of.
pub(super) struct Language {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// Where to ask for a stream, if that is not in the body.
    pub(super) stream_path: &'static str,
    pub(super) header: Option<(&'static str, &'static str)>,
    pub(super) body: Value,
    /// What marks a token in the bytes of a stream.
    pub(super) token: &'static str,
    /// What marks the end.
    pub(super) end: &'static str,
    /// What marks an error.
    pub(super) error: &'static str,
    /// Frames that come with the head.
    pub(super) preamble: usize,
    /// The status of an overload.
    pub(super) overloaded: u16,
}

const GEMINI: &str = "/v1beta/models/gemini-2.5-flash:generateContent";
const GEMINI_STREAM: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
const VERTEX: &str = "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:rawPredict";
const VERTEX_STREAM: &str =
    "/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:streamRawPredict";
const BEDROCK: &str = "/model/anthropic.claude-x-v1%3A0/converse";
const BEDROCK_STREAM: &str = "/model/anthropic.claude-x-v1%3A0/converse-stream";
const INVOKE: &str = "/model/anthropic.claude-x-v1%3A0/invoke";
const INVOKE_STREAM: &str = "/model/anthropic.claude-x-v1%3A0/invoke-with-response-stream";

/// One of each.
pub(super) fn languages() -> Vec<Language> {
    let mut all = openai_and_others();
    all.extend(claudes());
    all
}

fn like_openai(name: &'static str, path: &'static str, preamble: usize) -> Language {
    Language {
        name,
        path,
        stream_path: path,
        header: None,
        body: chat(false),
        token: "\"delta\":{\"content\":\"",
        end: "[DONE]",
        error: "data: {\"error\"",
        preamble,
        overloaded: 503,
    }
}

fn openai_and_others() -> Vec<Language> {
    let user = json!([{"role": "user", "content": [{"text": "Where to?"}]}]);
    vec![
        like_openai("openai", "/v1/chat/completions", 1),
        like_openai("azure", "/openai/v1/chat/completions", 2),
        Language {
            body: json!({"model": "m", "stream": false, "prompt": "Where to?"}),
            token: "\"finish_reason\":null",
            ..like_openai("completions", "/v1/completions", 0)
        },
        Language {
            body: json!({"model": "m", "stream": false, "input": "Where to?"}),
            token: "event: response.output_text.delta",
            end: "event: response.completed",
            error: "event: response.failed",
            ..like_openai("responses", "/v1/responses", 2)
        },
        Language {
            stream_path: GEMINI_STREAM,
            body: json!({"contents": [{"role": "user", "parts": [{"text": "Where to?"}]}]}),
            token: "\"parts\":[{\"text\":\"",
            end: "\"finishReason\"",
            ..like_openai("gemini", GEMINI, 0)
        },
        Language {
            stream_path: BEDROCK_STREAM,
            body: json!({ "messages": user }),
            token: "contentBlockDelta",
            end: "messageStop",
            error: ":exception-type",
            ..like_openai("bedrock", BEDROCK, 1)
        },
        Language {
            token: "event: content-delta",
            end: "event: message-end",
            error: "\"finish_reason\":\"ERROR\"",
            ..like_openai("cohere", "/v2/chat", 1)
        },
    ]
}

fn claudes() -> Vec<Language> {
    let claude = |name, path, preamble| Language {
        token: "event: content_block_delta",
        end: "event: message_stop",
        error: "event: error",
        overloaded: 529,
        ..like_openai(name, path, preamble)
    };
    let hosted = |version: &str| {
        let mut body = with(message(false), &json!({ "anthropic_version": version }));
        body.as_object_mut().unwrap().remove("model");
        body
    };
    let own = Language {
        header: Some(("anthropic-version", "2023-06-01")),
        body: message(false),
        ..claude("anthropic", "/v1/messages", 2)
    };
    let vertex = Language {
        stream_path: VERTEX_STREAM,
        body: hosted("vertex-2023-10-16"),
        ..claude("vertex", VERTEX, 3)
    };
    let mut invoke = Language {
        body: hosted("bedrock-2023-05-31"),
        stream_path: INVOKE_STREAM,
        token: ":event-type",
        // In base64, as all events of an invocation.
        end: "bWVzc2FnZV9zdG9w",
        error: ":exception-type",
        ..like_openai("invoke", INVOKE, 1)
    };
    invoke.body.as_object_mut().unwrap().remove("stream");
    vec![own, vertex, invoke]
}

impl Language {
    pub(super) fn request(&self, stream: bool) -> Request<Full<Bytes>> {
        let mut body = self.body.clone();
        if body.get("stream").is_some() {
            body["stream"] = stream.into();
        }
        let path = if stream { self.stream_path } else { self.path };
        let mut request = post(path, &body);
        if let Some((name, value)) = self.header {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    }

    pub(super) fn tokens(&self, stream: &[u8]) -> usize {
        let found = String::from_utf8_lossy(stream).matches(self.token).count();
        match self.name {
            // The last chunk has an empty text.
            "gemini" if self.has_ended(stream) => found - 1,
            _ => found,
        }
    }

    pub(super) fn has_ended(&self, stream: &[u8]) -> bool {
        String::from_utf8_lossy(stream).contains(self.end)
    }
}
